"""Tables of amendments (备案变更) of an approved plan: who is added or corrected, which courses and hours come on top."""

from __future__ import annotations

import uuid
from datetime import date, datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from backend.plans.models import TrainingPlan, one_of
from backend.plans.rules import AMENDMENT_MOVES, AMENDMENT_WORDS
from config.database import Base, Instant, PrimaryKey, PublicId, allowed_moves, append_only, decided
from learning_records.evidence.guarding import needs_record, uuid_text

_OPEN = text("status = 'submitted'")


class PlanAmendment(Base):
    """One request to change a plan that is on file. What it asks for stays as it was sealed; a corrected one is another."""

    __tablename__ = "plan_amendment"
    __table_args__ = (
        UniqueConstraint("plan_id", "number"),
        CheckConstraint(one_of("status", list(AMENDMENT_WORDS)), name="status"),
        CheckConstraint("head_count > 0", name="head_count"),
        CheckConstraint("class_hours > 0", name="class_hours"),
        CheckConstraint("(status = 'submitted') = (decided_at IS NULL)", name="decided"),
        Index("uq_plan_amendment_open", "plan_id", unique=True, sqlite_where=_OPEN, postgresql_where=_OPEN),
    )

    id: Mapped[PrimaryKey]
    public_id: Mapped[PublicId]
    plan_id: Mapped[int] = mapped_column(ForeignKey("training_plan.id"))
    number: Mapped[int]
    status: Mapped[str] = mapped_column(String(20), index=True)
    reason: Mapped[str] = mapped_column(String(500))
    head_count: Mapped[int | None]
    class_hours: Mapped[int | None]
    submitted_by: Mapped[str] = mapped_column(String(100))
    submitted_at: Mapped[Instant]
    decided_at: Mapped[datetime | None]
    decision_reason: Mapped[str] = mapped_column(String(500))
    decision_clause: Mapped[str] = mapped_column(String(10))

    plan: Mapped[TrainingPlan] = relationship()
    people: Mapped[list[AmendedPerson]] = relationship(order_by="AmendedPerson.id")
    courses: Mapped[list[AmendedCourse]] = relationship(order_by="AmendedCourse.id")


class AmendedPerson(Base):
    """A person of the roster whom an amendment adds, or whose relation or day of hiring it corrects."""

    __tablename__ = "amended_person"
    __table_args__ = (
        UniqueConstraint("amendment_id", "roster_entry_id"),
        CheckConstraint(one_of("action", ["add", "correct"]), name="action"),
    )

    id: Mapped[PrimaryKey]
    amendment_id: Mapped[int] = mapped_column(ForeignKey("plan_amendment.id"))
    action: Mapped[str] = mapped_column(String(10))
    roster_entry_id: Mapped[int] = mapped_column(ForeignKey("roster_entry.id"), index=True)
    relation: Mapped[str] = mapped_column(String(20))
    hired_on: Mapped[date]


class AmendedCourse(Base):
    """A course that an amendment adds, in the version that was chosen."""

    __tablename__ = "amended_course"
    __table_args__ = (UniqueConstraint("amendment_id", "course_public_id"),)

    id: Mapped[PrimaryKey]
    amendment_id: Mapped[int] = mapped_column(ForeignKey("plan_amendment.id"))
    course_public_id: Mapped[uuid.UUID]
    course_version_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("course_version.public_id"), index=True)
    version: Mapped[int]
    title: Mapped[str]


allowed_moves(
    PlanAmendment.__table__,
    first=["submitted"],
    moves=[(before, after) for (before, _), after in AMENDMENT_MOVES.items()],
)
decided(
    PlanAmendment.__table__,
    columns=["public_id", "plan_id", "number", "reason", "head_count", "class_hours", "submitted_by", "submitted_at"],
)
needs_record(
    PlanAmendment.__table__,
    kind="amendment",
    sqlite_key=uuid_text("NEW.public_id", "sqlite"),
    postgresql_key=uuid_text("NEW.public_id", "postgresql"),
)
append_only(AmendedPerson.__table__)
append_only(AmendedCourse.__table__)
