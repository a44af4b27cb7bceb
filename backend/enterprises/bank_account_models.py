"""The table of enterprises' bank accounts (三). The number is an AES-GCM ciphertext with a keyed blind index."""

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, text
from sqlalchemy.orm import Mapped, mapped_column

from config.database import Base, Instant, PrimaryKey, PublicId, allowed_moves, decided
from learning_records.evidence.guarding import needs_record, uuid_text

ACCOUNT_STATUSES = ("proposed", "active", "replaced", "refused", "withdrawn")
_ACTIVE, _PROPOSED = text("status = 'active'"), text("status = 'proposed'")


class BankAccount(Base):
    """One account of an enterprise: proposed by one person, confirmed or refused by another; at most one is active."""

    __tablename__ = "bank_account"
    __table_args__ = (
        CheckConstraint(f"status IN ({', '.join(repr(status) for status in ACCOUNT_STATUSES)})", name="status"),
        CheckConstraint("length(last4) = 4", name="last4"),
        CheckConstraint("decided_by_id <> proposed_by_id OR status = 'withdrawn'", name="two_persons"),
        CheckConstraint("(status = 'proposed') = (decided_at IS NULL)", name="decided_at"),
        CheckConstraint("(status = 'proposed') = (decided_by_id IS NULL)", name="decided_by"),
        Index(
            "uq_bank_account_active",
            "enterprise_id",
            unique=True,
            sqlite_where=_ACTIVE,
            postgresql_where=_ACTIVE,
        ),
        Index(
            "uq_bank_account_proposed",
            "enterprise_id",
            unique=True,
            sqlite_where=_PROPOSED,
            postgresql_where=_PROPOSED,
        ),
    )

    id: Mapped[PrimaryKey]
    public_id: Mapped[PublicId]
    enterprise_id: Mapped[int] = mapped_column(ForeignKey("enterprise.id"), index=True)
    status: Mapped[str] = mapped_column(String(10))
    holder_name: Mapped[str] = mapped_column(String(100))
    bank_name: Mapped[str] = mapped_column(String(100))
    account_encrypted: Mapped[bytes]
    account_index: Mapped[str] = mapped_column(String(64))
    last4: Mapped[str] = mapped_column(String(4))
    proposed_by_id: Mapped[int] = mapped_column(ForeignKey("staff_account.id"), index=True)
    proposed_at: Mapped[Instant]
    decided_by_id: Mapped[int | None] = mapped_column(ForeignKey("staff_account.id"), index=True)
    decided_at: Mapped[datetime | None]
    reason: Mapped[str] = mapped_column(String(500))


allowed_moves(
    BankAccount.__table__,
    first=["proposed"],
    moves=[("proposed", "active"), ("proposed", "refused"), ("proposed", "withdrawn"), ("active", "replaced")],
)
decided(
    BankAccount.__table__,
    columns=[
        "enterprise_id",
        "holder_name",
        "bank_name",
        "account_encrypted",
        "account_index",
        "last4",
        "proposed_by_id",
        "proposed_at",
    ],
)
needs_record(
    BankAccount.__table__,
    kind="bank_account",
    sqlite_key=uuid_text("NEW.public_id", "sqlite"),
    postgresql_key=uuid_text("NEW.public_id", "postgresql"),
    event="UPDATE OF status",
    when="NEW.status = 'active'",
)
