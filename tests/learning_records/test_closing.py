"""Closing: check-ins, midnight, idle and the 4 h limit, completeness, whole seconds, kinds of lessons."""

from __future__ import annotations

from uuid import uuid4

import pytest

from config.clock import FixedCalendar
from config.errors import Conflict, Invalid
from learning_records.sessions import services
from learning_records.sessions.rules import CountingRules
from tests.learning_records.phones import Phone, call, lesson

pytestmark = pytest.mark.usefixtures("app")


def test_only_time_from_the_check_in_on_is_under_it(clock: FixedCalendar) -> None:
    phone = Phone(clock, context=uuid4())
    assert phone.open(lesson(45)).check_in_required
    phone.play(120)
    phone.check_in()
    phone.play(180)
    closed = phone.close()
    assert (closed.learned_seconds, closed.checked_in_seconds) == (300, 180)
    explained = services.explain(person_ref=phone.person, session_id=phone.session_id)
    assert explained.not_claimable is not None
    assert (explained.not_claimable.code, explained.not_claimable.seconds) == ("NOT_CHECKED_IN", 120)


def test_a_check_in_is_made_once_a_day_and_belongs_to_its_class(clock: FixedCalendar) -> None:
    phone = Phone(clock, context=uuid4())
    context = phone.context
    assert context is not None

    def tap() -> services.CheckInView:
        return call(
            lambda: services.check_in(person_ref=phone.person, context_ref=context, device_ref="phone", method="tap")
        )

    first = tap()
    clock.advance(3_600)
    again = tap()
    assert (again.check_in_id, again.checked_in_at, again.already) == (first.check_in_id, first.checked_in_at, True)
    assert not phone.open(lesson(45)).check_in_required
    phone.context = uuid4()
    assert phone.open(lesson(45)).check_in_required
    clock.set("2020-03-03T00:00:01+08:00")
    phone.context = context
    assert phone.open(lesson(45)).check_in_required
    assert not tap().already


@pytest.mark.parametrize("method", ["face", ""])
def test_an_unknown_way_to_check_in_is_refused(clock: FixedCalendar, method: str) -> None:
    with pytest.raises(Invalid, match="CHECK_IN_METHOD_UNKNOWN"):
        call(lambda: services.check_in(person_ref=uuid4(), context_ref=uuid4(), device_ref="phone", method=method))


@pytest.mark.parametrize("batch", [1, 5])
def test_a_session_over_midnight_is_split_and_nothing_is_lost(clock: FixedCalendar, batch: int) -> None:
    clock.set("2020-03-02T23:50:05+08:00")
    phone = Phone(clock, context=uuid4(), batch=batch)
    phone.check_in()
    phone.open(lesson(45))
    first = phone.session_id
    phone.play(20 * 60)
    assert phone.session_id != first
    moved = next(answer for answer in phone.answers if answer.moved_to)
    assert moved.closed is not None
    assert moved.closed.reason == "MIDNIGHT"
    assert moved.moved_to is not None
    assert moved.moved_to.check_in_required
    second = phone.close()
    sessions = {item.session_id: item for item in services.closed_unsealed(person_ref=phone.person)}
    before, after = sessions[first], sessions[second.session_id]
    assert (before.learned_seconds, before.checked_in_seconds) == (595, 595)
    assert (after.learned_seconds, after.checked_in_seconds) == (605, 0)
    assert after.continues == first
    assert before.closed_at == after.opened_at
    assert before.closed_at.isoformat() == "2020-03-02T16:00:00+00:00"


def test_the_split_waits_for_the_answer_to_a_presence_check(clock: FixedCalendar) -> None:
    clock.set("2020-03-02T23:50:00+08:00")
    phone = Phone(clock, batch=5)
    phone.open(lesson(45))
    first = phone.session_id
    phone.play(300)
    phone.play(600, offline=True)  # the outage runs over midnight
    phone.send()
    assert phone.session_id == first
    phone.play(50)
    assert phone.session_id != first
    phone.close()
    counted = [item.counted_ms for item in services.closed_unsealed(person_ref=phone.person)]
    assert counted == [600_000, 350_000]


def test_a_batch_after_midnight_whose_answer_was_lost_is_told_where_to_go_on(clock: FixedCalendar) -> None:
    clock.set("2020-03-02T23:59:40+08:00")
    phone = Phone(clock)
    phone.open(lesson(45))
    first = phone.session_id
    phone.play(10)
    clock.advance(15)
    phone.position_ms += 15_000
    phone.mark()
    lost = phone.post(phone.kept)  # the phone never sees this answer
    assert lost.moved_to is not None
    clock.advance(10)
    phone.position_ms += 10_000
    phone.mark()
    with pytest.raises(Conflict) as conflict:
        phone.post(phone.kept)
    moved = conflict.value.errors[0]["moved_to"]
    assert (moved["session_id"], moved["prev"]) == (str(lost.moved_to.session_id), lost.moved_to.prev)
    assert phone.post(phone.kept[:1]) == lost
    phone.session_id, phone.seq, phone.prev = lost.moved_to.session_id, moved["next_seq"], moved["prev"]
    phone.kept = []
    phone.mark()
    assert phone.send().counted_seconds == 15
    explained = services.explain(person_ref=phone.person, session_id=first)
    assert explained.counted_seconds == 20


def test_closing_after_midnight_leaves_two_closed_sessions(clock: FixedCalendar) -> None:
    clock.set("2020-03-02T23:59:30+08:00")
    phone = Phone(clock)
    phone.open(lesson(45))
    phone.play(50, offline=True)
    closed = phone.close()
    assert len(closed.closed_session_ids) == 2
    assert [item.counted_ms for item in services.closed_unsealed(person_ref=phone.person)] == [30_000, 20_000]


def test_a_session_closes_itself_900_seconds_after_the_last_beat(clock: FixedCalendar) -> None:
    phone = Phone(clock)
    phone.open(lesson(45))
    phone.play(60)
    last = clock()
    clock.advance(900)
    assert call(lambda: services.close_idle_sessions(limit=10)) == []
    clock.advance(1)
    assert call(lambda: services.close_idle_sessions(limit=10)) == [phone.session_id]
    assert call(lambda: services.close_idle_sessions(limit=10)) == []
    closed = phone.close()
    assert (closed.reason, closed.closed_at, closed.counted_seconds) == ("IDLE", last, 60)
    assert phone.open(phone.facts).resume_at_ms == 60_000


def test_a_session_ends_after_four_hours(clock: FixedCalendar) -> None:
    phone = Phone(clock, batch=5)
    phone.open(lesson(6 * 60))
    phone.play(4 * 3_600 - 50)
    assert {answer.closed for answer in phone.answers} == {None}
    phone.play(50)
    notice = phone.answers[-1].closed
    assert notice is not None
    assert notice.reason == "LIMIT"
    assert phone.counted() == 4 * 3_600
    phone.mark()
    with pytest.raises(Conflict, match="SESSION_CLOSED"):
        phone.send()


def test_a_session_with_too_many_beats_ends(clock: FixedCalendar) -> None:
    phone = Phone(clock, rules=CountingRules(session_limit_beats=20))
    phone.open(lesson(45))
    phone.play(200)
    notice = phone.answers[-1].closed
    assert notice is not None
    assert notice.reason == "LIMIT"


def test_the_newest_session_wins_and_the_older_keeps_its_time(clock: FixedCalendar) -> None:
    phone = Phone(clock)
    other = Phone(clock, person=phone.person)
    phone.open(lesson(45))
    phone.play(60)
    clock.advance(5)
    other.open(lesson(45))
    phone.mark()
    with pytest.raises(Conflict) as conflict:
        phone.send()
    assert "另一台设备" in conflict.value.detail
    explained = services.explain(person_ref=phone.person, session_id=phone.session_id)
    assert explained.counted_seconds == 60
    assert explained.closed is not None
    assert explained.closed.reason == "REPLACED"


def test_closing_twice_gives_the_same_answer(clock: FixedCalendar) -> None:
    phone = Phone(clock)
    phone.open(lesson(45))
    phone.play(60)
    clock.advance(10)
    phone.position_ms += 10_000
    last = phone.mark()
    closed = phone.close()
    assert closed.counted_seconds == 70
    phone.kept = [last]
    again = phone.close()
    assert again.receipt == closed.receipt
    assert (again.counted_seconds, again.closed_session_ids) == (70, ())
    replay = phone.post([last])
    assert replay.closed is not None
    assert replay.closed.reason == "FINISHED"


@pytest.mark.parametrize(
    ("seconds", "completed", "allowance"), [(2_640, False, 0), (2_650, True, 50), (2_690, True, 10)]
)
def test_at_98_percent_the_missing_rest_is_an_allowance(
    clock: FixedCalendar, seconds: int, completed: bool, allowance: int
) -> None:
    phone = Phone(clock, batch=5)
    phone.open(lesson(45))
    phone.play(seconds)
    if phone.kept:
        phone.send()
    closed = phone.close()
    assert (closed.counted_seconds, closed.completed, closed.allowance_seconds) == (seconds, completed, allowance)
    phone.open(phone.facts)
    phone.position_ms = seconds * 1000 if not completed else 0
    phone.play(2_700 - seconds if not completed else 60)
    again = phone.close()
    assert again.learned_seconds + again.allowance_seconds == (2_700 - seconds if not completed else 0)


@pytest.mark.parametrize("on", [10, 20])
def test_the_end_of_a_lesson_that_midnight_cut_is_watched_or_allowed_never_both(clock: FixedCalendar, on: int) -> None:
    clock.set("2020-03-02T23:15:20+08:00")
    phone = Phone(clock, context=uuid4())
    phone.check_in()
    phone.open(lesson(45))
    phone.play(2680 + on)
    phone.close()
    before, after = services.closed_unsealed(person_ref=phone.person)
    assert (before.learned_seconds, before.allowance_seconds, before.completed) == (2680, 0, False)
    assert (after.learned_seconds, after.allowance_seconds, after.completed) == (on, 20 - on, True)


def test_the_allowance_counts_for_the_claim_only_when_the_lesson_was_under_check_ins(clock: FixedCalendar) -> None:
    given = []
    for checks_in in (True, False):
        phone = Phone(clock, context=uuid4(), batch=5)
        if checks_in:
            phone.check_in()
        phone.open(lesson(45))
        phone.play(2_650)
        phone.close()
        closed = services.closed_unsealed(person_ref=phone.person)[0]
        given.append((closed.allowance_seconds, closed.allowance_checked_in_seconds))
    assert given == [(50, 50), (50, 0)]


def test_the_remainder_below_a_second_waits_for_the_next_close(clock: FixedCalendar) -> None:
    phone = Phone(clock, context=uuid4())
    phone.check_in()
    facts = lesson(45)
    seconds = []
    for _ in range(3):
        phone.open(facts)
        clock.advance(10.4)
        phone.position_ms += 10_400
        phone.mark()
        phone.send()
        closed = phone.close()
        seconds.append((closed.learned_seconds, closed.checked_in_seconds))
    assert seconds == [(10, 10), (10, 10), (11, 11)]


def test_a_lesson_of_odd_length_comes_out_whole_with_its_allowance(clock: FixedCalendar) -> None:
    phone = Phone(clock, batch=5)
    phone.open(lesson(media_ms=600_700))
    phone.play(590)
    clock.advance(5.4)
    phone.position_ms += 5_400
    phone.mark()
    phone.send()
    closed = phone.close()
    assert (closed.learned_seconds, closed.allowance_seconds) == (595, 5)


@pytest.mark.parametrize("kind", ["reading", "simulation"])
def test_reading_and_simulation_count_their_nominal_length_in_real_time(clock: FixedCalendar, kind: str) -> None:
    phone = Phone(clock)
    phone.open(lesson(10, kind=kind))
    phone.play(300)
    phone.position_ms = phone.facts.media_ms  # scrolled to the end, clicked through all steps
    clock.advance(10)
    phone.mark()
    answer = phone.send()
    assert answer.resume_at_ms == 300_000
    words = {"reading": "读", "simulation": "步骤"}[kind]
    assert words in answer.uncounted[0].sentence + answer.uncounted[0].next_step
    phone.play(300)
    assert phone.close().counted_seconds == 600


def test_a_page_that_is_not_visible_does_not_count(clock: FixedCalendar) -> None:
    phone = Phone(clock)
    phone.open(lesson(10, kind="reading"))
    phone.play(60)
    phone.speed = 0
    phone.play(120)
    phone.speed = 1
    phone.play(60)
    closed = phone.close()
    assert closed.counted_seconds == 120
    assert [reason.code for reason in closed.uncounted] == ["NOT_PLAYING", "SESSION_ENDED"]
    assert sum(reason.seconds for reason in closed.uncounted) == 120


def test_a_quiz_counts_to_its_limit_once_and_not_on_top_of_a_session(clock: FixedCalendar) -> None:
    phone = Phone(clock, context=uuid4())
    phone.check_in()
    phone.open(lesson(45))
    started = clock()
    phone.play(120)
    clock.advance(600)
    quiz = uuid4()

    def count() -> services.OutsideTimeView:
        return call(
            lambda: services.record_quiz_time(
                person_ref=phone.person,
                context_ref=phone.context,
                quiz_ref=quiz,
                started_at=started,
                ended_at=clock(),
                limit_seconds=600,
            )
        )

    first = count()
    assert (first.counted_seconds, first.checked_in_seconds, first.already) == (480, 480, False)
    assert count().already
    phone.play(60)  # the time of the quiz is used up for the session
    for check in phone.checks[-1:]:
        phone.answer(check.check_id)
    assert phone.counted() == 180


def test_reversed_and_future_times_are_refused(clock: FixedCalendar) -> None:
    now = clock()
    later = clock.advance(600)
    for started, ended in ((later, now), (now, later.replace(year=2021))):
        with pytest.raises(Invalid, match="TIME_REVERSED"):
            services.record_quiz_time(
                person_ref=uuid4(),
                context_ref=None,
                quiz_ref=uuid4(),
                started_at=started,
                ended_at=ended,
                limit_seconds=10**9,
            )


@pytest.mark.parametrize("back", [30, 3600])
def test_a_clock_set_back_between_two_sessions_neither_counts_twice_nor_blocks(clock: FixedCalendar, back: int) -> None:
    """The same wall time comes again: nothing of it counts until the clock is past it, and the session closes."""
    phone = Phone(clock)
    phone.open(lesson(90))
    phone.play(600)
    assert phone.close().counted_seconds == 600
    clock.advance(-back)
    phone.open(lesson(90))
    phone.obeys = False
    phone.play(60)
    phone.play(back)
    assert phone.close().counted_seconds <= 60


def test_the_allowance_is_sealed_to_the_millisecond(clock: FixedCalendar) -> None:
    phone = Phone(clock)
    phone.open(lesson(media_ms=600_500))
    phone.play(590)
    phone.close()
    closed = services.closed_unsealed(person_ref=phone.person)[0]
    assert (closed.counted_ms, closed.allowance_ms) == (590_000, 10_500)
    assert closed.facts["allowance_ms"] == 10_500
    assert (closed.allowance_seconds, closed.learned_seconds) == (10, 590)


def test_another_lesson_opened_after_the_deadline_is_a_miss_all_the_same(clock: FixedCalendar) -> None:
    phone = Phone(clock, answers_checks=False)
    phone.open(lesson(90))
    while not phone.checks:
        phone.play(10)
    phone.play(50)
    clock.advance(20)
    phone.open(lesson(90))
    older = services.closed_unsealed(person_ref=phone.person)[0]
    assert [reason.code for reason in older.uncounted] == ["CHECK_MISSED"]
