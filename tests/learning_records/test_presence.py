"""在线确认: when a check falls due, what an answer gives, what a miss takes."""

from __future__ import annotations

from uuid import uuid4

import pytest

from config.clock import FixedCalendar
from config.errors import NotFound
from learning_records.sessions import services
from learning_records.sessions.rules import CountingRules
from tests.learning_records.phones import MINUTE, Phone, call, lesson

pytestmark = pytest.mark.usefixtures("app")
FIXED = CountingRules(presence_after_min_ms=300_000, presence_after_max_ms=300_000)


def _phone(clock: FixedCalendar, rules: CountingRules = FIXED) -> Phone:
    phone = Phone(clock, rules=rules, answers_checks=False)
    phone.open(lesson(90))
    return phone


def test_a_check_falls_due_after_counted_time_and_stops_counting_until_it_is_answered(clock: FixedCalendar) -> None:
    phone = _phone(clock)
    phone.play(300)
    check = phone.answers[-1].presence_check
    assert check is not None
    assert (check.answer_by - check.due_at).total_seconds() == 60
    assert not check.overdue
    phone.play(30)
    assert phone.answers[-1].counted_seconds == 300
    waiting = [reason for reason in phone.answers[-1].uncounted if reason.code == "CHECK_WAITING"]
    assert [reason.seconds for reason in waiting] == [30]
    said = phone.answer(check.check_id)
    assert (said.confirmed, said.late, said.counted_seconds) == (True, False, 330)
    phone.play(10)
    assert phone.answers[-1].presence_check is None
    assert phone.answers[-1].counted_seconds == 340


def test_the_same_answer_twice_is_the_same(clock: FixedCalendar) -> None:
    phone = _phone(clock)
    phone.play(300)
    first = phone.answer(phone.checks[-1].check_id)
    assert phone.answer(phone.checks[-1].check_id) == first
    with pytest.raises(NotFound, match="CHECK_NOT_FOUND"):
        phone.answer(uuid4())


def test_the_first_miss_of_a_day_voids_the_time_since_it_was_due(clock: FixedCalendar) -> None:
    phone = _phone(clock)
    phone.play(300)
    phone.play(120)
    assert phone.counted() == 300
    said = phone.answer(phone.checks[0].check_id)
    assert said.late
    assert said.resume_at_ms == 5 * MINUTE
    assert said.reason is not None
    assert said.reason.code == "CHECK_MISSED"
    assert said.reason.seconds == 60
    phone.play(60)
    assert phone.counted() == 360
    closed = phone.close()
    lost = {reason.code: reason.seconds for reason in closed.uncounted}
    assert lost == {"CHECK_MISSED": 60, "CHECK_UNANSWERED": 60}


def test_a_later_miss_of_the_day_voids_back_to_the_last_confirmation(clock: FixedCalendar) -> None:
    phone = _phone(clock)
    phone.play(300)
    phone.play(70)  # missed: the first
    phone.answer(phone.checks[-1].check_id)
    phone.play(300)
    phone.play(70)  # missed again
    assert phone.counted() == 300
    said = phone.answer(phone.checks[-1].check_id)
    assert said.resume_at_ms == 5 * MINUTE
    assert said.reason is not None
    assert said.reason.code == "CHECK_MISSED_AGAIN"
    phone.play(60)
    assert phone.close().counted_seconds == 360


def test_the_next_day_begins_with_a_first_miss_again(clock: FixedCalendar) -> None:
    phone = _phone(clock)
    phone.play(370)
    phone.answer(phone.checks[-1].check_id)
    phone.close()
    clock.set("2020-03-03T09:00:00+08:00")
    phone.open(lesson(90))
    phone.play(370)
    assert phone.counted() == 300


def test_a_phone_that_was_away_since_the_check_is_asked_again(clock: FixedCalendar) -> None:
    phone = _phone(clock)
    phone.play(300)
    clock.advance(110)
    phone.play(10)
    again = phone.answers[-1].presence_check
    assert again is not None
    assert again.check_id == phone.checks[0].check_id
    assert not again.overdue
    assert again.due_at == clock()
    phone.answer(again.check_id)
    assert phone.counted() == 310


def test_one_answer_never_gives_back_more_than_the_longest_interval(clock: FixedCalendar) -> None:
    """A script that posts every 61 s is always "away", so its check is issued again each time; one tap pays once."""
    phone = Phone(clock, answers_checks=False, obeys=False)
    phone.open(lesson(240))
    for _ in range(200):
        clock.advance(61)
        phone.position_ms += 61_000
        phone.mark()
        if not phone.send().closed and phone.answers[-1].presence_check.overdue:  # type: ignore[union-attr]
            break
    else:
        pytest.fail("the check was issued again for hours")
    assert phone.counted() == 0
    assert phone.answer(phone.checks[-1].check_id).late
    assert phone.counted() == 0


def test_two_outages_before_one_answer_count(clock: FixedCalendar) -> None:
    phone = _phone(clock, CountingRules())
    phone.play(400, offline=True)
    phone.send()
    phone.play(400, offline=True)
    assert phone.send().counted_seconds == 0
    assert not phone.answer(phone.checks[-1].check_id).late
    assert phone.counted() == 800


def test_no_check_falls_due_while_the_phone_is_away_and_one_does_at_once_on_return(clock: FixedCalendar) -> None:
    phone = _phone(clock)
    phone.play(60)
    clock.advance(60)
    phone.play(10)
    assert phone.answers[-1].presence_check is not None
    assert phone.answers[-1].counted_seconds == 60


def test_answering_late_without_any_beat_since_is_a_miss_too(clock: FixedCalendar) -> None:
    phone = _phone(clock)
    phone.play(300)
    clock.advance(200)
    said = phone.answer(phone.checks[-1].check_id)
    assert (said.late, said.counted_seconds) == (True, 300)
    phone.play(10)
    assert phone.counted() == 310


def test_an_answer_counts_as_hearing_from_the_phone(clock: FixedCalendar) -> None:
    """The phone pauses while it asks; answering after 55 s must not bring the next check on the next beat."""
    phone = _phone(clock)
    phone.play(300)
    clock.advance(55)
    phone.answer(phone.checks[-1].check_id)
    phone.play(10)
    assert phone.answers[-1].presence_check is None
    assert phone.counted() == 310


def test_closing_with_an_unanswered_check_voids_what_waits_and_the_next_session_asks(clock: FixedCalendar) -> None:
    phone = _phone(clock)
    phone.play(300)
    phone.play(30)
    closed = phone.close()
    assert closed.counted_seconds == 300
    assert {reason.code: reason.seconds for reason in closed.uncounted} == {"CHECK_LEFT_OPEN": 30}
    opened = phone.open(phone.facts)
    assert opened.resume_at_ms == 5 * MINUTE
    assert opened.presence_check is not None
    assert opened.presence_check.overdue
    phone.play(60)
    assert phone.counted() == 0
    phone.answer(opened.presence_check.check_id)
    phone.position_ms = 5 * MINUTE
    phone.play(60)
    assert phone.counted() == 60


def test_a_check_can_be_answered_between_sessions(clock: FixedCalendar) -> None:
    phone = _phone(clock)
    phone.play(300)
    phone.close()
    said = phone.answer(phone.checks[-1].check_id)
    assert said.confirmed
    assert phone.open(phone.facts).presence_check is None


def test_more_than_the_longest_interval_never_counts_without_a_confirmation(clock: FixedCalendar) -> None:
    phone = Phone(clock, rules=CountingRules(presence_after_min_ms=295_000, presence_after_max_ms=295_000), batch=5)
    phone.answers_checks = False
    phone.open(lesson(90))
    phone.play(300)
    assert phone.answers[-1].counted_seconds == 295
    phone.answer(phone.checks[-1].check_id)
    assert phone.counted() == 300


def test_a_question_wants_its_answer(clock: FixedCalendar) -> None:
    phone = _phone(
        clock, CountingRules(presence_after_min_ms=300_000, presence_after_max_ms=300_000, presence_question=1)
    )
    phone.play(300)
    check = phone.checks[-1]
    assert check.question is not None
    left, right = check.question.removesuffix(" = ?").split(" + ")
    assert not phone.answer(check.check_id, "99").confirmed
    assert phone.answer(check.check_id, str(int(left) + int(right))).confirmed


@pytest.mark.parametrize("proof", ["check-in", "quiz answer"])
def test_a_check_in_or_a_quiz_answer_confirms_presence(clock: FixedCalendar, proof: str) -> None:
    phone = _phone(clock)
    phone.play(290)
    if proof == "check-in":
        phone.context = uuid4()
        phone.check_in()
    else:
        call(lambda: services.confirm_presence(person_ref=phone.person))
    phone.play(290)
    if phone.checks:  # a new random stretch of 5 to 15 minutes began at the proof
        pytest.fail("a check fell due although presence had just been proved")
    assert phone.counted() == 580


def test_opening_another_lesson_does_not_escape_a_missed_check(clock: FixedCalendar) -> None:
    phone = _phone(clock)
    phone.play(300)
    phone.play(50)
    clock.advance(20)
    opened = phone.open(lesson(90))
    assert opened.presence_check is not None
    phone.play(300)
    assert phone.counted() == 0


def test_thresholds_lie_between_five_and_fifteen_minutes(clock: FixedCalendar) -> None:
    due: list[int] = []
    for _ in range(12):
        phone = Phone(clock, answers_checks=False, batch=5)
        phone.chance.seed(len(due))
        phone.open(lesson(45))
        while not phone.checks:
            phone.play(50)
        due.append(phone.counted())
        phone.close()
    assert min(due) >= 300
    assert max(due) <= 900
    assert len(set(due)) > 4
