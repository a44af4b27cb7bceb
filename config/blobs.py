"""Files kept under the SHA-256 of their bytes: attachments, archives. A folder now; whatever has these functions later.

Nothing else knows where the bytes are. ``configure`` is called once by ``app.py``. A file is here before a row refers to
it. If the row is refused after all, the file stays behind and belongs to nobody: it costs its size and is never shown. It
is not swept up, because this folder cannot know who else keeps files here; who destroys a file says which (``remove``).
"""

from __future__ import annotations

import errno
import hashlib
import os
import re
import secrets
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from config.errors import Invalid, NotFound, Unavailable

_CHUNK_BYTES = 1024 * 1024
_SHA256 = re.compile(r"[0-9a-f]{64}")
_FULL = (errno.ENOSPC, errno.EDQUOT)
_folder: Path | None = None


class Source(Protocol):
    """Anything bytes can be read from, once: an upload, an open file."""

    def read(self, size: int, /) -> bytes:
        """At most ``size`` bytes; none at the end."""


@dataclass(frozen=True)
class Blob:
    """A kept file: lower-case hexadecimal SHA-256 and size."""

    sha256: str
    size_bytes: int


def configure(folder: Path) -> None:
    """Keep files in ``folder``, which is made when the first one comes."""
    global _folder
    _folder = folder


def put(source: Source, *, limit_bytes: int, examine: Callable[[Path], None] | None = None) -> Blob:
    """Keep what ``source`` holds, durably, before anything refers to it. The same bytes twice are kept once.

    ``examine`` may look at the whole file before it is kept; what it raises refuses the file. Raises ``Invalid``
    FILE_TOO_LARGE beyond ``limit_bytes`` and FILE_EMPTY, ``Unavailable`` FILE_STORE_FULL. Nothing is kept of a refused file.
    """
    incoming = _root() / f"incoming-{secrets.token_hex(8)}"
    try:
        _make_folder(incoming.parent)
        blob = _receive(source, incoming, limit_bytes)
        if examine is not None:
            examine(incoming)
        place = _place(blob.sha256)
        _make_folder(place.parent)
        incoming.replace(place)
        _sync_folder(place.parent)
        return blob
    except OSError as error:
        if error.errno in _FULL:
            raise Unavailable(
                "FILE_STORE_FULL", "系统的存储空间不足，文件没有保存。请联系管理员，稍后再上传。"
            ) from error
        raise
    finally:
        incoming.unlink(missing_ok=True)


def path_of(sha256: str) -> Path:
    """Where a kept file can be read. Raises ``NotFound`` FILE_NOT_FOUND."""
    place = _place(sha256)
    if not place.is_file():
        raise NotFound("FILE_NOT_FOUND", "文件不存在，可能已按保存期限销毁。")
    return place


def exists(sha256: str) -> bool:
    """Whether the file is kept here."""
    return _place(sha256).is_file()


def intact(sha256: str) -> bool:
    """Whether the kept file still holds the bytes it is named after. Reads all of it. Raises as ``path_of``."""
    with path_of(sha256).open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest() == sha256


def remove(sha256: str) -> bool:
    """Destroy a kept file; whether there was one."""
    place = _place(sha256)
    found = place.is_file()
    place.unlink(missing_ok=True)
    return found


def clear_unfinished(*, older_than_seconds: int) -> int:
    """Remove what a killed process left half received; how many. A file still coming in is younger than that."""
    removed = 0
    for file in _root().glob("incoming-*"):
        with suppress(FileNotFoundError):  # received to its end meanwhile
            if time.time() - file.stat().st_mtime > older_than_seconds:
                file.unlink()
                removed += 1
    return removed


def _receive(source: Source, incoming: Path, limit_bytes: int) -> Blob:
    digest, size = hashlib.sha256(), 0
    handle = os.open(incoming, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)  # people's pictures: nobody else's to read
    with os.fdopen(handle, "wb") as file:
        while chunk := source.read(_CHUNK_BYTES):
            size += len(chunk)
            if size > limit_bytes:
                raise Invalid("FILE_TOO_LARGE", f"文件超过{limit_bytes // 1024**2}MB，请压缩或分开后再上传。")
            digest.update(chunk)
            file.write(chunk)
        file.flush()
        os.fsync(file.fileno())
    if not size:
        raise Invalid("FILE_EMPTY", "文件是空的，请重新选择。")
    return Blob(digest.hexdigest(), size)


def _root() -> Path:
    if _folder is None:
        raise RuntimeError("blobs.configure(folder) was not called; app.py does this")
    return _folder


def _place(sha256: str) -> Path:
    if not _SHA256.fullmatch(sha256):
        raise NotFound("FILE_NOT_FOUND", "文件不存在，可能已按保存期限销毁。")
    return _root() / sha256[:2] / sha256


def _make_folder(folder: Path) -> None:
    if folder.is_dir():
        return
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    _sync_folder(folder.parent)  # or a crash takes the folder away with the file in it


def _sync_folder(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
