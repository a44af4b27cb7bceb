"""Write and read the audit trail."""

import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import select

from backend.audit.models import AuditEntry
from config import clock
from config.database import db


@dataclass(frozen=True)
class AuditEntryView:
    """One line of the trail; `id` rises with time and serves as the paging key."""

    id: int
    public_id: uuid.UUID
    at: datetime
    actor: str
    action: str
    subject: str
    detail: Mapping[str, Any]


def write(*, actor: str, action: str, subject: str, detail: Mapping[str, Any]) -> AuditEntryView:
    """Add a line. `actor` and `subject` are kind and public id, as in `staff:0196…`; `action` is a past event, as in
    `plan.approved`. `detail` holds JSON values and no personal data.
    """
    entry = AuditEntry(at=clock.now(), actor=actor, action=action, subject=subject, detail=dict(detail))
    db.session.add(entry)
    db.session.flush()
    return _view(entry)


def entries(
    *, subject: str | None = None, actor: str | None = None, before_id: int | None = None, limit: int = 100
) -> list[AuditEntryView]:
    """The newest lines, of one subject or actor if given; `before_id` goes on where a page ended."""
    query = select(AuditEntry).order_by(AuditEntry.id.desc()).limit(limit)
    if subject is not None:
        query = query.where(AuditEntry.subject == subject)
    if actor is not None:
        query = query.where(AuditEntry.actor == actor)
    if before_id is not None:
        query = query.where(AuditEntry.id < before_id)
    return [_view(entry) for entry in db.session.scalars(query)]


def _view(entry: AuditEntry) -> AuditEntryView:
    return AuditEntryView(entry.id, entry.public_id, entry.at, entry.actor, entry.action, entry.subject, entry.detail)
