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


def adjustment_problems(advance: Callable[[int], None]) -> Iterator[tuple[str, str]]:
    """Cuts of claim lines without the decision that they are, or with other words: which, and how."""
    after = BEFORE_ALL
    while found := claims.adjustment_states(after, _AT_ONCE):
        reviews = _reviews("adjustment", [cut.adjustment_id for cut in found])
        for cut in found:
            said = [(review.reason, review.clause, review.staff_id) for review in reviews[cut.adjustment_id]]
            if said != [(cut.reason, cut.clause, cut.staff_id)]:
                yield f"adjustment {cut.adjustment_id}", "another decision in the table than in its review"
        advance(len(found))
        after = found[-1].id


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
    decided, first, second = _followed(reviews)
    if claim.status not in _may_be(decided, claim.line_statuses):
        yield _status(claim.status, decided)
        return
    for field, found, said in (
        ("first_reviewer_id", claim.first_reviewer_id, first.staff_id if first else None),
        ("second_reviewer_id", claim.second_reviewer_id, second.staff_id if second else None),
    ):
        if found != said:
            yield f"{field} {found} in the table, {said} by its reviews"
    if second is not None and not _same_moment(claim.approved_at, second.at):
        yield f"approved_at {claim.approved_at} in the table, {second.at} by its review"
    struck = claim.status == "rejected" != decided  # its words are those of the objection or dispute
    if reviews and not struck and claim.status != "withdrawn":
        yield from _words(claim.decision_reason, claim.decision_clause, reviews[-1])


def _followed(reviews: Sequence[Review]) -> tuple[str, Review | None, Review | None]:
    """What the decisions about a claim come to: its status, and the approvals that stand."""
    status, first, second = "submitted", None, None
    for review in reviews:
        if review.verdict == "approve":
            first, second = (review, None) if status == "submitted" else (first, review)
            status = "reviewed" if status == "submitted" else "approved"
        elif review.verdict == "return":
            status, first = "submitted", None
        else:
            status = _CLAIM_AFTER[review.verdict]
    return status, first, second


def _may_be(decided: str, lines: Collection[str]) -> Collection[str]:
    """The statuses that fit the decisions and the lines (without the refused): the notice and the bank move them on."""
    if decided in _CLAIM_AFTER.values():
        return (decided,)
    if set(lines) == {"released"}:  # struck one by one, cut to nothing, or taken back by the enterprise
        return ("rejected",) if decided == "approved" else (decided, "rejected", "withdrawn")
    if decided != "approved":
        return (decided,)
    return ("approved", "on_notice", "payable") if "held" in lines else ("paid",)


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
