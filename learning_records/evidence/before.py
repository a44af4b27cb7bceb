"""Rows that are older than sealing: counted and hashed once, in one sealed record, and held against it ever after.

An installation that had decisions before they became evidence seals, when the guards come, the count, the last id and a
SHA-256 of the rows of each table as they then were (kind ``sealing_began``). A row without a record is old only if it is
among those, so nobody can pass off a later row as an old one. A new installation has no such record and no such rows.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa

from config.crypto import canonical_json
from config.database import UtcDateTime

BEGAN = "sealing_began"
_AT_ONCE = 5_000
_TYPES: Mapping[str, sa.types.TypeEngine[Any]] = {
    "boolean": sa.Boolean(),
    "date": sa.Date(),
    "instant": UtcDateTime(),
    "integer": sa.BigInteger(),
    "json": sa.JSON(),
    "text": sa.String(),
    "uuid": sa.Uuid(),
}


@dataclass(frozen=True)
class OldRows:
    """Rows of one table up to ``last_id``. ``columns``: the name and the kind of value of those that never change, the id
    first; ``sha256`` over one line of canonical JSON a row, in the order of their ids."""

    table: str
    columns: tuple[tuple[str, str], ...]
    rows: int
    last_id: int
    sha256: str

    def to_dict(self) -> dict[str, Any]:
        """As it is sealed."""
        return {
            "table": self.table,
            "columns": [list(column) for column in self.columns],
            "rows": self.rows,
            "last_id": self.last_id,
            "sha256": self.sha256,
        }

    @classmethod
    def from_dict(cls, said: Mapping[str, Any]) -> OldRows:
        """Read what was sealed."""
        columns = tuple((name, kind) for name, kind in said["columns"])
        return cls(said["table"], columns, said["rows"], said["last_id"], said["sha256"])


def count_rows(
    connection: sa.Connection, table: str, columns: tuple[tuple[str, str], ...], *, last_id: int | None = None
) -> OldRows:
    """Count and hash the rows of a table, all or up to ``last_id``."""
    typed = [sa.column(name, _TYPES[kind]) for name, kind in columns]
    query = sa.select(*typed).select_from(sa.table(table)).order_by(typed[0]).limit(_AT_ONCE)
    if last_id is not None:
        query = query.where(typed[0] <= last_id)
    digest, rows, seen = hashlib.sha256(), 0, None
    while page := connection.execute(query if seen is None else query.where(typed[0] > seen)).all():
        for row in page:
            digest.update(canonical_json([_plain(value) for value in row]) + b"\n")
        rows, seen = rows + len(page), page[-1][0]
    return OldRows(table, columns, rows, seen or 0, digest.hexdigest())


def _plain(value: Any) -> Any:
    if isinstance(value, UUID):
        return str(value)
    if isinstance(value, datetime | date):
        return value.isoformat()
    return value
