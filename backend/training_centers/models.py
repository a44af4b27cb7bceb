"""Tables of training centers: who works at the desk, which codes are alive, and every look-up for good."""

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from config.database import Base, Instant, PrimaryKey, PublicId, append_only


class TrainingCenter(Base):
    """A public training base or another place of practice (公共实训基地, 线下培训场所)."""

    __tablename__ = "training_center"

    id: Mapped[PrimaryKey]
    public_id: Mapped[PublicId]
    name: Mapped[str] = mapped_column(String(100), unique=True)
    address: Mapped[str] = mapped_column(String(200))
    created_at: Mapped[Instant]


class DeskClerk(Base):
    """A staff account that works at the desk of one center."""

    __tablename__ = "desk_clerk"

    id: Mapped[PrimaryKey]
    staff_account_id: Mapped[int] = mapped_column(ForeignKey("staff_account.id"), unique=True)
    center_id: Mapped[int] = mapped_column(ForeignKey("training_center.id"), index=True)
    created_at: Mapped[Instant]


class CenterCode(Base):
    """A rotating code on a worker's phone: only its keyed digest is kept. Times are real, never the calendar's."""

    __tablename__ = "center_code"

    id: Mapped[PrimaryKey]
    digest: Mapped[str] = mapped_column(String(64), unique=True)
    worker_id: Mapped[int] = mapped_column(ForeignKey("worker.id"), index=True)
    expires_at: Mapped[Instant]
    used_at: Mapped[datetime | None]


class CenterLookUp(Base):
    """A center asked about a worker and got this answer. Append-only; the worker can read it."""

    __tablename__ = "center_look_up"
    __table_args__ = (
        CheckConstraint("class_hours >= 0 AND credits >= 0", name="figures"),
        Index("ix_center_look_up_center_id_at", "center_id", "at"),
    )

    id: Mapped[PrimaryKey]
    public_id: Mapped[PublicId]
    center_id: Mapped[int] = mapped_column(ForeignKey("training_center.id"))
    worker_id: Mapped[int] = mapped_column(ForeignKey("worker.id"), index=True)
    at: Mapped[Instant]
    has_priority: Mapped[bool]
    class_hours: Mapped[int]
    credits: Mapped[int]


append_only(CenterLookUp.__table__)
