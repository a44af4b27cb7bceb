"""Deciding and looking back. ``staff`` is who signed in; subjects are named by their public ids."""

from __future__ import annotations

from uuid import UUID

from backend.audit import services as audit
from backend.claims import services as claims
from backend.claims.services import ClaimView
from backend.people import services as people
from backend.people.services import IdentityClaimView, StaffView
from backend.plans import services as plans
from backend.plans.services import PlanView
from backend.reviews.reading import QueueItem, ReviewView, history, queue, stage_of
from backend.reviews.recording import actor_of, checked, record
from backend.reviews.recounting import count_decided, decision_problems
from backend.reviews.rules import CLAIM_REASONS, CLAUSES, PLAN_REASONS, OfferedReason, Verdict
from backend.reviews.sealing import count_sealed_rows, sealed_rows
from backend.study import services as study
from backend.study.services import AppealCaseView
from config import clock

__all__ = [
    "CLAIM_REASONS",
    "CLAUSES",
    "PLAN_REASONS",
    "OfferedReason",
    "QueueItem",
    "ReviewView",
    "approve_claim",
    "approve_plan",
    "count_decided",
    "count_sealed_rows",
    "decide_appeal",
    "decide_identity_claim",
    "decision_problems",
    "history",
    "queue",
    "reject_claim",
    "reject_plan",
    "sealed_rows",
    "send_back_claim",
    "send_back_plan",
]


def approve_plan(*, plan_id: UUID, staff: StaffView, reason: str = "", clause: str = "三") -> PlanView:
    """Accept the filing of a plan.

    Raises ``NotAllowed`` REVIEWER_ROLE_REQUIRED; ``Invalid`` CLAUSE_UNKNOWN, PLAN_NOT_READY; ``NotFound`` PLAN_NOT_FOUND;
    ``Conflict`` PLAN_MOVE_REFUSED.
    """
    reason, clause = checked("plan", "only", "approve", staff, reason, clause)
    view = plans.approve_plan(plan_id=plan_id, actor=actor_of(staff), reason=reason, clause=clause)
    record("plan", plan_id, "only", "approve", staff, reason, clause, context_ref=view.training_class.class_id)
    return view


def send_back_plan(*, plan_id: UUID, staff: StaffView, reason: str, clause: str) -> PlanView:
    """Return a plan for correction. Raises as ``approve_plan``, and ``Invalid`` REASON_REQUIRED."""
    reason, clause = checked("plan", "only", "send_back", staff, reason, clause)
    view = plans.send_back_plan(plan_id=plan_id, actor=actor_of(staff), reason=reason, clause=clause)
    record("plan", plan_id, "only", "send_back", staff, reason, clause, context_ref=view.training_class.class_id)
    return view


def reject_plan(*, plan_id: UUID, staff: StaffView, reason: str, clause: str) -> PlanView:
    """Refuse a plan for good. Raises as ``approve_plan``, and ``Invalid`` REASON_REQUIRED."""
    reason, clause = checked("plan", "only", "reject", staff, reason, clause)
    view = plans.reject_plan(plan_id=plan_id, actor=actor_of(staff), reason=reason, clause=clause)
    record("plan", plan_id, "only", "reject", staff, reason, clause, context_ref=view.training_class.class_id)
    return view


def approve_claim(*, claim_id: UUID, staff: StaffView, reason: str = "", clause: str = "三") -> ClaimView:
    """The first approval by a reviewer, or the second by a second reviewer who is another person.

    Raises ``NotAllowed`` REVIEWER_ROLE_REQUIRED, SECOND_PERSON_REQUIRED; ``Invalid`` CLAUSE_UNKNOWN; ``NotFound``
    CLAIM_NOT_FOUND; ``Conflict`` CLAIM_MOVE_REFUSED.
    """
    stage = stage_of(claims.claim_view(claim_id))
    reason, clause = checked("claim", stage, "approve", staff, reason, clause)
    at = clock.now()
    if stage == "first":
        view = claims.review_claim(
            claim_id=claim_id, staff_id=staff.id, reason=reason, clause=clause, actor=actor_of(staff)
        )
    else:
        view = claims.approve_claim(
            claim_id=claim_id, staff_id=staff.id, reason=reason, clause=clause, actor=actor_of(staff), at=at
        )
    record("claim", claim_id, stage, "approve", staff, reason, clause, context_ref=_class_of(view), at=at)
    return view


def send_back_claim(*, claim_id: UUID, staff: StaffView, reason: str, clause: str) -> ClaimView:
    """Return a claim for correction; what it held is released. Raises as ``approve_claim``, and ``Invalid`` REASON_REQUIRED."""
    stage = stage_of(claims.claim_view(claim_id))
    reason, clause = checked("claim", stage, "send_back", staff, reason, clause)
    view = claims.send_back_claim(claim_id=claim_id, reason=reason, clause=clause, actor=actor_of(staff))
    record("claim", claim_id, stage, "send_back", staff, reason, clause, context_ref=_class_of(view))
    return view


def reject_claim(*, claim_id: UUID, staff: StaffView, reason: str, clause: str) -> ClaimView:
    """Refuse a claim; what it held is released. Raises as ``approve_claim``, and ``Invalid`` REASON_REQUIRED."""
    stage = stage_of(claims.claim_view(claim_id))
    reason, clause = checked("claim", stage, "reject", staff, reason, clause)
    view = claims.reject_claim(claim_id=claim_id, reason=reason, clause=clause, actor=actor_of(staff))
    record("claim", claim_id, stage, "reject", staff, reason, clause, context_ref=_class_of(view))
    return view


def decide_identity_claim(*, claim_id: UUID, staff: StaffView, approve: bool, reason: str) -> IdentityClaimView:
    """Let a person's account move to a new phone, or not.

    Raises ``NotAllowed`` REVIEWER_ROLE_REQUIRED; ``Invalid`` REASON_REQUIRED; ``NotFound`` IDENTITY_CLAIM_UNKNOWN;
    ``Conflict`` IDENTITY_CLAIM_DECIDED, IDENTITY_ALREADY_SET.
    """
    verdict: Verdict = "approve" if approve else "reject"
    reason, clause = checked("identity_claim", "only", verdict, staff, reason, "四.2")
    view = people.decide_identity_claim(claim_id=claim_id, staff_id=staff.id, approve=approve, reason=reason)
    person_ref = people.learner_ref(view.holder_worker_id)
    record("identity_claim", claim_id, "only", verdict, staff, reason, clause, person_ref=person_ref)
    audit.write(
        actor=actor_of(staff),
        action="identity_claim.approved" if approve else "identity_claim.rejected",
        subject=f"identity_claim:{claim_id}",
        detail={},
    )
    return view


def decide_appeal(
    *, appeal_id: UUID, staff: StaffView, approve: bool, reason: str, clause: str = "四.2"
) -> AppealCaseView:
    """Answer an appeal against time that did not count. Upheld, study deposits it citing this decision; nothing is edited.

    Raises ``NotAllowed`` REVIEWER_ROLE_REQUIRED; ``Invalid`` REASON_REQUIRED, REASON_TOO_LONG, SESSION_STILL_OPEN;
    ``NotFound`` APPEAL_NOT_FOUND; ``Conflict`` APPEAL_ALREADY_DECIDED.
    """
    verdict: Verdict = "approve" if approve else "reject"
    reason, clause = checked("appeal", "only", verdict, staff, reason, clause)
    view = study.decide_appeal(appeal_id=appeal_id, upheld=approve, reason=reason, staff_public_id=staff.public_id)
    person_ref = people.learner_ref(view.worker_id)
    record(
        "appeal",
        appeal_id,
        "only",
        verdict,
        staff,
        reason,
        clause,
        person_ref=person_ref,
        context_ref=view.context_ref,
    )
    audit.write(
        actor=actor_of(staff),
        action="appeal.upheld" if approve else "appeal.refused",
        subject=f"appeal:{appeal_id}",
        detail={"granted_seconds": view.granted_seconds},
    )
    return view


def _class_of(claim: ClaimView) -> UUID:
    return plans.plan_view(claim.plan_id).training_class.class_id
