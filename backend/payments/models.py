"""Tables of payments. Amounts are fixed when a batch is made; only the status moves, once; fund entries are append-only."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column, relationship

from backend.payments.rules import MOVES
from config.database import Base, Instant, PrimaryKey, PublicId, allowed_moves, append_only, decided, guard


class PaymentBatch(Base):
    """Claims paid together: made by one person, released by another (四.1)."""

    __tablename__ = "payment_batch"
    __table_args__ = (
        CheckConstraint("status IN ('created', 'paid')", name="status"),
        CheckConstraint("total_fen > 0", name="total_fen"),
        CheckConstraint("created_by_id <> released_by_id", name="two_persons"),
        CheckConstraint("(status = 'paid') = (released_by_id IS NOT NULL AND paid_at IS NOT NULL)", name="paid"),
    )

    id: Mapped[PrimaryKey]
    public_id: Mapped[PublicId]
    status: Mapped[str] = mapped_column(String(10), index=True)
    total_fen: Mapped[int]
    created_by_id: Mapped[int] = mapped_column(ForeignKey("staff_account.id"), index=True)
    created_at: Mapped[Instant]
    released_by_id: Mapped[int | None] = mapped_column(ForeignKey("staff_account.id"), index=True)
    paid_at: Mapped[datetime | None]

    orders: Mapped[list[PaymentOrder]] = relationship(back_populates="batch", order_by="PaymentOrder.id")


class PaymentOrder(Base):
    """One transfer of money to one enterprise for one claim. A claim has one order at most."""

    __tablename__ = "payment_order"
    __table_args__ = (
        CheckConstraint("status IN ('created', 'paid')", name="status"),
        CheckConstraint("amount_fen > 0", name="amount_fen"),
        CheckConstraint("(status = 'paid') = (paid_at IS NOT NULL)", name="paid"),
    )

    id: Mapped[PrimaryKey]
    public_id: Mapped[PublicId]
    batch_id: Mapped[int] = mapped_column(ForeignKey("payment_batch.id"), index=True)
    claim_id: Mapped[int] = mapped_column(ForeignKey("subsidy_claim.id"), unique=True)
    enterprise_id: Mapped[int] = mapped_column(ForeignKey("enterprise.id"), index=True)
    amount_fen: Mapped[int]
    status: Mapped[str] = mapped_column(String(10))
    paid_at: Mapped[datetime | None]

    batch: Mapped[PaymentBatch] = relationship(back_populates="orders")


class FundEntry(Base):
    """Money of one person's line that left the fund, written together with the settling of that line's seconds."""

    __tablename__ = "fund_entry"
    __table_args__ = (CheckConstraint("amount_fen > 0", name="amount_fen"),)

    id: Mapped[PrimaryKey]
    public_id: Mapped[PublicId]
    fund: Mapped[str] = mapped_column(String(50))
    policy_version: Mapped[str] = mapped_column(String(100))
    order_id: Mapped[int] = mapped_column(ForeignKey("payment_order.id"), index=True)
    claim_line_id: Mapped[int] = mapped_column(ForeignKey("claim_line.id"), unique=True)
    amount_fen: Mapped[int]
    at: Mapped[Instant]


allowed_moves(PaymentBatch.__table__, first=["created"], moves=MOVES)
allowed_moves(PaymentOrder.__table__, first=["created"], moves=MOVES)
append_only(FundEntry.__table__)
decided(PaymentBatch.__table__, columns=["total_fen", "created_by_id", "created_at"])
decided(PaymentOrder.__table__, columns=["batch_id", "claim_id", "enterprise_id", "amount_fen"])

# An order never pays out more than it says, whoever writes the entries.
_PAID_OUT = "SELECT SUM(amount_fen) FROM fund_entry WHERE order_id = NEW.order_id"
_ORDERED = "SELECT amount_fen FROM payment_order WHERE id = NEW.order_id"
guard(
    FundEntry.__table__,
    sqlite=[
        f"CREATE TRIGGER fund_entry_within_order AFTER INSERT ON fund_entry WHEN ({_PAID_OUT}) > ({_ORDERED}) "
        "BEGIN SELECT RAISE(ABORT, 'fund_entry: more than its order'); END",
    ],
    postgresql=[
        "CREATE FUNCTION fund_entry_keep_order() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN "
        f"IF ({_PAID_OUT}) > ({_ORDERED}) THEN "
        "RAISE EXCEPTION 'fund_entry: more than its order' USING ERRCODE = 'check_violation'; END IF; RETURN NULL; END $$",
        "CREATE TRIGGER fund_entry_within_order AFTER INSERT ON fund_entry "
        "FOR EACH ROW EXECUTE FUNCTION fund_entry_keep_order()",
    ],
)
