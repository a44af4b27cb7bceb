"""Reading notices: one, the lists of the desk and of everybody, and what stands against claim lines."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import replace
from datetime import datetime
from uuid import UUID

from sqlalchemy import select

from backend.notices.models import NoticeEntry, NoticeRedating, Objection, PublicNotice
from backend.notices.views import NoticeView, RedatingView, notice_view_of, redating_view_of
from config.database import db, locked
from config.errors import NotFound

_PUBLIC = ("posted", "closed")
_SHOWN = 200


def notice_view(notice_id: UUID) -> NoticeView:
    """One notice with its entries. Raises ``NotFound`` NOTICE_NOT_FOUND."""
    return notice_view_of(load_notice(notice_id), with_entries=True)


def public_notice_view(notice_id: UUID, *, company: str = "") -> NoticeView:
    """One posted or closed notice, with the entries whose enterprise's name holds ``company``.

    Raises ``NotFound`` NOTICE_NOT_FOUND, also for a draft.
    """
    notice = load_notice(notice_id)
    if notice.status not in _PUBLIC:
        raise _not_found()
    view = notice_view_of(notice, with_entries=True)
    wanted = company.strip()
    entries = tuple(entry for entry in view.entries if wanted in entry.enterprise_name)
    return replace(view, entries=entries)


def notices(*, status: str | None = None) -> list[NoticeView]:
    """All notices without their entries, the newest first (at most 200)."""
    query = select(PublicNotice).order_by(PublicNotice.id.desc()).limit(_SHOWN)
    if status is not None:
        query = query.where(PublicNotice.status == status)
    return [notice_view_of(notice) for notice in db.session.scalars(query)]


def public_notices(*, company: str = "") -> list[NoticeView]:
    """Posted and closed notices without their entries, the newest first; with ``company`` only those that show it."""
    query = select(PublicNotice).where(PublicNotice.status.in_(_PUBLIC)).order_by(PublicNotice.id.desc()).limit(_SHOWN)
    if company.strip():
        shown = select(NoticeEntry.notice_id).where(
            NoticeEntry.enterprise_name.contains(company.strip(), autoescape=True)
        )
        query = query.where(PublicNotice.id.in_(shown))
    return [notice_view_of(notice) for notice in db.session.scalars(query)]


def redatings_of(notice_id: UUID) -> list[RedatingView]:
    """How the notice's deadline moved, in order."""
    query = (
        select(NoticeRedating)
        .join(PublicNotice, PublicNotice.id == NoticeRedating.notice_id)
        .where(PublicNotice.public_id == notice_id)
        .order_by(NoticeRedating.id)
    )
    return [redating_view_of(row) for row in db.session.scalars(query)]


def posted_notice_ids() -> list[UUID]:
    """The notices whose clock runs."""
    query = select(PublicNotice.public_id).where(PublicNotice.status == "posted").order_by(PublicNotice.id)
    return list(db.session.scalars(query))


def due_notice_ids(now: datetime, limit: int) -> list[UUID]:
    """Posted notices whose window is over, the earliest first."""
    query = select(PublicNotice.public_id).where(PublicNotice.status == "posted", PublicNotice.closes_at <= now)
    return list(db.session.scalars(query.order_by(PublicNotice.closes_at, PublicNotice.id).limit(limit)))


def notices_of_lines(line_ids: Iterable[UUID]) -> dict[UUID, NoticeView]:
    """The live notice that each of these lines is on, if any."""
    query = (
        select(NoticeEntry, PublicNotice)
        .join(PublicNotice, PublicNotice.id == NoticeEntry.notice_id)
        .where(NoticeEntry.line_ref.in_(list(line_ids)), NoticeEntry.live)
    )
    return {entry.line_ref: notice_view_of(notice) for entry, notice in db.session.execute(query)}


def noticed_claims(claim_ids: Collection[UUID]) -> set[UUID]:
    """Which of these claims are on a live notice."""
    query = select(NoticeEntry.claim_ref).where(NoticeEntry.claim_ref.in_(list(claim_ids)), NoticeEntry.live)
    return set(db.session.scalars(query.distinct()))


def objected_lines(claim_id: UUID) -> tuple[bool, set[UUID]]:
    """What open objections hold of a claim: whether all of it, and which lines."""
    held = db.session.scalars(
        select(Objection.line_ref).where(Objection.claim_ref == claim_id, Objection.status == "open")
    ).all()
    return None in held, {line for line in held if line is not None}


def load_notice(notice_id: UUID, *, lock: bool = False) -> PublicNotice:
    """The row, locked until the transaction ends if asked. Raises ``NotFound`` NOTICE_NOT_FOUND."""
    query = select(PublicNotice).where(PublicNotice.public_id == notice_id)
    notice: PublicNotice | None = db.session.scalar(locked(query) if lock else query)
    if notice is None:
        raise _not_found()
    return notice


def _not_found() -> NotFound:
    return NotFound("NOTICE_NOT_FOUND", "找不到这份公示，请从公示列表重新打开。")
