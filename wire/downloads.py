"""Answers that are saved as a file, with a Chinese name that every browser understands (RFC 6266)."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Iterable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import BinaryIO
from urllib.parse import quote

from flask import Response, send_file

ZIP = "application/zip"
_CHUNK_BYTES = 256 * 1024


def attachment(content: bytes | Iterable[bytes], name: str, mimetype: str) -> Response:
    """``content`` as a file called ``name``; an iterable is streamed."""
    response = Response(content, content_type=mimetype)
    response.headers["Content-Disposition"] = _disposition(name)
    return response


def written(write: Callable[[BinaryIO], None], name: str, mimetype: str) -> Response:
    """What ``write`` puts into a temporary file, sent from there. A refusal of ``write`` comes before any byte is sent."""
    with ExitStack() as stack:
        file = stack.enter_context(tempfile.TemporaryFile())
        write(file)
        size = file.tell()
        file.seek(0)
        response = attachment(_chunks(file), name, mimetype)
        response.content_length = size
        response.call_on_close(stack.pop_all().close)
    return response


def stored(path: Path, name: str, mimetype: str, *, sha256: str) -> Response:
    """A kept file, which is sent from where it lies; a download that broke off goes on (ranges). Never kept by a cache."""
    response = send_file(path, mimetype=mimetype, conditional=True, etag=sha256)
    response.headers["Content-Disposition"] = _disposition(name)
    response.headers["Cache-Control"] = "no-store"
    return response


def _disposition(name: str) -> str:
    ending = name.rpartition(".")[2]
    return f"attachment; filename=\"download.{ending}\"; filename*=UTF-8''{quote(name)}"


def _chunks(file: BinaryIO) -> Iterator[bytes]:
    while chunk := file.read(_CHUNK_BYTES):
        yield chunk
