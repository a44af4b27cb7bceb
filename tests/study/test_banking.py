"""From beats to the credit bank: what is claimable, what is learned, once and only once."""

from __future__ import annotations

from uuid import UUID, uuid4

import pytest
from flask import Flask

from backend.credit_bank import services as bank
from backend.credit_bank.rules import Balance
from backend.reviews import services as reviews
from backend.study import services as study
from config.clock import FixedCalendar
from config.database import transaction
from config.errors import DomainError, Invalid, NotAllowed, NotFound
from learning_records.evidence import services as evidence
from tests.cast.plans import a_long_course, a_person
from tests.cast.study import a_schoolroom
from tests.study.phones import a_learner


def balance(worker_id: int) -> Balance:
    assert bank.discrepancies() == []
    return bank.balance(worker_id=worker_id)


def test_time_under_a_check_in_in_a_filed_class_is_claimable_and_learned(app: Flask, clock: FixedCalendar) -> None:
    room = a_schoolroom()
    phone = a_learner(clock, room.worker.worker_id, room.class_id)
    phone.sign_in_for_the_day()
    closed = phone.watch(room.lessons[0], 1200)
    assert (closed.counted_seconds, closed.claimable_seconds, closed.learned_seconds) == (1200, 1200, 1200)
    assert closed.closed_reason == "FINISHED"
    assert balance(room.worker.worker_id) == Balance(1200, 0, 0, 1200)
    assert bank.claimable_in(worker_id=room.worker.worker_id, context_ref=room.class_id) == 1200
    record = evidence.trace(record_public_id=closed.record_id)
    assert record.intact
    assert record.body["counted_ms"] == 1_200_000
    assert record.body["rules"]["version"].startswith("wuxi-2020-10+")


def test_before_the_check_in_time_is_only_learned(app: Flask, clock: FixedCalendar) -> None:
    room = a_schoolroom()
    phone = a_learner(clock, room.worker.worker_id, room.class_id)
    assert phone.begin(room.lessons[0]).check_in_required
    phone.play(300)
    phone.sign_in_for_the_day()
    phone.play(400)
    closed = phone.finish()
    assert (closed.claimable_seconds, closed.learned_seconds) == (400, 700)
    assert balance(room.worker.worker_id) == Balance(400, 0, 0, 700)


def test_before_the_plan_is_approved_time_is_only_learned(app: Flask, clock: FixedCalendar) -> None:
    room = a_schoolroom(filed=False)
    phone = a_learner(clock, room.worker.worker_id, room.class_id)
    phone.sign_in_for_the_day()
    assert phone.watch(room.lessons[0], 300).claimable_seconds == 0
    phone.begin(room.lessons[0])
    phone.play(300)
    transaction(lambda: reviews.approve_plan(plan_id=room.plan.plan_id, staff=room.reviewer))
    phone.play(300)
    assert phone.finish().claimable_seconds == 0  # this session opened before the filing
    assert phone.watch(room.lessons[0], 300).claimable_seconds == 300
    assert balance(room.worker.worker_id) == Balance(300, 0, 0, 1200)


def test_a_worker_alone_learns_and_can_claim_nothing(app: Flask, clock: FixedCalendar) -> None:
    worker, course = a_person(9).worker_id, a_long_course()
    closed = a_learner(clock, worker).watch(course.lessons[0], 600)
    assert (closed.claimable_seconds, closed.learned_seconds) == (0, 600)
    assert balance(worker) == Balance(0, 0, 0, 600)


def test_closing_again_gives_the_same_answer_and_banks_nothing_more(app: Flask, clock: FixedCalendar) -> None:
    room = a_schoolroom()
    phone = a_learner(clock, room.worker.worker_id, room.class_id)
    phone.sign_in_for_the_day()
    closed = phone.watch(room.lessons[0], 600)
    clock.advance(3600)
    assert phone.finish() == closed
    assert transaction(lambda: study.bank_closed_sessions()) == 0
    assert balance(room.worker.worker_id) == Balance(600, 0, 0, 600)


def test_a_lost_phone_costs_nothing_that_was_acknowledged(app: Flask, clock: FixedCalendar) -> None:
    room = a_schoolroom()
    phone = a_learner(clock, room.worker.worker_id, room.class_id)
    phone.sign_in_for_the_day()
    phone.begin(room.lessons[0])
    phone.play(250)
    clock.advance(901)
    assert transaction(lambda: study.bank_closed_sessions(worker_id=room.worker.worker_id)) == 1
    assert balance(room.worker.worker_id) == Balance(250, 0, 0, 250)
    closed = phone.finish()
    assert (closed.closed_reason, closed.claimable_seconds) == ("IDLE", 250)


def test_opening_elsewhere_banks_what_the_older_session_counted(app: Flask, clock: FixedCalendar) -> None:
    room = a_schoolroom()
    first = a_learner(clock, room.worker.worker_id, room.class_id)
    first.sign_in_for_the_day()
    first.begin(room.lessons[0])
    first.play(200)
    a_learner(clock, room.worker.worker_id, room.class_id).begin(room.lessons[1])
    assert balance(room.worker.worker_id).claimable_seconds == 200
    assert first.finish().closed_reason == "REPLACED"


def test_a_complete_lesson_gets_its_missing_rest_as_a_named_allowance(app: Flask, clock: FixedCalendar) -> None:
    room = a_schoolroom()
    phone = a_learner(clock, room.worker.worker_id, room.class_id)
    phone.sign_in_for_the_day()
    lesson = room.lessons[0]  # 8,100 s; 98 % are 7,938 s
    closed = phone.watch(lesson, 8000)
    assert (closed.counted_seconds, closed.completed, closed.allowance_seconds) == (8000, True, 100)
    assert balance(room.worker.worker_id) == Balance(8100, 0, 0, 8100)
    allowance = bank.get_transfer(key=f"allowance:{closed.session_id}:claimable")
    assert (allowance.kind, allowance.amount_seconds) == ("allowance", 100)
    assert allowance.reason == "本课已学满98%，其余100秒按学完补足（四.2）。"
    again = phone.watch(lesson, 300)
    assert (again.counted_seconds, again.allowance_seconds) == (0, 0)
    assert balance(room.worker.worker_id) == Balance(8100, 0, 0, 8100)


def test_a_session_over_midnight_needs_a_check_in_on_both_days(app: Flask, clock: FixedCalendar) -> None:
    room = a_schoolroom()
    clock.set("2020-03-09T23:50:00+08:00")
    phone = a_learner(clock, room.worker.worker_id, room.class_id)
    phone.sign_in_for_the_day()
    phone.begin(room.lessons[0])
    phone.play(1200)
    closed = phone.finish()
    transaction(lambda: study.bank_closed_sessions())
    assert closed.counted_seconds == 600  # the part after midnight
    assert balance(room.worker.worker_id) == Balance(600, 0, 0, 1200)


def test_only_what_the_class_studies_can_be_studied_for_it(app: Flask, clock: FixedCalendar) -> None:
    room, other = a_schoolroom(), a_long_course(lessons=1)
    outsider = a_person(7, "李小红")

    def refused(
        code: str,
        worker_id: int,
        kind: type[DomainError],
        *,
        lesson_id: UUID = room.lessons[0].public_id,
        class_id: UUID = room.class_id,
        device: str = "phone",
    ) -> None:
        with pytest.raises(kind) as caught:
            transaction(
                lambda: study.open_session(worker_id=worker_id, lesson_id=lesson_id, class_id=class_id, device=device)
            )
        assert caught.value.code == code

    mine = room.worker.worker_id
    refused("NOT_IN_CLASS", outsider.worker_id, NotAllowed)
    refused("CLASS_NOT_FOUND", mine, NotFound, class_id=uuid4())
    refused("LESSON_NOT_IN_CLASS", mine, NotAllowed, lesson_id=other.lessons[0].public_id)
    refused("LESSON_NOT_FOUND", mine, NotFound, lesson_id=uuid4())
    refused("DEVICE_INVALID", mine, Invalid, device="")
    with pytest.raises(NotAllowed, match="NOT_IN_CLASS"):
        transaction(lambda: study.check_in(worker_id=outsider.worker_id, class_id=room.class_id, device="phone"))
    with pytest.raises(Invalid, match="CHECK_IN_METHOD_UNKNOWN"):
        transaction(lambda: study.check_in(worker_id=mine, class_id=room.class_id, device="phone", method="face"))


def test_another_workers_session_is_not_found(app: Flask, clock: FixedCalendar) -> None:
    room, outsider = a_schoolroom(), a_person(9).worker_id
    phone = a_learner(clock, room.worker.worker_id, room.class_id)
    phone.begin(room.lessons[0])
    with pytest.raises(NotFound, match="SESSION_NOT_FOUND"):
        transaction(lambda: study.close_session(worker_id=outsider, session_id=phone.session_id))


def test_progress_says_how_many_minutes_are_missing(app: Flask, clock: FixedCalendar) -> None:
    room = a_schoolroom()
    phone = a_learner(clock, room.worker.worker_id, room.class_id)
    before = study.progress(room.worker.worker_id, room.class_id)
    assert (before.checked_in_today, before.class_hours, before.minutes_missing) == (False, 0, 1080)
    phone.sign_in_for_the_day()
    phone.watch(room.lessons[0], 2750)
    found = study.progress(room.worker.worker_id, room.class_id)
    assert (found.filed, found.checked_in_today, found.quiz_passed) == (True, True, False)
    assert (found.claimable_seconds, found.class_hours, found.minutes_missing) == (2750, 1, 1035)
    transaction(
        lambda: bank.hold(worker_id=room.worker.worker_id, amount_seconds=2700, context_ref=room.class_id, key="h:1")
    )
    held = study.progress(room.worker.worker_id, room.class_id)
    assert (held.claimable_seconds, held.class_hours, held.minutes_missing) == (50, 1, 1035)
    assert [(item.counted_seconds, item.completed) for item in found.lessons] == [(2750, False)] + [(0, False)] * 7
    assert found.lessons[0].resume_at_ms == 2_750_000
    both = [room.worker.worker_id, a_person(9).worker_id]
    assert study.checked_in(worker_ids=both, class_id=room.class_id) == {room.worker.worker_id}
