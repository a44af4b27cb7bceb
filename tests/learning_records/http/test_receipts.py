"""Following a receipt over HTTP, without a key: what a worker, or whoever the worker gave it to, can do."""

from __future__ import annotations

import base64
import json
from dataclasses import asdict
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from flask.testing import FlaskClient

from config.clock import FixedCalendar
from learning_records.evidence import log
from tests.learning_records.http.monitor import Monitor
from tests.learning_records.http.test_third_party import a_monitor
from tests.learning_records.phones import Phone, lesson
from tests.learning_records.sealed import seal_closed, seal_notes
from tests.miniprogram_api.conftest import assert_problem


@pytest.fixture
def phone(door: FlaskClient, clock: FixedCalendar) -> Phone:
    """A phone that has watched a minute."""
    phone = Phone(clock)
    phone.open(lesson(45))
    phone.play(60)
    return phone


def follow(door: FlaskClient, receipt: Any) -> dict[str, Any]:
    answer: Any = door.post("/log/receipts", json=receipt)
    assert answer.status_code == 200, answer.text
    assert answer.headers["Cache-Control"] == "no-store"
    said: dict[str, Any] = answer.json
    return said


def test_from_the_receipt_to_the_root_with_nothing_but_what_is_public(door: FlaskClient, phone: Phone) -> None:
    seal_notes(5)
    receipt = asdict(phone.answers[-1].receipt)
    assert follow(door, receipt)["outcome"] == "open"
    phone.close()
    seal_closed(phone)
    log.sequence()
    monitor = a_monitor(door)
    monitor.follow()
    said = follow(door, receipt)
    assert (said["outcome"], said["problems"], said["seq"]) == ("sealed", [], 6)
    assert said["sealed_by"] == "2020-03-02T06:15:00+00:00"
    assert monitor.check_proof(said["record_id"], said["entry"].encode()) == said["log_index"] == 5
    assert said["proof"] == door.get(f"/log/proofs/{said['record_id']}").text
    _check_statement(door, monitor, said)


def _check_statement(door: FlaskClient, monitor: Monitor, said: dict[str, Any]) -> None:
    """The statement is signed by a published key and says what the answer says, under a checkpoint of the log."""
    signed = said["statement"]
    keys = door.get("/log/keys").get_json()["receipt_keys"]
    key = Ed25519PublicKey.from_public_bytes(_raw(keys[signed["key_id"]]))
    key.verify(_raw(signed["signature"]), signed["payload"].encode())
    statement = json.loads(signed["payload"])
    assert statement["record"] == said["record_id"]
    assert statement["index"] == said["log_index"]
    assert monitor.head_of(statement["checkpoint"]) == monitor.heads[-1]


def _raw(text: str) -> bytes:
    return base64.b64decode(text)


def test_a_receipt_that_is_not_ours_is_refused(door: FlaskClient, phone: Phone) -> None:
    receipt = asdict(phone.answers[-1].receipt)
    for change in ({"payload": receipt["payload"].replace("60000", "61000")}, {"signature": "AAAA"}, {"key_id": "x"}):
        assert_problem(door.post("/log/receipts", json=receipt | change), 422, "RECEIPT_NOT_OURS")


def test_a_body_that_is_no_receipt_is_refused_before_anything_is_looked_up(door: FlaskClient) -> None:
    good = {"payload": "{}", "signature": "AAAA", "key_id": "x"}
    bodies: tuple[Any, ...] = (
        [],
        {},
        good | {"more": 1},
        good | {"payload": 1},
        good | {"payload": None},
        good | {"payload": "x" * 1_001},
        good | {"signature": "x" * 101},
        good | {"payload": "\x00"},
        {"receipt": good},
    )
    for body in bodies:
        assert_problem(door.post("/log/receipts", json=body), 422, "INVALID_BODY")
    assert_problem(door.post("/log/receipts", data=b"{", content_type="application/json"), 422, "INVALID_JSON")
    lone = b'{"payload": "\\ud800", "signature": "a", "key_id": "b"}'
    assert_problem(door.post("/log/receipts", data=lone, content_type="application/json"), 422, "INVALID_JSON")
    large = b'{"payload": "' + b" " * 9_000 + b'"}'
    assert_problem(door.post("/log/receipts", data=large, content_type="application/json"), 413, "BODY_TOO_LARGE")
    assert_problem(door.get("/log/receipts"), 405)
