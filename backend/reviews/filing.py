"""Decisions about the filing of plans (备案) and about amendments of plans on file (clause 三)."""

from __future__ import annotations

from uuid import UUID

from backend.people.services import StaffView
from backend.plans import services as plans
from backend.plans.services import AmendmentView, PlanView
from backend.reviews import rules
from backend.reviews.recording import actor_of, checked, record
from backend.reviews.rules import Relevance
from config import clock


def approve_plan(
    *, plan_id: UUID, staff: StaffView, reason: str = "", clause: str = "三", relevance: Relevance | None = None
) -> PlanView:
    """Accept the filing of a plan. ``relevance``: the reviewer's answer whether the training belongs to the enterprise's main
    business (一(一)); left out, it is yes. A late filing is granted only with a written reason (domain.md A3).

    Raises ``NotAllowed`` REVIEWER_ROLE_REQUIRED; ``Invalid`` CLAUSE_UNKNOWN, PLAN_NOT_READY, NOT_RELEVANT, REASON_REQUIRED;
    ``NotFound`` PLAN_NOT_FOUND; ``Conflict`` PLAN_MOVE_REFUSED.
    """
    relevance = rules.require_relevant(relevance)
    rules.require_own_words(reason, late=plans.is_filed_late(plan_id))
    reason, clause = checked("plan", "only", "approve", staff, reason, clause)
    view = plans.approve_plan(plan_id=plan_id, actor=actor_of(staff), reason=reason, clause=clause)
    class_id = view.training_class.class_id
    record("plan", plan_id, "only", "approve", staff, reason, clause, context_ref=class_id, relevance=relevance)
    return view


def send_back_plan(
    *, plan_id: UUID, staff: StaffView, reason: str, clause: str, relevance: Relevance | None = None
) -> PlanView:
    """Return a plan for correction. Raises as ``approve_plan``, and ``Invalid`` REASON_REQUIRED."""
    reason, clause = checked("plan", "only", "send_back", staff, reason, clause)
    relevance = rules.clean_relevance(relevance)
    view = plans.send_back_plan(plan_id=plan_id, actor=actor_of(staff), reason=reason, clause=clause)
    class_id = view.training_class.class_id
    record("plan", plan_id, "only", "send_back", staff, reason, clause, context_ref=class_id, relevance=relevance)
    return view


def reject_plan(
    *, plan_id: UUID, staff: StaffView, reason: str, clause: str, relevance: Relevance | None = None
) -> PlanView:
    """Refuse a plan for good. Raises as ``approve_plan``, and ``Invalid`` REASON_REQUIRED."""
    reason, clause = checked("plan", "only", "reject", staff, reason, clause)
    relevance = rules.clean_relevance(relevance)
    view = plans.reject_plan(plan_id=plan_id, actor=actor_of(staff), reason=reason, clause=clause)
    class_id = view.training_class.class_id
    record("plan", plan_id, "only", "reject", staff, reason, clause, context_ref=class_id, relevance=relevance)
    return view


def approve_amendment(*, amendment_id: UUID, staff: StaffView, reason: str = "", clause: str = "三") -> AmendmentView:
    """Change a plan on file as its enterprise asked.

    Raises ``NotAllowed`` REVIEWER_ROLE_REQUIRED; ``Invalid`` CLAUSE_UNKNOWN, AMENDMENT_NOT_READY; ``NotFound``
    AMENDMENT_NOT_FOUND; ``Conflict`` AMENDMENT_MOVE_REFUSED, CLASS_OVER, PERSON_ENROLLED, PERSON_HAS_BEGUN.
    """
    reason, clause = checked("amendment", "only", "approve", staff, reason, clause)
    at = clock.now()
    view = plans.approve_amendment(
        amendment_id=amendment_id, actor=actor_of(staff), reason=reason, clause=clause, at=at
    )
    record("amendment", amendment_id, "only", "approve", staff, reason, clause, context_ref=view.class_id, at=at)
    return view


def send_back_amendment(*, amendment_id: UUID, staff: StaffView, reason: str, clause: str) -> AmendmentView:
    """Return an amendment; the enterprise asks anew. Raises as ``approve_amendment``, and ``Invalid`` REASON_REQUIRED."""
    reason, clause = checked("amendment", "only", "send_back", staff, reason, clause)
    view = plans.send_back_amendment(amendment_id=amendment_id, actor=actor_of(staff), reason=reason, clause=clause)
    record("amendment", amendment_id, "only", "send_back", staff, reason, clause, context_ref=view.class_id)
    return view


def reject_amendment(*, amendment_id: UUID, staff: StaffView, reason: str, clause: str) -> AmendmentView:
    """Refuse an amendment; the plan stays as it is. Raises as ``approve_amendment``, and ``Invalid`` REASON_REQUIRED."""
    reason, clause = checked("amendment", "only", "reject", staff, reason, clause)
    view = plans.reject_amendment(amendment_id=amendment_id, actor=actor_of(staff), reason=reason, clause=clause)
    record("amendment", amendment_id, "only", "reject", staff, reason, clause, context_ref=view.class_id)
    return view
