"""Erasing who objected, when the time is over. When that is, is the caller's to say; the caller audits."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import or_, select, update

from backend.notices.models import Objection
from config import clock
from config.database import db


def objectors_due(*, ended_before: datetime, limit: int) -> list[int]:
    """Ended objections that still know who objected, by their inner ids."""
    query = (
        select(Objection.id)
        .where(
            Objection.ended_at < ended_before,
            or_(Objection.name_encrypted.is_not(None), Objection.contact_encrypted.is_not(None)),
        )
        .order_by(Objection.id)
        .limit(limit)
    )
    return list(db.session.scalars(query))


def erase_objectors(*, objection_row_ids: list[int]) -> None:
    """Forget name and contact of these objectors; objection and answer stay."""
    db.session.execute(
        update(Objection)
        .where(Objection.id.in_(objection_row_ids))
        .values(name_encrypted=None, contact_encrypted=None, erased_at=clock.now())
    )
