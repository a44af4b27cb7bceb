"""The quiz: sealed always, its time counted once when passed, and never twice with a lesson."""

from __future__ import annotations

from collections.abc import Mapping
from uuid import UUID

import pytest
from flask import Flask

from backend.credit_bank import services as bank
from backend.credit_bank.rules import Balance
from backend.quizzes.services import AttemptOpened
from backend.study import services as study
from backend.study.services import QuizFinished
from config.clock import FixedCalendar
from config.database import transaction
from config.errors import Conflict, Invalid, NotAllowed
from learning_records.evidence import services as evidence
from tests.cast.plans import a_long_course, a_person
from tests.cast.study import a_schoolroom
from tests.study.phones import a_learner


def opened(worker_id: int, *, class_id: UUID | None = None, course_id: UUID | None = None) -> AttemptOpened:
    return transaction(lambda: study.open_quiz(worker_id=worker_id, class_id=class_id, course_id=course_id))


def answers(attempt: AttemptOpened, *, right: bool) -> Mapping[UUID, list[str]]:
    """The test pool's right options begin with 正确."""
    return {
        question.question_id: [option.key for option in question.options if option.text.startswith("正确") == right][
            : None if question.kind == "multiple" else 1
        ]
        for question in attempt.questions
    }


def finished(worker_id: int, attempt: AttemptOpened, *, right: bool) -> QuizFinished:
    given = answers(attempt, right=right)
    return transaction(lambda: study.finish_quiz(worker_id=worker_id, attempt_id=attempt.attempt_id, answers=given))


def test_a_passed_quiz_counts_its_time_once(app: Flask, clock: FixedCalendar) -> None:
    room = a_schoolroom()
    me = room.worker.worker_id
    a_learner(clock, me, room.class_id).sign_in_for_the_day()
    attempt = opened(me, class_id=room.class_id)
    assert (len(attempt.questions), attempt.time_limit_seconds, attempt.pass_mark) == (20, 1200, 60)
    clock.advance(400)
    done = finished(me, attempt, right=True)
    assert (done.result.passed, done.counted_seconds, done.claimable_seconds) == (True, 400, 400)
    clock.advance(60)
    assert finished(me, attempt, right=True) == done
    assert bank.balance(worker_id=me) == Balance(400, 0, 0, 400)
    assert bank.get_transfer(key=f"quiz:{attempt.attempt_id}:claimable").amount_seconds == 400
    with pytest.raises(Conflict, match="QUIZ_ALREADY_PASSED"):
        opened(me, class_id=room.class_id)
    assert study.progress(me, room.class_id).quiz_passed


def test_a_failed_quiz_counts_nothing_and_is_sealed(app: Flask, clock: FixedCalendar) -> None:
    room = a_schoolroom()
    me = room.worker.worker_id
    a_learner(clock, me, room.class_id).sign_in_for_the_day()
    for left in (2, 1, 0):
        attempt = opened(me, class_id=room.class_id)
        clock.advance(300)
        done = finished(me, attempt, right=False)
        assert (done.result.passed, done.counted_seconds, done.result.resits_left) == (False, 0, left)
        record = evidence.trace(record_public_id=done.record_id)
        assert (record.kind, record.intact, record.body["passed"]) == ("quiz", True, False)
        assert len(record.body["answers"]) == 20
    with pytest.raises(NotAllowed, match="QUIZ_NO_RESIT_LEFT"):
        opened(me, class_id=room.class_id)
    assert bank.balance(worker_id=me) == Balance(0, 0, 0, 0)


def test_an_expired_quiz_is_sealed_and_counts_nothing(app: Flask, clock: FixedCalendar) -> None:
    room = a_schoolroom()
    me = room.worker.worker_id
    attempt = opened(me, class_id=room.class_id)
    clock.advance(1201)
    done = finished(me, attempt, right=True)
    assert (done.result.status, done.result.passed, done.counted_seconds) == ("expired", False, 0)
    assert evidence.trace(record_public_id=done.record_id).body["status"] == "expired"


def test_quiz_time_without_check_in_or_filing_is_only_learned(app: Flask, clock: FixedCalendar) -> None:
    room = a_schoolroom()
    me = room.worker.worker_id
    attempt = opened(me, class_id=room.class_id)
    clock.advance(500)
    done = finished(me, attempt, right=True)
    assert (done.counted_seconds, done.claimable_seconds) == (500, 0)
    assert bank.balance(worker_id=me) == Balance(0, 0, 0, 500)


def test_a_quiz_during_a_lesson_counts_the_clock_once(app: Flask, clock: FixedCalendar) -> None:
    room = a_schoolroom()
    me = room.worker.worker_id
    phone = a_learner(clock, me, room.class_id)
    phone.sign_in_for_the_day()
    attempt = opened(me, class_id=room.class_id)
    phone.begin(room.lessons[0])
    phone.play(200)
    finished(me, attempt, right=True)
    phone.finish()
    assert bank.balance(worker_id=me) == Balance(200, 0, 0, 200)


def test_a_worker_alone_takes_the_quiz_of_a_course(app: Flask, clock: FixedCalendar) -> None:
    worker, course = a_person(9).worker_id, a_long_course()
    attempt = opened(worker, course_id=course.public_id)
    clock.advance(100)
    assert finished(worker, attempt, right=True).counted_seconds == 100
    assert bank.balance(worker_id=worker) == Balance(0, 0, 0, 100)
    with pytest.raises(Invalid, match="QUIZ_SUBJECT"):
        opened(worker)
    with pytest.raises(NotAllowed, match="NOT_IN_CLASS"):
        opened(worker, class_id=a_schoolroom().class_id)
