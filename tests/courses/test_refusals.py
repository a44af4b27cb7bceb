"""Packages that must not come in: each has its code, its place and leaves nothing behind."""

from __future__ import annotations

import io
import os
import stat
import zipfile
from collections.abc import Callable
from pathlib import Path

import av
import pytest
import xlsxwriter
from flask import Flask
from PIL import Image

from backend.courses import services
from backend.courses.rules import Limits
from config.errors import Invalid
from config.settings import Settings
from courses import video
from tests.cast.courses import INSTITUTION, a_course_folder, a_video
from tests.courses.conftest import Import

Break = Callable[[Path], object]


@pytest.fixture
def refused(bring_in: Import, settings: Settings) -> Callable[[Path], Invalid]:
    """The refusal of a package; also looks that nothing was kept or written."""

    def check(source: Path) -> Invalid:
        with pytest.raises(Invalid) as caught:
            bring_in(source)
        assert services.list_courses() == []
        assert not settings.media_dir.exists() or list(settings.media_dir.iterdir()) == []
        assert caught.value.errors, "every refusal says where"
        return caught.value

    return check


def edit(old: str, new: str) -> Break:
    def change(folder: Path) -> None:
        path = folder / "course.toml"
        text = path.read_text(encoding="utf-8")
        assert old in text
        path.write_text(text.replace(old, new, 1), encoding="utf-8")

    return change


def write(name: str, data: bytes) -> Break:
    return lambda folder: (folder / name).write_bytes(data)


def add(toml: str) -> Break:
    def change(folder: Path) -> None:
        with (folder / "course.toml").open("a", encoding="utf-8") as manifest:
            manifest.write(toml)

    return change


MANIFESTS: list[tuple[str, Break, str, str | None]] = [
    ("gone", lambda folder: (folder / "course.toml").unlink(), "MANIFEST_MISSING", None),
    ("not TOML", write("course.toml", b"code = "), "MANIFEST_SYNTAX", None),
    ("deep", write("course.toml", b"x = " + b"[" * 100_000), "MANIFEST_SYNTAX", None),
    ("GBK", write("course.toml", 'title = "安全"'.encode("gbk")), "MANIFEST_NOT_UTF8", None),
    ("empty", write("course.toml", b""), "MANIFEST_NO_LESSON", "lesson"),
    ("typed length", edit('kind = "video"', 'kind = "video"\nduration = 2700'), "MANIFEST_TYPED_LENGTH", "lesson[1].duration"),
    ("unknown key", edit('kind = "video"', 'kind = "video"\ncolour = "red"'), "MANIFEST_UNKNOWN_KEY", "lesson[1].colour"),
    ("kind", edit('kind = "video"', 'kind = "live"'), "MANIFEST_KIND", "lesson[1].kind"),
    ("topic", edit('topic = "work_safety"', 'topic = "cooking"'), "MANIFEST_TOPIC", "lesson[1].topic"),
    ("form", edit('form = "theory"', "form = 3"), "MANIFEST_FORM", "form"),
    ("trade", edit("6-18-01-01", "电工"), "MANIFEST_TRADE_CODE", "trade_code"),
    ("title", edit('title = "班组安全"', 'title = " "'), "MANIFEST_TEXT", "title"),
    ("long title", edit("班组安全", "长" * 81), "MANIFEST_TEXT", "title"),
    ("code", edit('code = "safety"', 'code = "../x"'), "MANIFEST_CODE", "code"),
    ("twice", edit('code = "lesson-2"', 'code = "lesson-1"'), "MANIFEST_LESSON_REPEATED", "lesson[2].code"),
    ("leads out", edit('"1.mp4"', '"../1.mp4"'), "MANIFEST_FILE_NAME", "lesson[1].media"),
    ("absolute", edit('"1.mp4"', '"/etc/passwd.mp4"'), "MANIFEST_FILE_NAME", "lesson[1].media"),
    ("wrong type", edit('"1.mp4"', '"1.avi"'), "FILE_TYPE", "lesson[1].media"),
    (
        "dwell",
        add('\n[[lesson]]\ncode="s"\nkind="simulation"\ntitle="s"\ntopic="law"\n'
            '[[lesson.step]]\ntitle="t"\ntext="t"\nminimum_seconds=0\n'),
        "MANIFEST_STEP_SECONDS",
        "lesson[3].step[1].minimum_seconds",
    ),
    (
        "no steps",
        add('\n[[lesson]]\ncode="s"\nkind="simulation"\ntitle="s"\ntopic="law"\n'),
        "MANIFEST_STEPS",
        "lesson[3].step",
    ),
]  # fmt: skip


@pytest.mark.parametrize(("change", "code", "field"), [case[1:] for case in MANIFESTS], ids=[c[0] for c in MANIFESTS])
def test_manifest(
    refused: Callable[[Path], Invalid], folder: Path, change: Break, code: str, field: str | None
) -> None:
    change(folder)
    error = refused(folder)
    assert error.code == code
    assert error.errors[0]["file"] == "course.toml"
    assert error.errors[0].get("field") == field


def test_every_fault_of_a_manifest_is_named_at_once(refused: Callable[[Path], Invalid], folder: Path) -> None:
    edit('form = "theory"', 'form = "x"')(folder)
    edit('kind = "video"', 'kind = "x"')(folder)
    assert {"MANIFEST_FORM", "MANIFEST_KIND"} <= {error["code"] for error in refused(folder).errors}


def truncated(folder: Path) -> None:
    data = (folder / "2.mp4").read_bytes()
    (folder / "2.mp4").write_bytes(data[: len(data) * 2 // 3])


def scrambled(folder: Path) -> None:
    data = bytearray((folder / "2.mp4").read_bytes())
    start = data.index(b"mdat") + 4
    data[start:] = bytes(len(data) - start)
    (folder / "2.mp4").write_bytes(data)


def other_codec(folder: Path) -> None:
    with av.open(str(folder / "2.mp4"), "w", format="mp4") as container:
        stream = container.add_stream("mpeg4", rate=1)
        stream.width, stream.height, stream.pix_fmt = 64, 48, "yuv420p"
        for _ in range(3):
            container.mux(stream.encode(av.VideoFrame(64, 48, "yuv420p")))
        container.mux(stream.encode(None))


def only_sound(folder: Path) -> None:
    with av.open(str(folder / "2.mp4"), "w", format="mp4") as container:
        stream = container.add_stream("aac", rate=8000)
        for number in range(10):
            frame = av.AudioFrame(format="fltp", layout="mono", samples=1024)
            frame.sample_rate, frame.pts = 8000, 1024 * number
            for plane in frame.planes:
                plane.update(bytes(plane.buffer_size))
            container.mux(stream.encode(frame))


def two_pictures_an_hour_apart(folder: Path) -> None:
    picture = Image.new("RGB", (64, 48))
    video.encode(folder / "2.mp4", [(picture, 7_200_000)], width=64, height=48, frame_ms=3_600_000, quality=40)


MEDIA: list[tuple[str, Break, str]] = [
    ("text", write("2.mp4", b"no video at all"), "FILE_TYPE"),
    ("empty", write("2.mp4", b""), "FILE_TYPE"),
    ("playlist", write("2.mp4", b"#EXTM3U\n#EXTINF:10,\nfile:///etc/passwd\n"), "FILE_TYPE"),
    ("only a header", write("2.mp4", b"\0\0\0\x18ftypisom\0\0\0\0isomiso2" + b"\0" * 64), "MEDIA_BROKEN"),
    ("truncated", truncated, "MEDIA_BROKEN"),
    ("scrambled", scrambled, "MEDIA_BROKEN"),
    ("codec", other_codec, "MEDIA_CODEC"),
    ("sound", only_sound, "MEDIA_NO_VIDEO"),
    ("gap", two_pictures_an_hour_apart, "MEDIA_GAP"),
    ("missing", lambda folder: (folder / "2.mp4").unlink(), "FILE_MISSING"),
]


@pytest.mark.parametrize(("change", "code"), [case[1:] for case in MEDIA], ids=[case[0] for case in MEDIA])
def test_media(refused: Callable[[Path], Invalid], folder: Path, change: Break, code: str) -> None:
    change(folder)
    error = refused(folder)
    assert error.code == code
    assert error.errors[0]["file"] == "2.mp4"


def test_a_low_bitrate_copy_must_be_as_long(refused: Callable[[Path], Invalid], folder: Path) -> None:
    (folder / "low.mp4").write_bytes(a_video(9).read_bytes())
    edit('"1.mp4"', '"1.mp4"\nlow_bitrate = "low.mp4"')(folder)
    assert refused(folder).code == "LOW_BITRATE_LENGTH"


@pytest.mark.parametrize(
    ("captions", "code", "row"),
    [
        ("00:00.000 --> 00:01.000\n你好", "CAPTIONS_FORMAT", 1),
        ("WEBVTT\n\n0:00 --> 0:01\n你好", "CAPTIONS_FORMAT", 3),
        ("WEBVTT\n\n你好", "CAPTIONS_FORMAT", None),
        ("WEBVTT\n\n00:02.000 --> 00:01.000\n你好", "CAPTIONS_TIME", 3),
        ("WEBVTT\n\n00:01.000 --> 00:09.000\n你好", "CAPTIONS_TIME", 3),
        ("WEBVTT\n\n00:01.000 --> 00:02.000\n\x07", "TEXT_CONTROL", 4),
    ],
)
def test_captions(refused: Callable[[Path], Invalid], folder: Path, captions: str, code: str, row: int | None) -> None:
    (folder / "1.vtt").write_text(captions, encoding="utf-8")
    edit('"1.mp4"', '"1.mp4"\ncaptions = "1.vtt"')(folder)
    error = refused(folder)
    assert (error.code, error.errors[0].get("row"), error.errors[0]["file"]) == (code, row, "1.vtt")


@pytest.mark.parametrize(
    ("data", "code"),
    [("太短".encode(), "TEXT_LENGTH"), ("安全" .encode("gbk") * 99, "TEXT_NOT_UTF8"), (b"a\x00" * 99, "TEXT_CONTROL")],
)  # fmt: skip
def test_readings(refused: Callable[[Path], Invalid], folder: Path, data: bytes, code: str) -> None:
    (folder / "read.txt").write_bytes(data)
    add('\n[[lesson]]\ncode="r"\nkind="reading"\ntitle="r"\ntopic="law"\ntext="read.txt"\n')(folder)
    assert refused(folder).code == code


def zipped(folder: Path, path: Path, extra: Callable[[zipfile.ZipFile], object] = lambda archive: None) -> Path:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for file in sorted(folder.iterdir()):
            archive.write(file, file.name)
        extra(archive)
    return path


def a_link(archive: zipfile.ZipFile) -> None:
    info = zipfile.ZipInfo("3.mp4")
    info.external_attr = (stat.S_IFLNK | 0o777) << 16
    archive.writestr(info, "/etc/passwd")


def a_repeated_name(archive: zipfile.ZipFile) -> None:
    with pytest.warns(UserWarning, match="Duplicate"):
        archive.writestr("1.mp4", b"another")


def many_files(archive: zipfile.ZipFile) -> None:
    for number in range(1001):
        archive.writestr(f"x/{number}", b"")


ZIPS: list[tuple[str, Callable[[zipfile.ZipFile], object], str]] = [
    ("bomb", lambda archive: archive.writestr("3.bin", bytes(50_000_000)), "PACKAGE_BOMB"),
    ("leads out", lambda archive: archive.writestr("../3.mp4", b"x"), "PACKAGE_UNSAFE_NAME"),
    ("deep out", lambda archive: archive.writestr("a/../../3.mp4", b"x"), "PACKAGE_UNSAFE_NAME"),
    ("absolute", lambda archive: archive.writestr("/etc/cron.d/x", b"x"), "PACKAGE_UNSAFE_NAME"),
    ("drive", lambda archive: archive.writestr("C:x.mp4", b"x"), "PACKAGE_UNSAFE_NAME"),
    ("backslash", lambda archive: archive.writestr("..\\x.mp4", b"x"), "PACKAGE_UNSAFE_NAME"),
    ("link", a_link, "PACKAGE_SYMLINK"),
    ("repeated", a_repeated_name, "PACKAGE_NAME_REPEATED"),
    ("many", many_files, "PACKAGE_TOO_MANY_FILES"),
]


@pytest.mark.parametrize(("extra", "code"), [case[1:] for case in ZIPS], ids=[case[0] for case in ZIPS])
def test_zip(
    refused: Callable[[Path], Invalid],
    folder: Path,
    tmp_path: Path,
    extra: Callable[[zipfile.ZipFile], object],
    code: str,
) -> None:
    assert refused(zipped(folder, tmp_path / "course.zip", extra)).code == code


def test_a_zip_that_is_none_or_damaged(refused: Callable[[Path], Invalid], folder: Path, tmp_path: Path) -> None:
    path = tmp_path / "course.zip"
    path.write_bytes(b"PK\x03\x04 and then nothing")
    assert refused(path).code == "PACKAGE_NOT_ZIP"
    data = bytearray(zipped(folder, path).read_bytes())
    middle = data.index(b"1.mp4") + 200
    data[middle : middle + 50] = b"\xff" * 50
    path.write_bytes(data)
    assert refused(path).code == "PACKAGE_DAMAGED"
    assert refused(tmp_path / "nothing").code == "PACKAGE_MISSING"


@pytest.mark.parametrize("method", [zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED, zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA])
@pytest.mark.parametrize("harm", ["changed", "cut out"])
def test_a_damaged_entry_of_any_packing(
    refused: Callable[[Path], Invalid], folder: Path, tmp_path: Path, method: int, harm: str
) -> None:
    path = tmp_path / "course.zip"
    with zipfile.ZipFile(path, "w", method) as archive:
        archive.writestr("course.toml", (folder / "course.toml").read_bytes() * 20)
    data = bytearray(path.read_bytes())
    start = data.index(b"course.toml") + len("course.toml")
    if harm == "changed":
        data[start + 30] ^= 1
    else:
        del data[start + 5 : start + 20]
    path.write_bytes(data)
    assert refused(path).code in ("PACKAGE_DAMAGED", "PACKAGE_NOT_ZIP")


def test_a_zip_whose_sizes_lie(refused: Callable[[Path], Invalid], folder: Path, tmp_path: Path) -> None:
    """The directory says a small file; what comes out is cut off there and fails its checksum."""
    (folder / "1.mp4").write_bytes(bytes(5_000_000))
    data = bytearray(zipped(folder, tmp_path / "course.zip").read_bytes())
    size = (5_000_000).to_bytes(4, "little")
    assert data.count(size) == 2
    (tmp_path / "course.zip").write_bytes(data.replace(size, (900_000).to_bytes(4, "little")))
    assert refused(tmp_path / "course.zip").code in {"PACKAGE_DAMAGED", "FILE_TYPE"}


def test_links_in_a_folder(refused: Callable[[Path], Invalid], folder: Path, tmp_path: Path) -> None:
    secret = tmp_path / "secret.mp4"
    secret.write_bytes((folder / "1.mp4").read_bytes())
    (folder / "1.mp4").unlink()
    (folder / "1.mp4").symlink_to(secret)
    error = refused(folder)
    assert (error.code, error.errors[0]["file"]) == ("PACKAGE_SYMLINK", "1.mp4")
    (tmp_path / "link").symlink_to(folder)
    assert refused(tmp_path / "link").code == "PACKAGE_SYMLINK"


def test_a_pipe_in_a_folder_is_not_read(bring_in: Import, folder: Path) -> None:
    os.mkfifo(folder / "3.mp4")
    assert bring_in(folder).course.media_ms == 7000


@pytest.mark.parametrize(
    ("limits", "code"),
    [
        (Limits(files=3), "PACKAGE_TOO_MANY_FILES"),
        (Limits(total_bytes=1000), "PACKAGE_TOO_LARGE"),
        (Limits(file_bytes=500), "FILE_TOO_LARGE"),
        (Limits(text_bytes=50), "FILE_TOO_LARGE"),
        (Limits(video_ms=3500), "MEDIA_LENGTH"),
        (Limits(lessons=1), "MANIFEST_TOO_MANY_LESSONS"),
        (Limits(questions=8), "WORKBOOK_TOO_MANY_ROWS"),
    ],
)
@pytest.mark.parametrize("as_zip", [False, True])
def test_bounds(app: Flask, folder: Path, tmp_path: Path, limits: Limits, code: str, as_zip: bool) -> None:
    source = zipped(folder, tmp_path / "course.zip") if as_zip else folder
    with pytest.raises(Invalid) as refused:
        services.import_course(source=source, owner=INSTITUTION, author="作者", limits=limits)
    assert refused.value.code == code


def test_a_course_without_questions_is_fine(bring_in: Import, tmp_path: Path) -> None:
    folder = a_course_folder(tmp_path / "plain", question_count=0)
    assert bring_in(folder).course.question_count == 0


def test_a_formula_in_the_workbook_is_text(refused: Callable[[Path], Invalid], folder: Path) -> None:
    out = io.BytesIO()
    book = xlsxwriter.Workbook(out)
    sheet = book.add_worksheet()
    sheet.write_row(0, 0, ["题型", "题目"])
    sheet.write_formula(1, 0, "=1+1")
    book.close()
    (folder / "questions.xlsx").write_bytes(out.getvalue())
    assert refused(folder).code == "WORKBOOK_HEADINGS"
