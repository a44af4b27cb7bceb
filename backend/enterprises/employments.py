"""What rosters say of employments, many people at once and without a name: for checks over whole lists."""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from typing import cast

from sqlalchemy import ColumnElement, select

from backend.enterprises.models import RosterEntry
from backend.enterprises.rules import Relation
from config.database import db

_AT_ONCE = 1_000


@dataclass(frozen=True)
class Employment:
    """A roster row without its personal fields. ``id_number_index`` is the keyed blind index of the ID number."""

    entry_id: int
    public_id: uuid.UUID
    relation: Relation
    hired_on: date
    id_number_index: str
    worker_id: int | None


def employments(entry_ids: Iterable[int]) -> dict[int, Employment]:
    """The employments of these roster rows, by the row's id."""
    wanted = list(entry_ids)
    return {
        entry.entry_id: entry
        for start in range(0, len(wanted), _AT_ONCE)
        for entry in _select(RosterEntry.id.in_(wanted[start : start + _AT_ONCE]))
    }


def employments_on_roster(*, enterprise_id: int, public_ids: Iterable[uuid.UUID]) -> dict[uuid.UUID, Employment]:
    """Those of these rows that are on the enterprise's roster, by their public id."""
    wanted, own = list(public_ids), RosterEntry.enterprise_id == enterprise_id
    return {
        entry.public_id: entry
        for start in range(0, len(wanted), _AT_ONCE)
        for entry in _select(own, RosterEntry.public_id.in_(wanted[start : start + _AT_ONCE]))
    }


def _select(*conditions: ColumnElement[bool]) -> Iterator[Employment]:
    query = select(
        RosterEntry.id,
        RosterEntry.public_id,
        RosterEntry.relation,
        RosterEntry.hired_on,
        RosterEntry.id_number_index,
        RosterEntry.worker_id,
    ).where(*conditions)
    for entry_id, public_id, relation, hired_on, index, worker_id in db.session.execute(query):
        yield Employment(entry_id, public_id, cast(Relation, relation), hired_on, index, worker_id)
