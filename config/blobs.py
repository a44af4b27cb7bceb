"""Files kept under the SHA-256 of their bytes: attachments, archives. A folder now; whatever has these functions later.

Nothing else knows where the bytes are. ``configure`` is called once by ``app.py``.
"""

from __future__ import annotations

import hashlib
import os
import re
import secrets
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from config.errors import Invalid, NotFound

_CHUNK_BYTES = 1024 * 1024
_SHA256 = re.compile(r"[0-9a-f]{64}")
_folder: Path | None = None


@dataclass(frozen=True)
class Blob:
    """A kept file: lower-case hexadecimal SHA-256 and size."""

    sha256: str
    size_bytes: int


def configure(folder: Path) -> None:
    """Keep files in ``folder``, which is made when the first one comes."""
    global _folder
    _folder = folder


def put(source: BinaryIO, *, limit_bytes: int) -> Blob:
    """Keep what ``source`` holds, durably, before anything refers to it. The same bytes twice are kept once.

    Raises ``Invalid`` FILE_TOO_LARGE beyond ``limit_bytes`` (nothing is kept then), FILE_EMPTY.
    """
    incoming = _root() / f"incoming-{secrets.token_hex(8)}"
    incoming.parent.mkdir(parents=True, exist_ok=True)
    digest, size = hashlib.sha256(), 0
    try:
        with incoming.open("xb") as file:
            while chunk := source.read(_CHUNK_BYTES):
                size += len(chunk)
                if size > limit_bytes:
                    raise Invalid("FILE_TOO_LARGE", f"文件超过{limit_bytes // 1_000_000}MB，请压缩或分开后再上传。")
                digest.update(chunk)
                file.write(chunk)
            file.flush()
            os.fsync(file.fileno())
        if not size:
            raise Invalid("FILE_EMPTY", "文件是空的，请重新选择。")
        blob = Blob(digest.hexdigest(), size)
        place = _place(blob.sha256)
        place.parent.mkdir(parents=True, exist_ok=True)
        incoming.replace(place)
        _sync_folder(place.parent)
        return blob
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


def remove(sha256: str) -> bool:
    """Destroy a kept file; whether there was one."""
    place = _place(sha256)
    found = place.is_file()
    place.unlink(missing_ok=True)
    return found


def _root() -> Path:
    if _folder is None:
        raise RuntimeError("blobs.configure(folder) was not called; app.py does this")
    return _folder


def _place(sha256: str) -> Path:
    if not _SHA256.fullmatch(sha256):
        raise NotFound("FILE_NOT_FOUND", "文件不存在，可能已按保存期限销毁。")
    return _root() / sha256[:2] / sha256


def _sync_folder(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
