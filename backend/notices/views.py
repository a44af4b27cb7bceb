"""What the notices slice hands out: frozen views, nothing in them that must not be published except where said."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from backend.notices import rules
from backend.notices.models import NoticeEntry, NoticeRedating, Objection, PublicNotice


@dataclass(frozen=True)
class EntryView:
    """One person as everybody sees them."""

    position: int
    claim_id: UUID
    line_id: UUID
    enterprise_name: str
    masked_name: str
    class_hours: int
    amount_fen: int


@dataclass(frozen=True)
class NoticeView:
    """A notice; ``entries`` is empty in lists. ``closes_at`` is the first instant after the window."""

    id: int
    notice_id: UUID
    number: str
    status: str
    status_words: str
    policy_id: str
    policy_version: str
    people: int
    total_fen: int
    sha256: str
    made_at: datetime
    posted_on: date | None
    url: str | None
    opens_on: date | None
    closes_on: date | None
    closes_at: datetime | None
    provisional: bool
    closed_at: datetime | None
    entries: tuple[EntryView, ...] = ()

    @property
    def claim_ids(self) -> tuple[UUID, ...]:
        """The claims on it, in order."""
        return tuple(dict.fromkeys(entry.claim_id for entry in self.entries))


@dataclass(frozen=True)
class RedatingView:
    """A deadline that was moved."""

    from_closes_at: datetime
    closes_on: date
    at: datetime


@dataclass(frozen=True)
class ObjectionView:
    """An objection as it is public: whom it is about, until when it is answered, and the answer. Not who objected, nor how.

    ``line_id`` None: it is about the whole claim.
    """

    objection_id: UUID
    number: str
    notice_id: UUID
    notice_number: str
    claim_id: UUID
    line_id: UUID | None
    about: str
    status: str
    status_words: str
    received_at: datetime
    due_on: date
    answer: str
    clause: str
    ended_at: datetime | None


@dataclass(frozen=True)
class ObjectionCase:
    """The same for whoever decides it: with the text and the contact (None once erased), which are not public."""

    view: ObjectionView
    text: str
    name: str | None
    contact: str | None
    worker_id: int | None


@dataclass(frozen=True)
class FiledObjection:
    """What the objector gets: the public number, and the code that withdraws it, shown once."""

    view: ObjectionView
    code: str


def notice_view_of(notice: PublicNotice, *, with_entries: bool = False) -> NoticeView:
    """The view of a row."""
    return NoticeView(
        id=notice.id,
        notice_id=notice.public_id,
        number=rules.notice_number(notice.year, notice.sequence),
        status=notice.status,
        status_words=rules.STATUS_WORDS[notice.status],
        policy_id=notice.policy_id,
        policy_version=notice.policy_version,
        people=notice.people,
        total_fen=notice.total_fen,
        sha256=notice.sha256,
        made_at=notice.made_at,
        posted_on=notice.posted_on,
        url=notice.url,
        opens_on=notice.opens_on,
        closes_on=notice.closes_on,
        closes_at=notice.closes_at,
        provisional=bool(notice.provisional),
        closed_at=notice.closed_at,
        entries=tuple(entry_view_of(entry) for entry in notice.entries) if with_entries else (),
    )


def entry_view_of(entry: NoticeEntry) -> EntryView:
    """The view of a row."""
    return EntryView(
        position=entry.position,
        claim_id=entry.claim_ref,
        line_id=entry.line_ref,
        enterprise_name=entry.enterprise_name,
        masked_name=entry.masked_name,
        class_hours=entry.class_hours,
        amount_fen=entry.amount_fen,
    )


def redating_view_of(row: NoticeRedating) -> RedatingView:
    """The view of a row."""
    return RedatingView(row.from_closes_at, row.closes_on, row.at)


def objection_view_of(row: Objection, notice: PublicNotice, about: str) -> ObjectionView:
    """The view of a row; ``about`` names whom it is about as the notice does."""
    return ObjectionView(
        objection_id=row.public_id,
        number=rules.objection_number(row.year, row.sequence),
        notice_id=notice.public_id,
        notice_number=rules.notice_number(notice.year, notice.sequence),
        claim_id=row.claim_ref,
        line_id=row.line_ref,
        about=about,
        status=row.status,
        status_words=rules.OBJECTION_WORDS[row.status],
        received_at=row.received_at,
        due_on=row.due_on,
        answer=row.answer,
        clause=row.clause,
        ended_at=row.ended_at,
    )
