"""Erasing personal fields of rosters whose time is over. When that is, is the caller's to say; the database refuses a name or
ID number of somebody whose account still has them. The caller audits."""

from collections.abc import Collection

from sqlalchemy import select, update

from backend.enterprises.models import RosterEntry
from config import clock
from config.database import db

_GONE = b""


def erase_roster_phones(*, entry_ids: Collection[int]) -> None:
    """Forget the phone numbers of these rows."""
    db.session.execute(update(RosterEntry).where(RosterEntry.id.in_(entry_ids)).values(phone_encrypted=_GONE))


def erase_roster_entries(*, entry_ids: Collection[int]) -> None:
    """Forget who these rows are; they stay where lists and claims refer to them. Imported again, a person is a new row."""
    for entry in db.session.scalars(select(RosterEntry).where(RosterEntry.id.in_(entry_ids))):
        entry.name_encrypted = entry.id_number_encrypted = entry.phone_encrypted = _GONE
        entry.id_number_index = f"erased:{entry.public_id.hex}"
        entry.erased_at = clock.now()
    db.session.flush()
