"""What the database itself refuses: to erase early or under a hold, to move a body without a file, to change anything else."""

from __future__ import annotations

import threading
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
import sqlalchemy as sa
from flask import Flask
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy.exc import DatabaseError

from config import clock as house_clock
from config.clock import FixedCalendar
from config.database import db, is_sqlite, transaction
from config.errors import Conflict
from learning_records.evidence import holds, log, retention
from learning_records.evidence import services as evidence
from learning_records.evidence.keeping_rules import MONTHS_KEPT, last_day_over, months_later, over
from learning_records.evidence.models import EvidenceRecord
from learning_records.evidence.retention_models import Destruction, EvidenceArchive, LegalHold
from learning_records.retention_sql import past_two_years
from learning_records.sessions.models import Beat, CheckIn
from tests.learning_records.retention.keeping import archived, destroyed, notes, sealed, studied

ZEROS = bytes(32)
PERSON, CONTEXT = uuid4(), uuid4()
INSTANTS = st.integers(0, 163_296_000).map(
    lambda seconds: datetime(2019, 1, 1, tzinfo=UTC) + timedelta(seconds=seconds)
)
STAYS = "append-only|no kept archive"  # SQLite fires its triggers in no order


def _run(statement: Any) -> None:
    transaction(lambda: db.session.execute(statement.execution_options(synchronize_session=False)))


def refused(statement: Any, why: str) -> None:
    with pytest.raises(DatabaseError, match=why):
        _run(statement)


def _destruction(**changes: Any) -> int:
    """The row of a destruction with its sealed record, by hand."""

    def work() -> int:
        record = evidence.seal(kind="destruction", body={})
        at = evidence.get_record(record_id=record.record_id).sealed_at
        values = {"clause": "四.2", "reason": "到期", "proposed_by": "a", "approved_by": "b", "record_count": 1}
        row = Destruction(**{**values, "destroyed_at": at, "evidence_record_id": record.record_id, **changes})
        db.session.add(row)
        db.session.flush()
        return row.id

    return transaction(work)


def _record(record: evidence.RecordView, **values: Any) -> Any:
    return sa.update(EvidenceRecord).where(EvidenceRecord.id == record.record_id).values(**values)


def _erase(record: evidence.RecordView, destruction_id: int, **changes: Any) -> Any:
    return _record(record, **{"body": b"", "salt": ZEROS, "destruction_id": destruction_id, **changes})


@given(INSTANTS, st.integers(-40, 40))
def test_the_database_counts_two_years_as_python_does(app: Flask, since: datetime, seconds: int) -> None:
    last_day = months_later(house_clock.local_date(since), MONTHS_KEPT)
    due = house_clock.start_of_day(last_day + timedelta(days=1))
    expression = past_two_years(db.engine.dialect.name, since=":since", at=":at")
    if not is_sqlite():
        expression = expression.replace(":since", "CAST(:since AS timestamptz)").replace(
            ":at", "CAST(:at AS timestamptz)"
        )
    for at in (due + timedelta(seconds=seconds), due, due - timedelta(seconds=1)):
        shown = {name: f"{value:%Y-%m-%d %H:%M:%S}.000000" for name, value in (("since", since), ("at", at))}
        said = db.session.scalar(sa.text(f"SELECT {expression}"), shown)
        assert bool(said) == (at >= due) == over(house_clock.local_date(since), 24, today=house_clock.local_date(at))
    db.session.rollback()
    today = house_clock.local_date(since)
    assert over(last_day_over(24, today=today), 24, today=today)
    assert not over(last_day_over(24, today=today) + timedelta(days=1), 24, today=today)


@pytest.mark.parametrize(
    ("sealed_at", "last_day"),
    [
        ("2020-03-02T09:00:00+08:00", "2022-03-02T23:59:59+08:00"),
        ("2020-02-29T00:00:00+08:00", "2022-02-28T23:59:59+08:00"),
        ("2020-02-29T04:00:00+08:00", "2022-02-28T23:59:59+08:00"),  # in UTC still the 28th
        ("2020-12-31T23:59:59+08:00", "2022-12-31T23:59:59+08:00"),
    ],
)
def test_a_record_is_erased_after_its_last_day_and_not_a_second_before(
    app: Flask, clock: FixedCalendar, sealed_at: str, last_day: str
) -> None:
    clock.set(sealed_at)
    record = notes(1)[0]
    clock.set(last_day)
    refused(_erase(record, _destruction()), "two years")
    clock.advance(1)
    _run(_erase(record, _destruction()))
    refused(_record(record, body=record.canonical_body, salt=record.salt, destruction_id=None), "append-only")


def test_only_with_a_destruction_and_nothing_else_changes(app: Flask, clock: FixedCalendar) -> None:
    record, other = notes(2, person=PERSON, context=CONTEXT)
    early = _destruction()
    clock.set("2022-04-01T00:00:00+08:00")
    late = _destruction()
    refused(_erase(record, early), "two years")
    refused(_erase(record, 10_000), "two years")
    for wrong in (
        {"body": b""},
        {"body": b"", "salt": ZEROS},
        {"destruction_id": late},
        {"salt": ZEROS, "destruction_id": late},
        {"body": b"", "destruction_id": late},
        {"body": b"{}", "salt": ZEROS, "destruction_id": late},
        {"body": b"", "salt": ZEROS, "destruction_id": late, "archive_id": 1},
        {"subject": "another"},
    ):
        refused(_record(record, **wrong), STAYS)
    for column, value in (
        ("public_id", uuid4()),
        ("suite", "x"),
        ("kind", "x"),
        ("sealed_at", datetime(2019, 1, 1, tzinfo=UTC)),
        ("subject", "x"),
        ("person_ref", None),
        ("context_ref", uuid4()),
        ("archive_id", 1),
    ):
        refused(_erase(record, late, **{column: value}), STAYS)
    refused(sa.delete(EvidenceRecord), "append-only")
    for made in ("archive", "destruction", "legal_hold"):
        refused(_erase(notes(1, kind=made)[0], late), "for good|two years")
    _run(_erase(record, late))
    refused(_erase(record, late), "append-only")
    assert evidence.get_record(record_id=other.record_id).canonical_body == other.canonical_body


@pytest.mark.parametrize("scope", [{"person_ref": PERSON}, {"context_ref": CONTEXT}, {}])
def test_not_under_a_hold_of_person_context_or_all(app: Flask, clock: FixedCalendar, scope: dict[str, UUID]) -> None:
    record = notes(1, person=PERSON, context=CONTEXT)[0]
    free = notes(1, person=uuid4(), context=uuid4())[0]
    clock.set("2022-04-01T00:00:00+08:00")
    hold = transaction(lambda: holds.place_hold(reason="审计需要", placed_by="staff:1", **scope))
    late = _destruction()
    refused(_erase(record, late), "legal hold")
    if scope:
        _run(_erase(free, late))
    transaction(lambda: holds.lift_hold(hold_id=hold.hold_id, reason="审计结束", lifted_by="staff:2"))
    _run(_erase(record, late))


def test_a_hold_is_only_lifted_once_and_whole(app: Flask, clock: FixedCalendar) -> None:
    hold = transaction(lambda: holds.place_hold(reason="审计需要", placed_by="staff:1"))
    placed = db.session.scalar(sa.select(LegalHold.evidence_record_id))
    other = notes(1)[0].record_id
    at = house_clock.now()
    lifting = {"lifted_at": at, "lifted_by": "staff:2", "lift_reason": "完", "lifted_record_id": placed}
    refused(sa.update(LegalHold).values(reason="别的"), "never changed")
    refused(sa.update(LegalHold).values(lifted_at=at), "never changed|lifted")
    refused(sa.update(LegalHold).values(**{**lifting, "lifted_record_id": other}), "never changed")
    refused(sa.update(LegalHold).values(**{**lifting, "placed_by": "x"}), "never changed")
    refused(sa.delete(LegalHold), "never changed")
    transaction(lambda: holds.lift_hold(hold_id=hold.hold_id, reason="审计结束", lifted_by="staff:2"))
    refused(sa.update(LegalHold).values(lifted_at=None), "never changed|lifted")
    refused(sa.update(LegalHold).values(lift_reason="别的"), "never changed")
    unsealed = {"public_id": uuid4(), "scope": "all", "reason": "x", "placed_by": "x", "placed_at": at}
    refused(sa.insert(LegalHold).values(**unsealed, evidence_record_id=other), "never changed")


def test_a_destruction_enters_with_its_certificate_at_its_own_time(app: Flask, clock: FixedCalendar) -> None:
    _destruction()
    for wrong, why in (
        ({"destroyed_at": house_clock.now() + timedelta(days=900)}, "certificate"),
        ({"evidence_record_id": notes(1)[0].record_id}, "certificate"),
        ({"approved_by": "a"}, "two_persons"),
        ({"reason": ""}, "reason"),
    ):
        with pytest.raises(DatabaseError, match=why):
            _destruction(**wrong)
    refused(sa.update(Destruction).values(reason="别的"), "stays as it is")
    refused(sa.delete(Destruction), "stays as it is")
    _run(sa.update(Destruction).values(files_removed_at=house_clock.now()))
    refused(sa.update(Destruction).values(files_removed_at=None), "stays as it is")


def test_a_body_leaves_only_for_a_kept_archive_under_a_signed_checkpoint(app: Flask, clock: FixedCalendar) -> None:
    records = notes(2)
    log.sequence()
    refused(_record(records[0], body=b"", archive_id=1), "no kept archive")
    clock.set("2020-04-02T00:00:01+08:00")
    archived()
    inner_id = db.session.scalar(sa.select(EvidenceArchive.id))
    later = notes(1)[0]
    log.sequence()
    refused(_record(later, body=b"", archive_id=inner_id), "no kept archive")  # it came after that checkpoint
    refused(_record(records[0], body=records[0].canonical_body, archive_id=None), "append-only")
    refused(_record(later, body=b"", salt=ZEROS, archive_id=inner_id), STAYS)
    refused(sa.update(EvidenceArchive).values(destroyed_at=house_clock.now()), "kept while a body")
    refused(sa.update(EvidenceArchive).values(sha256="0" * 64), "kept while a body")
    refused(sa.delete(EvidenceArchive), "kept while a body")
    copied = {"month": "2020-03", "size_bytes": 1, "record_count": 1, "first_index": 0, "last_index": 0}
    values = {**copied, "public_id": uuid4(), "sha256": "1" * 64, "made_at": house_clock.now()}
    unsealed = sa.insert(EvidenceArchive).values(**values, tree_size=2, evidence_record_id=later.record_id)
    refused(unsealed, "signed checkpoint")
    another = notes(1, kind="archive")[0].record_id
    unsigned = sa.insert(EvidenceArchive).values(**values, tree_size=1_000, evidence_record_id=another)
    refused(unsigned, "signed checkpoint")


def test_a_record_enters_whole(app: Flask) -> None:
    values = {"public_id": uuid4(), "suite": "sha256-1", "kind": "note", "salt": ZEROS, "sealed_at": house_clock.now()}
    refused(sa.insert(EvidenceRecord).values(**values, body=b""), "enters whole")
    refused(sa.insert(EvidenceRecord).values(**values, body=b"{}", archive_id=1), "enters whole")
    refused(sa.insert(EvidenceRecord).values(**values, body=b"{}", destruction_id=1), "enters whole")


def test_beats_go_only_with_their_record(app: Flask, clock: FixedCalendar) -> None:
    sealed(studied(clock))
    refused(sa.delete(Beat), "archived or erased")
    refused(sa.update(Beat).values(counted_ms=0), "append-only")
    kept = studied(clock)  # sealed later, so not archived
    clock.set("2020-04-02T00:00:01+08:00")
    sealed(kept)
    archived()
    refused(sa.delete(Beat), "archived or erased")
    assert db.session.scalar(sa.select(sa.func.count()).select_from(Beat)) == 12


def test_the_device_of_a_check_in_goes_only_with_the_last_evidence_of_it(app: Flask, clock: FixedCalendar) -> None:
    phone = studied(clock)
    first, second = sealed(phone), notes(1, person=phone.person, context=phone.context)[0]
    log.sequence()
    forget = sa.update(CheckIn).values(device_ref="")
    clock.set("2022-04-01T00:00:00+08:00")
    refused(forget, "together with the evidence")
    destroyed(second)
    refused(forget, "together with the evidence")
    refused(sa.update(CheckIn).values(device_ref="x"), "together with the evidence")
    destroyed(first)
    assert db.session.scalars(sa.select(CheckIn.device_ref)).all() == [""]
    refused(sa.update(CheckIn).values(method="x", device_ref=""), "together with the evidence")
    refused(sa.delete(CheckIn), "together with the evidence")


def _until_somebody_waits() -> None:
    """PostgreSQL says who waits for a lock; on SQLite whoever writes second waits in any case."""
    for _ in range(0 if is_sqlite() else 5_000):
        with db.engine.connect() as watching:
            if watching.exec_driver_sql("SELECT 1 FROM pg_locks WHERE NOT granted").first():
                return


@pytest.mark.parametrize("first", ["hold", "destruction"])
def test_a_hold_beside_a_destruction_waits_for_it_or_stops_it(app: Flask, clock: FixedCalendar, first: str) -> None:
    record = notes(1, person=PERSON, context=CONTEXT)[0]
    log.sequence()
    clock.set("2022-04-01T00:00:00+08:00")
    begun, done = threading.Event(), []

    def place() -> None:
        holds.place_hold(reason="审计需要", placed_by="staff:1", person_ref=PERSON)

    def destroy() -> None:
        retention.destroy(
            record_ids=[record.record_id], clause="四.2", reason="到期", proposed_by="staff:1", approved_by="staff:2"
        )

    def other() -> None:
        with app.app_context():
            begun.wait()
            try:
                transaction(destroy if first == "hold" else place)
                done.append("other")
            except (DatabaseError, Conflict):
                done.append("refused")
            finally:
                db.session.remove()

    def mine() -> None:
        (place if first == "hold" else destroy)()
        begun.set()
        _until_somebody_waits()
        assert done == []

    thread = threading.Thread(target=other)
    thread.start()
    transaction(mine)
    thread.join()
    assert done == (["refused"] if first == "hold" else ["other"])
    assert (evidence.get_record(record_id=record.record_id).erased is None) == (first == "hold")
