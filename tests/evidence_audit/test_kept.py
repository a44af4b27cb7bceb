"""What is archived is audited as before; what was destroyed with a certificate is no difference, anything less is."""

from __future__ import annotations

import pytest
from flask import Flask

from config import blobs
from config.clock import FixedCalendar
from config.settings import Settings
from learning_records.evidence import services as evidence
from tests.evidence_audit.asking import audit, change, first, value
from tests.learning_records.retention.keeping import archived, destroyed

SESSION_RECORD = "SELECT evidence_record_id FROM learning_session WHERE id = 1"


@pytest.fixture
def archive(app: Flask, clock: FixedCalendar) -> str:
    """The story's first month, archived; the SHA-256 of the file with what was learned, beside that with the decisions."""
    clock.set("2020-04-02T09:00:00+08:00")
    learned, _ = archived()
    return learned.sha256


def test_an_archived_month_agrees(app: Flask, archive: str) -> None:
    status, report = audit(app)
    assert (status, report["differences"]) == (0, [])
    assert report["archived"] == value("SELECT COUNT(*) FROM evidence_record WHERE sealed_at < '2020-03-31 16:00'") > 30
    assert value("SELECT COUNT(*) FROM beat") == 0


@pytest.mark.parametrize(
    ("table", "statement", "field"),
    [
        ("transfer", "UPDATE transfer SET amount_seconds = 2700 WHERE id = 1", "amount_seconds"),
        ("learning_session", "UPDATE learning_session SET learned_seconds = 1800 WHERE id = 1", "learned_seconds"),
        ("claim_line", "UPDATE claim_line SET seconds = seconds + 1 WHERE id = 1", "lines[0].seconds"),
    ],
)
def test_a_row_changed_after_its_record_was_archived_is_named(
    app: Flask, archive: str, table: str, statement: str, field: str
) -> None:
    change(table, statement)
    assert first(app)["field"] == field


def test_an_archive_changed_by_one_byte_is_named_with_the_record_in_it(
    app: Flask, archive: str, settings: Settings
) -> None:
    path = blobs.path_of(archive)
    raw = bytearray(path.read_bytes())
    raw[len(raw) // 2] ^= 1
    path.chmod(0o600)
    path.write_bytes(raw)
    _, report = audit(app)
    found = {difference["part"]: difference for difference in report["differences"]}
    assert found["records"]["row"].startswith("record ")
    assert f"its archive {archive} cannot give it back" in found["records"]["sentence"]
    assert found["archive"]["row"].startswith("archive ")


def test_what_was_destroyed_with_a_certificate_is_no_difference(app: Flask, clock: FixedCalendar) -> None:
    record = evidence.get_record(record_id=value(SESSION_RECORD))
    clock.set("2022-04-01T10:00:00+08:00")
    destroyed(record)
    status, report = audit(app)
    assert (status, report["differences"], report["erased"]) == (0, [], 1)


def test_a_body_erased_by_hand_is_named(app: Flask) -> None:
    record = value(SESSION_RECORD)
    change(
        "evidence_record",
        f"UPDATE evidence_record SET body = :nothing, salt = :zeros, destruction_id = 7 WHERE id = {record}",
        nothing=b"",
        zeros=bytes(32),
    )
    difference = first(app)
    assert (difference["part"], difference["field"], difference["found"]) == (
        "records",
        "destruction_id",
        "destruction 7",
    )
    assert difference["record_id"] == value(f"SELECT public_id FROM evidence_record WHERE id = {record}")


def test_a_body_erased_under_somebody_elses_certificate_is_named(app: Flask, clock: FixedCalendar) -> None:
    record = evidence.get_record(record_id=value(SESSION_RECORD))
    clock.set("2022-04-01T10:00:00+08:00")
    destroyed(record)
    other = value("SELECT evidence_record_id FROM learning_session WHERE id = 2")
    change(
        "evidence_record",
        f"UPDATE evidence_record SET body = :nothing, salt = :zeros, destruction_id = 1 WHERE id = {other}",
        nothing=b"",
        zeros=bytes(32),
    )
    assert "it lists other records than were erased" in first(app)["sentence"]
