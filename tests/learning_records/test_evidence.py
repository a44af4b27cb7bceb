"""Evidence: canonical bodies, commitments and leaves, tables that only grow, and the way back from a second to its beats."""

from __future__ import annotations

import hashlib
import json
from typing import Any
from uuid import uuid4

import pytest
import rfc8785
import sqlalchemy as sa
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy.exc import DatabaseError

from config.clock import FixedCalendar
from config.crypto import canonical_json
from config.database import db
from config.errors import Conflict, NotFound
from learning_records.evidence import services as evidence
from learning_records.evidence.rules import problems_of
from learning_records.sessions import services
from learning_records.sessions.services import ClosedSession
from tests.learning_records.phones import Phone, call, lesson
from tests.learning_records.verify.bundled import codes, recounted, recounted_ms

JSON_VALUES = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**53) + 1, 2**53 - 1)
    | st.text(st.characters(exclude_categories=["Cs"])),
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(st.text(st.characters(min_codepoint=32, max_codepoint=126), max_size=6), inner, max_size=4)
    ),
    max_leaves=12,
)


@given(JSON_VALUES)
def test_canonical_json_is_rfc_8785(value: Any) -> None:
    assert canonical_json(value) == rfc8785.dumps(value)


@pytest.mark.parametrize("value", [1.5, {1: 2}, {"a": 2**53}, {"名": 1}, {"a": "\ud800"}, b"x"])
def test_what_has_no_canonical_form_is_refused(value: object) -> None:
    with pytest.raises((TypeError, ValueError)):
        canonical_json(value)


def _sealed(phone: Phone) -> tuple[ClosedSession, evidence.RecordView]:
    def seal() -> tuple[ClosedSession, evidence.SealedRecord]:
        closed = services.closed_unsealed(person_ref=phone.person)[0]
        record = evidence.seal(kind=services.EVIDENCE_KIND, body=closed.facts)
        services.mark_sealed(session_id=closed.session_id, evidence_record_id=record.record_id)
        return closed, record

    closed, record = call(seal)
    return closed, evidence.trace(record_public_id=record.public_id)


def _studied(clock: FixedCalendar) -> Phone:
    phone = Phone(clock, context=uuid4())
    phone.check_in()
    phone.open(lesson(45))
    phone.play(60)
    phone.position_ms = 2_000_000
    phone.play(20)
    phone.close()
    return phone


def test_a_closed_session_is_sealed_with_everything_needed_to_recompute_it(app: object, clock: FixedCalendar) -> None:
    phone = _studied(clock)
    closed, record = _sealed(phone)
    assert record.intact
    assert record.body["kind"] == "session"
    assert record.body["suite"] == "sha256-1"
    assert record.body["person"] == str(phone.person)
    assert record.body["lesson"] == phone.facts.to_dict()
    assert record.body["check_in"]["method"] == "tap"
    assert [beat[5] for beat in record.body["beats"]][6:] == ["AHEAD_OF_TIME", ""]
    assert services.problems_of_session_record(record.body) == []
    assert record.body["learned_seconds"] == closed.learned_seconds == 70
    assert services.closed_unsealed(person_ref=phone.person) == []
    assert evidence.get_record(record_id=record.record_id) == record


def test_the_entry_is_a_salted_commitment_and_its_leaf_that_of_rfc_6962(app: object, clock: FixedCalendar) -> None:
    _, record = _sealed(_studied(clock))
    commitment = hashlib.sha256(record.salt + rfc8785.dumps(record.body)).hexdigest()
    assert json.loads(record.entry) == {"suite": "sha256-1", "kind": "session", "commitment": commitment}
    assert record.entry == rfc8785.dumps(json.loads(record.entry))
    assert record.leaf_hash == hashlib.sha256(b"\x00" + record.entry).hexdigest()
    assert len(record.entry) < 200


def test_two_seals_of_the_same_body_cannot_be_told_to_be_the_same(app: object) -> None:
    first, second = (call(lambda: evidence.seal(kind="test", body={"a": 1})) for _ in range(2))
    assert first.leaf_hash != second.leaf_hash


@pytest.mark.parametrize("part", ["salt", "body", "entry", "stored_leaf", "kind", "suite"])
def test_any_change_shows(app: object, clock: FixedCalendar, part: str) -> None:
    _, record = _sealed(_studied(clock))
    parts: dict[str, bytes | str] = {
        "suite": record.suite,
        "kind": record.kind,
        "salt": record.salt,
        "body": record.canonical_body,
        "entry": record.entry,
        "stored_leaf": record.leaf_hash,
    }
    assert problems_of(**parts) == []  # type: ignore[arg-type]
    value = parts[part]
    parts[part] = value.replace(b"1", b"2") + b" " if isinstance(value, bytes) else value + "x"
    assert problems_of(**parts) != []  # type: ignore[arg-type]


def test_a_changed_session_body_is_found_out(app: object, clock: FixedCalendar) -> None:
    _, record = _sealed(_studied(clock))
    moved_beat = json.loads(record.canonical_body)
    moved_beat["beats"][3][1] += 1
    assert "the chain of beats is broken" in services.problems_of_session_record(moved_beat)
    more = json.loads(record.canonical_body)
    more["pieces"][0][1] += 60_000
    more["pieces"][0][3] += 60_000
    more["counted_ms"] += 60_000
    assert "a piece is not backed by beats" in services.problems_of_session_record(more)
    other = json.loads(record.canonical_body)
    other["person"] = str(uuid4())
    assert "the chain does not start from this session" in services.problems_of_session_record(other)


def _missed_and_voided(clock: FixedCalendar) -> Phone:
    """Two missed checks, an outage, a jump, a step back and a quiz answer between: everything that voids or confirms."""
    phone = Phone(clock, context=uuid4(), answers_checks=False, batch=5, obeys=False)
    phone.open(lesson(90))
    for _ in range(2):
        phone.play(50)
        while phone.answers[-1].presence_check is None:
            phone.play(50)
        phone.play(100)
        phone.answer(phone.checks[-1].check_id)
        phone.position_ms = phone.answers[-1].counted_seconds * 1000
    phone.play(200)
    call(lambda: services.confirm_presence(person_ref=phone.person, chance=phone.chance))
    phone.play(200, offline=True)
    phone.answer(phone.send().presence_check.check_id)  # type: ignore[union-attr]
    phone.position_ms += 900_000
    phone.play(50)
    phone.position_ms = 0
    phone.play(100)
    phone.close()
    return phone


def test_a_sealed_session_can_be_counted_again_from_itself_alone(app: object, clock: FixedCalendar) -> None:
    closed, record = _sealed(_missed_and_voided(clock))
    outcomes = {check[2] for check in record.body["checks"]}
    assert {"MISSED", "MISSED_AGAIN", "ANSWERED_LATE", "CONFIRMED"} <= outcomes
    assert codes(recounted(record.body)) == []
    assert recounted_ms(record.body) == closed.counted_ms > 0


@pytest.mark.parametrize(
    ("change", "code"),
    [("all at once", "BEAT_COUNT"), ("miss hidden", "CHECK_MISS_HIDDEN"), ("covered before", "PIECES_DIFFER")],
)
def test_a_forged_record_does_not_count_to_what_it_says(
    app: object, clock: FixedCalendar, change: str, code: str
) -> None:
    _, record = _sealed(_missed_and_voided(clock))
    body = json.loads(record.canonical_body)
    if change == "all at once":
        for beat in body["beats"]:
            beat[2] = body["beats"][0][2]
    elif change == "miss hidden":
        body["checks"] = [check for check in body["checks"] if check[2] != "MISSED_AGAIN"]
    else:
        body["before"]["covered"] = [[0, 60_000]]
    assert code in codes(recounted(body))


def test_a_credited_second_leads_back_to_its_beats(app: object, clock: FixedCalendar) -> None:
    closed, record = _sealed(_studied(clock))
    piece = closed.counted[0]
    beats = services.beats_behind(record.body, piece.started_ms + 25_000)
    assert [(beat[0], beat[1]) for beat in beats] == [(3, 30_000)]
    assert services.beats_behind(record.body, piece.ended_ms) == []
    seconds = [services.beats_behind(record.body, piece.started_ms + offset * 1000) for offset in range(60)]
    assert all(len(found) == 1 for found in seconds)


def test_a_session_is_sealed_once(app: object, clock: FixedCalendar) -> None:
    phone = _studied(clock)
    _, record = _sealed(phone)
    with pytest.raises(Conflict, match="SESSION_ALREADY_SEALED"):
        call(lambda: services.mark_sealed(session_id=phone.session_id, evidence_record_id=record.record_id))
    with pytest.raises(NotFound, match="EVIDENCE_NOT_FOUND"):
        evidence.trace(record_public_id=uuid4())


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE evidence_record SET kind = 'other'",
        "DELETE FROM evidence_record",
        "UPDATE evidence_entry SET leaf_hash = leaf_hash",
        "DELETE FROM evidence_entry",
        "UPDATE beat SET counted_ms = counted_ms + 1",
        "DELETE FROM beat",
        "UPDATE counted_interval SET ended_ms = ended_ms + 1",
        "DELETE FROM counted_interval",
        "UPDATE check_in SET method = 'qr'",
        "DELETE FROM check_in",
        "UPDATE session_appeal SET reason = 'other'",
        "DELETE FROM session_appeal",
    ],
)
def test_what_was_recorded_cannot_be_changed_even_with_sql(app: object, clock: FixedCalendar, statement: str) -> None:
    phone = _studied(clock)
    _sealed(phone)
    call(lambda: services.file_appeal(person_ref=phone.person, session_id=phone.session_id, reason="网络不好"))
    with pytest.raises(DatabaseError, match="append-only"):
        call(lambda: db.session.execute(sa.text(statement)))
    db.session.rollback()


def test_the_log_takes_no_entry_above_its_limit(app: object, clock: FixedCalendar) -> None:
    with pytest.raises(ValueError, match="65535"):
        call(lambda: evidence.seal(kind="x" * 70_000, body={}))
