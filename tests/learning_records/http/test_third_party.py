"""Somebody outside tails the log over HTTP and computes everything again."""

from __future__ import annotations

from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from flask.testing import FlaskClient

from learning_records.evidence import log, services
from tests.learning_records.by_hand import by_hand
from tests.learning_records.http.monitor import Caught, Monitor
from tests.learning_records.sealed import seal_notes


def verify(public: bytes, signature: bytes, text: bytes) -> None:
    Ed25519PublicKey.from_public_bytes(public).verify(signature, text)


def a_monitor(door: FlaskClient) -> Monitor:
    """Its key comes from the log this once; in life it is compared with what was published elsewhere."""

    def fetch(address: str) -> bytes:
        answer: Any = door.get(f"/log/{address}")
        assert answer.status_code == 200, (address, answer.text)
        return bytes(answer.data)

    keys = door.get("/log/keys").get_json()
    return Monitor(fetch, keys["verifiers"][0], verify)


def test_a_log_that_grows_is_followed_and_every_record_proved(door: FlaskClient) -> None:
    monitor, sealed, size = a_monitor(door), [], 0
    for more in (1, 4, 250, 1, 1, 43, 213):
        sealed += seal_notes(more)
        log.sequence()
        size += more
        assert monitor.follow().size == size
    assert len(monitor.heads) == 7
    for record in sealed[::37]:
        entry = services.trace(record_public_id=record.public_id).entry
        assert sealed[monitor.check_proof(str(record.public_id), entry)] == record


def test_nothing_new_is_nothing_to_fetch_again(door: FlaskClient) -> None:
    monitor = a_monitor(door)
    seal_notes(3)
    log.sequence()
    assert monitor.follow() == monitor.follow()


@pytest.mark.parametrize(
    ("statement", "table"),
    [
        ("UPDATE evidence_entry SET entry = :changed WHERE log_index = 1", "evidence_entry"),
        ("UPDATE log_tile SET hashes = :changed", "log_tile"),
    ],
)
def test_a_log_changed_by_hand_is_caught_from_outside(door: FlaskClient, statement: str, table: str) -> None:
    monitor = a_monitor(door)
    seal_notes(3)
    log.sequence()
    monitor.follow()
    by_hand(statement, unguarding=(table,), changed=bytes(96))
    with pytest.raises(Caught):
        a_monitor(door).follow()
