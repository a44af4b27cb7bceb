"""Answers that a browser saves as a file, with a Chinese name that every browser understands (RFC 6266)."""

from __future__ import annotations

from collections.abc import Iterable
from urllib.parse import quote

from flask import Response


def attachment(content: bytes | Iterable[bytes], name: str, mimetype: str) -> Response:
    """``content`` as a file called ``name``; an iterable is streamed."""
    response = Response(content, content_type=mimetype)
    ending = name.rpartition(".")[2]
    response.headers["Content-Disposition"] = (
        f"attachment; filename=\"download.{ending}\"; filename*=UTF-8''{quote(name)}"
    )
    return response
