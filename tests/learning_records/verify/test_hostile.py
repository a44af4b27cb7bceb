"""Files that want to harm whoever reads them: each is refused or named, none is believed, none takes long."""

from __future__ import annotations

import io
import struct
import time
import zipfile
import zlib
from collections.abc import Callable
from pathlib import Path

import pytest
from flask import Flask

from config.clock import FixedCalendar
from learning_records import verify
from learning_records.verify import Report
from tests.learning_records.verify.bundled import bundle_of, codes, seal_sessions, studied, verified
from tests.learning_records.verify.zips import Files, closed, hashed, information, opened, rehashed, signed_by_attacker


@pytest.fixture
def bundle(app: Flask, clock: FixedCalendar) -> bytes:
    """The bundle of one short session."""
    phone = studied(clock)
    return bundle_of(seal_sessions(phone.person), [phone.person], kind="session", about=phone.session_id)


def quickly(data: bytes, seconds: float = 20) -> Report:
    """Verified within a time that no hostile file may stretch."""
    began = time.monotonic()
    report = verified(data)
    assert time.monotonic() - began < seconds
    assert "UNEXPECTED" not in codes(report)
    assert report.status != 0
    return report


@pytest.mark.parametrize("data", [b"", b"PK", b"x" * 1000, b"PK\x05\x06" + bytes(18), bytes(100_000)])
def test_what_is_no_bundle_is_not_readable(data: bytes) -> None:
    report = quickly(data)
    assert (report.status, codes(report)[-1]) == (2, "NOT_A_BUNDLE")


def test_a_folder_and_a_file_that_is_not_there_are_not_readable(tmp_path: Path) -> None:
    for path in (tmp_path, tmp_path / "none.zip"):
        report = verify.verify(path)
        assert (report.status, codes(report)) == (2, ["NOT_A_BUNDLE"])


def test_a_zip_without_a_manifest_is_not_a_bundle() -> None:
    report = quickly(closed({"readme.txt": b"hello"}))
    assert (report.status, codes(report)) == (2, ["MEMBER_MISSING"])


NAMES = [
    "../records/x.json",
    "/etc/passwd",
    "records/../../x",
    "C:\\windows\\x",
    "records//x",
    "a/b/c",
    "re\x00cords",
    "記.txt",
]


@pytest.mark.parametrize("name", NAMES)
def test_names_that_lead_elsewhere_are_named(bundle: bytes, name: str) -> None:
    into = io.BytesIO()
    with zipfile.ZipFile(into, "w") as changed:
        for known, content in opened(bundle).items():
            changed.writestr(information(known), content)
        entry = information("x")
        entry.filename = name
        changed.writestr(entry, b"x")
        changed.comment = b"0" * 64
    report = quickly(hashed(into.getvalue()))
    assert set(codes(report)) & {"MEMBER_NAME", "CONTAINER_LAYOUT"}


@pytest.mark.filterwarnings("ignore:Duplicate name")
def test_two_files_of_one_name_are_named(bundle: bytes) -> None:
    files = opened(bundle)
    report = quickly(closed([*files.items(), ("summary.txt", b"another summary")]))
    assert codes(report) == ["MEMBER_TWICE"]


def _entry(**fields: object) -> Callable[[zipfile.ZipInfo], None]:
    def change(entry: zipfile.ZipInfo) -> None:
        for name, value in fields.items():
            setattr(entry, name, value)

    return change


@pytest.mark.parametrize(
    "change",
    [
        _entry(external_attr=0o120777 << 16),
        _entry(external_attr=0o40755 << 16 | 0x10),
        _entry(extra=b"\x01\x00\x08\x00" + bytes(8)),
        _entry(comment=b"see elsewhere"),
        _entry(compress_type=zipfile.ZIP_BZIP2),
        _entry(compress_type=zipfile.ZIP_LZMA),
        _entry(date_time=(2020, 3, 2, 0, 0, 0)),
    ],
    ids=["a link", "a folder", "an extra field", "a comment", "bzip2", "lzma", "a date"],
)
def test_members_that_are_not_plain_files_are_refused(bundle: bytes, change: Callable[[zipfile.ZipInfo], None]) -> None:
    into = io.BytesIO()
    with zipfile.ZipFile(into, "w") as changed:
        for name, content in opened(bundle).items():
            entry = information(name)
            if name == "summary.txt":
                change(entry)
            changed.writestr(entry, content)
        changed.comment = b"0" * 64
    report = quickly(hashed(into.getvalue()))
    assert (report.status, codes(report)) == (2, ["CONTAINER_LAYOUT"])


def test_bytes_before_between_and_behind_are_refused(bundle: bytes) -> None:
    first_ends = 30 + len("manifest.json") + struct.unpack("<L", bundle[18:22])[0]
    for data in (b"#!/bin/sh\n" + bundle, bundle[:first_ends] + b"hidden" + bundle[first_ends:], bundle + b"\x00"):
        assert quickly(hashed(data)).status == 2


def test_a_data_descriptor_or_encryption_flag_is_refused(bundle: bytes) -> None:
    directory = struct.unpack("<L", bundle[-64 - 6 : -64 - 2])[0]
    for flag in (0x1, 0x8, 0x800):
        data = bytearray(bundle)
        data[directory + 8 : directory + 10] = data[6:8] = struct.pack("<H", flag)
        assert codes(quickly(hashed(bytes(data)))) == ["CONTAINER_LAYOUT"]


def test_zip64_for_few_files_is_refused(bundle: bytes) -> None:
    end = len(bundle) - 64 - 22
    count, size, at = struct.unpack("<HLL", bundle[end + 10 : end + 20])
    for said in (count, 0xFFFF, 2**40):
        more = struct.pack("<4sQ2H2L4Q", b"PK\x06\x06", 44, 45, 45, 0, 0, said, said, size, at)
        more += struct.pack("<4sLQL", b"PK\x06\x07", 0, end, 1)
        short = struct.pack("<4s4H2LH", b"PK\x05\x06", 0, 0, 0xFFFF, 0xFFFF, size, at, 64)
        assert quickly(hashed(bundle[:end] + more + short + bytes(64))).status == 2


def test_a_bomb_is_refused_by_what_it_says_and_by_what_it_does(bundle: bytes) -> None:
    files = opened(bundle)
    name = next(name for name in files if name.startswith("records/"))
    assert codes(quickly(closed({**files, name: bytes(17 * 2**20)}))) == ["CONTAINER_LAYOUT"]
    # It says to be small and unpacks to much more: nothing beyond what it says is unpacked.
    honest = closed({**files, "summary.txt": bytes(16 * 2**20)})
    lying = honest.replace(struct.pack("<L", 16 * 2**20), struct.pack("<L", 20_000))
    assert "MEMBER_UNREADABLE" in codes(quickly(hashed(lying)))


def test_thousands_of_files_nobody_asked_for_are_read_past(bundle: bytes) -> None:
    files = opened(bundle)
    report = quickly(closed({**files, **{f"records/{number}.json": b"" for number in range(70_000)}}))
    assert set(codes(report)) == {"MEMBER_UNKNOWN"}
    assert len(report.findings) == verify.MOST_FINDINGS
    assert report.unlisted > 60_000


def test_a_deflated_file_with_something_behind_its_end_is_named(bundle: bytes) -> None:
    files = opened(bundle)
    packing = zlib.compressobj(9, zlib.DEFLATED, -15)
    packed = packing.compress(files["summary.txt"]) + packing.flush()
    first = closed(files)
    found = first.index(packed) if packed in first else None
    assert found is None or codes(verified(first)) == []
    into = io.BytesIO()
    with zipfile.ZipFile(into, "w") as changed:
        for name, content in files.items():
            entry = information(name)
            entry.compress_type = zipfile.ZIP_STORED if name == "summary.txt" else zipfile.ZIP_DEFLATED
            changed.writestr(entry, packed + b"hidden" if name == "summary.txt" else content)
        changed.comment = b"0" * 64
    data = into.getvalue()
    stored, deflated = struct.pack("<HHHH", 20, 0, 0, 0), struct.pack("<HHHH", 20, 0, 8, 0)
    report = quickly(hashed(data.replace(stored, deflated)))
    assert "MEMBER_UNREADABLE" in codes(report)


DEEP = b"[" * 100_000 + b"]" * 100_000
ODD_JSON = {
    "deep": DEEP,
    "deep objects": b'{"a":' * 50_000 + b"1" + b"}" * 50_000,
    "a key twice": b'{"a":1,"a":2}',
    "a float": b'{"a":1.5}',
    "an exponent": b'{"a":1e3}',
    "infinity": b'{"a":Infinity}',
    "a huge integer": b'{"a":' + b"9" * 100_000 + b"}",
    "beyond 2**53": b'{"a":9007199254740993}',
    "minus zero": b'{"a":-0}',
    "spaces": b'{"a": 1}',
    "another order": b'{"b":1,"a":2}',
    "escaped": rb'{"a":"\u4e2d"}',
    "half a character": rb'{"a":"\ud800"}',
    "not UTF-8": b'{"a":"\xff"}',
    "a mark at the beginning": b'\xef\xbb\xbf{"a":1}',
    "a newline at the end": b'{"a":1}\n',
    "a key that is not ASCII": '{"名":1}'.encode(),
    "a control character": b'{"a":"\x01"}',
    "nothing": b"",
    "only a string": b'"',
}


@pytest.mark.parametrize("odd", list(ODD_JSON))
def test_json_of_another_form_is_named_wherever_it_stands(bundle: bytes, odd: str) -> None:
    files = opened(bundle)
    record = next(name for name in files if name.startswith("records/"))
    report = quickly(closed({**files, record: ODD_JSON[odd]}))
    found = next(finding for finding in report.findings if finding.code == "JSON_REFUSED")
    assert found.record in record
    assert quickly(closed({**files, "manifest.json": ODD_JSON[odd]})).status == 2
    assert "JSON_REFUSED" in codes(quickly(closed({**files, "manifest.sig": ODD_JSON[odd]})))


@pytest.mark.parametrize("value", [b"null", b"1", b"[]", b"{}", b'"x"', b"true", b'{"records":[]}'])
def test_values_of_another_kind_are_named(bundle: bytes, value: bytes) -> None:
    files = opened(bundle)
    record = next(name for name in files if name.startswith("records/"))
    assert "RECORD_KIND" in codes(quickly(closed({**files, record: value})))
    assert codes(quickly(closed({**files, "manifest.json": value}))) == ["MANIFEST_SHAPE"]
    assert "MANIFEST_SIGNATURE" in codes(quickly(closed({**files, "manifest.sig": value})))


def test_a_session_made_to_be_slow_is_given_up(bundle: bytes) -> None:
    """Beats that jump over ten thousand holes in the media, forward and back, again and again."""
    files = opened(bundle)
    record = next(name for name in files if name.startswith("records/"))
    body = verify.read_json(files[record], record)
    body["before"]["covered"] = [[number * 20, number * 20 + 10] for number in range(40_000)]
    body["beats"] = [[seq, 0 if seq % 2 else 800_000, 1, 0, 0, ""] for seq in range(1, 20_001)]
    body["batches"] = list(range(200, 20_001, 200))
    files[record] = verify.canonical(body)
    report = quickly(_as_the_attacker(files), seconds=30)
    assert {"TOO_COMPLEX", "NOT_IN_LOG"} <= set(codes(report))


def _as_the_attacker(files: Files) -> bytes:
    rehashed(files)
    signed_by_attacker(files)
    return closed(files)


def test_what_is_printed_moves_no_cursor(bundle: bytes) -> None:
    files = opened(bundle)
    name = "\x1b[2J\x1b[31mverified\r"
    files["manifest.json"] = files["manifest.json"].replace("某某公司".encode(), verify.canonical(name)[1:-1])
    lines = "\n".join(verify.printed(verified(_as_the_attacker(files)), ["zh", "en"]))
    assert "verified" in lines
    assert not {character for character in lines if character < " " and character != "\n"}
