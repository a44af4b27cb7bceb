"""Erasing who a new hire is, when the time of the roster row is over. When that is, is the caller's to say."""

from __future__ import annotations

from collections.abc import Collection

from sqlalchemy import select

from backend.new_hires.models import NewHireLine
from config.database import db


def erase_people(*, entry_ids: Collection[int]) -> None:
    """Forget the blind index of the lines of these roster rows; what was granted and checked stays with the books."""
    for line in db.session.scalars(select(NewHireLine).where(NewHireLine.roster_entry_id.in_(entry_ids))):
        line.person_index = f"erased:{line.public_id.hex}"
    db.session.flush()
