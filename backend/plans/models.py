"""Tables of training plans. A plan has one class; a class has the enrollments its workers join by code."""

from __future__ import annotations

import uuid
from datetime import date, datetime

from sqlalchemy import CheckConstraint, ForeignKey, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from backend.plans.documents import DOCUMENT_KINDS, PARTY_LENGTH
from backend.plans.guards import COURSE_EVENTS, ENROLLMENT_EVENTS, PLAN_EVENTS, as_approved
from backend.plans.rules import KINDS, MODES, MOVES, STATUS_WORDS
from config.database import Base, Instant, PrimaryKey, PublicId, allowed_moves, append_only


def one_of(column: str, values: object) -> str:
    """The text of a CHECK that ``column`` holds one of ``values``; NULL passes."""
    assert isinstance(values, (list, tuple))
    return f"{column} IN ({', '.join(repr(value) for value in values)})"


class TrainingPlan(Base):
    """A plan as filed under clause 三. Blank fields are allowed while it is a draft; the checker names them."""

    __tablename__ = "training_plan"
    __table_args__ = (
        CheckConstraint(one_of("status", list(STATUS_WORDS)), name="status"),
        CheckConstraint(one_of("kind", list(KINDS)), name="kind"),
        CheckConstraint(one_of("mode", list(MODES)), name="mode"),
        CheckConstraint("head_count > 0", name="head_count"),
        CheckConstraint("class_hours > 0", name="class_hours"),
        CheckConstraint("status = 'draft' OR filed_at IS NOT NULL", name="filed"),
        CheckConstraint("(status = 'approved') = (approved_at IS NOT NULL)", name="approved"),
        CheckConstraint("(approved_at IS NULL) = (filing_number IS NULL)", name="filing_number"),
    )

    id: Mapped[PrimaryKey]
    public_id: Mapped[PublicId]
    enterprise_id: Mapped[int] = mapped_column(ForeignKey("enterprise.id"), index=True)
    status: Mapped[str] = mapped_column(index=True)
    policy_id: Mapped[str]
    policy_version: Mapped[str]
    enterprise_name: Mapped[str]
    head_count: Mapped[int | None]
    class_hours: Mapped[int | None]
    mode: Mapped[str | None]
    platform: Mapped[str]
    agreement: Mapped[str]
    kind: Mapped[str | None]
    relevance: Mapped[str]
    trade_code: Mapped[str]
    affected: Mapped[bool]
    late_filing_reason: Mapped[str] = mapped_column(String(500), server_default="")
    commitment_version: Mapped[str | None]
    commitment_signer: Mapped[str | None]
    commitment_signed_at: Mapped[datetime | None]
    commitment_sha256: Mapped[str | None]
    created_at: Mapped[Instant]
    submitted_at: Mapped[datetime | None]
    filed_at: Mapped[datetime | None]
    approved_at: Mapped[datetime | None]
    filing_number: Mapped[str | None] = mapped_column(unique=True)
    decision_reason: Mapped[str]
    decision_clause: Mapped[str]

    training_class: Mapped[TrainingClass] = relationship(back_populates="plan")
    courses: Mapped[list[PlanCourse]] = relationship(order_by="PlanCourse.position", cascade="all, delete-orphan")


class TrainingClass(Base):
    """The class (班级) of a plan. ``class_code`` is what the QR code holds."""

    __tablename__ = "training_class"
    __table_args__ = (CheckConstraint("starts_on <= ends_on", name="dates"),)

    id: Mapped[PrimaryKey]
    public_id: Mapped[PublicId]
    plan_id: Mapped[int] = mapped_column(ForeignKey("training_plan.id"), unique=True)
    title: Mapped[str]
    class_code: Mapped[str] = mapped_column(unique=True)
    starts_on: Mapped[date | None]
    ends_on: Mapped[date | None]

    plan: Mapped[TrainingPlan] = relationship(back_populates="training_class")


class PlanCourse(Base):
    """A course of a plan, in the version that was chosen."""

    __tablename__ = "plan_course"
    __table_args__ = (UniqueConstraint("plan_id", "course_public_id"),)

    id: Mapped[PrimaryKey]
    plan_id: Mapped[int] = mapped_column(ForeignKey("training_plan.id"), index=True)
    position: Mapped[int]
    course_public_id: Mapped[uuid.UUID] = mapped_column(index=True)
    course_version_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("course_version.public_id"), index=True)
    version: Mapped[int]
    title: Mapped[str]


class PlanDocument(Base):
    """A paper the plan is filed with: an attachment of its class and what it is. Of one kind the latest stands."""

    __tablename__ = "plan_document"
    __table_args__ = (CheckConstraint(one_of("kind", list(DOCUMENT_KINDS)), name="kind"),)

    id: Mapped[PrimaryKey]
    plan_id: Mapped[int] = mapped_column(ForeignKey("training_plan.id"), index=True)
    kind: Mapped[str] = mapped_column(String(32))
    attachment_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("attachment.public_id"), index=True)
    party: Mapped[str] = mapped_column(String(PARTY_LENGTH))
    expires_on: Mapped[date | None]
    settled_month: Mapped[date | None]
    added_at: Mapped[Instant]


class Enrollment(Base):
    """A person of the roster in a class; ``worker_id`` and ``joined_at`` appear when the worker joins by code.

    ``filed_relation`` and ``filed_hired_on`` are what the roster said when the plan was filed: a claim is judged by them.
    ``filed_from`` is when an approved amendment added this person; None for those who were filed with the plan.
    """

    __tablename__ = "enrollment"
    __table_args__ = (
        UniqueConstraint("class_id", "roster_entry_id"),
        UniqueConstraint("class_id", "worker_id"),
        CheckConstraint("(worker_id IS NULL) = (joined_at IS NULL)", name="joined"),
    )

    id: Mapped[PrimaryKey]
    class_id: Mapped[int] = mapped_column(ForeignKey("training_class.id"), index=True)
    roster_entry_id: Mapped[int] = mapped_column(ForeignKey("roster_entry.id"), index=True)
    worker_id: Mapped[int | None] = mapped_column(ForeignKey("worker.id"), index=True)
    enrolled_at: Mapped[Instant]
    joined_at: Mapped[datetime | None]
    filed_relation: Mapped[str | None]
    filed_hired_on: Mapped[date | None]
    filed_from: Mapped[datetime | None]

    training_class: Mapped[TrainingClass] = relationship()


append_only(PlanDocument.__table__)
allowed_moves(
    TrainingPlan.__table__,
    first=["draft"],
    moves=[(before, after) for (before, _), after in MOVES.items()],
)
as_approved(TrainingPlan.__table__, PLAN_EVENTS)
as_approved(Enrollment.__table__, ENROLLMENT_EVENTS)
as_approved(PlanCourse.__table__, COURSE_EVENTS)
