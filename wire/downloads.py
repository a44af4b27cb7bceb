"""Answers that are saved as a file, with a Chinese name that every browser understands (RFC 6266)."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Iterable, Iterator
from contextlib import ExitStack
from typing import BinaryIO
from urllib.parse import quote

from flask import Response

ZIP = "application/zip"
_CHUNK_BYTES = 256 * 1024


def attachment(content: bytes | Iterable[bytes], name: str, mimetype: str) -> Response:
    """``content`` as a file called ``name``; an iterable is streamed."""
    response = Response(content, content_type=mimetype)
    ending = name.rpartition(".")[2]
    response.headers["Content-Disposition"] = (
        f"attachment; filename=\"download.{ending}\"; filename*=UTF-8''{quote(name)}"
    )
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


def _chunks(file: BinaryIO) -> Iterator[bytes]:
    while chunk := file.read(_CHUNK_BYTES):
        yield chunk
