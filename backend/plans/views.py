"""What the plans slice hands out: frozen views, with ``id`` for slices inside and UUIDs for what people see."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from backend.enterprises.services import RosterEntryView
from backend.plans.models import PlanCourse, TrainingClass, TrainingPlan
from backend.plans.rules import PlanFields


@dataclass(frozen=True)
class PlanCourseView:
    """A course of a plan in its chosen version."""

    course_id: UUID
    course_version_id: UUID
    version: int
    title: str


@dataclass(frozen=True)
class ClassView:
    """A class as its workers and the study desk see it. ``filed`` is whether its plan is approved now."""

    id: int
    class_id: UUID
    plan_id: UUID
    enterprise_id: int
    enterprise_name: str
    title: str
    class_code: str
    starts_on: date | None
    ends_on: date | None
    class_hours: int | None
    filed: bool
    approved_at: datetime | None
    plan_status: str
    policy_id: str
    policy_version: str
    courses: tuple[PlanCourseView, ...]


@dataclass(frozen=True)
class PlanView:
    """A plan as its enterprise and its reviewer see it. ``fields`` are the filled-in values."""

    id: int
    plan_id: UUID
    enterprise_id: int
    enterprise_name: str
    status: str
    fields: PlanFields
    training_class: ClassView
    enrolled: int
    joined: int
    commitment_version: str | None
    commitment_signer: str | None
    commitment_signed_at: datetime | None
    commitment_sha256: str | None
    policy_id: str
    policy_version: str
    submitted_at: datetime | None
    filed_at: datetime | None
    approved_at: datetime | None
    filing_number: str | None
    decision_reason: str
    decision_clause: str


@dataclass(frozen=True)
class EnrollmentView:
    """A place in a class; ``worker_id`` and ``joined_at`` are None until the worker has joined."""

    id: int
    class_id: UUID
    roster_entry_id: int
    worker_id: int | None
    enrolled_at: datetime
    joined_at: datetime | None
    filed_relation: str | None = None
    filed_hired_on: date | None = None


@dataclass(frozen=True)
class ClassMember:
    """A place in a class and what the enterprise's roster says of the person."""

    enrollment: EnrollmentView
    roster_entry: RosterEntryView

    @property
    def roster_entry_public_id(self) -> UUID:
        """Under what the enterprise ticks this person."""
        return self.roster_entry.public_id

    @property
    def masked_name(self) -> str:
        """The name as the roster has it, masked."""
        return self.roster_entry.masked_name

    @property
    def relation(self) -> str:
        """The relation to the enterprise as it was filed; before that as the roster has it."""
        return self.enrollment.filed_relation or self.roster_entry.relation

    @property
    def hired_on(self) -> date:
        """The day of hiring as it was filed; before that as the roster has it."""
        return self.enrollment.filed_hired_on or self.roster_entry.hired_on


def class_view_of(training_class: TrainingClass) -> ClassView:
    """The view of a class row."""
    plan = training_class.plan
    return ClassView(
        id=training_class.id,
        class_id=training_class.public_id,
        plan_id=plan.public_id,
        enterprise_id=plan.enterprise_id,
        enterprise_name=plan.enterprise_name,
        title=training_class.title,
        class_code=training_class.class_code,
        starts_on=training_class.starts_on,
        ends_on=training_class.ends_on,
        class_hours=plan.class_hours,
        filed=plan.status == "approved",
        approved_at=plan.approved_at,
        plan_status=plan.status,
        policy_id=plan.policy_id,
        policy_version=plan.policy_version,
        courses=tuple(_course_view_of(course) for course in plan.courses),
    )


def plan_view_of(plan: TrainingPlan, *, enrolled: int, joined: int) -> PlanView:
    """The view of a plan row."""
    training_class = plan.training_class
    fields = PlanFields(
        title=training_class.title,
        kind=plan.kind,
        head_count=plan.head_count,
        class_hours=plan.class_hours,
        mode=plan.mode,
        platform=plan.platform,
        agreement=plan.agreement,
        relevance=plan.relevance,
        trade_code=plan.trade_code,
        affected=plan.affected,
        late_filing_reason=plan.late_filing_reason,
        course_ids=tuple(course.course_public_id for course in plan.courses),
        starts_on=training_class.starts_on,
        ends_on=training_class.ends_on,
    )
    return PlanView(
        id=plan.id,
        plan_id=plan.public_id,
        enterprise_id=plan.enterprise_id,
        enterprise_name=plan.enterprise_name,
        status=plan.status,
        fields=fields,
        training_class=class_view_of(training_class),
        enrolled=enrolled,
        joined=joined,
        commitment_version=plan.commitment_version,
        commitment_signer=plan.commitment_signer,
        commitment_signed_at=plan.commitment_signed_at,
        commitment_sha256=plan.commitment_sha256,
        policy_id=plan.policy_id,
        policy_version=plan.policy_version,
        submitted_at=plan.submitted_at,
        filed_at=plan.filed_at,
        approved_at=plan.approved_at,
        filing_number=plan.filing_number,
        decision_reason=plan.decision_reason,
        decision_clause=plan.decision_clause,
    )


def _course_view_of(course: PlanCourse) -> PlanCourseView:
    return PlanCourseView(course.course_public_id, course.course_version_id, course.version, course.title)
