"""What a file is, by its content: every type that is kept, cut short, in disguise, with something hidden in it."""

from __future__ import annotations

import re
import struct
import zlib
from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from config.errors import Invalid
from learning_records.evidence import media_types
from learning_records.evidence.media_structure import MOST_SCANS
from learning_records.evidence.media_types import JPEG, JSON, MP4, PDF, PNG, QUICKTIME, MediaType, sniff
from tests.cast import files

GOOD: dict[str, tuple[Callable[[], bytes], MediaType]] = {
    "jpeg": (files.a_jpeg, JPEG),
    "progressive jpeg": (lambda: files.a_jpeg(progressive=True), JPEG),
    "gray jpeg": (lambda: files.a_jpeg(mode="L"), JPEG),
    "printer's jpeg": (lambda: files.a_jpeg(mode="CMYK"), JPEG),
    "png": (files.a_png, PNG),
    "png with alpha": (lambda: files.a_png(mode="RGBA"), PNG),
    "png with a palette": (lambda: files.a_png(mode="P"), PNG),
    "black and white png": (lambda: files.a_png(mode="1"), PNG),
    "16 bit png": (lambda: files.a_png(mode="I;16"), PNG),
    "interlaced png": (files.an_interlaced_png, PNG),
    "scanned pdf": (files.a_pdf, PDF),
    "pdf 1.5": (files.a_modern_pdf, PDF),
    "mp4": (files.an_mp4, MP4),
    "iphone mov": (lambda: files.a_mov("hevc"), QUICKTIME),
    "3gp": (lambda: files.a_mov("mpeg4", "3gp"), MP4),
    "json": (lambda: '\ufeff \n{"平台": [1, {"a": null}]}'.encode(), JSON),
}


def code_of(data: bytes) -> str:
    with pytest.raises(Invalid) as refused:
        sniff(data)
    assert refused.value.detail.endswith("。")
    return refused.value.code


@pytest.mark.parametrize("name", GOOD)
def test_every_type_that_is_kept_is_recognized(name: str) -> None:
    make, expected = GOOD[name]
    assert sniff(make()) is expected


@pytest.mark.parametrize("name", GOOD)
def test_a_file_cut_short_anywhere_is_refused(name: str) -> None:
    data = GOOD[name][0]()
    if name == "json":
        data = data.rstrip()
    kept = len(data.rstrip(b"\r\n"))  # a PDF may lose its last line break
    for length in sorted({1, 2, 3, 7, 12, 20, kept // 4, kept // 2, kept - 100, kept - 3, kept - 2, kept - 1}):
        if 0 < length < kept:
            assert code_of(data[:length]) in ("FILE_BROKEN", "FILE_TYPE"), length


@given(st.data())
def test_no_change_of_a_file_ends_in_anything_but_a_type_or_a_refusal(data: st.DataObject) -> None:
    name = data.draw(st.sampled_from(sorted(GOOD)))
    file = bytearray(GOOD[name][0]())
    for _ in range(data.draw(st.integers(1, 4))):
        at = data.draw(st.integers(0, len(file) - 1))
        file[at : at + data.draw(st.integers(0, 9))] = data.draw(st.binary(max_size=9))
    assert re.fullmatch(r"[a-z]+/[a-z0-9]+|(FILE|PICTURE)_[A-Z_]+", _verdict(bytes(file)))


def _verdict(data: bytes) -> str:
    try:
        return sniff(data).name
    except Invalid as refused:
        return refused.code


@pytest.mark.parametrize(
    ("data", "word"),
    [
        (b"MZ\x90\x00" + bytes(500), "程序"),
        (b"\x7fELF\x02\x01" + bytes(500), "程序"),
        (b"#!/bin/sh\nrm -rf /\n", "程序"),
        (b"<!DOCTYPE html><html><body>x</body></html>", "网页"),
        (b"  \n<svg xmlns='http://www.w3.org/2000/svg' onload='x()'/>", "网页"),
        (files.a_zip(), "压缩包"),
        (files.a_zip("word/document.xml"), "Word"),
        (files.a_zip("xl/workbook.xml"), "Excel"),
        (files.a_zip("OFD.xml"), "另存为PDF"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(500), "Word"),
        (b"Rar!\x1a\x07\x01\x00", "压缩包"),
        (b"7z\xbc\xaf\x27\x1c\x00\x04", "压缩包"),
        (b"GIF89a" + bytes(20), "JPG或PNG"),
        (b"BM" + bytes(60), "JPG或PNG"),
        (b"RIFF\x00\x00\x00\x00WEBPVP8 ", "JPG或PNG"),
        (b"RIFF\x00\x00\x00\x00AVI LIST", "MP4"),
        (b"RIFF\x00\x00\x00\x00WAVEfmt ", "不收"),
        (b"\x1aE\xdf\xa3" + bytes(40), "MP4"),
        ("我是一段普通的文字。".encode(), "认不出"),
        (b"\x00" * 64, "认不出"),
    ],
)
def test_another_kind_of_file_is_named_and_the_sentence_says_what_to_do(data: bytes, word: str) -> None:
    with pytest.raises(Invalid) as refused:
        sniff(data)
    assert refused.value.code == "FILE_TYPE"
    assert word in refused.value.detail


def test_a_picture_of_an_iphone_is_refused_with_the_way_out() -> None:
    with pytest.raises(Invalid) as refused:
        sniff(files.HEIC)
    assert refused.value.code == "FILE_HEIC"
    assert "兼容性最佳" in refused.value.detail


@pytest.mark.parametrize("name", [name for name in GOOD if name != "json"])
@pytest.mark.parametrize(
    "second", [files.a_zip(), b"Rar!\x1a\x07\x01\x00" + bytes(40), b"7z\xbc\xaf\x27\x1c" + bytes(40)]
)
def test_an_archive_behind_the_file_is_found(name: str, second: bytes) -> None:
    assert code_of(GOOD[name][0]() + second) in ("FILE_HIDES_ANOTHER", "FILE_BROKEN")


def test_an_archive_behind_a_photo_is_called_what_it_is() -> None:
    """The popular trick: one program sees the picture, the other unpacks it."""
    assert code_of(files.a_jpeg() + files.a_zip()) == "FILE_HIDES_ANOTHER"
    assert code_of(files.a_jpeg() + b"Rar!\x1a\x07\x00") == "FILE_HIDES_ANOTHER"


@pytest.mark.parametrize(
    "hidden",
    [b"%PDF-1.4\n", b"<script>alert(1)</script>", b"<HTML >", b"<?php system($_GET[0]); ?>", b"<!doctype  html"],
)
def test_a_page_or_pdf_in_a_comment_of_a_photo_is_found(hidden: bytes) -> None:
    photo = files.a_jpeg()
    comment = b"\xff\xfe" + struct.pack(">H", len(hidden) + 2) + hidden
    assert code_of(photo[:2] + comment + photo[2:]) == "FILE_HIDES_ANOTHER"


def test_an_archive_in_a_box_of_a_video_is_found() -> None:
    archive = files.a_zip()
    assert code_of(files.an_mp4() + struct.pack(">I", len(archive) + 8) + b"free" + archive) == "FILE_HIDES_ANOTHER"


def test_what_phones_put_behind_a_photo_is_none_of_our_business() -> None:
    """A second picture with depth, a moving picture, a maker's own bytes: iPhone, Pixel and Samsung do so."""
    assert sniff(files.a_jpeg() + files.a_jpeg(200)) is JPEG
    assert sniff(files.a_jpeg() + files.an_mp4()) is JPEG
    assert sniff(files.a_jpeg() + bytes(30) + b"SEFH\x00\x00SEFT") is JPEG


def test_what_a_crop_left_behind_a_screenshot_is_refused() -> None:
    assert code_of(files.a_png() + b"IDAT of the part that was cropped away") == "FILE_BROKEN"


@pytest.mark.parametrize(
    "coat",
    [
        b"%PDF-1.4\n" + b"MZ\x90\x00" * 500,
        b"%PDF-1.4\n" + b"x" * 500 + b"\nstartxref\n5\n%%EOF\n",
        b"%PDF-1.4\n" + b"x" * 500 + b"\nxref\n0 1\ntrailer <<>>\nstartxref\n510\n%%EOF\n",
        b"%PDF-9.9\n" + files.a_pdf()[9:],
        b"\xff\xd8\xff\xe0\x00\x10JFIF" + bytes(500) + b"\xff\xd9",
        b"\xff\xd8\xff\xd9",
        b"\x89PNG\r\n\x1a\n" + bytes(500),
        struct.pack(">I", 16) + b"ftypisom\x00\x00\x00\x00" + struct.pack(">I", 508) + b"mdat" + bytes(500),
        struct.pack(">I", 0) + b"ftypisom" + bytes(500),
    ],
)
def test_only_a_coat_of_a_file_is_refused(coat: bytes) -> None:
    assert code_of(coat) == "FILE_BROKEN"


def test_a_page_in_the_coat_of_a_pdf_is_refused() -> None:
    page = b"%PDF-1.4\n<html><script>location='http://example.com'</script></html>\n"
    assert code_of(page) == "FILE_BROKEN"
    assert code_of(page + files.a_pdf()[9:]) in ("FILE_HIDES_ANOTHER", "FILE_BROKEN")


def test_pictures_made_to_fill_a_memory_are_refused_before_anything_is_decoded() -> None:
    assert code_of(files.a_bomb()) == "PICTURE_TOO_LARGE"
    photo = files.a_jpeg()
    at = photo.index(b"\xff\xc0")
    assert code_of(photo[: at + 5] + b"\xff\xff\xff\xff" + photo[at + 9 :]) == "PICTURE_TOO_LARGE"
    assert code_of(photo[: at + 5] + b"\x00\x00\x00\x60" + photo[at + 9 :]) == "FILE_BROKEN"


def test_a_png_that_inflates_to_more_than_its_pixels_is_refused_where_it_passes_them() -> None:
    header = struct.pack(">IIBBBBB", 8, 8, 8, 0, 0, 0, 0)
    more = files.png_of([(b"IHDR", header), (b"IDAT", zlib.compress(bytes(50_000_000), 9)), (b"IEND", b"")])
    less = files.png_of([(b"IHDR", header), (b"IDAT", zlib.compress(bytes(71))), (b"IEND", b"")])
    exact = files.png_of([(b"IHDR", header), (b"IDAT", zlib.compress(bytes(72))), (b"IEND", b"")])
    assert code_of(more) == code_of(less) == "FILE_BROKEN"
    assert sniff(exact) is PNG


def test_a_jpeg_of_endless_passes_is_refused() -> None:
    """Each pass over a large picture costs as much as the picture, and takes a few bytes to ask for."""
    photo = files.a_jpeg(progressive=True)
    start = photo.rindex(b"\xff\xda")
    scan = photo[start:-2]
    passes = photo.count(b"\xff\xda")
    assert sniff(photo[:-2] + scan * (MOST_SCANS - passes) + b"\xff\xd9") is JPEG
    assert code_of(photo[:-2] + scan * (MOST_SCANS - passes + 1) + b"\xff\xd9") == "FILE_BROKEN"


def test_millions_of_empty_parts_are_refused_without_walking_them_all() -> None:
    assert code_of(files.a_jpeg()[:2] + b"\xff\xfe\x00\x02" * 300_000 + files.a_jpeg()[2:]) == "FILE_BROKEN"
    assert code_of(files.an_mp4() + b"\x00\x00\x00\x08free" * 300_000) == "FILE_BROKEN"


@pytest.mark.parametrize("text", [b'{"a": 1', b"[" * 100_000, b'{"a": "\xff"}', b"{}{}", b"[1,]"])
def test_json_that_is_not_whole_is_refused(text: bytes) -> None:
    assert code_of(text) == "FILE_BROKEN"


def test_json_is_read_up_to_a_size() -> None:
    assert code_of(b"[" + b" " * media_types.LARGEST_JSON + b"]") == "FILE_TOO_LARGE"


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        ("第3课 现场.jpg", "第3课 现场.jpg"),
        ("IMG_0001.JPEG", "IMG_0001.JPEG"),
        ("/etc/passwd", "passwd.jpg"),
        ("..\\..\\windows\\合同.exe", "合同.exe.jpg"),
        ("../../", "未命名.jpg"),
        ("", "未命名.jpg"),
        (".jpg", "jpg.jpg"),
        ("...", "未命名.jpg"),
        ("照片\u202egpj.exe", "照片gpj.exe.jpg"),
        ("\u200f\u2066a\u2069\ufeff.jpg", "a.jpg"),
        ("a\x00b\r\nSet-Cookie: x=1.jpg", "ab Set-Cookie_ x=1.jpg"),
        ('a<b>:"|?*.jpg', "a_b______.jpg"),
        ("  a\u3000 b\t.jpg ", "a b.jpg"),
        ("扫描件.pdf", "扫描件.pdf.jpg"),
        ("合同v1.2", "合同v1.2.jpg"),
        ("\ud800x.jpg", "x.jpg"),
        ("e\u0301.jpg", "é.jpg"),
        ("班" * 500 + ".jpg", "班" * 96 + ".jpg"),
        ("a.jpg.", "a.jpg"),
    ],
)
def test_a_name_is_kept_as_people_can_read_it_and_nothing_else(given: str, kept: str) -> None:
    assert media_types.clean_name(given, JPEG) == kept


@given(st.text(max_size=200), st.sampled_from([JPEG, PNG, PDF, MP4, QUICKTIME, JSON]))
def test_every_name_becomes_a_short_one_with_the_right_ending(name: str, media_type: MediaType) -> None:
    kept = media_types.clean_name(name, media_type)
    assert kept.lower().endswith(media_type.endings)
    assert 0 < len(kept) <= media_types.LONGEST_NAME
    assert kept.isprintable()
    assert not set(kept) & set('/\\<>:"|?*')
    assert kept == media_types.clean_name(kept, media_type), "a clean name stays as it is"
