"""Tables of policies: every version that was ever used, and what an office says of single days. Both only grow."""

from __future__ import annotations

from datetime import date

from sqlalchemy import CheckConstraint, ForeignKey
from sqlalchemy.orm import Mapped, mapped_column

from config.database import Base, Instant, PrimaryKey, append_only


class PolicyVersion(Base):
    """The whole content of a policy as canonical JSON, kept when the first plan under it was drafted."""

    __tablename__ = "policy_version"

    id: Mapped[PrimaryKey]
    policy_id: Mapped[str] = mapped_column(index=True)
    version: Mapped[str] = mapped_column(unique=True)
    content: Mapped[str]
    kept_at: Mapped[Instant]


class CalendarCorrection(Base):
    """An office says that people work, or do not, on that day. The latest of a day stands."""

    __tablename__ = "calendar_correction"
    __table_args__ = (CheckConstraint("length(reason) > 0", name="reason"),)

    id: Mapped[PrimaryKey]
    day: Mapped[date] = mapped_column(index=True)
    working: Mapped[bool]
    reason: Mapped[str]
    staff_id: Mapped[int] = mapped_column(ForeignKey("staff_account.id"), index=True)
    corrected_at: Mapped[Instant]


append_only(PolicyVersion.__table__)
append_only(CalendarCorrection.__table__)
