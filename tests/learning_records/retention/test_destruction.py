"""Destruction: a certificate of everything that went, proofs that still hold, and nothing left of the bodies anywhere."""

from __future__ import annotations

import io
from functools import partial
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import pytest
import rfc8785
import sqlalchemy as sa
from flask import Flask

from config import blobs
from config.clock import FixedCalendar
from config.crypto import sha256_hex
from config.database import db, is_sqlite, transaction
from config.errors import Conflict, Invalid, NotFound
from config.settings import Settings
from learning_records import keeping
from learning_records.evidence import archives, attachments, holds, log, retention
from learning_records.evidence import services as evidence
from learning_records.evidence.attachments import AttachmentView
from learning_records.sessions import services as sessions
from learning_records.sessions.models import Beat, CheckIn, LearningSession
from tests.cast.files import a_jpeg
from tests.learning_records.by_hand import by_hand
from tests.learning_records.phones import call
from tests.learning_records.retention.keeping import (
    APPROVER,
    CLAUSE,
    PROPOSER,
    REASON,
    archived,
    assert_proven,
    destroyed,
    notes,
    sealed,
    studied,
)

LATER = "2022-04-01T10:00:00+08:00"


def attached(shade: int, context: UUID, name: str = "张三身份证.jpg") -> AttachmentView:
    file = attachments.receive(kind="photo", name=name, stream=io.BytesIO(a_jpeg(shade)))
    return transaction(
        lambda: attachments.add(context_ref=context, owner_ref=uuid4(), file=file, uploaded_by="staff:0196")
    )


def test_what_is_destroyed_stays_proven_and_says_by_what_it_went(app: Flask, clock: FixedCalendar) -> None:
    phone = studied(clock)
    record, other = sealed(phone), notes(1)[0]
    clock.set(LATER)
    certificate = destroyed(record)
    now = evidence.trace(record_public_id=record.public_id)
    assert (now.body, now.canonical_body, now.salt, now.problems) == ({}, b"", b"", ())
    assert now.erased is not None
    assert (now.erased.certificate_id, now.erased.clause) == (certificate.certificate_id, CLAUSE)
    assert_proven(record)
    said = certificate.body
    assert (said["proposed_by"], said["approved_by"], said["reason"]) == (PROPOSER, APPROVER, REASON)
    ms = int(record.sealed_at.timestamp() * 1000)
    assert said["records"] == [[str(record.public_id), "session", record.leaf_hash, 0, ms]]
    assert (said["counts"], said["first_ms"], said["last_ms"], said["files"]) == ({"session": 1}, ms, ms, [])
    assert said["list_sha256"] == sha256_hex(rfc8785.dumps(said["records"]))
    assert_proven(certificate.record)
    assert evidence.get_record(record_id=other.record_id) == log_indexed(other)
    assert list(retention.problems_of_destructions()) == []
    assert retention.certificate(certificate_id=certificate.certificate_id).record.canonical_body
    with pytest.raises(NotFound, match="CERTIFICATE_NOT_FOUND"):
        retention.certificate(certificate_id=uuid4())


def log_indexed(record: evidence.RecordView) -> evidence.RecordView:
    """The record as it was sealed, with its place in the log meanwhile."""
    index = log.inclusion(record.public_id).index
    return evidence.RecordView(**{**record.__dict__, "log_index": index})


def test_beats_devices_and_check_ins_go_with_the_session(app: Flask, clock: FixedCalendar) -> None:
    phone = studied(clock)
    record = sealed(phone)
    clock.set(LATER)
    destroyed(record)
    assert db.session.scalar(sa.select(sa.func.count()).select_from(Beat)) == 0
    session = db.session.scalars(sa.select(LearningSession)).one()
    assert (session.device_ref, session.learned_seconds) == ("", 120)
    assert session.outcome is not None
    assert session.outcome["check_in"]["device"] == ""
    assert db.session.scalars(sa.select(CheckIn.device_ref)).all() == [""]
    explained = sessions.explain(person_ref=phone.person, session_id=phone.session_id)
    assert explained.counted_seconds == 120  # figures stay


def test_a_check_in_stays_as_long_as_evidence_of_its_class_does(app: Flask, clock: FixedCalendar) -> None:
    phone = studied(clock)
    first = sealed(phone)
    clock.set("2020-05-04T09:00:00+08:00")
    again = studied(clock, person=phone.person, context=phone.context)
    second = sealed(again)
    clock.set("2022-03-03T09:00:00+08:00")
    destroyed(first)
    assert set(db.session.scalars(sa.select(CheckIn.device_ref))) == {"phone"}
    clock.set("2022-05-05T00:00:00+08:00")
    destroyed(second)
    assert set(db.session.scalars(sa.select(CheckIn.device_ref))) == {""}


def _refusal(code: str, **changes: Any) -> Conflict:
    values: dict[str, Any] = {
        "record_ids": [],
        "clause": CLAUSE,
        "reason": REASON,
        "proposed_by": PROPOSER,
        "approved_by": APPROVER,
    }
    with pytest.raises(Conflict, match=code) as refused:
        transaction(partial(keeping.destroy, **{**values, **changes}))
    return refused.value


def test_refusals_name_the_records_and_erase_nothing(app: Flask, clock: FixedCalendar) -> None:
    person = uuid4()
    old, held = notes(2), notes(1, person=person)[0]
    clock.set("2022-03-03T00:00:00+08:00")
    new = notes(1)[0]
    unsigned = [old[0].record_id]
    _refusal("RECORDS_NOT_SIGNED", record_ids=unsigned)
    log.sequence()
    hold = transaction(lambda: holds.place_hold(reason="审计需要", placed_by=PROPOSER, person_ref=person))
    ids = [record.record_id for record in (*old, held)]
    assert _refusal("RECORDS_ON_HOLD", record_ids=ids).errors == [{"record_id": str(held.public_id)}]
    _refusal("RECORDS_TOO_YOUNG", record_ids=[ids[0], new.record_id])
    _refusal("RECORDS_GONE", record_ids=[ids[0], 10_000])
    _refusal("DESTRUCTION_TOO_LARGE", record_ids=[])
    _refusal("RECORDS_NOT_DESTROYABLE", record_ids=[db_hold_record(hold)])
    assert all(evidence.get_record(record_id=record_id).erased is None for record_id in ids)
    destroyed(*old)
    _refusal("RECORDS_GONE", record_ids=ids[:1])


def db_hold_record(hold: holds.HoldView) -> int:
    """The inner id of the record that sealed a hold."""
    from_subject = sa.text("SELECT id FROM evidence_record WHERE subject = :subject")
    found: int = db.session.scalars(from_subject, {"subject": f"legal_hold:{hold.hold_id}"}).one()
    return found


def test_holds_say_what_they_keep(app: Flask, clock: FixedCalendar) -> None:
    person, context = uuid4(), uuid4()
    with pytest.raises(Invalid, match="HOLD_SCOPE"):
        transaction(
            lambda: holds.place_hold(reason="审计需要", placed_by=PROPOSER, person_ref=person, context_ref=context)
        )
    with pytest.raises(Invalid, match="REASON_REQUIRED"):
        transaction(lambda: holds.place_hold(reason=" ", placed_by=PROPOSER))
    one = transaction(lambda: holds.place_hold(reason="审计需要", placed_by=PROPOSER, person_ref=person))
    standing = holds.standing()
    assert standing.keeps(person, None)
    assert not standing.keeps(None, context)
    two = transaction(lambda: holds.place_hold(reason="法院调取", placed_by=PROPOSER))
    assert holds.standing().keeps(None, None)
    lifted = transaction(lambda: holds.lift_hold(hold_id=two.hold_id, reason="已经归还", lifted_by=APPROVER))
    assert (lifted.lifted_by, lifted.lift_reason) == (APPROVER, "已经归还")
    assert [hold.hold_id for hold in holds.holds()] == [one.hold_id]
    assert [hold.hold_id for hold in holds.holds(also_lifted=True)] == [one.hold_id, two.hold_id]
    with pytest.raises(Conflict, match="HOLD_LIFTED_ALREADY"):
        transaction(lambda: holds.lift_hold(hold_id=two.hold_id, reason="再来", lifted_by=APPROVER))
    with pytest.raises(NotFound, match="HOLD_NOT_FOUND"):
        transaction(lambda: holds.lift_hold(hold_id=uuid4(), reason="没有", lifted_by=APPROVER))


def test_an_archived_record_is_destroyed_alone_and_the_file_with_the_last(
    app: Flask, clock: FixedCalendar, settings: Settings
) -> None:
    records = [sealed(studied(clock)), *notes(2)]
    clock.set("2020-04-02T00:00:01+08:00")
    (archive,) = archived()
    salts = {record.record_id: record.salt for record in records}
    clock.set(LATER)
    destroyed(records[0])
    keeping.remove_files()
    assert blobs.exists(archive.sha256)
    file = blobs.path_of(archive.sha256).read_bytes()
    assert all(salt not in file for salt in salts.values())
    assert evidence.get_record(record_id=records[0].record_id).erased
    for record in records[1:]:
        assert evidence.get_record(record_id=record.record_id).canonical_body == record.canonical_body
    destroyed(*records[1:])
    assert keeping.remove_files() == 1
    assert not blobs.exists(archive.sha256)
    assert archives.archives()[0].destroyed_at is not None
    assert list(archives.problems_of_archives()) == []
    assert keeping.remove_files() == 0
    for record in records:
        assert_proven(record)


def test_attached_files_go_unless_another_attachment_needs_them(
    app: Flask, clock: FixedCalendar, settings: Settings
) -> None:
    context = uuid4()
    own, shared = attached(1, context), attached(2, context)
    clock.set("2022-01-01T09:00:00+08:00")
    newer = attached(2, uuid4())
    clock.set(LATER)
    views = [evidence.trace(record_public_id=view.record_id) for view in (own, shared)]
    certificate = destroyed(*views)
    assert certificate.body["files"] == sorted([own.sha256, shared.sha256])
    assert blobs.exists(own.sha256)  # the rows went, the process was killed here
    assert retention.files_to_remove() == [certificate.certificate_id]
    assert keeping.remove_files() == 1
    assert keeping.remove_files() == 0
    assert not blobs.exists(own.sha256)
    assert blobs.exists(newer.sha256)
    gone = attachments.list_of(context_ref=context)
    assert [(view.state, view.name) for view in gone] == [("destroyed", ""), ("destroyed", "")]
    with pytest.raises(NotFound, match="ATTACHMENT_DESTROYED"):
        attachments.open_attachment(attachment_id=own.attachment_id)


def test_nothing_of_an_erased_body_stays_in_the_files_of_the_database(
    app: Flask, clock: FixedCalendar, settings: Settings
) -> None:
    phone = studied(clock)
    words = [f"只有这里写着{number}" for number in range(40)]
    whole = transaction(
        lambda: evidence.seal_all([evidence.Draft("quiz", {"said": word * 60}, None, phone.person) for word in words])
    )
    records = [sealed(phone), *(evidence.get_record(record_id=item.record_id) for item in whole)]
    clock.set("2020-04-02T00:00:01+08:00")
    archived(limit=20)
    clock.set(LATER)
    destroyed(*records)
    keeping.remove_files()
    keeping.wipe_remains()
    everything = _everything_stored()
    everything += b"".join(file.read_bytes() for file in settings.blobs_dir.rglob("*") if file.is_file())
    assert records[0].leaf_hash.encode() in everything
    assert all(record.salt not in everything for record in records)
    assert all(word.encode() not in everything for word in words)
    assert b'"beats":[[1,' not in everything


def _everything_stored() -> bytes:
    """The files of SQLite, freed pages and all; on PostgreSQL, whose pages nobody reads, every row as text."""
    if is_sqlite():
        path = Path(db.engine.url.database or "")
        return b"".join(file.read_bytes() for file in path.parent.glob(path.name + "*"))
    tables = (sa.text(f"SELECT CAST(t AS text) FROM {name} t") for name in sa.inspect(db.engine).get_table_names())
    return "\n".join(line for table in tables for line in db.session.scalars(table)).encode()


def test_a_certificate_changed_by_hand_is_named(app: Flask, clock: FixedCalendar) -> None:
    records = notes(3)
    clock.set(LATER)
    certificate = destroyed(*records[:2])
    name = f"destruction {certificate.certificate_id}"
    by_hand("UPDATE destruction SET approved_by = 'staff:x'", unguarding=("destruction",))
    assert dict(retention.problems_of_destructions()) == {name: "its row is not what was sealed"}
    by_hand("UPDATE destruction SET approved_by = :by", unguarding=("destruction",), by=APPROVER)
    assert dict(retention.problems_of_destructions()) == {}
    by_hand(  # one more record passed off as destroyed lawfully
        "UPDATE evidence_record SET destruction_id = 1, body = salt WHERE id = :id",
        unguarding=("evidence_record",),
        id=records[2].record_id,
    )
    assert dict(retention.problems_of_destructions()) == {name: "it lists other records than were erased"}


def test_a_hold_changed_or_taken_away_by_hand_is_named(app: Flask, clock: FixedCalendar) -> None:
    one = transaction(lambda: holds.place_hold(reason="审计需要", placed_by=PROPOSER, person_ref=uuid4()))
    two = transaction(lambda: holds.place_hold(reason="法院调取", placed_by=PROPOSER))
    transaction(lambda: holds.lift_hold(hold_id=two.hold_id, reason="已经归还", lifted_by=APPROVER))
    assert list(holds.problems_of_holds()) == []
    first, second = f"legal_hold {one.hold_id}", f"legal_hold {two.hold_id}"
    by_hand("UPDATE legal_hold SET reason = 'x' WHERE id = 1", unguarding=("legal_hold",))
    assert dict(holds.problems_of_holds()) == {first: "its row is not what was sealed when it was placed"}
    gone = "what was sealed of this hold is in no row any more"
    by_hand("DELETE FROM legal_hold WHERE id = 1", unguarding=("legal_hold",))
    assert dict(holds.problems_of_holds()) == {first: gone}
    by_hand(
        "UPDATE legal_hold SET lifted_at = NULL, lifted_by = NULL, lift_reason = NULL, lifted_record_id = NULL",
        unguarding=("legal_hold",),
    )
    assert dict(holds.problems_of_holds()) == {first: gone, f"{second}:lifted": gone}


def test_closing_again_after_destruction_gives_the_figures(app: Flask, clock: FixedCalendar) -> None:
    phone = studied(clock)
    record = sealed(phone)
    clock.set(LATER)
    destroyed(record)
    closed = call(lambda: sessions.close_session(person_ref=phone.person, session_id=phone.session_id))
    assert (closed.counted_seconds, closed.reason) == (120, "FINISHED")
    assert sessions.closed_unsealed(person_ref=phone.person) == []
