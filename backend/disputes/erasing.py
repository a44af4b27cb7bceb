"""Erasing how a reporter was to be reached, when the time is over. When that is, is the caller's to say; the caller audits."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import select, update

from backend.disputes.models import Dispute
from config import clock
from config.database import db


def contacts_due(*, ended_before: datetime, limit: int) -> list[int]:
    """Ended disputes that still have a contact, by their inner ids."""
    query = select(Dispute.id).where(Dispute.ended_at < ended_before, Dispute.contact_encrypted.is_not(None))
    return list(db.session.scalars(query.order_by(Dispute.id).limit(limit)))


def erase_contacts(*, dispute_row_ids: list[int]) -> None:
    """Forget these contacts; dispute and answer stay."""
    db.session.execute(
        update(Dispute).where(Dispute.id.in_(dispute_row_ids)).values(contact_encrypted=None, erased_at=clock.now())
    )
