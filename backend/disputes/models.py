"""Tables of disputes and of what was not answered in time."""

from __future__ import annotations

import uuid
from datetime import date, datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from backend.disputes.rules import ESCALATED, KINDS, MOVES, OUTCOMES, STATUSES
from backend.notices.rules import not_reviewed
from config.database import Base, Instant, PrimaryKey, PublicId, allowed_moves, append_only, decided
from config.guarding import refuse


def _listed(values: tuple[str, ...]) -> str:
    return ", ".join(repr(value) for value in values)


_OPEN = text("status = 'open'")
_OPEN_MISUSE = text("status = 'open' AND enrollment_id IS NULL")


class Dispute(Base):
    """A worker says: this was not me. ``worker_id`` is the account whose learning and claims are in question.

    ``identity_misuse``: the ID number of that account is somebody else's, who reports it (by an account of their own or at
    the desk). ``not_taken_part``: its own person denies one enrollment. While ``open`` no line of it is paid.
    """

    __tablename__ = "dispute"
    __table_args__ = (
        UniqueConstraint("year", "sequence"),
        CheckConstraint(f"kind IN ({_listed(KINDS)})", name="kind"),
        CheckConstraint(f"status IN ({_listed(STATUSES)})", name="status"),
        CheckConstraint(
            "(kind = 'not_taken_part') = (enrollment_id IS NOT NULL) AND (enrollment_id IS NULL) = (class_ref IS NULL)",
            name="enrollment",
        ),
        CheckConstraint("(reporter_id IS NULL) <> (opened_by_staff_id IS NULL)", name="by_phone_or_desk"),
        CheckConstraint("(status IN ('upheld', 'dismissed')) = (decided_by_id IS NOT NULL)", name="decided"),
        CheckConstraint("(status = 'open') = (ended_at IS NULL)", name="ended"),
        CheckConstraint("decided_by_id IS NULL OR answer <> ''", name="answered"),
        Index("uq_dispute_open_enrollment", "enrollment_id", unique=True, sqlite_where=_OPEN, postgresql_where=_OPEN),
        Index(
            "uq_dispute_open_identity",
            "worker_id",
            unique=True,
            sqlite_where=_OPEN_MISUSE,
            postgresql_where=_OPEN_MISUSE,
        ),
    )

    id: Mapped[PrimaryKey]
    public_id: Mapped[PublicId]
    year: Mapped[int]
    sequence: Mapped[int]
    kind: Mapped[str]
    status: Mapped[str] = mapped_column(index=True)
    worker_id: Mapped[int] = mapped_column(ForeignKey("worker.id"), index=True)
    enrollment_id: Mapped[int | None] = mapped_column(ForeignKey("enrollment.id"), index=True)
    class_ref: Mapped[uuid.UUID | None]
    reporter_id: Mapped[int | None] = mapped_column(ForeignKey("worker.id"), index=True)
    opened_by_staff_id: Mapped[int | None] = mapped_column(ForeignKey("staff_account.id"), index=True)
    text: Mapped[str]
    contact_encrypted: Mapped[bytes | None]
    opened_at: Mapped[Instant]
    due_on: Mapped[date]
    answer: Mapped[str]
    clause: Mapped[str]
    decided_by_id: Mapped[int | None] = mapped_column(ForeignKey("staff_account.id"), index=True)
    ended_at: Mapped[datetime | None]
    erased_at: Mapped[datetime | None]


class DisputeOutcome(Base):
    """What an upheld dispute did to one claim line. ``recovery_ref``: the recovery that was demanded for a paid one."""

    __tablename__ = "dispute_outcome"
    __table_args__ = (
        UniqueConstraint("dispute_id", "line_ref"),
        CheckConstraint(f"outcome IN ({_listed(OUTCOMES)})", name="outcome"),
        CheckConstraint("recovery_ref IS NULL OR outcome = 'recovery'", name="recovery_ref"),
        CheckConstraint("amount_fen > 0", name="amount_fen"),
    )

    id: Mapped[PrimaryKey]
    dispute_id: Mapped[int] = mapped_column(ForeignKey("dispute.id"), index=True)
    claim_ref: Mapped[uuid.UUID]
    line_ref: Mapped[uuid.UUID] = mapped_column(index=True)
    outcome: Mapped[str]
    amount_fen: Mapped[int]
    at: Mapped[Instant]
    recovery_ref: Mapped[uuid.UUID | None]


class Escalation(Base):
    """An appeal, objection or dispute that was not answered by its day: from then on a second reviewer decides it."""

    __tablename__ = "escalation"
    __table_args__ = (
        UniqueConstraint("subject_kind", "subject_ref"),
        CheckConstraint(f"subject_kind IN ({_listed(ESCALATED)})", name="subject_kind"),
    )

    id: Mapped[PrimaryKey]
    subject_kind: Mapped[str]
    subject_ref: Mapped[uuid.UUID]
    due_on: Mapped[date]
    at: Mapped[Instant]


allowed_moves(Dispute.__table__, first=("open",), moves=MOVES)
decided(
    Dispute.__table__,
    columns=[
        "year",
        "sequence",
        "kind",
        "worker_id",
        "enrollment_id",
        "class_ref",
        "reporter_id",
        "opened_by_staff_id",
        "text",
        "opened_at",
        "due_on",
    ],
)
refuse(Dispute.__table__, "reviewed", "BEFORE UPDATE OF status", not_reviewed("dispute"), "a review decides a dispute")
decided(DisputeOutcome.__table__, columns=["dispute_id", "claim_ref", "line_ref", "outcome", "amount_fen", "at"])
refuse(
    DisputeOutcome.__table__,
    "upheld",
    "BEFORE INSERT",
    "NOT EXISTS (SELECT 1 FROM dispute WHERE id = NEW.dispute_id AND status = 'upheld')",
    "only an upheld dispute has outcomes",
)
append_only(Escalation.__table__)
