"""What a player's statements prove: in whatever order they come, cut short, repeated or contradicting themselves."""

from __future__ import annotations

from random import Random
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from learning_records.sessions.coverage import length, union
from learning_records.sessions.reasons import (
    AHEAD_OF_TIME,
    ALREADY_COUNTED,
    GAP_TOO_LONG,
    NO_END,
    NO_POSITION,
    NOT_CONFIRMED,
    NOT_PLAYING,
    OPENED_ONLY,
    OVERLAP,
    POSITION_BACK,
    REASONS,
    REPEATED,
    REPEATED_OTHERWISE,
    WHILE_STOPPED,
)
from learning_records.sessions.rules import CountingRules, Interval
from learning_records.sessions.services import CountedSession, Observation, Verb, count_statements

T = 1_583_110_800_000
RULES = CountingRules()


def said(
    verb: Verb,
    at: float,
    position: float | None = None,
    *,
    to: float | None = None,
    played: list[tuple[float, float]] | None = None,
    session: str = "s",
    lesson: str = "l",
    person: str = "p",
    name: str | None = None,
    media: float | None = None,
) -> Observation:
    """A statement; times and positions in seconds."""

    def ms(value: float | None) -> int | None:
        return None if value is None else round(value * 1000)

    segments = None if played is None else tuple(Interval(round(a * 1000), round(b * 1000)) for a, b in played)
    name = name or f"{person}/{session}/{lesson}/{verb}@{at}"
    return Observation(
        name, person, session, lesson, verb, T + round(at * 1000), ms(position), ms(to), ms(media), segments
    )


def only(*observations: Observation) -> CountedSession:
    """The one session that these statements make."""
    (session,), _ = count_statements(observations, RULES)
    return session


def spans(session: CountedSession) -> list[tuple[str, float, float]]:
    return [(code, (start - T) / 1000, (end - T) / 1000) for code, start, end in session.spans]


def unused(session: CountedSession) -> list[str]:
    return [code for _, code in session.played.unused]


def test_played_and_paused_counts_what_lies_between() -> None:
    session = only(said("initialized", 0), said("played", 10, 0), said("paused", 70, 60), said("terminated", 90, 60))
    assert session.counted_ms == 60_000
    assert spans(session) == [(NOT_PLAYING, 0, 10), (NOT_PLAYING, 70, 90)]
    assert unused(session) == [OPENED_ONLY, WHILE_STOPPED]


def test_a_seek_is_no_learning_and_playing_goes_on_behind_it() -> None:
    session = only(said("played", 0, 0), said("seeked", 30, 30, to=500), said("paused", 60, 530))
    assert session.counted_ms == 60_000
    assert [(part.media_from_ms, part.media_to_ms) for part in session.stretches] == [(0, 30_000), (500_000, 530_000)]


def test_a_seek_while_paused_starts_nothing() -> None:
    session = only(
        said("seeked", 0, 0, to=500), said("paused", 600, 1_000), said("played", 610, 1_000), said("paused", 620, 1_010)
    )
    assert session.counted_ms == 10_000
    assert spans(session) == [(NOT_PLAYING, 0, 610)]


def test_completed_and_interacted_do_not_stop_the_video() -> None:
    session = only(said("played", 0, 0), said("interacted", 20, 20), said("completed", 50, 50), said("paused", 60, 60))
    assert session.counted_ms == 60_000
    assert unused(session) == []


def test_after_the_last_statement_nothing_counts() -> None:
    session = only(said("played", 0, 0), said("paused", 60, 60), said("played", 70, 60))
    assert session.counted_ms == 60_000
    assert session.played.open_end
    assert unused(session) == [NO_END]


def test_a_page_opened_anew_says_nothing_of_what_played_before() -> None:
    session = only(said("played", 0, 0), said("initialized", 900), said("played", 910, 0), said("paused", 940, 30))
    assert session.counted_ms == 30_000
    assert spans(session)[0] == (NO_END, 0, 900)


def test_at_one_instant_a_player_pauses_seeks_and_plays_on() -> None:
    instant = [said("played", 60, 500), said("paused", 60, 60), said("seeked", 60, 60, to=500)]
    session = only(said("played", 0, 0), *instant, said("paused", 90, 530))
    assert session.counted_ms == 90_000


def test_a_missing_pause_is_bounded_by_the_next_start() -> None:
    session = only(said("played", 0, 0), said("played", 100, 40), said("paused", 160, 100))
    assert session.counted_ms == 100_000
    assert spans(session) == [(NOT_PLAYING, 40, 100)]


def test_a_pause_without_a_start_proves_nothing() -> None:
    session = only(said("paused", 0, 60), said("paused", 60, 120))
    assert session.counted_ms == 0
    assert unused(session) == [WHILE_STOPPED, WHILE_STOPPED]


def test_a_clock_that_went_back_counts_nothing_of_it() -> None:
    session = only(said("played", 100, 0), said("paused", 40, 60))
    assert session.counted_ms == 0, "by its timestamps the pause came first"
    back = only(said("played", 0, 300), said("interacted", 60, 100), said("paused", 120, 160))
    assert back.counted_ms == 60_000
    assert spans(back) == [(POSITION_BACK, 0, 60)]


def test_hours_between_two_statements_prove_nothing() -> None:
    session = only(said("played", 0, 0), said("paused", 4 * 3_600 + 1, 2_700))
    assert session.counted_ms == 0
    assert spans(session) == [(GAP_TOO_LONG, 0, 4 * 3_600 + 1)]
    assert only(said("played", 0, 0), said("paused", 4 * 3_600, 2_700)).counted_ms == 2_700_000


def test_faster_than_time_counts_nothing() -> None:
    session = only(
        said("played", 0, 0), said("paused", 600, 1_200), said("played", 700, 1_200), said("paused", 760, 1_260)
    )
    assert session.counted_ms == 60_000
    assert spans(session)[0] == (AHEAD_OF_TIME, 0, 600)


def test_only_what_the_player_lists_as_played_counts() -> None:
    session = only(said("played", 0, 0), said("paused", 100, 60, played=[(0, 20), (50, 60)]))
    assert session.counted_ms == 30_000
    assert [(part.media_from_ms, part.media_to_ms) for part in session.stretches] == [(0, 20_000), (50_000, 60_000)]
    nothing = only(said("played", 0, 0), said("paused", 100, 60, played=[(100, 200)]))
    assert spans(nothing) == [(NOT_CONFIRMED, 0, 100)]
    after_the_list = only(
        said("played", 0, 0),
        said("paused", 60, 60, played=[(0, 60)]),
        said("played", 60, 60),
        said("interacted", 90, 90),
    )
    assert after_the_list.counted_ms == 60_000


def test_a_list_cannot_make_more_of_the_time() -> None:
    session = only(said("played", 0, 0), said("paused", 62, 66, played=[(0, 40), (41, 66)]))
    assert session.counted_ms == 62_000


def test_nothing_counts_behind_the_end_of_the_video() -> None:
    session = only(said("initialized", 0, media=100), said("played", 0, 90), said("paused", 60, 150, media=100))
    assert session.counted_ms == 10_000
    assert spans(session) == [(NOT_PLAYING, 10, 60)]


def test_without_a_position_there_is_nothing_to_count() -> None:
    session = only(said("played", 0, 0), said("completed", 60), said("paused", 70, 70))
    assert session.counted_ms == 0
    assert spans(session) == [(NO_POSITION, 0, 60), (NOT_PLAYING, 60, 70)]


def test_the_same_statement_twice_is_one_and_another_under_its_id_is_named() -> None:
    start, end = said("played", 0, 0), said("paused", 60, 60)
    forged = said("paused", 600, 600, name=end.statement)
    (session,), repeated = count_statements([start, end, start, forged], RULES)
    assert session.counted_ms == 60_000
    assert repeated == [(start.statement, REPEATED), (end.statement, REPEATED_OTHERWISE)]


def test_two_sessions_of_one_person_at_once_count_once() -> None:
    first = [said("played", 0, 0), said("paused", 60, 60)]
    second = [said("played", 30, 0, session="t", lesson="m"), said("paused", 90, 60, session="t", lesson="m")]
    (one, two), _ = count_statements([*first, *second], RULES)
    assert (one.counted_ms, two.counted_ms) == (60_000, 30_000)
    assert spans(two) == [(OVERLAP, 30, 60)]


def test_the_same_minute_earns_once_over_sessions_and_again_for_another_person() -> None:
    def played(at: float, **of: Any) -> list[Observation]:
        return [said("played", at, 0, **of), said("paused", at + 60, 60, **of)]

    sessions, _ = count_statements([*played(0), *played(100, session="t"), *played(100, person="q")], RULES)
    assert [session.counted_ms for session in sessions] == [60_000, 0, 60_000]
    assert {code for session in sessions for code, _, _ in session.spans} == {ALREADY_COUNTED}


POSITIONS = st.one_of(st.none(), st.integers(0, 400))
VERBS: st.SearchStrategy[Verb] = st.sampled_from(
    ["initialized", "played", "paused", "seeked", "interacted", "completed", "terminated"]
)
STATEMENTS = st.builds(
    said,
    VERBS,
    st.one_of(st.integers(0, 200), st.integers(0, 20_000)),
    POSITIONS,
    to=POSITIONS,
    played=st.one_of(
        st.none(),
        st.lists(st.tuples(st.integers(0, 300), st.integers(1, 99)).map(lambda p: (p[0], sum(p))), max_size=4),
    ),
    session=st.sampled_from("stu"),
    lesson=st.sampled_from("lm"),
    person=st.sampled_from("pq"),
    media=st.one_of(st.none(), st.integers(1, 400)),
)


@given(observations=st.lists(STATEMENTS, max_size=60, unique_by=lambda item: item.statement), seed=st.integers())
def test_whatever_a_player_states_no_time_and_no_media_count_twice(observations: list[Observation], seed: int) -> None:
    sessions, repeated = count_statements(observations, RULES)
    shuffled = [*observations, *observations[:5]]
    Random(seed).shuffle(shuffled)
    again, repeated_again = count_statements(shuffled, RULES)
    assert again == sessions, "the order in which statements arrive changes nothing"
    assert len(repeated_again) == len(repeated) + min(5, len(observations))
    accounted = [name for session in sessions for name in session.played.used]
    accounted += [name for session in sessions for name, _ in session.played.unused]
    assert sorted(accounted) == sorted(item.statement for item in observations)
    for person in "pq":
        mine = [session for session in sessions if session.played.person == person]
        walls = [(part.started_ms, part.ended_ms) for session in mine for part in session.stretches]
        assert length(union(walls)) == length(walls)
        for lesson in "lm":
            of_lesson = [session for session in mine if session.played.lesson == lesson]
            media = [(part.media_from_ms, part.media_to_ms) for session in of_lesson for part in session.stretches]
            assert length(union(media)) == length(media)
    for session in sessions:
        _is_explained_whole(session, observations)


def _is_explained_whole(session: CountedSession, observations: list[Observation]) -> None:
    played = session.played
    assert session.counted_ms <= played.ended_ms - played.started_ms
    parts = [(part.started_ms, part.ended_ms) for part in session.stretches]
    parts += [(start, end) for _, start, end in session.spans]
    assert length(parts) == length(union(parts)) == played.ended_ms - played.started_ms
    assert {code for code, _, _ in session.spans} <= set(REASONS)
    lists = [
        segment
        for item in observations
        if (item.person, item.session, item.lesson) == (played.person, played.session, played.lesson)
        for segment in item.segments or ()
    ]
    stated = any(
        item.segments is not None
        for item in observations
        if (item.person, item.session, item.lesson) == (played.person, played.session, played.lesson)
    )
    if stated:
        assert session.counted_ms <= length(union(lists)), "never more than the player lists as played"
