"""Closed months in archives: records are read, proven and traced as before; a lost or changed file is named."""

from __future__ import annotations

from functools import partial
from pathlib import Path

import pytest
import sqlalchemy as sa
from flask import Flask

from config import blobs
from config.clock import FixedCalendar
from config.database import db, transaction
from config.errors import Conflict, Invalid
from config.settings import Settings
from learning_records import keeping
from learning_records.evidence import archives, log
from learning_records.evidence import services as evidence
from learning_records.evidence.models import EvidenceRecord
from learning_records.sessions import services as sessions
from learning_records.sessions.models import Beat
from tests.learning_records.by_hand import by_hand
from tests.learning_records.phones import call
from tests.learning_records.retention.keeping import archived, assert_proven, body_in_table, notes, sealed, studied
from tests.learning_records.verify.bundled import codes, recounted, recounted_ms

APRIL = "2020-04-02T00:00:01+08:00"


def _beats() -> int:
    return db.session.scalar(sa.select(sa.func.count()).select_from(Beat)) or 0


def test_an_archived_session_is_read_proven_recounted_and_traced_as_before(app: Flask, clock: FixedCalendar) -> None:
    phone = studied(clock)
    record = sealed(phone)
    log.sequence()
    before = evidence.get_record(record_id=record.record_id)
    assert _beats() == 12
    clock.set(APRIL)
    (archive,) = archived()
    assert body_in_table(record) == b""
    assert _beats() == 0
    after = evidence.trace(record_public_id=record.public_id)
    assert after == before
    assert after.intact
    assert sessions.problems_of_session_record(after.body) == []
    assert codes(recounted(after.body)) == []
    assert recounted_ms(after.body) == 120_000
    assert len(sessions.beats_behind(after.body, after.body["pieces"][0][0] + 35_000)) == 1
    assert_proven(before)
    said = evidence.trace(record_public_id=archive.record_id)
    assert (said.kind, said.body["sha256"], said.body["records"]) == ("archive", archive.sha256, 1)
    assert list(archives.problems_of_archives()) == []


def test_a_phone_that_sends_beats_of_an_archived_session_again_is_told_so(app: Flask, clock: FixedCalendar) -> None:
    phone = studied(clock)
    sealed(phone)
    clock.set(APRIL)
    archived()
    phone.seq, phone.prev = 1, ""
    with pytest.raises(Conflict, match="SESSION_ARCHIVED"):
        phone.post([phone.mark()])
    with pytest.raises(Conflict, match="SESSION_ARCHIVED"):
        call(lambda: sessions.close_session(person_ref=phone.person, session_id=phone.session_id, beats=phone.kept))
    assert (
        call(lambda: sessions.close_session(person_ref=phone.person, session_id=phone.session_id)).reason == "FINISHED"
    )


def test_a_month_is_archived_in_parts_each_record_found_by_itself(app: Flask, clock: FixedCalendar) -> None:
    records = [*notes(5), sealed(studied(clock)), *notes(7, kind="transfer")]
    clock.set("2020-03-31T23:59:59+08:00")
    last = notes(1)[0]
    clock.advance(1)
    april = notes(1)[0]
    log.sequence()
    clock.set(APRIL)
    made = archived(limit=5)
    assert [archive.record_count for archive in made] == [
        5,
        2,
        5,
        2,
    ]  # apart: what ends some day, what is kept with the books
    assert archived(limit=5) == []
    for record in [*reversed(records), last]:
        assert body_in_table(record) == b""
        now = evidence.get_record(record_id=record.record_id)
        assert (now.canonical_body, now.salt, now.intact) == (record.canonical_body, record.salt, True)
    assert body_in_table(april) == april.canonical_body  # in Wuxi it is April already, in UTC still March
    ids = [record.record_id for record in records]
    assert {key: stored.body for key, stored in evidence.bodies_of(ids).items()} == {
        record.record_id: record.canonical_body for record in records
    }
    state = keeping.month_state("2020-03", days_after=1)
    assert (state.view.records, state.view.archived_records, state.obstacles) == (0, 14, ())
    clock.set("2020-05-02T00:00:01+08:00")
    (later,) = archived("2020-04")
    assert later.record_count == 1  # what says how others were kept stays in the table
    assert archived("2020-05", days_after=-31) == []


def test_a_month_that_is_not_closed_stays(app: Flask, clock: FixedCalendar) -> None:
    record = sealed(studied(clock))
    clock.set("2020-04-01T23:59:59+08:00")
    with pytest.raises(Conflict, match=r"MONTH_NOT_CLOSED.*2020-04-02"):
        keeping.archive_month("2020-03", days_after=1)
    clock.set(APRIL)
    with pytest.raises(Conflict, match=r"MONTH_NOT_CLOSED.*1份记录没有进入签名的日志"):
        keeping.archive_month("2020-03", days_after=1)
    assert archived("2020-02") == []
    assert body_in_table(record) == record.canonical_body
    with pytest.raises(Invalid, match="MONTH_INVALID"):
        archived("2020-13")


def test_a_session_that_is_not_sealed_keeps_its_month_open(app: Flask, clock: FixedCalendar) -> None:
    phone = studied(clock)
    clock.set(APRIL)
    with pytest.raises(Conflict, match=r"MONTH_NOT_CLOSED.*1次学习"):
        archived()
    sealed(phone)  # today: its record belongs to April, the day it was sealed
    assert archived() == []
    clock.set("2020-05-02T00:00:01+08:00")
    assert [archive.record_count for archive in archived("2020-04")] == [1]
    assert _beats() == 0


def test_nothing_is_archived_beside_a_record_that_does_not_fit_its_entry(app: Flask, clock: FixedCalendar) -> None:
    records = notes(3)
    log.sequence()
    by_hand(
        "UPDATE evidence_record SET body = :body WHERE id = :id",
        unguarding=("evidence_record",),
        body=records[1].canonical_body.replace(b"1", b"2"),
        id=records[1].record_id,
    )
    clock.set(APRIL)
    with pytest.raises(Conflict, match=f"RECORD_DAMAGED.*{records[1].public_id}"):
        archived()
    assert body_in_table(records[0]) == records[0].canonical_body
    assert archives.archives() == []


def test_a_part_that_was_overtaken_moves_nothing(app: Flask, clock: FixedCalendar, settings: Settings) -> None:
    records = notes(4)
    log.sequence()
    clock.set(APRIL)
    slow = archives.next_part("2020-03", limit=3)
    assert slow is not None
    again = archives.next_part("2020-03", limit=3)
    assert again == slow  # the same records give the same file: a crash leaves nothing but that
    db.session.rollback()
    archived(limit=2)
    with pytest.raises(Conflict, match="ARCHIVE_OVERTAKEN"):
        transaction(partial(archives.take_in, slow))
    assert len(archives.archives()) == 2
    for record in records:
        assert evidence.get_record(record_id=record.record_id).intact


def test_a_lost_or_changed_file_is_named_and_takes_no_other_with_it(
    app: Flask, clock: FixedCalendar, settings: Settings
) -> None:
    records = notes(6)
    clock.set(APRIL)
    first, second = archived(limit=3)
    path = blobs.path_of(first.sha256)
    data = bytearray(path.read_bytes())
    data[-3 * 20 - 8 - 1] ^= 1  # the last byte of the last body, before the places of three
    path.write_bytes(data)
    blobs.remove(second.sha256)
    views = [evidence.get_record(record_id=record.record_id) for record in records]
    assert sum(view.intact for view in views) == 2
    assert all(view.canonical_body in (record.canonical_body, b"") for view, record in zip(views, records, strict=True))
    assert all("cannot give it back" in problem for view in views for problem in view.problems)
    assert dict(archives.problems_of_archives()) == {
        f"archive {first.archive_id}": "its file is not what was sealed",
        f"archive {second.archive_id}": "FILE_NOT_FOUND: 文件不存在，可能已按保存期限销毁。",
    }
    for record in records:
        assert_proven(record)


def test_a_row_of_an_archive_changed_by_hand_is_named(app: Flask, clock: FixedCalendar) -> None:
    record = notes(2)[0]
    clock.set(APRIL)
    (archive,) = archived()
    name = f"archive {archive.archive_id}"
    by_hand("UPDATE evidence_archive SET last_index = 0", unguarding=("evidence_archive",))
    assert dict(archives.problems_of_archives()) == {name: "its row is not what was sealed"}
    by_hand(
        "UPDATE evidence_archive SET last_index = 1",
        "UPDATE evidence_record SET archive_id = NULL WHERE id = :id",
        unguarding=("evidence_archive", "evidence_record"),
        id=record.record_id,
    )
    assert dict(archives.problems_of_archives()) == {name: "it does not hold the records that name it"}
    assert not evidence.get_record(record_id=record.record_id).intact


def test_the_file_alone_tells_nothing(app: Flask, clock: FixedCalendar, settings: Settings) -> None:
    phone = studied(clock)
    sealed(phone)
    clock.set(APRIL)
    (archive,) = archived()
    data = Path(blobs.path_of(archive.sha256)).read_bytes()
    for secret in (str(phone.person), str(phone.session_id), '"beats":[[1,10000,1583'):
        assert secret.encode() not in data
    salt = db.session.scalars(sa.select(EvidenceRecord.salt).where(EvidenceRecord.kind == "session")).one()
    assert salt not in data
