"""Tables of public notices and objections. What the database itself keeps of them stands in ``guards``."""

from __future__ import annotations

import uuid
from datetime import date, datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from backend.notices import guards
from backend.notices.rules import MOVES, OBJECTION_MOVES, OBJECTION_STATUSES, STATUSES, not_reviewed
from config.database import Base, Instant, PrimaryKey, PublicId, allowed_moves, append_only, decided
from config.guarding import refuse
from learning_records.evidence.guarding import needs_record, uuid_text


def _listed(values: tuple[str, ...]) -> str:
    return ", ".join(repr(value) for value in values)


_LIVE = text("live")


class NumberSeries(Base):
    """The last number given in a year, locked by whoever gives the next."""

    __tablename__ = "number_series"
    __table_args__ = (CheckConstraint("kind IN ('notice', 'objection', 'dispute')", name="kind"),)

    kind: Mapped[str] = mapped_column(primary_key=True)
    year: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    last: Mapped[int]


class PublicNotice(Base):
    """A notice batch. The window is stored when the posting is recorded; ``closes_at`` is the instant it has ended.

    ``sha256`` is that of the entries in canonical JSON, and of everything that is published.
    """

    __tablename__ = "public_notice"
    __table_args__ = (
        UniqueConstraint("year", "sequence"),
        CheckConstraint(f"status IN ({_listed(STATUSES)})", name="status"),
        CheckConstraint("people > 0 AND total_fen > 0", name="somebody"),
        CheckConstraint(
            "(status IN ('draft', 'discarded')) = (posted_on IS NULL) AND (posted_on IS NULL) = (url IS NULL) "
            "AND (posted_on IS NULL) = (posted_by_id IS NULL) AND (posted_on IS NULL) = (posted_at IS NULL) "
            "AND (posted_on IS NULL) = (opens_on IS NULL) AND (posted_on IS NULL) = (closes_on IS NULL) "
            "AND (posted_on IS NULL) = (closes_at IS NULL) AND (posted_on IS NULL) = (provisional IS NULL)",
            name="posted",
        ),
        CheckConstraint("(status = 'closed') = (closed_at IS NOT NULL)", name="closed"),
        CheckConstraint("closed_at IS NULL OR closed_at >= closes_at", name="not_early"),
        Index("ix_public_notice_status_closes_at", "status", "closes_at"),
    )

    id: Mapped[PrimaryKey]
    public_id: Mapped[PublicId]
    year: Mapped[int]
    sequence: Mapped[int]
    status: Mapped[str]
    policy_id: Mapped[str]
    policy_version: Mapped[str]
    people: Mapped[int]
    total_fen: Mapped[int]
    sha256: Mapped[str]
    made_by_id: Mapped[int] = mapped_column(ForeignKey("staff_account.id"), index=True)
    made_at: Mapped[Instant]
    posted_by_id: Mapped[int | None] = mapped_column(ForeignKey("staff_account.id"), index=True)
    posted_at: Mapped[datetime | None]
    posted_on: Mapped[date | None]
    url: Mapped[str | None]
    opens_on: Mapped[date | None]
    closes_on: Mapped[date | None]
    closes_at: Mapped[datetime | None]
    provisional: Mapped[bool | None]
    closed_at: Mapped[datetime | None]

    entries: Mapped[list[NoticeEntry]] = relationship(back_populates="notice", order_by="NoticeEntry.position")


class NoticeEntry(Base):
    """One person of a notice, as everybody sees them. ``live`` ends when the draft is discarded."""

    __tablename__ = "notice_entry"
    __table_args__ = (
        UniqueConstraint("notice_id", "position"),
        CheckConstraint("amount_fen > 0 AND class_hours > 0", name="amounts"),
        Index("uq_notice_entry_live_line", "line_ref", unique=True, sqlite_where=_LIVE, postgresql_where=_LIVE),
    )

    id: Mapped[PrimaryKey]
    notice_id: Mapped[int] = mapped_column(ForeignKey("public_notice.id"), index=True)
    position: Mapped[int]
    claim_ref: Mapped[uuid.UUID] = mapped_column(index=True)
    line_ref: Mapped[uuid.UUID] = mapped_column(index=True)
    enterprise_name: Mapped[str]
    masked_name: Mapped[str]
    class_hours: Mapped[int]
    amount_fen: Mapped[int]
    live: Mapped[bool] = mapped_column(default=True)

    notice: Mapped[PublicNotice] = relationship(back_populates="entries")


class NoticeRedating(Base):
    """A posted deadline moved later because an office corrected a day of the calendar."""

    __tablename__ = "notice_redating"

    id: Mapped[PrimaryKey]
    public_id: Mapped[PublicId]
    notice_id: Mapped[int] = mapped_column(ForeignKey("public_notice.id"), index=True)
    from_closes_at: Mapped[Instant]
    closes_on: Mapped[date]
    closes_at: Mapped[Instant]
    provisional: Mapped[bool]
    at: Mapped[Instant]


class Objection(Base):
    """Somebody's objection. While ``open`` it holds a person's line, or the whole claim when ``line_ref`` is NULL.

    Whoever pays asks ``rules.objected``. Name and contact of the objector are encrypted; the answer is public, the text
    and the objector are not. ``code_digest``: what the objector needs to withdraw it.
    """

    __tablename__ = "objection"
    __table_args__ = (
        UniqueConstraint("year", "sequence"),
        CheckConstraint(f"status IN ({_listed(OBJECTION_STATUSES)})", name="status"),
        CheckConstraint("(status IN ('upheld', 'dismissed')) = (decided_by_id IS NOT NULL)", name="decided"),
        CheckConstraint("(status = 'open') = (ended_at IS NULL)", name="ended"),
        CheckConstraint("decided_by_id IS NULL OR answer <> ''", name="answered"),
        Index("ix_objection_status_claim_ref", "status", "claim_ref"),
    )

    id: Mapped[PrimaryKey]
    public_id: Mapped[PublicId]
    year: Mapped[int]
    sequence: Mapped[int]
    notice_id: Mapped[int] = mapped_column(ForeignKey("public_notice.id"), index=True)
    claim_ref: Mapped[uuid.UUID]
    line_ref: Mapped[uuid.UUID | None] = mapped_column(index=True)
    status: Mapped[str]
    text: Mapped[str]
    worker_id: Mapped[int | None] = mapped_column(ForeignKey("worker.id"), index=True)
    name_encrypted: Mapped[bytes | None]
    contact_encrypted: Mapped[bytes | None]
    code_digest: Mapped[str] = mapped_column(unique=True)
    received_at: Mapped[Instant]
    due_on: Mapped[date]
    answer: Mapped[str]
    clause: Mapped[str]
    decided_by_id: Mapped[int | None] = mapped_column(ForeignKey("staff_account.id"), index=True)
    ended_at: Mapped[datetime | None]
    erased_at: Mapped[datetime | None]

    notice: Mapped[PublicNotice] = relationship()


_notice, _entry, _objection = PublicNotice.__table__, NoticeEntry.__table__, Objection.__table__

refuse(
    NumberSeries.__table__,
    "counts_up",
    "BEFORE UPDATE",
    "NEW.last <> OLD.last + 1",
    "numbers are counted up one by one",
)
allowed_moves(_notice, first=("draft",), moves=MOVES)
decided(
    _notice,
    columns=[
        "year",
        "sequence",
        "policy_id",
        "policy_version",
        "people",
        "total_fen",
        "sha256",
        "made_by_id",
        "made_at",
    ],
)
needs_record(
    _notice,
    kind="notice",
    sqlite_key=uuid_text("NEW.public_id", "sqlite"),
    postgresql_key=uuid_text("NEW.public_id", "postgresql"),
    event="UPDATE OF status",
    when="NEW.status = 'posted' AND OLD.status = 'draft'",
)
refuse(
    _notice,
    "as_posted",
    "BEFORE UPDATE OF posted_on, posted_at, posted_by_id, url, opens_on",
    "OLD.status <> 'draft'",
    "what was posted is not edited",
)
refuse(
    _notice,
    "deadline",
    "BEFORE UPDATE OF closes_on, closes_at, provisional",
    guards.RE_DATED,
    "a deadline only moves later",
)

decided(
    _entry,
    columns=[
        "notice_id",
        "position",
        "claim_ref",
        "line_ref",
        "enterprise_name",
        "masked_name",
        "class_hours",
        "amount_fen",
    ],
)
refuse(_entry, "draft", "BEFORE INSERT", guards.NOT_DRAFT, "the notice is not open to entries")
refuse(_entry, "granted", "BEFORE INSERT", guards.NOT_GRANTED, "only what was granted and waits for its notice")
refuse(_entry, "discarded", "BEFORE UPDATE OF live", guards.NOT_DISCARDED, "only a discarded notice lets go")

append_only(NoticeRedating.__table__)
needs_record(
    NoticeRedating.__table__,
    kind="redating",
    sqlite_key=uuid_text("NEW.public_id", "sqlite"),
    postgresql_key=uuid_text("NEW.public_id", "postgresql"),
)

allowed_moves(_objection, first=("open",), moves=OBJECTION_MOVES)
decided(
    _objection,
    columns=["year", "sequence", "notice_id", "claim_ref", "line_ref", "text", "code_digest", "received_at", "due_on"],
)
refuse(_objection, "on_notice", "BEFORE INSERT", guards.NOT_ON_NOTICE, "nothing of this is on a posted notice")
refuse(_objection, "reviewed", "BEFORE UPDATE OF status", not_reviewed("objection"), "a review decides an objection")
