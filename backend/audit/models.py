"""The audit table: rows are added and never changed, which the database itself sees to."""

from sqlalchemy import String
from sqlalchemy.orm import Mapped, mapped_column

from config.database import Base, Instant, Json, PrimaryKey, PublicId, append_only


class AuditEntry(Base):
    """One move by one actor on one subject, at an instant of the calendar."""

    __tablename__ = "audit_entry"

    id: Mapped[PrimaryKey]
    public_id: Mapped[PublicId]
    at: Mapped[Instant]
    actor: Mapped[str] = mapped_column(String(100), index=True)
    action: Mapped[str] = mapped_column(String(100))
    subject: Mapped[str] = mapped_column(String(100), index=True)
    detail: Mapped[Json]


append_only(AuditEntry.__table__)
