"""What plans and claims show of the decisions about them, held against the decisions themselves: for the audit."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Collection, Iterator, Sequence
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import select

from backend.claims import services as claims
from backend.claims.services import ClaimState
from backend.plans import services as plans
from backend.plans.services import PlanState
from backend.reviews.models import Review
from config.database import db
from learning_records.sealed_rows import BEFORE_ALL

_AT_ONCE = 200
_A_MOMENT = timedelta(seconds=5)
"""A plan notes the instant of its approval by itself, in the transaction of the review."""

_PLAN_AFTER = {"approve": "approved", "send_back": "sent_back", "reject": "rejected"}
_CLAIM_AFTER = {"send_back": "sent_back", "reject": "rejected"}


def count_decided() -> int:
    """How many plans and claims there are to look at."""
    return plans.count_plans() + claims.count_sealed_rows()


def decision_problems(advance: Callable[[int], None]) -> Iterator[tuple[str, str]]:
    """Plans and claims that show other decisions than were made: which, and how."""
    after = BEFORE_ALL
    while found := plans.plan_states(after, _AT_ONCE):
        reviews = _reviews("plan", [plan.plan_id for plan in found])
        for plan in found:
            yield from ((f"plan {plan.plan_id}", problem) for problem in _of_plan(plan, reviews[plan.plan_id]))
        advance(len(found))
        after = found[-1].id
    after = BEFORE_ALL
    while states := claims.claim_states(after, _AT_ONCE):
        reviews = _reviews("claim", [claim.claim_id for claim in states])
        for claim in states:
            yield from ((f"claim {claim.claim_id}", problem) for problem in _of_claim(claim, reviews[claim.claim_id]))
        advance(len(states))
        after = states[-1].id


def _reviews(subject: str, ids: Collection[UUID]) -> dict[UUID, list[Review]]:
    query = select(Review).where(Review.subject_kind == subject, Review.subject_id.in_(ids)).order_by(Review.id)
    found: dict[UUID, list[Review]] = defaultdict(list)
    for review in db.session.scalars(query.execution_options(populate_existing=True)):
        found[review.subject_id].append(review)
    return found


def _of_plan(plan: PlanState, reviews: Sequence[Review]) -> Iterator[str]:
    if plan.status not in ("approved", "rejected", "sent_back"):
        if reviews and reviews[-1].verdict != "send_back":
            yield _status(plan.status, _PLAN_AFTER[reviews[-1].verdict])
        return
    if not reviews or _PLAN_AFTER[reviews[-1].verdict] != plan.status:
        yield _status(plan.status, _PLAN_AFTER[reviews[-1].verdict] if reviews else "not decided")
        return
    yield from _words(plan.decision_reason, plan.decision_clause, reviews[-1])
    if plan.status == "approved" and not _same_moment(plan.approved_at, reviews[-1].at):
        yield f"approved_at {plan.approved_at} in the table, {reviews[-1].at} by its review"


def _of_claim(claim: ClaimState, reviews: Sequence[Review]) -> Iterator[str]:
    last = reviews[-1] if reviews else None
    approvals = [review for review in reviews if review.verdict == "approve"]
    by_reviews = ("submitted", "reviewed", "approved")[min(len(approvals), 2)]
    if last is not None and last.verdict in _CLAIM_AFTER:
        by_reviews = _CLAIM_AFTER[last.verdict]
    elif by_reviews != "approved" and claim.line_statuses == {"released"}:
        by_reviews = "withdrawn"  # the enterprise needs no review to take a claim back
    elif by_reviews == "approved" and claim.line_statuses == {"settled"}:
        by_reviews = "paid"
    if claim.status != by_reviews:
        yield _status(claim.status, by_reviews)
        return
    deciders = [review.staff_id for review in approvals] + [None, None]
    for field, found, said in (
        ("first_reviewer_id", claim.first_reviewer_id, deciders[0]),
        ("second_reviewer_id", claim.second_reviewer_id, deciders[1]),
    ):
        if found != said:
            yield f"{field} {found} in the table, {said} by its reviews"
    if len(approvals) > 1 and not _same_moment(claim.approved_at, approvals[1].at):
        yield f"approved_at {claim.approved_at} in the table, {approvals[1].at} by its review"
    if last is not None and claim.status != "withdrawn":
        yield from _words(claim.decision_reason, claim.decision_clause, last)


def _status(found: str, said: str) -> str:
    return f"status {found} in the table, {said} by the decisions about it"


def _words(reason: str, clause: str, review: Review) -> Iterator[str]:
    for field, found, said in (
        ("decision_reason", reason, review.reason),
        ("decision_clause", clause, review.clause),
    ):
        if found != said:
            yield f"{field} {found} in the table, {said} in review {review.public_id}"


def _same_moment(found: datetime | None, said: datetime) -> bool:
    return found is not None and abs(found - said) <= _A_MOMENT
