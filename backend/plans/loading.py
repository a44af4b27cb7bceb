"""Loading plans and showing them."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import NamedTuple
from uuid import UUID

from sqlalchemy import func, select

from backend.plans import rules
from backend.plans.models import Enrollment, TrainingClass, TrainingPlan
from backend.plans.views import PlanView, plan_view_of
from backend.policies import services as policies
from backend.policies.rules import Policy
from config.database import db, locked
from config.errors import NotFound


def plan_view(plan_id: UUID) -> PlanView:
    """One plan. Raises ``NotFound`` PLAN_NOT_FOUND."""
    return view(load_plan(plan_id))


def locked_plan_view(plan_id: UUID) -> PlanView:
    """One plan, locked until the transaction ends, for a slice that writes under it. Raises ``NotFound`` PLAN_NOT_FOUND."""
    return view(load_plan(plan_id, lock=True))


def plan_view_by_id(plan_row_id: int) -> PlanView:
    """One plan by its inner id, for slices that refer to it. Raises ``NotFound`` PLAN_NOT_FOUND."""
    plan = db.session.get(TrainingPlan, plan_row_id)
    if plan is None:
        raise _not_found()
    return view(plan)


def plans_of_enterprise(enterprise_id: int) -> list[PlanView]:
    """The enterprise's plans, newest first."""
    return _views(
        db.session.scalars(
            select(TrainingPlan).where(TrainingPlan.enterprise_id == enterprise_id).order_by(TrainingPlan.id.desc())
        )
    )


def submitted_plans() -> list[PlanView]:
    """Plans that wait for a reviewer, the oldest submission first."""
    return _views(
        db.session.scalars(
            select(TrainingPlan).where(TrainingPlan.status == "submitted").order_by(TrainingPlan.submitted_at)
        )
    )


def policy_of(plan: TrainingPlan) -> Policy:
    """What the plan is judged by: today's file while it can be edited, then the version it was submitted under.

    Raises ``NotFound`` POLICY_NOT_FOUND, POLICY_VERSION_NOT_KEPT.
    """
    if plan.status in rules.EDITABLE:
        return policies.get(plan.policy_id)
    return policies.of_version(plan.policy_id, plan.policy_version)


def policy_of_class(class_id: UUID | None) -> Policy:
    """The version of the policy that the class's plan was filed under; outside a class the office's own.

    Raises ``NotFound`` POLICY_VERSION_NOT_KEPT, POLICY_NOT_IN_FORCE.
    """
    plan = db.session.execute(
        select(TrainingPlan.policy_id, TrainingPlan.policy_version)
        .join(TrainingClass, TrainingClass.plan_id == TrainingPlan.id)
        .where(TrainingClass.public_id == class_id)
    ).one_or_none()
    return policies.current() if plan is None else policies.of_version(plan.policy_id, plan.policy_version)


class PlanState(NamedTuple):
    """What a plan's row says was decided."""

    id: int
    plan_id: UUID
    status: str
    approved_at: datetime | None
    decision_reason: str
    decision_clause: str


def count_plans() -> int:
    """How many plans there are, drafts too."""
    return db.session.scalar(select(func.count()).select_from(TrainingPlan)) or 0


def plan_states(after_id: int, limit: int) -> list[PlanState]:
    """What was decided of the next plans after that inner id."""
    plan = TrainingPlan
    query = select(
        plan.id, plan.public_id, plan.status, plan.approved_at, plan.decision_reason, plan.decision_clause
    ).where(plan.id > after_id)
    return [PlanState(*row) for row in db.session.execute(query.order_by(plan.id).limit(limit))]


def load_plan(plan_id: UUID, *, lock: bool = False) -> TrainingPlan:
    """The row, locked until the transaction ends if asked. Raises ``NotFound`` PLAN_NOT_FOUND."""
    query = select(TrainingPlan).where(TrainingPlan.public_id == plan_id)
    plan = db.session.scalar(locked(query) if lock else query)
    if plan is None:
        raise _not_found()
    return plan


def _not_found() -> NotFound:
    return NotFound("PLAN_NOT_FOUND", "找不到该培训计划，请从列表重新打开。")


def count_enrollments(class_row_ids: Iterable[int]) -> dict[int, tuple[int, int]]:
    """(enrolled, joined) of each class that has anybody in it."""
    rows = db.session.execute(
        select(Enrollment.class_id, func.count(Enrollment.id), func.count(Enrollment.worker_id))
        .where(Enrollment.class_id.in_(list(class_row_ids)))
        .group_by(Enrollment.class_id)
    )
    return {class_id: (enrolled, joined) for class_id, enrolled, joined in rows}


def view(plan: TrainingPlan) -> PlanView:
    """The view of one row."""
    return _views([plan])[0]


def _views(plans: Iterable[TrainingPlan]) -> list[PlanView]:
    rows = list(plans)
    counts = count_enrollments([plan.training_class.id for plan in rows])
    return [
        plan_view_of(plan, enrolled=enrolled, joined=joined)
        for plan in rows
        for enrolled, joined in [counts.get(plan.training_class.id, (0, 0))]
    ]
