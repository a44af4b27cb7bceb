"""Cursor paging: ``{items, next_cursor}``. A cursor is opaque to the caller and holds the last row's key."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar

from config.errors import Invalid

T = TypeVar("T")
PAGE_SIZE = 100


@dataclass(frozen=True)
class Page(Generic[T]):
    """One page; ``next_cursor`` is None on the last."""

    items: Sequence[T]
    next_cursor: str | None


def cursor_of(key: int) -> str:
    """The opaque cursor that goes on after the row with this key."""
    return base64.urlsafe_b64encode(f"v1:{key}".encode()).decode().rstrip("=")


def key_of(cursor: str | None) -> int:
    """The key a cursor holds, 0 for none. Raises ``Invalid`` (CURSOR_INVALID) for anything we did not make."""
    if not cursor:
        return 0
    try:
        text = base64.b64decode(cursor + "=" * (-len(cursor) % 4), altchars=b"-_", validate=True).decode("ascii")
        version, _, key = text.partition(":")
        if version == "v1" and key.isascii() and key.isdigit() and len(key) < 19:
            return int(key)
    except (binascii.Error, ValueError):
        pass
    raise Invalid("CURSOR_INVALID", "翻页标记无效，请从第一页重新开始。")


def page(rows: Sequence[T], *, size: int, key: Callable[[T], int]) -> Page[T]:
    """Cut ``rows`` (fetched with ``size + 1``) to one page."""
    if len(rows) <= size:
        return Page(rows, None)
    kept = rows[:size]
    return Page(kept, cursor_of(key(kept[-1])))
