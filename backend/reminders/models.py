"""Up to when each kind of reminder was told, so that a run that was missed is caught up."""

from sqlalchemy import String
from sqlalchemy.orm import Mapped, mapped_column

from config.database import Base, Instant


class ReminderMark(Base):
    """Everything of this kind that happened before ``told_until`` is queued."""

    __tablename__ = "reminder_mark"

    name: Mapped[str] = mapped_column(String(40), primary_key=True)
    told_until: Mapped[Instant]
