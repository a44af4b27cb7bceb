"""申诉: within 24 hours by one tap, answered in three working days, upheld by a deposit that cites the decision."""

from __future__ import annotations

from datetime import date
from uuid import UUID, uuid4

import pytest
from flask import Flask

from backend.credit_bank import services as bank
from backend.credit_bank.rules import Balance
from backend.study import services as study
from backend.study.services import AppealCaseView
from config.clock import FixedCalendar
from config.database import transaction
from config.errors import Conflict, Invalid, NotAllowed, NotFound
from learning_records.evidence import services as evidence
from tests.cast.study import Schoolroom, a_schoolroom
from tests.learning_records.verify.bundled import recounted_ms
from tests.study.phones import Learner, a_learner


def one_that_missed_a_check(clock: FixedCalendar) -> tuple[Schoolroom, Learner]:
    """A worker who watched 30 minutes and answered no presence check; the session is closed."""
    room = a_schoolroom()
    phone = a_learner(clock, room.worker.worker_id, room.class_id)
    phone.answers_checks = False
    phone.sign_in_for_the_day()
    phone.watch(room.lessons[0], 1800)
    return room, phone


def appealed(room: Schoolroom, session_id: UUID) -> AppealCaseView:
    return transaction(
        lambda: study.appeal(worker_id=room.worker.worker_id, session_id=session_id, reason="当时在看，手机卡住了")
    )


def decided(case: AppealCaseView, upheld: bool, room: Schoolroom) -> AppealCaseView:
    return transaction(
        lambda: study.decide_appeal(
            appeal_id=case.appeal.appeal_id,
            upheld=upheld,
            reason="核对设备日志，情况属实" if upheld else "未见异常，维持原结果",
            staff_public_id=room.reviewer.public_id,
        )
    )


def test_an_upheld_appeal_is_a_deposit_that_cites_the_decision(app: Flask, clock: FixedCalendar) -> None:
    room, phone = one_that_missed_a_check(clock)
    me = room.worker.worker_id
    before = bank.balance(worker_id=me)
    case = appealed(room, phone.session_id)
    assert case.answer_due_on == date(2020, 3, 5)  # filed Monday 2 March
    assert [waiting.appeal.appeal_id for waiting in study.open_appeals()] == [case.appeal.appeal_id]
    answer = decided(case, True, room)
    granted = answer.granted_seconds
    assert answer.outcome == "upheld"
    assert 0 < granted <= case.appeal.uncounted_seconds
    assert before.learned_seconds + granted <= 1800
    after = bank.balance(worker_id=me)
    assert after == Balance(before.claimable_seconds + granted, 0, 0, before.learned_seconds + granted)
    deposit = bank.get_transfer(key=f"appeal:{case.appeal.appeal_id}:claimable")
    assert (deposit.kind, deposit.reason) == ("appeal", "申诉成立：核对设备日志，情况属实")
    assert deposit.evidence_record_id is not None
    record = evidence.get_record(record_id=deposit.evidence_record_id)
    assert (record.kind, record.body["upheld"]) == ("appeal", True)
    assert record.body["decided_by"] == str(room.reviewer.public_id)
    assert study.open_appeals() == []
    assert study.appeals_of(worker_id=me) == [answer]
    assert bank.discrepancies() == []


def test_a_refused_appeal_is_sealed_and_banks_nothing(app: Flask, clock: FixedCalendar) -> None:
    room, phone = one_that_missed_a_check(clock)
    before = bank.balance(worker_id=room.worker.worker_id)
    answer = decided(appealed(room, phone.session_id), False, room)
    assert (answer.outcome, answer.granted_seconds, answer.reason) == ("refused", 0, "未见异常，维持原结果")
    assert bank.balance(worker_id=room.worker.worker_id) == before


def test_an_appeal_is_answered_once(app: Flask, clock: FixedCalendar) -> None:
    room, phone = one_that_missed_a_check(clock)
    case = appealed(room, phone.session_id)
    decided(case, True, room)
    balance = bank.balance(worker_id=room.worker.worker_id)
    with pytest.raises(Conflict, match="APPEAL_ALREADY_DECIDED"):
        decided(case, True, room)
    with pytest.raises(Conflict, match="APPEAL_ALREADY_FILED"):
        appealed(room, phone.session_id)
    assert bank.balance(worker_id=room.worker.worker_id) == balance


def test_time_watched_again_is_not_given_back_too(app: Flask, clock: FixedCalendar) -> None:
    room, phone = one_that_missed_a_check(clock)
    case = appealed(room, phone.session_id)
    phone.answers_checks = True
    phone.begin(room.lessons[0])
    phone.play(8100)
    phone.finish()
    full = bank.balance(worker_id=room.worker.worker_id)
    assert full.learned_seconds == 8100
    assert decided(case, True, room).granted_seconds == 0
    assert bank.balance(worker_id=room.worker.worker_id) == full


def test_what_an_appeal_gave_back_is_not_earned_again(app: Flask, clock: FixedCalendar) -> None:
    room, phone = one_that_missed_a_check(clock)
    counted = bank.balance(worker_id=room.worker.worker_id).learned_seconds
    granted = decided(appealed(room, phone.session_id), True, room).granted_seconds
    phone.answers_checks = True
    assert phone.begin(room.lessons[0]).resume_at_ms == (counted + granted) * 1000
    phone.position_ms = 0
    phone.play(8100)
    closed = phone.finish()
    assert closed.counted_seconds == 8100 - counted - granted
    assert closed.completed
    assert bank.balance(worker_id=room.worker.worker_id) == Balance(8100, 0, 0, 8100)
    assert bank.discrepancies() == []


def test_an_appeal_upheld_while_the_lesson_is_watched_again_pays_once(app: Flask, clock: FixedCalendar) -> None:
    room, phone = one_that_missed_a_check(clock)
    case = appealed(room, phone.session_id)
    phone.answers_checks = True
    phone.begin(room.lessons[0])
    phone.play(600)
    decided(case, True, room)
    phone.position_ms = 0
    phone.play(8100)
    record = evidence.trace(record_public_id=phone.finish().record_id)
    assert record.body["given"]
    assert recounted_ms(record.body) == record.body["counted_ms"]
    phone.watch(room.lessons[0], 8100)
    assert bank.balance(worker_id=room.worker.worker_id) == Balance(8100, 0, 0, 8100)


def test_an_appeal_that_brings_a_lesson_to_its_end_completes_it(app: Flask, clock: FixedCalendar) -> None:
    room, phone = one_that_missed_a_check(clock)
    me = room.worker.worker_id
    case = appealed(room, phone.session_id)
    missed = bank.balance(worker_id=me).learned_seconds
    phone.answers_checks = True
    phone.begin(room.lessons[0])
    phone.play(8100 - missed - case.appeal.uncounted_seconds - 100)
    assert not phone.finish().completed
    assert decided(case, True, room).granted_seconds == case.appeal.uncounted_seconds
    assert bank.balance(worker_id=me) == Balance(8100, 0, 0, 8100)
    assert bank.get_transfer(key=f"allowance:{case.appeal.appeal_id}:claimable").amount_seconds == 100
    assert phone.watch(room.lessons[0], 8100).learned_seconds == 0


def test_an_appeal_comes_within_24_hours_about_time_that_did_not_count(app: Flask, clock: FixedCalendar) -> None:
    room, phone = one_that_missed_a_check(clock)
    clock.advance(24 * 3600 + 1800)
    with pytest.raises(NotAllowed, match="APPEAL_TOO_LATE"):
        appealed(room, phone.session_id)
    phone.answers_checks = True
    phone.sign_in_for_the_day()
    phone.begin(room.lessons[1])
    phone.play(100)
    with pytest.raises(Invalid, match="NOTHING_TO_APPEAL"):
        appealed(room, phone.session_id)
    with pytest.raises(NotFound, match="SESSION_NOT_FOUND"):
        appealed(room, uuid4())


def test_a_decision_needs_a_reason_and_an_appeal(app: Flask, clock: FixedCalendar) -> None:
    room, phone = one_that_missed_a_check(clock)
    case = appealed(room, phone.session_id)
    with pytest.raises(Invalid, match="REASON_REQUIRED"):
        transaction(
            lambda: study.decide_appeal(
                appeal_id=case.appeal.appeal_id, upheld=True, reason=" ", staff_public_id=room.reviewer.public_id
            )
        )
    with pytest.raises(NotFound, match="APPEAL_NOT_FOUND"):
        transaction(
            lambda: study.decide_appeal(
                appeal_id=uuid4(), upheld=True, reason="情况属实", staff_public_id=room.reviewer.public_id
            )
        )
