"""Building bundles: what is in them, in which order, the same every time, and read through without being held in memory."""

from __future__ import annotations

import hashlib
import io
import tracemalloc
import zipfile
from copy import deepcopy
from typing import Any
from uuid import UUID, uuid4

import pytest
from flask import Flask

from config import clock as house_clock
from config.clock import FixedCalendar
from config.errors import Conflict, NotFound
from learning_records import verify
from learning_records.evidence import bundle_files, bundles, log
from learning_records.evidence import services as evidence
from learning_records.sessions import services
from tests.learning_records.by_hand import by_hand
from tests.learning_records.phones import Phone, call, lesson
from tests.learning_records.retention import keeping
from tests.learning_records.verify.bundled import bundle_of, codes, seal_sessions, studied, verified
from tests.learning_records.verify.zips import Files, closed, manifest_of, opened, rehashed, signed_by_attacker


def build(records: list[UUID | int], into: Any = None, kind: str = "report") -> bytes:
    into = into or io.BytesIO()
    bundles.build(kind=kind, id="1", title="学时报告", record_ids=records, people={}, into=into)
    data: bytes = into.getvalue()
    return data


def sealed(count: int, size: int = 10) -> list[UUID | int]:
    """Records of a kind nobody counts."""
    drafts = [evidence.Draft(kind="note", body={"number": number, "text": "字" * size}) for number in range(count)]
    return [record.public_id for record in call(lambda: evidence.seal_all(drafts))]


def test_a_bundle_holds_its_files_in_order_and_its_own_hash(app: Flask, clock: FixedCalendar) -> None:
    phone = studied(clock)
    records = seal_sessions(phone.person)
    data = bundle_of(records, [phone.person])
    names = [f"records/{records[0]}.json", f"proofs/{records[0]}.tlog-proof"]
    with zipfile.ZipFile(io.BytesIO(data)) as bundle:
        assert bundle.testzip() is None
        assert bundle.namelist() == ["manifest.json", "manifest.sig", "checkpoint", "summary.txt", *names]
        assert bundle.comment == hashlib.sha256(data[:-64]).hexdigest().encode()
        summary = bundle.read("summary.txt").decode()
    latest = log.latest_checkpoint()
    assert latest is not None
    assert opened(data)["checkpoint"] == latest.note.encode()
    assert "张*：记录的学习时间0小时1分10秒（70秒），其中签到后0小时1分10秒（70秒）" in summary


def test_the_same_records_give_the_same_bytes_in_whatever_order_they_are_named(
    app: Flask, clock: FixedCalendar
) -> None:
    records = sealed(300)
    log.sequence()
    inner = [evidence.trace(record_public_id=record).record_id for record in records[:150] if isinstance(record, UUID)]
    first = build(records)
    assert build([*records[::-1], *inner]) == first
    clock.advance(1)
    assert build(records) != first
    report = verified(first)
    assert codes(report) == []
    assert [(note.code) for note in report.notes] == ["KEY_NOT_PINNED", "NOT_RECOUNTED"]
    assert manifest_of(opened(first))["made_ms"] == house_clock.epoch_ms(clock()) - 1000


def test_a_session_brings_the_one_before_midnight_with_it(app: Flask, clock: FixedCalendar) -> None:
    clock.set("2020-03-02T23:50:00+08:00")
    phone = Phone(clock, context=uuid4(), batch=5)
    phone.open(lesson(45))
    phone.play(1200)
    phone.close()
    before, after = seal_sessions(phone.person)
    data = bundle_of([after], [phone.person], kind="session", about=phone.session_id)
    assert {entry["id"] for entry in manifest_of(opened(data))["records"]} == {str(before), str(after)}
    report = verified(data)
    assert codes(report) == []
    assert report.people[str(phone.person)].recounted_ms == 1_200_000


def test_what_is_not_there_or_not_signed_yet_is_refused(app: Flask, clock: FixedCalendar) -> None:
    records = sealed(1)
    with pytest.raises(Conflict, match="NOT_YET_IN_LOG"):
        build(records)
    log.sequence()
    assert codes(verified(build(records))) == []
    later = sealed(1)
    with pytest.raises(Conflict, match="NOT_YET_IN_LOG"):
        build([*records, *later])
    for unknown in (uuid4(), 10**9):
        with pytest.raises(NotFound, match="EVIDENCE_NOT_FOUND"):
            build([*records, unknown])


def test_proofs_of_a_larger_log_lead_to_its_newest_checkpoint(app: Flask, clock: FixedCalendar) -> None:
    first = sealed(3)
    log.sequence()
    sealed(700)
    log.sequence()
    report = verified(build(first))
    assert codes(report) == []
    assert report.checkpoint["size"] == 703


class Counting(io.RawIOBase):
    """A file that only counts: it cannot be read, sought or told where it stands."""

    def __init__(self) -> None:
        self.size = self.largest = 0
        self.digest = hashlib.sha256()

    def writable(self) -> bool:
        return True

    def write(self, data: Any) -> int:
        self.size += len(data)
        self.largest = max(self.largest, len(data))
        self.digest.update(data)
        return len(data)


def test_a_large_bundle_streams(app: Flask, clock: FixedCalendar) -> None:
    """30 MB of records pass through, and less than half of them are ever in memory."""
    records = [record for _ in range(20) for record in sealed(10, size=50_000)]
    log.sequence()
    into = Counting()
    tracemalloc.start()
    bundles.build(kind="report", id="1", title="", record_ids=records, people={}, into=into)  # type: ignore[arg-type]
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert 2 * peak < 200 * 50_000 * 3
    assert into.largest <= 2**20


def test_more_files_than_the_old_zip_can_say(app: Flask, clock: FixedCalendar) -> None:
    """A claim of five hundred people has more than 65,535 files. The end of the archive says so in its larger form."""
    into = io.BytesIO()
    archive = bundle_files.Archive(into)
    for number in range(0xFFFF + 5):
        archive.add(bundle_files.Packed(f"records/{number}.json", 0, 2, 0), [b"\x03\x00"])
    archive.end()
    with zipfile.ZipFile(io.BytesIO(into.getvalue())) as bundle:
        assert len(bundle.namelist()) == 0xFFFF + 5
    said: list[str] = []
    container = verify.Container(io.BytesIO(into.getvalue()), lambda code, **_: said.append(code))
    assert len(container.members) == 0xFFFF + 5
    assert container.read("records/65539.json") == b""
    assert said == []


def test_an_archived_record_is_packed_like_any_other(app: Flask, clock: FixedCalendar) -> None:
    phone = keeping.studied(clock)
    record = keeping.sealed(phone)
    clock.set("2020-04-10T10:00:00+08:00")
    keeping.archived()
    assert codes(verified(bundle_of([record.public_id], [phone.person]))) == []


def test_an_erased_record_comes_with_its_certificate(app: Flask, clock: FixedCalendar) -> None:
    phone = keeping.studied(clock)
    erased = keeping.sealed(phone)
    clock.set("2022-04-01T10:00:00+08:00")
    certificate = keeping.destroyed(erased)
    phone.open(phone.facts)
    phone.play(60)
    phone.close()
    living = keeping.sealed(phone)
    data = bundle_of([erased.public_id, living.public_id], [phone.person])
    report = verified(data)
    assert codes(report) == []
    assert "其中已按保存期限销毁内容：1条" in opened(data)["summary.txt"].decode()
    assert [note.code for note in report.notes] == ["KEY_NOT_PINNED", "REST_UNPROVED", "ERASED"]
    assert report.kinds == {"session": 2, "destruction": 1}
    assert report.people[str(phone.person)].recounted_ms == 60_000
    alone = bundle_of([erased.public_id], [phone.person], kind="session", about=phone.session_id)
    assert "SUBJECT_MISSING" in codes(verified(alone))
    assert str(certificate.record.public_id) in str(manifest_of(opened(alone))["records"])


def test_an_erased_record_without_certificate_or_with_another_entry_is_named(app: Flask, clock: FixedCalendar) -> None:
    phone = keeping.studied(clock)
    erased = keeping.sealed(phone)
    clock.set("2022-04-01T10:00:00+08:00")
    keeping.destroyed(erased)
    files = opened(bundle_of([erased.public_id], [phone.person]))
    manifest = manifest_of(files)
    (certificate,) = manifest["records"]
    without = deepcopy(files)
    for name in (f"records/{certificate['id']}.json", f"proofs/{certificate['id']}.tlog-proof"):
        del without[name], manifest["files"][name]
    without["manifest.json"] = verify.canonical({**manifest, "records": []})
    assert codes(verified(_whole(without))) == ["ERASED_WITHOUT_CERTIFICATE"]
    manifest = manifest_of(files)
    manifest["erased"][0]["entry"] = manifest["erased"][0]["entry"].replace('"commitment":"', '"commitment":"0')
    files["manifest.json"] = verify.canonical(manifest)
    assert {"RECORD_SHAPE", "NOT_IN_LOG", "ERASED_WITHOUT_CERTIFICATE"} <= set(codes(verified(_whole(files))))


@pytest.mark.parametrize(("name", "value"), [("list_sha256", "0" * 64), ("approved_by", keeping.PROPOSER)])
def test_a_certificate_that_does_not_hold_is_named(app: Flask, clock: FixedCalendar, name: str, value: str) -> None:
    phone = keeping.studied(clock)
    erased = keeping.sealed(phone)
    clock.set("2022-04-01T10:00:00+08:00")
    body = keeping.destroyed(erased).body | {name: value}
    del body["kind"], body["suite"]
    forged = call(lambda: evidence.seal(kind="destruction", body=body)).public_id
    report = verified(bundle_of([erased.public_id, forged], [phone.person]))
    assert set(codes(report)) == {"CERTIFICATE_WRONG", "RECORD_SAME"}


def _whole(files: Files) -> bytes:
    """Everything outside made to fit by an attacker who counts the erased ones too."""
    rehashed(files)
    manifest = manifest_of(files)
    summary = verify.Summary()
    for entry in manifest["records"]:
        summary.add(entry["kind"], verify.read_json(files[f"records/{entry['id']}.json"], ""))
    for entry in manifest["erased"]:
        summary.add_erased(entry["kind"])
    signed_by_attacker(files)
    manifest = manifest_of(files)
    size = int(files["checkpoint"].split(b"\n")[1])
    files["summary.txt"] = summary.text(manifest, size).encode()
    rehashed(files)
    signed_by_attacker(files)
    return closed(files)


def test_the_session_before_midnight_is_asked_for(app: Flask, clock: FixedCalendar) -> None:
    """A record from before subjects were written: nothing finds the one before it, so it is not believed."""
    clock.set("2020-03-02T23:50:00+08:00")
    phone = Phone(clock, context=uuid4(), batch=5)
    phone.open(lesson(45))
    phone.play(1200)
    phone.close()
    drafts = [evidence.Draft(kind="session", body=closed.facts) for closed in services.closed_unsealed()]
    records = [record.public_id for record in call(lambda: evidence.seal_all(drafts))]
    assert codes(verified(bundle_of(records[1:], [phone.person]))) == ["PREDECESSOR_MISSING"]
    assert codes(verified(bundle_of(records[:1], [phone.person]))) == []


def test_no_bundle_is_made_of_changed_tiles(app: Flask, clock: FixedCalendar) -> None:
    records = sealed(3)
    log.sequence()
    by_hand("UPDATE log_tile SET hashes = :hashes", unguarding=("log_tile",), hashes=bytes(96))
    with pytest.raises(Conflict) as refused:
        build(records)
    assert refused.value.code == "EVIDENCE_DAMAGED"
