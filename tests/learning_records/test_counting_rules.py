"""The counting rules alone: simulations and invariants that hold after every arrival, whatever a phone sends."""

from __future__ import annotations

import random
from itertools import pairwise

from hypothesis import given, settings
from hypothesis import strategies as st

from learning_records.sessions.counting import day_is_over, end, forgo, judge_batch, split_day
from learning_records.sessions.coverage import first_uncovered, join_spans, length, uncovered, union
from learning_records.sessions.earning import Progress, earn, pieces_of
from learning_records.sessions.presence import confirm
from learning_records.sessions.reasons import CLOSE_REASONS, REASONS
from learning_records.sessions.rules import (
    CountingRules,
    Interval,
    Piece,
    Stretch,
    day_start_ms,
    local_day,
    split_at,
)
from learning_records.sessions.state import State, begin, fresh_presence

RULES = CountingRules()
START = 1_583_110_800_000  # 2020-03-02 09:00 in Wuxi
MEDIA = 2_700_000


def _open(at_ms: int = START, media_ms: int = MEDIA, seed: int = 1, earlier: tuple[Interval, ...] = ()) -> State:
    return begin(
        media_ms=media_ms,
        earlier=earlier,
        resume_at_ms=0,
        at_ms=at_ms,
        presence=fresh_presence(RULES, random.Random(seed)),
    )


def _check_invariants(state: State, opened_ms: int) -> None:
    stretches = sorted((*state.firm, *state.since, *state.provisional))
    assert all(item.ended_ms - item.started_ms == item.media_to_ms - item.media_from_ms > 0 for item in stretches)
    assert all(before.ended_ms <= after.started_ms for before, after in pairwise(stretches)), "wall time overlaps"
    media = [(item.media_from_ms, item.media_to_ms) for item in stretches]
    assert length(union(media)) == length(media), "media counted twice"
    assert length(union([*state.earlier, *media])) == length(state.earlier) + length(media)
    spans = [*stretches, *((span.started_ms, span.ended_ms) for span in state.uncounted)]
    accounted = union((span[0], span[1]) for span in spans)
    assert length(accounted) == sum(span[1] - span[0] for span in spans), "a second has two fates"
    budget = state.arrived_ms - state.window_from_ms
    assert 0 <= budget <= RULES.kept_budget_ms
    assert length(accounted) + budget == state.arrived_ms - opened_ms, "a second has no fate"
    assert state.presence.since_ms <= RULES.presence_after_max_ms
    assert {span.code for span in state.uncounted} <= REASONS.keys()


ARRIVALS = st.lists(
    st.tuples(
        st.one_of(st.integers(0, 15_000), st.integers(0, 120_000), st.integers(0, 900_000)),  # gap
        st.lists(st.integers(0, MEDIA + 1_000), max_size=4),  # wild positions
        st.integers(0, 40_000),  # a step forward from the cursor, as most phones do
        st.sampled_from(["", "", "", "answer", "answer late", "quiz"]),
    ),
    max_size=40,
)


@settings(max_examples=300)
@given(arrivals=ARRIVALS, seed=st.integers(0, 5), earlier=st.booleans())
def test_whatever_arrives_every_millisecond_has_exactly_one_fate(
    arrivals: list[tuple[int, list[int], int, str]], seed: int, earlier: bool
) -> None:
    chance = random.Random(seed)
    state = _open(seed=seed, earlier=(Interval(60_000, 300_000),) if earlier else ())
    now = START
    for gap, positions, step, then in arrivals:
        now += gap
        steps = [min(state.cursor_ms + step, MEDIA)]
        judged = judge_batch(state, positions if len(positions) > 2 else steps, now, RULES, chance)
        assert all(lost >= 0 for lost in judged.reasons.values())
        state = judged.state
        _check_invariants(state, START)
        if then.startswith("answer") and state.presence.check:
            now += 65_000 if then.endswith("late") else 20_000
            state = confirm(state, now, RULES, chance)
            assert state.presence.check is None
            assert not state.provisional
        elif then == "quiz":
            now += 30_000
            state = forgo(state, now)
        _check_invariants(state, START)
    state = end(state, now)
    _check_invariants(state, START)
    assert state.window_from_ms == state.arrived_ms
    assert not state.provisional
    assert state.counted_ms <= now - START


@given(
    arrivals=st.lists(st.tuples(st.integers(0, 50_000), st.booleans()), min_size=1, max_size=40),
    seed=st.integers(0, 3),
)
def test_a_split_at_midnight_keeps_every_millisecond(arrivals: list[tuple[int, bool]], seed: int) -> None:
    opened = day_start_ms(local_day(START) + 1) - 300_000
    midnight = opened + 300_000
    chance = random.Random(seed)
    state = _open(opened)
    now = opened
    for gap, honest in arrivals:
        now += gap
        position = min(state.cursor_ms + gap, MEDIA) if honest else MEDIA
        state = judge_batch(state, [position], now, RULES, chance).state
        if state.presence.check:
            state = confirm(state, now + 1_000, RULES, chance)
        if day_is_over(state, midnight):
            before, after = split_day(state, midnight)
            assert before.counted_ms + after.counted_ms == state.counted_ms
            assert after.covered == state.covered
            lost = [length((span[1], span[2]) for span in item.uncounted) for item in (before, after, state)]
            assert lost[0] + lost[1] == lost[2]
            assert before.counted_ms + lost[0] == midnight - opened
            assert all(item.ended_ms <= midnight for item in (*before.firm, *before.since))
            assert all(item.started_ms >= midnight for item in (*after.firm, *after.since))
            return


@given(state_seed=st.integers(0, 10), arrivals=ARRIVALS)
def test_a_state_survives_its_json(state_seed: int, arrivals: list[tuple[int, list[int], int, str]]) -> None:
    chance = random.Random(state_seed)
    state, now = _open(seed=state_seed), START
    for gap, positions, _, _ in arrivals:
        now += gap
        state = judge_batch(state, positions, now, RULES, chance).state
    assert State.from_json(state.to_json()) == state


def test_honest_watching_stays_one_stretch() -> None:
    """The row of an open session stays small: watching on for 40 minutes is one stretch a confirmation."""
    state, chance = _open(), random.Random(3)
    for beat in range(1, 241):
        state = judge_batch(state, [beat * 10_000], START + beat * 10_000, RULES, chance).state
        if state.presence.check:
            state = confirm(state, START + beat * 10_000 + 5_000, RULES, chance)
    assert len(state.firm) == 1
    assert state.counted_ms == 2_400_000
    assert state.uncounted == ()


def test_a_partly_covered_jump_is_measured_by_what_is_new() -> None:
    state = _open(earlier=(Interval(10_000, 600_000),))
    judged = judge_batch(state, [10_000], START + 10_000, RULES, random.Random(1))
    judged = judge_batch(judged.state, [605_000], START + 20_000, RULES, random.Random(1))
    assert judged.verdicts[0].counted_ms == 5_000
    assert judged.state.cursor_ms == 605_000


def test_going_ahead_says_where_the_first_new_media_is() -> None:
    state = _open(earlier=(Interval(0, 600_000),))
    judged = judge_batch(state, [900_000], START + 10_000, RULES, random.Random(1))
    assert judged.resume_at_ms == 600_000
    assert judged.reasons == {"AHEAD_OF_TIME": 0}


INTERVALS = st.lists(
    st.tuples(st.integers(0, 60), st.integers(0, 60)).map(lambda pair: tuple(sorted(pair))), max_size=8
)


@given(INTERVALS, st.integers(0, 60), st.integers(0, 60))
def test_interval_arithmetic_agrees_with_counting_points(
    intervals: list[tuple[int, int]], start: int, stop: int
) -> None:
    points = {point for first, last in intervals for point in range(first, last)}
    joined = union(intervals)
    assert {point for part in joined for point in range(*part)} == points
    assert length(joined) == len(points)
    assert all(before.end < after.start for before, after in pairwise(joined))
    wanted = set(range(start, stop)) - points
    assert {point for part in uncovered(joined, start, stop) for point in range(*part)} == wanted
    assert first_uncovered(joined, start, stop) == (min(wanted) if wanted else stop)


def test_pieces_are_cut_at_the_check_in_and_at_midnight() -> None:
    midnight = day_start_ms(local_day(START) + 1)
    stretch = Stretch(midnight - 100, midnight + 100, 0, 200)
    pieces = pieces_of((stretch,), {local_day(START): midnight - 40, local_day(START) + 1: midnight + 30})
    assert [(piece.started_ms - midnight, piece.ended_ms - midnight, piece.under_check_in) for piece in pieces] == [
        (-100, -40, False),
        (-40, 0, True),
        (0, 30, False),
        (30, 100, True),
    ]
    assert [piece.media_from_ms for piece in pieces] == [0, 60, 100, 130]


@given(st.integers(1, 5_000), st.lists(st.integers(1, 999_999), min_size=1, max_size=6))
def test_whole_seconds_and_remainders_add_up(media_seconds: int, sizes: list[int]) -> None:
    progress, learned, wall, media = Progress(), 0, START, 0
    for size in sizes:
        size = min(size, media_seconds * 1000 - media)
        if size <= 0:
            break
        piece = Piece(wall, wall + size, media, media + size, True)
        media, wall = media + size, wall + size
        coverage = union([*progress.coverage, (piece.media_from_ms, piece.media_to_ms)])
        earned = earn(progress, coverage, (piece,), media_seconds * 1000, RULES)
        progress = earned.progress
        learned += earned.learned_seconds + earned.allowance_seconds
        assert earned.checked_in_seconds == earned.learned_seconds
    assert 0 <= progress.learned_rest_ms < 1000
    if progress.completed:
        assert learned == media_seconds
    else:
        assert learned * 1000 + progress.learned_rest_ms == progress.counted_ms


def test_split_at_gives_nothing_without_length() -> None:
    stretch = Stretch(10, 20, 0, 10)
    assert split_at(stretch, 10) == (None, stretch)
    assert split_at(stretch, 20) == (stretch, None)
    assert join_spans([]) == ()


def test_every_reason_is_said_in_plain_chinese_with_a_next_step() -> None:
    for reason in REASONS.values():
        for kind in ("video", "reading", "simulation"):
            sentence, next_step = reason.said_for(kind)
            for text in (sentence, next_step):
                assert text.endswith("。")
                assert not any(letter.isascii() and letter.isalpha() for letter in text)
    assert all(text.endswith("。") for text in CLOSE_REASONS.values())
