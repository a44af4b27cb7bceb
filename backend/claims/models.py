"""Tables of subsidy claims. What the database itself keeps of them (cap, totals, cuts, moves) stands in ``guards``."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from backend.claims.guards import ADJUSTMENT, CLAIM, LINE
from backend.claims.rules import APPROVED_STATUSES, LINE_MOVES, LINE_STATUSES, LIVE_STATUSES, MOVES, STATUS_WORDS
from config.database import Base, Instant, Json, PrimaryKey, PublicId, allowed_moves, append_only, decided, guard
from learning_records.evidence.guarding import needs_record, uuid_text


def _listed(values: object) -> str:
    assert isinstance(values, (list, tuple))
    return ", ".join(repr(value) for value in values)


_LIVE_CLAIM = text(f"status IN ({_listed(LIVE_STATUSES)})")
_TWO_PERSONS = "first_reviewer_id IS NOT NULL AND second_reviewer_id IS NOT NULL"


class SubsidyClaim(Base):
    """A claim of one plan's people. Totals and lines never change after submission; only the status moves."""

    __tablename__ = "subsidy_claim"
    __table_args__ = (
        UniqueConstraint("enterprise_id", "idempotency_key"),
        Index(
            "uq_subsidy_claim_live_plan",
            "plan_id",
            unique=True,
            sqlite_where=_LIVE_CLAIM,
            postgresql_where=_LIVE_CLAIM,
        ),
        CheckConstraint(f"status IN ({_listed(list(STATUS_WORDS))})", name="status"),
        CheckConstraint("total_fen >= 0", name="total_fen"),
        CheckConstraint("first_reviewer_id <> second_reviewer_id", name="two_persons"),
        CheckConstraint(f"status NOT IN ({_listed(APPROVED_STATUSES)}) OR ({_TWO_PERSONS})", name="approved_by_two"),
        CheckConstraint("(status = 'paid') = (paid_at IS NOT NULL)", name="paid"),
    )

    id: Mapped[PrimaryKey]
    public_id: Mapped[PublicId]
    plan_id: Mapped[int] = mapped_column(ForeignKey("training_plan.id"), index=True)
    enterprise_id: Mapped[int] = mapped_column(ForeignKey("enterprise.id"), index=True)
    status: Mapped[str] = mapped_column(index=True)
    policy_id: Mapped[str]
    policy_version: Mapped[str]
    idempotency_key: Mapped[str]
    fingerprint: Mapped[str]
    claimed_on: Mapped[date]
    total_fen: Mapped[int]
    submitted_at: Mapped[Instant]
    first_reviewer_id: Mapped[int | None] = mapped_column(ForeignKey("staff_account.id"), index=True)
    second_reviewer_id: Mapped[int | None] = mapped_column(ForeignKey("staff_account.id"), index=True)
    approved_at: Mapped[datetime | None]
    paid_at: Mapped[datetime | None]
    decision_reason: Mapped[str]
    decision_clause: Mapped[str]

    lines: Mapped[list[ClaimLine]] = relationship(back_populates="claim", order_by="ClaimLine.id")


class ClaimLine(Base):
    """One person of a claim. ``cap_fen`` is the cap of the policy it was decided under, shared by a person's lines with the
    same ``cap_ref`` (domain.md A4); ``seconds`` are those held.

    ``class_hours``, ``seconds``, ``amount_fen`` and ``hold_key`` are what was claimed and never change; ``granted_*`` begin the
    same and only an adjustment lowers them. ``payable_at``: since when nothing stands in the way of paying it.
    """

    __tablename__ = "claim_line"
    __table_args__ = (
        UniqueConstraint("claim_id", "worker_id"),
        Index("ix_claim_line_worker_policy", "worker_id", "policy_id"),
        CheckConstraint(f"status IN ({_listed(LINE_STATUSES)})", name="status"),
        CheckConstraint("amount_fen >= 0 AND amount_fen <= cap_fen", name="amount_fen"),
        CheckConstraint("class_hours >= 0", name="class_hours"),
        CheckConstraint("seconds >= 0", name="seconds"),
        CheckConstraint("(status = 'refused') = (hold_key IS NULL)", name="hold_key"),
        CheckConstraint("(status = 'refused') = (amount_fen = 0)", name="refused"),
        CheckConstraint("(status = 'refused') = (seconds = 0)", name="refused_seconds"),
    )

    id: Mapped[PrimaryKey]
    public_id: Mapped[PublicId]
    claim_id: Mapped[int] = mapped_column(ForeignKey("subsidy_claim.id"), index=True)
    worker_id: Mapped[int] = mapped_column(ForeignKey("worker.id"), index=True)
    enrollment_id: Mapped[int] = mapped_column(ForeignKey("enrollment.id"), index=True)
    status: Mapped[str]
    policy_id: Mapped[str]
    cap_fen: Mapped[int]
    cap_ref: Mapped[str]
    class_hours: Mapped[int]
    seconds: Mapped[int]
    amount_fen: Mapped[int]
    eligible: Mapped[bool]
    decision: Mapped[Json]
    hold_key: Mapped[str | None] = mapped_column(unique=True)
    certificate_number: Mapped[str | None]
    granted_class_hours: Mapped[int] = mapped_column(server_default=text("0"))
    granted_seconds: Mapped[int] = mapped_column(server_default=text("0"))
    granted_fen: Mapped[int] = mapped_column(server_default=text("0"))
    granted_hold_key: Mapped[str | None] = mapped_column(index=True)
    payable_at: Mapped[datetime | None]

    claim: Mapped[SubsidyClaim] = relationship(back_populates="lines")


class ClaimAdjustment(Base):
    """A reviewer's cut of one line, with its reason: only downward, only before the first approval. Nothing learned changes."""

    __tablename__ = "claim_adjustment"
    __table_args__ = (
        CheckConstraint("amount_fen >= 0 AND class_hours >= 0 AND seconds >= 0", name="amounts"),
        CheckConstraint("amount_fen < from_fen", name="downward"),
        CheckConstraint("(amount_fen = 0) = (hold_key IS NULL)", name="hold_key"),
        CheckConstraint("(amount_fen = 0) = (seconds = 0)", name="seconds"),
        CheckConstraint("reason <> '' AND clause <> ''", name="reason"),
    )

    id: Mapped[PrimaryKey]
    public_id: Mapped[PublicId]
    claim_line_id: Mapped[int] = mapped_column(ForeignKey("claim_line.id"), index=True)
    from_fen: Mapped[int]
    class_hours: Mapped[int]
    seconds: Mapped[int]
    amount_fen: Mapped[int]
    hold_key: Mapped[str | None] = mapped_column(unique=True)
    reason: Mapped[str]
    clause: Mapped[str]
    staff_id: Mapped[int] = mapped_column(ForeignKey("staff_account.id"), index=True)
    at: Mapped[Instant]


append_only(ClaimAdjustment.__table__)
needs_record(
    ClaimAdjustment.__table__,
    kind="adjustment",
    sqlite_key=uuid_text("NEW.public_id", "sqlite"),
    postgresql_key=uuid_text("NEW.public_id", "postgresql"),
)
allowed_moves(
    SubsidyClaim.__table__,
    first=["submitted"],
    moves=[(before, after) for (before, _), after in MOVES.items()],
)
allowed_moves(ClaimLine.__table__, first=["held", "refused"], moves=LINE_MOVES)

decided(
    SubsidyClaim.__table__,
    columns=["plan_id", "enterprise_id", "policy_id", "policy_version", "claimed_on", "total_fen", "submitted_at"],
)
decided(
    ClaimLine.__table__,
    columns=[
        "claim_id",
        "worker_id",
        "policy_id",
        "cap_fen",
        "cap_ref",
        "class_hours",
        "seconds",
        "amount_fen",
        "eligible",
        "decision",
        "hold_key",
        "certificate_number",
    ],
)

needs_record(
    SubsidyClaim.__table__,
    kind="claim",
    sqlite_key=uuid_text("NEW.public_id", "sqlite"),
    postgresql_key=uuid_text("NEW.public_id", "postgresql"),
)

guard(ClaimLine.__table__, sqlite=LINE.sqlite, postgresql=LINE.postgresql)
guard(SubsidyClaim.__table__, sqlite=CLAIM.sqlite, postgresql=CLAIM.postgresql)
guard(ClaimAdjustment.__table__, sqlite=ADJUSTMENT.sqlite, postgresql=ADJUSTMENT.postgresql)
