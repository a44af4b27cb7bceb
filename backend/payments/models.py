"""Tables of payments. Amounts are fixed when a batch is made; only the status moves, once; fund entries are append-only."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column, relationship

from backend.payments.rules import MOVES
from config.database import Base, Instant, PrimaryKey, PublicId, allowed_moves, append_only, decided, guard
from learning_records.evidence.guarding import needs_record, uuid_text


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

# Nothing is paid of which no record was sealed before, so that nobody can rewrite later what was paid.
needs_record(
    PaymentOrder.__table__,
    kind="payment",
    sqlite_key=uuid_text("NEW.public_id", "sqlite"),
    postgresql_key=uuid_text("NEW.public_id", "postgresql"),
    event="UPDATE OF status",
    when="NEW.status = 'paid'",
)
_ORDER_OF_ENTRY = "(SELECT order_id FROM payment_order WHERE id = NEW.order_id)"
needs_record(
    FundEntry.__table__,
    kind="payment",
    sqlite_key=_ORDER_OF_ENTRY.replace("order_id", uuid_text("public_id", "sqlite"), 1),
    postgresql_key=_ORDER_OF_ENTRY.replace("order_id", uuid_text("public_id", "postgresql"), 1),
)

# Money follows the books behind it, whoever writes it: an order is for what an approved claim comes to, and what leaves the
# fund is what one settled line of that claim was granted.
_NOT_APPROVED = (
    "NOT EXISTS (SELECT 1 FROM subsidy_claim WHERE id = NEW.claim_id AND enterprise_id = NEW.enterprise_id "
    "AND status = 'approved' AND total_fen = NEW.amount_fen)"
)
_NOT_GRANTED = (
    "NOT EXISTS (SELECT 1 FROM claim_line l JOIN payment_order o ON o.claim_id = l.claim_id "
    "WHERE l.id = NEW.claim_line_id AND o.id = NEW.order_id AND l.status = 'settled' AND l.amount_fen = NEW.amount_fen)"
)
for _model, _name, _wrong, _refusal in (
    (PaymentOrder, "payment_order_of_claim", _NOT_APPROVED, "payment_order: not what an approved claim comes to"),
    (FundEntry, "fund_entry_of_line", _NOT_GRANTED, "fund_entry: not what a settled line of the order was granted"),
):
    _table = _model.__tablename__
    guard(
        _model.__table__,
        sqlite=[
            f"CREATE TRIGGER {_name} BEFORE INSERT ON {_table} WHEN {_wrong} BEGIN SELECT RAISE(ABORT, '{_refusal}'); END",
        ],
        postgresql=[
            f"CREATE FUNCTION {_name}_refuse() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN "
            f"IF {_wrong} THEN RAISE EXCEPTION '{_refusal}' USING ERRCODE = 'check_violation'; END IF; RETURN NEW; END $$",
            f"CREATE TRIGGER {_name} BEFORE INSERT ON {_table} FOR EACH ROW EXECUTE FUNCTION {_name}_refuse()",
        ],
    )
