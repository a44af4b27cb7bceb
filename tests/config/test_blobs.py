"""The file store: kept under what the bytes are, whole or not at all."""

from __future__ import annotations

import errno
import hashlib
import io
import os
import stat
from pathlib import Path

import pytest

from config import blobs
from config.errors import Conflict, Invalid, NotFound, Unavailable

BYTES = "盖章材料".encode() * 1000
SHA256 = hashlib.sha256(BYTES).hexdigest()
LIMIT = 3 * 1024 * 1024


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    blobs.configure(tmp_path / "blobs")
    return tmp_path / "blobs"


def files_in(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.rglob("*") if path.is_file())


class Drip:
    """A stream that gives a few bytes at a time and cannot be wound back, as one off the network."""

    def __init__(self, data: bytes) -> None:
        self.inner = io.BytesIO(data)

    def read(self, size: int, /) -> bytes:
        return self.inner.read(min(size, 7))


def test_what_was_put_is_read_back_under_its_hash(folder: Path) -> None:
    blob = blobs.put(Drip(BYTES), limit_bytes=LIMIT)
    assert blob == blobs.Blob(SHA256, len(BYTES))
    assert blobs.path_of(SHA256).read_bytes() == BYTES
    assert blobs.exists(SHA256)
    assert blobs.intact(SHA256)


def test_the_same_bytes_are_kept_once(folder: Path) -> None:
    for _ in range(2):
        blobs.put(io.BytesIO(BYTES), limit_bytes=LIMIT)
    assert files_in(folder) == [SHA256]


def test_nobody_else_on_the_machine_may_read_them(folder: Path) -> None:
    blobs.put(io.BytesIO(BYTES), limit_bytes=LIMIT)
    modes = {stat.S_IMODE(path.stat().st_mode) & 0o077 for path in (folder, *folder.rglob("*"))}
    assert modes == {0}


@pytest.mark.parametrize(
    ("data", "code"), [(b"", "FILE_EMPTY"), (b"x" * (LIMIT + 1), "FILE_TOO_LARGE")], ids=["empty", "one byte more"]
)
def test_nothing_stays_of_a_refused_file(folder: Path, data: bytes, code: str) -> None:
    with pytest.raises(Invalid) as refused:
        blobs.put(io.BytesIO(data), limit_bytes=LIMIT)
    assert refused.value.code == code
    assert files_in(folder) == []


def test_exactly_the_limit_is_taken_and_the_sentence_says_it(folder: Path) -> None:
    assert blobs.put(io.BytesIO(b"x" * LIMIT), limit_bytes=LIMIT).size_bytes == LIMIT
    with pytest.raises(Invalid, match="超过3MB"):
        blobs.put(io.BytesIO(b"y" * (LIMIT + 1)), limit_bytes=LIMIT)


def test_who_examines_sees_the_whole_file_before_it_has_its_name_and_may_refuse_it(folder: Path) -> None:
    def examine(path: Path) -> None:
        assert path.read_bytes() == BYTES
        assert not blobs.exists(SHA256)
        raise Conflict("NOT_THIS", "不收")

    with pytest.raises(Conflict):
        blobs.put(io.BytesIO(BYTES), limit_bytes=LIMIT, examine=examine)
    assert files_in(folder) == []


def test_a_full_disk_is_said_in_words_and_leaves_nothing(folder: Path) -> None:
    if not Path("/dev/full").exists():
        pytest.skip("no /dev/full on this system")

    def write_on(path: Path) -> None:
        handle = os.open("/dev/full", os.O_WRONLY)
        try:
            os.write(handle, path.read_bytes())
        finally:
            os.close(handle)

    with pytest.raises(Unavailable) as refused:
        blobs.put(io.BytesIO(BYTES), limit_bytes=LIMIT, examine=write_on)
    assert refused.value.code == "FILE_STORE_FULL"
    assert isinstance(refused.value.__cause__, OSError)
    assert refused.value.__cause__.errno == errno.ENOSPC
    assert files_in(folder) == []


def test_a_stream_that_breaks_off_leaves_nothing(folder: Path) -> None:
    class Broken:
        def read(self, size: int, /) -> bytes:
            raise ConnectionResetError("the phone went into the lift")

    with pytest.raises(ConnectionResetError):
        blobs.put(Broken(), limit_bytes=LIMIT)
    assert files_in(folder) == []


@pytest.mark.parametrize(
    "name", ["", "..", "../../etc/passwd", SHA256.upper(), SHA256[:-1], SHA256 + "0", "g" * 64, SHA256 + "\n"]
)
def test_only_a_sha256_names_a_file(folder: Path, name: str) -> None:
    blobs.put(io.BytesIO(BYTES), limit_bytes=LIMIT)
    for ask in (blobs.path_of, blobs.exists, blobs.remove, blobs.intact):
        with pytest.raises(NotFound):
            ask(name)
    assert files_in(folder) == [SHA256]


def test_a_removed_file_is_gone_and_a_second_removal_says_so(folder: Path) -> None:
    blobs.put(io.BytesIO(BYTES), limit_bytes=LIMIT)
    assert blobs.remove(SHA256)
    assert not blobs.remove(SHA256)
    with pytest.raises(NotFound):
        blobs.path_of(SHA256)


def test_a_changed_byte_shows_and_the_right_bytes_put_it_right(folder: Path) -> None:
    blobs.put(io.BytesIO(BYTES), limit_bytes=LIMIT)
    place = blobs.path_of(SHA256)
    place.write_bytes(b"?" + BYTES[1:])
    assert not blobs.intact(SHA256)
    blobs.put(io.BytesIO(BYTES), limit_bytes=LIMIT)
    assert blobs.intact(SHA256)


def test_what_a_killed_process_left_is_cleared_and_nothing_else(folder: Path) -> None:
    blobs.put(io.BytesIO(BYTES), limit_bytes=LIMIT)
    for name, age in (("incoming-old", 90_000), ("incoming-young", 10)):
        (folder / name).write_bytes(b"half")
        then = (folder / name).stat().st_mtime - age
        os.utime(folder / name, (then, then))
    os.utime(blobs.path_of(SHA256), (0, 0))
    assert blobs.clear_unfinished(older_than_seconds=86_400) == 1
    assert files_in(folder) == sorted([SHA256, "incoming-young"])
