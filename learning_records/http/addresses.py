"""The addresses of C2SP tlog-tiles: each tile has exactly one, and everything else is not found. Pure."""

from __future__ import annotations

import re
from typing import NamedTuple

from config.errors import NotFound

FULL = 256
_LEVEL = re.compile(r"0|[1-5]?[1-9]|[1-6]0|6[1-3]")
_PLACE = re.compile(r"(?P<above>(?:x[0-9]{3}/){0,4})(?P<last>[0-9]{3})(?:\.p/(?P<width>[1-9][0-9]{0,2}))?")


class TilePlace(NamedTuple):
    """Which tile of its level, and how many of its hashes or entries: 256, or fewer after ``.p/``."""

    number: int
    width: int


def level_of(text: str) -> int:
    """The level 0 to 63 as written in an address. Raises ``NotFound`` LOG_TILE_NOT_FOUND."""
    if not _LEVEL.fullmatch(text):
        raise _no_address()
    return int(text)


def place_of(text: str) -> TilePlace:
    """Read ``x001/x234/067`` or ``067.p/112``. Raises ``NotFound`` LOG_TILE_NOT_FOUND."""
    found = _PLACE.fullmatch(text)
    if found is None or found["above"].startswith("x000/"):
        raise _no_address()
    width = int(found["width"] or FULL)
    if width > FULL or (found["width"] and width == FULL):
        raise _no_address()
    return TilePlace(int(found["above"].replace("x", "").replace("/", "") + found["last"]), width)


def _no_address() -> NotFound:
    return NotFound(
        "LOG_TILE_NOT_FOUND",
        "没有这个地址。瓦片的写法是 tile/层/x001/x234/067，未满的在后面加 .p/条数（1至255）。",
    )
