"""The tiles as they lie in the database, and the entries beside them. Services: they flush, never commit."""

from __future__ import annotations

from collections.abc import Collection, Mapping

from sqlalchemy import and_, bindparam, func, insert, or_, select, update

from config.database import db
from learning_records.evidence.models import EvidenceEntry, LogTile
from learning_records.evidence.tree import HASH_BYTES, TILE_WIDTH, Place

_TILES = LogTile.__table__
_PLACED = and_(LogTile.level == bindparam("at_level"), LogTile.number == bindparam("at_number"))


def read(places: Collection[Place]) -> Mapping[Place, bytes]:
    """Those of the tiles that exist, in one query."""
    here = or_(*(and_(LogTile.level == level, LogTile.number == number) for level, number in places))
    rows = db.session.execute(select(LogTile.level, LogTile.number, LogTile.hashes).where(here))
    return {(level, number): hashes for level, number, hashes in rows}


def write(changed: Mapping[Place, bytes], *, size_before: int) -> None:
    """Store the tiles that changed when leaves followed the first ``size_before``."""
    old = [place for place in changed if _held(size_before, place)]
    new = [place for place in changed if not _held(size_before, place)]
    connection = db.session.connection()
    if old:
        connection.execute(
            update(LogTile).where(_PLACED).values(hashes=bindparam("grown")),
            [{"at_level": place[0], "at_number": place[1], "grown": changed[place]} for place in old],
        )
    if new:
        connection.execute(
            insert(LogTile),
            [{"level": place[0], "number": place[1], "hashes": changed[place]} for place in new],
        )


def tree_size() -> int:
    """How many leaves the tiles hold."""
    last = db.session.execute(
        select(LogTile.number, func.length(LogTile.hashes))
        .where(LogTile.level == 0)
        .order_by(LogTile.number.desc())
        .limit(1)
    ).one_or_none()
    return 0 if last is None else last[0] * TILE_WIDTH + last[1] // HASH_BYTES


def entries_size() -> int:
    """How many entries have their place in the log."""
    last = db.session.scalar(select(func.max(EvidenceEntry.log_index)))
    return 0 if last is None else last + 1


def _held(size: int, place: Place) -> bool:
    """Whether a tree of that size has something in that tile."""
    level, number = place
    return size >> (8 * level) > number * TILE_WIDTH
