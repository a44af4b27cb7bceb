"""Finding many people of a roster at once, by their ID numbers."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

from sqlalchemy import select

from backend.enterprises.models import RosterEntry
from backend.enterprises.roster_entries import NAME
from config import crypto
from config.database import db


@dataclass(frozen=True)
class RosterMatch:
    """A roster row by its ID number. ``name`` is in the clear, to be compared; ``worker_id`` is None until joined."""

    entry_id: int
    name: str
    worker_id: int | None


def find_on_roster(*, enterprise_id: int, id_number_indexes: Collection[str]) -> dict[str, RosterMatch]:
    """Those of these people who are on the enterprise's roster, by the blind index of their ID number (at most 1,000)."""
    rows = db.session.execute(
        select(RosterEntry.id, RosterEntry.id_number_index, RosterEntry.name_encrypted, RosterEntry.worker_id).where(
            RosterEntry.enterprise_id == enterprise_id, RosterEntry.id_number_index.in_(list(id_number_indexes))
        )
    )
    return {
        row.id_number_index: RosterMatch(row.id, crypto.decrypt(row.name_encrypted, purpose=NAME), row.worker_id)
        for row in rows
    }
