"""Tables of the fund: its running figures, what was put into it, and what is asked back and came back (四.1, 四.5)."""

from __future__ import annotations

import uuid
from datetime import date, datetime

from sqlalchemy import CheckConstraint, ForeignKey, String, text
from sqlalchemy.orm import Mapped, mapped_column

from backend.payments import guards
from backend.payments.rules import ALLOTMENT_MOVES, ALLOTMENT_WORDS, RECOVERY_MOVES, RECOVERY_WORDS
from config.database import Base, Instant, PrimaryKey, PublicId, allowed_moves, append_only, decided, guard
from learning_records.evidence.guarding import needs_record, uuid_text


def _listed(words: object) -> str:
    assert isinstance(words, dict)
    return ", ".join(repr(word) for word in words)


class Fund(Base):
    """A special account that subsidies are paid from. Triggers on allotments, fund entries and receipts move the figures.

    ``opening_fen``: what had been paid before budgets were kept; what it has left is opening + allotted + received - paid.
    """

    __tablename__ = "fund"
    __table_args__ = (
        CheckConstraint("opening_fen >= 0 AND paid_fen >= 0 AND received_fen >= 0", name="figures"),
        CheckConstraint("opening_fen + allotted_fen + received_fen >= paid_fen", name="not_overdrawn"),
    )

    id: Mapped[PrimaryKey]
    public_id: Mapped[PublicId]
    name: Mapped[str] = mapped_column(String(50), unique=True)
    opening_fen: Mapped[int] = mapped_column(server_default=text("0"))
    allotted_fen: Mapped[int] = mapped_column(server_default=text("0"))
    paid_fen: Mapped[int] = mapped_column(server_default=text("0"))
    received_fen: Mapped[int] = mapped_column(server_default=text("0"))

    @property
    def balance_fen(self) -> int:
        """What is in the fund."""
        return self.opening_fen + self.allotted_fen + self.received_fen - self.paid_fen


class FundAllotment(Base):
    """Money put into the fund, or taken out of it (negative), by a document; proposed by one person, confirmed by another."""

    __tablename__ = "fund_allotment"
    __table_args__ = (
        CheckConstraint(f"status IN ({_listed(ALLOTMENT_WORDS)})", name="status"),
        CheckConstraint("amount_fen <> 0", name="amount_fen"),
        CheckConstraint("document <> ''", name="document"),
        CheckConstraint("proposed_by_id <> decided_by_id", name="two_persons"),
        CheckConstraint(
            "(status = 'proposed') = (decided_by_id IS NULL) AND (decided_by_id IS NULL) = (decided_at IS NULL)",
            name="decided",
        ),
    )

    id: Mapped[PrimaryKey]
    public_id: Mapped[PublicId]
    fund_id: Mapped[int] = mapped_column(ForeignKey("fund.id"), index=True)
    amount_fen: Mapped[int]
    document: Mapped[str] = mapped_column(String(100))
    note: Mapped[str] = mapped_column(String(200))
    status: Mapped[str] = mapped_column(String(10))
    proposed_by_id: Mapped[int] = mapped_column(ForeignKey("staff_account.id"), index=True)
    proposed_at: Mapped[Instant]
    decided_by_id: Mapped[int | None] = mapped_column(ForeignKey("staff_account.id"), index=True)
    decided_at: Mapped[datetime | None]


class Recovery(Base):
    """Money of one paid item that is asked back, whole or in part. ``source_ref``: the case it rests on, where there is one."""

    __tablename__ = "recovery"
    __table_args__ = (
        CheckConstraint(f"status IN ({_listed(RECOVERY_WORDS)})", name="status"),
        CheckConstraint("amount_fen > 0", name="amount_fen"),
        CheckConstraint("reason <> '' AND clause <> ''", name="reason"),
        CheckConstraint("proposed_by_id <> decided_by_id", name="two_persons"),
        CheckConstraint(
            "(status = 'proposed') = (decided_by_id IS NULL) AND (decided_by_id IS NULL) = (decided_at IS NULL)",
            name="decided",
        ),
        CheckConstraint("(status IN ('demanded', 'received')) = (due_on IS NOT NULL)", name="due_on"),
        CheckConstraint("received_fen >= 0 AND received_fen <= amount_fen", name="received_fen"),
    )

    id: Mapped[PrimaryKey]
    public_id: Mapped[PublicId]
    number: Mapped[str] = mapped_column(String(30), unique=True)
    item_id: Mapped[int] = mapped_column(ForeignKey("payment_item.id"), index=True)
    enterprise_id: Mapped[int] = mapped_column(ForeignKey("enterprise.id"), index=True)
    fund: Mapped[str] = mapped_column(String(50))
    amount_fen: Mapped[int]
    reason: Mapped[str] = mapped_column(String(500))
    clause: Mapped[str] = mapped_column(String(10))
    source_ref: Mapped[uuid.UUID | None]
    status: Mapped[str] = mapped_column(String(10), index=True)
    proposed_by_id: Mapped[int] = mapped_column(ForeignKey("staff_account.id"), index=True)
    proposed_at: Mapped[Instant]
    decided_by_id: Mapped[int | None] = mapped_column(ForeignKey("staff_account.id"), index=True)
    decided_at: Mapped[datetime | None]
    due_on: Mapped[date | None]
    received_fen: Mapped[int] = mapped_column(server_default=text("0"))


class RecoveryReceipt(Base):
    """Money that came back into the fund: its own entry. ``voucher``: the bank's number of the incoming payment, used once."""

    __tablename__ = "recovery_receipt"
    __table_args__ = (
        CheckConstraint("amount_fen > 0", name="amount_fen"),
        CheckConstraint("voucher <> ''", name="voucher"),
    )

    id: Mapped[PrimaryKey]
    public_id: Mapped[PublicId]
    recovery_id: Mapped[int] = mapped_column(ForeignKey("recovery.id"), index=True)
    fund: Mapped[str] = mapped_column(String(50))
    amount_fen: Mapped[int]
    received_on: Mapped[date]
    voucher: Mapped[str] = mapped_column(String(60), unique=True)
    recorded_by_id: Mapped[int] = mapped_column(ForeignKey("staff_account.id"), index=True)
    at: Mapped[Instant]


allowed_moves(FundAllotment.__table__, first=["proposed"], moves=ALLOTMENT_MOVES)
allowed_moves(Recovery.__table__, first=["proposed"], moves=RECOVERY_MOVES)
append_only(RecoveryReceipt.__table__)
decided(Fund.__table__, columns=["name", "opening_fen"])
decided(
    FundAllotment.__table__,
    columns=["fund_id", "amount_fen", "document", "note", "proposed_by_id", "proposed_at"],
)
decided(
    Recovery.__table__,
    columns=[
        "number",
        "item_id",
        "enterprise_id",
        "fund",
        "amount_fen",
        "reason",
        "clause",
        "source_ref",
        "proposed_by_id",
        "proposed_at",
    ],
)
for _table, _kind, _event, _when in (
    (FundAllotment, "allotment", "UPDATE OF status", "NEW.status = 'confirmed'"),
    (Recovery, "recovery", "UPDATE OF status", "NEW.status = 'demanded'"),
    (RecoveryReceipt, "recovery_receipt", "INSERT", ""),
):
    needs_record(
        _table.__table__,
        kind=_kind,
        sqlite_key=uuid_text("NEW.public_id", "sqlite"),
        postgresql_key=uuid_text("NEW.public_id", "postgresql"),
        event=_event,
        when=_when,
    )
for _table, _guards in (
    (FundAllotment, guards.ALLOTMENT),
    (Recovery, guards.RECOVERY),
    (RecoveryReceipt, guards.RECEIPT),
):
    guard(_table.__table__, sqlite=_guards.sqlite, postgresql=_guards.postgresql)
