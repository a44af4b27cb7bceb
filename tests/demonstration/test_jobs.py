"""In the demonstration the calendar is stepped, the log goes on by real time: a proof is there two seconds after sealing."""

from __future__ import annotations

import threading
import time

from flask import Flask
from flask.testing import FlaskClient

from config.database import db
from demonstration import jobs
from learning_records.evidence import log
from tests.demonstration.test_control import demonstration, visitor
from tests.learning_records.sealed import seal_notes

__all__ = ["demonstration", "visitor"]


def test_a_step_leaves_the_log_to_its_own_time(demonstration: Flask, visitor: FlaskClient) -> None:
    seal_notes(1)
    for move in ({"stop": True}, {"advance_seconds": 3_600}):
        assert visitor.post("/demonstration/clock", json=move).status_code == 200
    assert visitor.get("/log/checkpoint").status_code == 404
    assert log.sequence() == 1
    assert visitor.get("/log/checkpoint").status_code == 200


def test_while_the_calendar_stands_the_log_goes_on(demonstration: Flask, visitor: FlaskClient) -> None:
    assert visitor.post("/demonstration/clock", json={"stop": True}).status_code == 200
    (record,) = seal_notes(1)
    scheduler = jobs.start(demonstration, stepped=True)
    try:
        give_up, pause = time.monotonic() + 20, threading.Event()
        while visitor.get(f"/log/proofs/{record.public_id}").status_code != 200 and time.monotonic() < give_up:
            pause.wait(0.2)
    finally:
        scheduler.shutdown()
    db.session.rollback()
    assert visitor.get(f"/log/proofs/{record.public_id}").text.startswith("c2sp.org/tlog-proof@v1\nindex 0\n")
