"""Tables of subsidy claims and the guards the database itself keeps: one live claim a plan, the cap, the total, the moves."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from backend.claims.rules import LINE_MOVES, LINE_STATUSES, LIVE_STATUSES, MOVES, STATUS_WORDS
from config.database import Base, Instant, Json, PrimaryKey, PublicId, allowed_moves, decided, guard
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
        CheckConstraint(f"status NOT IN ('approved', 'paid') OR ({_TWO_PERSONS})", name="approved_by_two"),
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
    same ``cap_ref`` (domain.md A4); ``seconds`` are those held."""

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

    claim: Mapped[SubsidyClaim] = relationship(back_populates="lines")


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
    ],
)

needs_record(
    SubsidyClaim.__table__,
    kind="claim",
    sqlite_key=uuid_text("NEW.public_id", "sqlite"),
    postgresql_key=uuid_text("NEW.public_id", "postgresql"),
)

# The cap of clause 二(二) over every claim and enterprise of a person (domain.md A4). The worker's row is locked first on
# PostgreSQL, so that two claims submitted at the same moment see each other.
_DRAWN = (
    "SELECT COALESCE(SUM(amount_fen), 0) FROM claim_line "
    "WHERE worker_id = NEW.worker_id AND policy_id = NEW.policy_id AND cap_ref = NEW.cap_ref "
    "AND status IN ('held', 'settled')"
)
guard(
    ClaimLine.__table__,
    sqlite=[
        f"CREATE TRIGGER claim_line_cap AFTER INSERT ON claim_line WHEN ({_DRAWN}) > NEW.cap_fen "
        "BEGIN SELECT RAISE(ABORT, 'claim_line: the cap of this person is passed'); END",
    ],
    postgresql=[
        "CREATE FUNCTION claim_line_keep_cap() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN "
        "PERFORM 1 FROM worker WHERE id = NEW.worker_id FOR NO KEY UPDATE; "
        f"IF ({_DRAWN}) > NEW.cap_fen THEN "
        "RAISE EXCEPTION 'claim_line: the cap of this person is passed' USING ERRCODE = 'check_violation'; "
        "END IF; RETURN NULL; END $$",
        "CREATE TRIGGER claim_line_cap AFTER INSERT ON claim_line FOR EACH ROW EXECUTE FUNCTION claim_line_keep_cap()",
    ],
)

# Lines come with their claim and with nothing later, and a claim is approved for what its held lines come to.
_NOT_SUBMITTED = "NOT EXISTS (SELECT 1 FROM subsidy_claim WHERE id = NEW.claim_id AND status = 'submitted')"
_GRANTED = "(SELECT COALESCE(SUM(amount_fen), 0) FROM claim_line WHERE claim_id = NEW.id AND status = 'held')"
guard(
    ClaimLine.__table__,
    sqlite=[
        f"CREATE TRIGGER claim_line_with_claim BEFORE INSERT ON claim_line WHEN {_NOT_SUBMITTED} "
        "BEGIN SELECT RAISE(ABORT, 'claim_line: the claim is not open to lines'); END",
    ],
    postgresql=[
        "CREATE FUNCTION claim_line_come_with_claim() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN "
        f"IF {_NOT_SUBMITTED} THEN RAISE EXCEPTION 'claim_line: the claim is not open to lines' "
        "USING ERRCODE = 'check_violation'; END IF; RETURN NEW; END $$",
        "CREATE TRIGGER claim_line_with_claim BEFORE INSERT ON claim_line "
        "FOR EACH ROW EXECUTE FUNCTION claim_line_come_with_claim()",
    ],
)
guard(
    SubsidyClaim.__table__,
    sqlite=[
        "CREATE TRIGGER subsidy_claim_total BEFORE UPDATE OF status ON subsidy_claim "
        f"WHEN NEW.status = 'approved' AND OLD.status <> 'approved' AND NEW.total_fen <> {_GRANTED} "
        "BEGIN SELECT RAISE(ABORT, 'subsidy_claim: the total is not what its lines come to'); END",
    ],
    postgresql=[
        "CREATE FUNCTION subsidy_claim_keep_total() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN "
        f"IF NEW.status = 'approved' AND OLD.status <> 'approved' AND NEW.total_fen <> {_GRANTED} THEN "
        "RAISE EXCEPTION 'subsidy_claim: the total is not what its lines come to' "
        "USING ERRCODE = 'check_violation'; END IF; RETURN NEW; END $$",
        "CREATE TRIGGER subsidy_claim_total BEFORE UPDATE OF status ON subsidy_claim "
        "FOR EACH ROW EXECUTE FUNCTION subsidy_claim_keep_total()",
    ],
)
