"""Tables of the credit bank. Balances and what remains of a lot are moved by the database itself; see ``guards``."""

from __future__ import annotations

import uuid

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, text
from sqlalchemy.orm import Mapped, mapped_column

from backend.credit_bank import guards
from backend.credit_bank.rules import DEPOSITS, ISSUED, KINDS, WORKER_ACCOUNTS
from config.database import Base, Instant, PrimaryKey, append_only, guard
from learning_records.evidence.guarding import needs_record


def _one_of(column: str, values: tuple[str, ...]) -> str:
    return f"{column} IN ({', '.join(repr(value) for value in values)})"


class Account(Base):
    """One worker's account of one kind, or the bank's own (no worker). Only the bank's may stand below zero."""

    __tablename__ = "account"
    __table_args__ = (
        CheckConstraint(
            f"({_one_of('kind', WORKER_ACCOUNTS)} AND worker_id IS NOT NULL) OR (kind = '{ISSUED}' AND worker_id IS NULL)",
            name="owner",
        ),
        CheckConstraint(f"balance_seconds >= 0 OR kind = '{ISSUED}'", name="never_overdrawn"),
        Index("uq_account_worker_id_kind", "worker_id", "kind", unique=True),
        Index(
            "uq_account_bank_kind",
            "kind",
            unique=True,
            sqlite_where=text("worker_id IS NULL"),
            postgresql_where=text("worker_id IS NULL"),
        ),
    )

    id: Mapped[PrimaryKey]
    worker_id: Mapped[int | None] = mapped_column(ForeignKey("worker.id"))
    kind: Mapped[str] = mapped_column(String(10))
    balance_seconds: Mapped[int] = mapped_column(default=0)
    last_transfer_id: Mapped[int] = mapped_column(default=0)  # the transfer that moved the balance last


class Transfer(Base):
    """Seconds moved from one account to another, for good. Corrected only by another transfer."""

    __tablename__ = "transfer"
    __table_args__ = (
        CheckConstraint(_one_of("kind", KINDS), name="kind"),
        CheckConstraint("amount_seconds > 0", name="amount"),
        CheckConstraint("source_account_id <> destination_account_id", name="two_accounts"),
        CheckConstraint(
            f"({_one_of('kind', DEPOSITS)}) = (evidence_record_id IS NOT NULL)", name="deposit_cites_evidence"
        ),
        CheckConstraint("(kind IN ('settle', 'release')) = (hold_id IS NOT NULL)", name="resolves_hold"),
        CheckConstraint("(kind = 'reverse') = (reversal_of_id IS NOT NULL)", name="reverses"),
        CheckConstraint("kind NOT IN ('allowance', 'appeal', 'release', 'reverse') OR reason <> ''", name="reason"),
        CheckConstraint("kind <> 'reverse' OR source_text <> ''", name="reverse_source"),
    )

    id: Mapped[PrimaryKey]
    idempotency_key: Mapped[str] = mapped_column(String(200), unique=True)
    fingerprint: Mapped[str] = mapped_column(String(64))
    kind: Mapped[str] = mapped_column(String(10))
    source_account_id: Mapped[int] = mapped_column(ForeignKey("account.id"), index=True)
    destination_account_id: Mapped[int] = mapped_column(ForeignKey("account.id"), index=True)
    amount_seconds: Mapped[int]
    evidence_record_id: Mapped[int | None] = mapped_column(ForeignKey("evidence_record.id"), index=True)
    context_ref: Mapped[uuid.UUID | None] = mapped_column(index=True)
    hold_id: Mapped[int | None] = mapped_column(ForeignKey("transfer.id"), index=True)
    reversal_of_id: Mapped[int | None] = mapped_column(ForeignKey("transfer.id"), unique=True)
    reason: Mapped[str] = mapped_column(String(500), default="")
    source_text: Mapped[str] = mapped_column(String(500), default="")
    at: Mapped[Instant]


class Lot(Base):
    """What remains of one claimable deposit. Made by the database when the deposit is inserted."""

    __tablename__ = "lot"
    __table_args__ = (
        CheckConstraint("remaining_seconds >= 0 AND remaining_seconds <= amount_seconds", name="remaining"),
        Index("ix_lot_worker_id_context_ref", "worker_id", "context_ref"),
    )

    id: Mapped[PrimaryKey]
    transfer_id: Mapped[int] = mapped_column(ForeignKey("transfer.id"), unique=True)
    worker_id: Mapped[int] = mapped_column(ForeignKey("worker.id"))
    context_ref: Mapped[uuid.UUID | None]
    amount_seconds: Mapped[int]
    remaining_seconds: Mapped[int]
    last_draw_id: Mapped[int] = mapped_column(default=0)  # the draw that moved what remains last


class LotDraw(Base):
    """Seconds of one lot under one transfer: drawn (hold, reversed deposit), settled, returned (release, reversed settle)."""

    __tablename__ = "lot_draw"
    __table_args__ = (
        CheckConstraint("direction IN ('draw', 'settle', 'return')", name="direction"),
        CheckConstraint("amount_seconds > 0", name="amount"),
        Index("uq_lot_draw_transfer_id_lot_id", "transfer_id", "lot_id", unique=True),
    )

    id: Mapped[PrimaryKey]
    transfer_id: Mapped[int] = mapped_column(ForeignKey("transfer.id"))
    lot_id: Mapped[int] = mapped_column(ForeignKey("lot.id"), index=True)
    direction: Mapped[str] = mapped_column(String(6))
    amount_seconds: Mapped[int]


guard(Account.__table__, sqlite=guards.ACCOUNT_SQLITE, postgresql=guards.ACCOUNT_POSTGRESQL)
guard(Transfer.__table__, sqlite=guards.TRANSFER_SQLITE, postgresql=guards.TRANSFER_POSTGRESQL)
append_only(Transfer.__table__)
needs_record(
    Transfer.__table__,
    kind="transfer",
    sqlite_key="NEW.idempotency_key",
    postgresql_key="NEW.idempotency_key",
)
guard(Lot.__table__, sqlite=guards.LOT_SQLITE, postgresql=guards.LOT_POSTGRESQL)
guard(LotDraw.__table__, sqlite=guards.LOT_DRAW_SQLITE, postgresql=guards.LOT_DRAW_POSTGRESQL)
append_only(LotDraw.__table__)
