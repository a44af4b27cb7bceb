"""Tables of payments. Amounts are fixed when a batch is made; only states move. ``guards``: what the database keeps."""

from __future__ import annotations

import uuid
from collections.abc import Iterable
from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from backend.payments import guards
from backend.payments.rules import BATCH_MOVES, FAILURE_WORDS, ORDER_MOVES, ORDER_WORDS, STATUS_WORDS, SUBJECT_WORDS
from config.database import Base, Instant, PrimaryKey, PublicId, allowed_moves, append_only, decided, guard
from learning_records.evidence.guarding import needs_record, uuid_text


def _one_of(column: str, values: Iterable[str]) -> str:
    return f"{column} IN ({', '.join(repr(value) for value in values)})"


_LIVE = text("live")


class PaymentBatch(Base):
    """Orders paid together: made by one person, released to the bank by another (四.1), closed when all came back.

    ``paid_fen`` is what the bank's return files said was paid so far.
    """

    __tablename__ = "payment_batch"
    __table_args__ = (
        Index("uq_payment_batch_number", "number", unique=True),
        CheckConstraint(_one_of("status", STATUS_WORDS), name="status"),
        CheckConstraint("total_fen > 0", name="total_fen"),
        CheckConstraint("created_by_id <> released_by_id", name="two_persons"),
        CheckConstraint("(status = 'paid') = (paid_at IS NOT NULL)", name="paid"),
        CheckConstraint(
            "(status IN ('released', 'paid')) = (released_by_id IS NOT NULL AND released_at IS NOT NULL)",
            name="released",
        ),
        CheckConstraint("(status = 'cancelled') = (cancelled_at IS NOT NULL)", name="cancelled"),
        CheckConstraint("paid_fen >= 0 AND paid_fen <= total_fen", name="paid_fen"),
    )

    id: Mapped[PrimaryKey]
    public_id: Mapped[PublicId]
    status: Mapped[str] = mapped_column(String(10), index=True)
    total_fen: Mapped[int]
    created_by_id: Mapped[int] = mapped_column(ForeignKey("staff_account.id"), index=True)
    created_at: Mapped[Instant]
    released_by_id: Mapped[int | None] = mapped_column(ForeignKey("staff_account.id"), index=True)
    paid_at: Mapped[datetime | None]
    number: Mapped[str] = mapped_column(String(20), server_default=text("''"))
    month: Mapped[str] = mapped_column(String(7), server_default=text("''"))
    released_at: Mapped[datetime | None]
    paid_fen: Mapped[int] = mapped_column(server_default=text("0"))
    cancelled_by_id: Mapped[int | None] = mapped_column(ForeignKey("staff_account.id"), index=True)
    cancelled_at: Mapped[datetime | None]

    orders: Mapped[list[PaymentOrder]] = relationship(back_populates="batch", order_by="PaymentOrder.id")


class PaymentOrder(Base):
    """One transfer of money to one enterprise, for lines of one claim or of one application for new hires.

    ``subject_ref`` is the public id of that claim or application; ``account_ref`` names the enterprise's confirmed account,
    which is kept in one place only (None for orders from before accounts were); ``retry_of_ref``: the failed order it repeats.
    """

    __tablename__ = "payment_order"
    __table_args__ = (
        Index("uq_payment_order_number", "number", unique=True),
        CheckConstraint(_one_of("status", ORDER_WORDS), name="status"),
        CheckConstraint("amount_fen > 0", name="amount_fen"),
        CheckConstraint("(status = 'paid') = (paid_at IS NOT NULL)", name="paid"),
        CheckConstraint("(status = 'failed') = (failure_code IS NOT NULL)", name="failed"),
        CheckConstraint(_one_of("failure_code", FAILURE_WORDS), name="failure_code"),
        CheckConstraint("(claim_id IS NOT NULL) = (subject_kind = 'claim_line')", name="of_claim"),
    )

    id: Mapped[PrimaryKey]
    public_id: Mapped[PublicId]
    batch_id: Mapped[int] = mapped_column(ForeignKey("payment_batch.id"), index=True)
    claim_id: Mapped[int | None] = mapped_column(ForeignKey("subsidy_claim.id"), index=True)
    enterprise_id: Mapped[int] = mapped_column(ForeignKey("enterprise.id"), index=True)
    amount_fen: Mapped[int]
    status: Mapped[str] = mapped_column(String(10))
    paid_at: Mapped[datetime | None]
    number: Mapped[str] = mapped_column(String(30), server_default=text("''"))
    subject_kind: Mapped[str] = mapped_column(String(20), server_default=text("'claim_line'"))
    subject_ref: Mapped[uuid.UUID | None] = mapped_column(index=True)
    fund: Mapped[str] = mapped_column(String(50), server_default=text("''"))
    policy_version: Mapped[str] = mapped_column(String(100), server_default=text("''"))
    payee_name: Mapped[str] = mapped_column(String(200), server_default=text("''"))
    bank_name: Mapped[str] = mapped_column(String(200), server_default=text("''"))
    account_ref: Mapped[uuid.UUID | None]
    account_last4: Mapped[str] = mapped_column(String(4), server_default=text("''"))
    failure_code: Mapped[str | None] = mapped_column(String(20))
    failure_text: Mapped[str | None] = mapped_column(String(200))
    returned_at: Mapped[datetime | None]
    retry_of_ref: Mapped[uuid.UUID | None]

    batch: Mapped[PaymentBatch] = relationship(back_populates="orders")
    items: Mapped[list[PaymentItem]] = relationship(back_populates="order", order_by="PaymentItem.id")


class PaymentItem(Base):
    """One person's money in an order: a line of a claim or of an application for new hires, by its public id.

    ``live`` until its order failed or was cancelled; a line has one live item at most, so it is never paid twice.
    """

    __tablename__ = "payment_item"
    __table_args__ = (
        Index("uq_payment_item_live", "subject_ref", unique=True, sqlite_where=_LIVE, postgresql_where=_LIVE),
        CheckConstraint(_one_of("subject_kind", SUBJECT_WORDS), name="subject_kind"),
        CheckConstraint("(claim_line_id IS NOT NULL) = (subject_kind = 'claim_line')", name="of_claim"),
        CheckConstraint("amount_fen > 0", name="amount_fen"),
    )

    id: Mapped[PrimaryKey]
    public_id: Mapped[PublicId]
    order_id: Mapped[int] = mapped_column(ForeignKey("payment_order.id"), index=True)
    subject_kind: Mapped[str] = mapped_column(String(20))
    subject_ref: Mapped[uuid.UUID] = mapped_column(index=True)
    claim_line_id: Mapped[int | None] = mapped_column(ForeignKey("claim_line.id"), index=True)
    amount_fen: Mapped[int]
    live: Mapped[bool]

    order: Mapped[PaymentOrder] = relationship(back_populates="items")


class FundEntry(Base):
    """Money of one item that left the fund, written together with the settling of that line's seconds."""

    __tablename__ = "fund_entry"
    __table_args__ = (
        Index("uq_fund_entry_item_id", "item_id", unique=True),
        CheckConstraint("amount_fen > 0", name="amount_fen"),
    )

    id: Mapped[PrimaryKey]
    public_id: Mapped[PublicId]
    fund: Mapped[str] = mapped_column(String(50))
    policy_version: Mapped[str] = mapped_column(String(100))
    order_id: Mapped[int] = mapped_column(ForeignKey("payment_order.id"), index=True)
    claim_line_id: Mapped[int | None] = mapped_column(ForeignKey("claim_line.id"), unique=True)
    amount_fen: Mapped[int]
    at: Mapped[Instant]
    item_id: Mapped[int | None] = mapped_column(ForeignKey("payment_item.id"))


class BankReturn(Base):
    """A return file as the bank sent it: what it said of each order. It holds no account numbers."""

    __tablename__ = "bank_return"
    __table_args__ = (CheckConstraint("paid_orders >= 0 AND failed_orders >= 0 AND paid_fen >= 0", name="figures"),)

    id: Mapped[PrimaryKey]
    public_id: Mapped[PublicId]
    batch_id: Mapped[int] = mapped_column(ForeignKey("payment_batch.id"), index=True)
    sha256: Mapped[str] = mapped_column(String(64), unique=True)
    content: Mapped[bytes]
    paid_orders: Mapped[int]
    failed_orders: Mapped[int]
    paid_fen: Mapped[int]
    taken_by_id: Mapped[int] = mapped_column(ForeignKey("staff_account.id"), index=True)
    taken_at: Mapped[Instant]


allowed_moves(PaymentBatch.__table__, first=["created"], moves=BATCH_MOVES)
allowed_moves(PaymentOrder.__table__, first=["created"], moves=ORDER_MOVES)
append_only(FundEntry.__table__)
append_only(BankReturn.__table__)
decided(PaymentBatch.__table__, columns=["total_fen", "created_by_id", "created_at", "number", "month"])
decided(
    PaymentOrder.__table__,
    columns=[
        "batch_id",
        "claim_id",
        "enterprise_id",
        "amount_fen",
        "number",
        "subject_kind",
        "subject_ref",
        "fund",
        "policy_version",
        "payee_name",
        "bank_name",
        "account_ref",
        "account_last4",
        "retry_of_ref",
    ],
)
decided(PaymentItem.__table__, columns=["order_id", "subject_kind", "subject_ref", "claim_line_id", "amount_fen"])

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
for _table, _guards in (
    (PaymentBatch, guards.BATCH),
    (PaymentOrder, guards.ORDER),
    (PaymentItem, guards.ITEM),
    (FundEntry, guards.ENTRY),
):
    guard(_table.__table__, sqlite=_guards.sqlite, postgresql=_guards.postgresql)
