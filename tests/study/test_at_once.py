"""A phone's close, a second close and the job at the same moment: one record, one deposit."""

from __future__ import annotations

from collections.abc import Callable

from flask import Flask

from backend.credit_bank import services as bank
from backend.credit_bank.rules import Balance
from backend.study import services as study
from config.clock import FixedCalendar
from tests.cast.at_once import at_once
from tests.cast.study import a_schoolroom
from tests.study.phones import a_learner


def test_closing_and_the_job_at_once_bank_a_session_once(app: Flask, clock: FixedCalendar) -> None:
    room = a_schoolroom()
    me = room.worker.worker_id
    phone = a_learner(clock, me, room.class_id)
    phone.sign_in_for_the_day()
    phone.begin(room.lessons[0])
    phone.play(300)
    clock.advance(901)
    works: list[Callable[[], object]] = [
        lambda: study.close_session(worker_id=me, session_id=phone.session_id),
        lambda: study.close_session(worker_id=me, session_id=phone.session_id),
        lambda: study.bank_closed_sessions(),
        lambda: study.bank_closed_sessions(worker_id=me),
    ]
    assert at_once(app, works) == []
    assert bank.balance(worker_id=me) == Balance(300, 0, 0, 300)
    assert bank.discrepancies() == []
