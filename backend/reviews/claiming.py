"""Decisions about subsidy claims (clause 三): two approvals by two persons, cuts of single people, and what ends a claim."""

from __future__ import annotations

from uuid import UUID

from backend.claims import services as claims
from backend.claims.services import AdjustmentView, ClaimView
from backend.people import services as people
from backend.people.services import StaffView
from backend.plans import services as plans
from backend.reviews.reading import stage_of
from backend.reviews.recording import actor_of, checked, record
from config import clock


def approve_claim(*, claim_id: UUID, staff: StaffView, reason: str = "", clause: str = "三") -> ClaimView:
    """The first approval by a reviewer, or the second by a second reviewer who is another person.

    Raises ``NotAllowed`` REVIEWER_ROLE_REQUIRED, SECOND_PERSON_REQUIRED; ``Invalid`` CLAUSE_UNKNOWN; ``NotFound``
    CLAIM_NOT_FOUND; ``Conflict`` CLAIM_MOVE_REFUSED, CLAIM_NOTHING_GRANTED.
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


def return_claim(*, claim_id: UUID, staff: StaffView, reason: str, clause: str) -> ClaimView:
    """The second reviewer asks the first to look again. Raises as ``approve_claim``, and ``Invalid`` REASON_REQUIRED."""
    reason, clause = checked("claim", "second", "return", staff, reason, clause)
    view = claims.return_claim(claim_id=claim_id, reason=reason, clause=clause, actor=actor_of(staff))
    record("claim", claim_id, "second", "return", staff, reason, clause, context_ref=_class_of(view))
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


def adjust_line(
    *, claim_id: UUID, line_id: UUID, class_hours: int, reason: str, clause: str, staff: StaffView
) -> AdjustmentView:
    """Grant one person of a submitted claim fewer class hours. What was learned stays as it is.

    Raises ``NotAllowed`` REVIEWER_ROLE_REQUIRED; ``Invalid`` REASON_REQUIRED, REASON_TOO_LONG, CLAUSE_UNKNOWN,
    ADJUSTMENT_INVALID, ADJUSTMENT_NOT_LOWER; ``NotFound`` CLAIM_NOT_FOUND, LINE_NOT_FOUND; ``Conflict``
    CLAIM_MOVE_REFUSED, LINE_NOT_HELD.
    """
    reason, clause = checked("adjustment", "first", "reject", staff, reason, clause)
    cut = claims.adjust_line(
        claim_id=claim_id,
        line_id=line_id,
        class_hours=class_hours,
        reason=reason,
        clause=clause,
        staff_id=staff.id,
        staff_public_id=staff.public_id,
        actor=actor_of(staff),
    )
    person_ref = people.learner_ref(cut.worker_id)
    record(
        "adjustment",
        cut.adjustment_id,
        "first",
        "reject",
        staff,
        reason,
        clause,
        person_ref=person_ref,
        context_ref=cut.class_id,
        at=cut.at,
    )
    return cut


def _class_of(claim: ClaimView) -> UUID:
    return plans.plan_view(claim.plan_id).training_class.class_id
