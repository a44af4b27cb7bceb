"""A job goes on: one session that cannot be closed or banked is left, the others are done."""

from __future__ import annotations

from uuid import uuid4

from flask import Flask
from sqlalchemy import insert

from backend.credit_bank import services as bank
from backend.study import services as study
from config.clock import FixedCalendar, epoch_ms
from config.database import db, transaction
from learning_records.sessions.models import CountedInterval
from tests.cast.plans import a_long_course, a_person
from tests.learning_records.phones import Phone, lesson
from tests.study.phones import a_learner


def test_a_session_that_cannot_be_closed_holds_up_nobody_else(app: Flask, clock: FixedCalendar) -> None:
    course = a_long_course()
    blocked, other = a_learner(clock, a_person(1).worker_id), a_learner(clock, a_person(2).worker_id)
    blocked.begin(course.lessons[0])
    other.begin(course.lessons[0])
    for phone in (blocked, other):
        clock.advance(10)
        phone.position_ms += 10_000
        phone.mark()
        phone.send()
    taken = {"person_ref": blocked.person, "kind": "import", "source_ref": uuid4()}
    span = {"started_ms": epoch_ms(clock()) - 15_000, "ended_ms": epoch_ms(clock()) - 12_000}
    transaction(lambda: db.session.execute(insert(CountedInterval).values(**taken, **span)))
    clock.advance(901)
    assert transaction(lambda: study.bank_closed_sessions()) == 1
    assert bank.balance(worker_id=other.worker_id).learned_seconds == 10
    assert bank.balance(worker_id=blocked.worker_id).learned_seconds == 0


def test_a_session_that_cannot_be_banked_holds_up_nobody_else(app: Flask, clock: FixedCalendar) -> None:
    phone, stranger = a_learner(clock, a_person(1).worker_id), Phone(clock)  # no worker has the stranger's name
    stranger.open(lesson(45))
    phone.begin(a_long_course().lessons[0])
    for each in (stranger, phone):
        clock.advance(10)
        each.position_ms += 10_000
        each.mark()
        each.send()
    clock.advance(901)
    assert transaction(lambda: study.bank_closed_sessions()) == 1
    assert bank.balance(worker_id=phone.worker_id).learned_seconds == 10
