"""Deciding on the advance for new hires: two persons approve before it is paid, one decides on the training afterwards."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from uuid import UUID

from sqlalchemy import select

from backend.new_hires import services as new_hires
from backend.new_hires.services import ApplicationState, NewHireApplicationView, NewHireLineView
from backend.people.services import StaffView
from backend.reviews.models import Review
from backend.reviews.recording import actor_of, checked, record
from backend.reviews.rules import OfferedReason, Stage, Verdict
from config import clock
from config.database import db
from learning_records.sealed_rows import BEFORE_ALL

CLAUSE = "二(一)"
_AT_ONCE = 200
NEW_HIRE_REASONS = (
    OfferedReason(CLAUSE, "劳动合同为续签，不属于新录用职工。"),
    OfferedReason(CLAUSE, "参保证明缺失或与填报不一致，请补正。"),
    OfferedReason(CLAUSE, "录用备案材料缺失，请补正。"),
    OfferedReason(CLAUSE, "已享受以工代训补贴未如实填写，请更正。"),
)
NEW_HIRE_CHECK_REASONS = (
    OfferedReason(CLAUSE, "到期未组织岗前培训，预拨的补贴应退回。"),
    OfferedReason(CLAUSE, "培训记录与核实情况不符，预拨的补贴应退回。"),
    OfferedReason(CLAUSE, "企业补交的签到表和现场资料能证明已完成培训。"),
)
_CLOSED = {"send_back": "sent_back", "reject": "rejected"}


def stage_of_new_hires(application: NewHireApplicationView) -> Stage:
    """Which of the two approvals an application waits for."""
    return "second" if application.status == "reviewed" else "first"


def approve_new_hires(
    *, application_id: UUID, staff: StaffView, reason: str = "", clause: str = CLAUSE
) -> NewHireApplicationView:
    """The first approval by a reviewer, or the second by a second reviewer who is another person: payable from then on.

    Raises ``NotAllowed`` REVIEWER_ROLE_REQUIRED, SECOND_PERSON_REQUIRED; ``Invalid`` CLAUSE_UNKNOWN; ``NotFound``
    NEW_HIRES_NOT_FOUND; ``Conflict`` NEW_HIRES_MOVE_REFUSED, NEW_HIRES_NOBODY_LEFT.
    """
    stage = stage_of_new_hires(new_hires.application_view(application_id))
    reason, clause = checked("new_hire", stage, "approve", staff, reason, clause)
    at, actor = clock.now(), actor_of(staff)
    if stage == "first":
        view = new_hires.review_application(
            application_id=application_id, staff_id=staff.id, reason=reason, clause=clause, actor=actor
        )
    else:
        view = new_hires.approve_application(
            application_id=application_id, staff_id=staff.id, reason=reason, clause=clause, actor=actor, at=at
        )
    record("new_hire", application_id, stage, "approve", staff, reason, clause, context_ref=application_id, at=at)
    return view


def send_back_new_hires(
    *, application_id: UUID, staff: StaffView, reason: str, clause: str = CLAUSE
) -> NewHireApplicationView:
    """Return an application for correction. Raises as ``approve_new_hires``, and ``Invalid`` REASON_REQUIRED."""
    stage = stage_of_new_hires(new_hires.application_view(application_id))
    reason, clause = checked("new_hire", stage, "send_back", staff, reason, clause)
    view = new_hires.send_back_application(
        application_id=application_id, reason=reason, clause=clause, actor=actor_of(staff)
    )
    record("new_hire", application_id, stage, "send_back", staff, reason, clause, context_ref=application_id)
    return view


def reject_new_hires(
    *, application_id: UUID, staff: StaffView, reason: str, clause: str = CLAUSE
) -> NewHireApplicationView:
    """Refuse an application. Raises as ``approve_new_hires``, and ``Invalid`` REASON_REQUIRED."""
    stage = stage_of_new_hires(new_hires.application_view(application_id))
    reason, clause = checked("new_hire", stage, "reject", staff, reason, clause)
    view = new_hires.reject_application(
        application_id=application_id, reason=reason, clause=clause, actor=actor_of(staff)
    )
    record("new_hire", application_id, stage, "reject", staff, reason, clause, context_ref=application_id)
    return view


def drop_new_hire(*, line_id: UUID, staff: StaffView, reason: str, clause: str = CLAUSE) -> NewHireApplicationView:
    """The first reviewer leaves one person out, with reason and clause.

    Raises ``NotAllowed`` REVIEWER_ROLE_REQUIRED; ``Invalid`` REASON_REQUIRED, CLAUSE_UNKNOWN; ``NotFound``
    NEW_HIRE_NOT_FOUND; ``Conflict`` NEW_HIRES_MOVE_REFUSED, NEW_HIRE_NOT_HELD.
    """
    reason, clause = checked("new_hire", "first", "reject", staff, reason, clause)
    view = new_hires.drop_line(line_id=line_id, reason=reason, clause=clause, actor=actor_of(staff))
    record("new_hire", line_id, "first", "reject", staff, reason, clause, context_ref=view.application_id)
    return view


def decide_new_hire_check(
    *, line_id: UUID, staff: StaffView, trained: bool, reason: str, clause: str = CLAUSE
) -> NewHireLineView:
    """Say whether the training behind a paid advance took place; if not, the money is due back.

    Raises ``NotAllowed`` REVIEWER_ROLE_REQUIRED; ``Invalid`` REASON_REQUIRED, CLAUSE_UNKNOWN; ``NotFound``
    NEW_HIRE_NOT_FOUND; ``Conflict`` CHECK_NOT_PAID, CHECK_NOT_DUE.
    """
    checked("new_hire", "only", "reject", staff, reason, clause)  # either way it is said why
    verdict: Verdict = "approve" if trained else "reject"
    reason, clause = checked("new_hire", "only", verdict, staff, reason, clause)
    at = clock.now()
    view = new_hires.decide_check(
        line_id=line_id,
        trained=trained,
        staff_id=staff.id,
        reason=reason,
        clause=clause,
        actor=actor_of(staff),
        at=at,
    )
    record("new_hire", line_id, "only", verdict, staff, reason, clause, context_ref=view.application_id, at=at)
    return view


def new_hire_problems(advance: Callable[[int], None]) -> Iterator[tuple[str, str]]:
    """Applications that show other decisions than were made, and lines other than their application: which, and how."""
    after = BEFORE_ALL
    while found := new_hires.application_states(after, _AT_ONCE):
        query = select(Review).where(
            Review.subject_kind == "new_hire", Review.subject_id.in_([state.application_id for state in found])
        )
        reviews: dict[UUID, list[Review]] = {state.application_id: [] for state in found}
        for review in db.session.scalars(query.order_by(Review.id)):
            reviews[review.subject_id].append(review)
        for state in found:
            if said := _contradiction(state, reviews[state.application_id]):
                yield f"new_hire {state.application_id}", said
        advance(len(found))
        after = found[-1].id
    yield from new_hires.line_problems(advance)


def count_new_hires() -> int:
    """How many applications and lines there are to look at."""
    return new_hires.count_applications() + new_hires.count_lines()


def _contradiction(state: ApplicationState, reviews: Sequence[Review]) -> str | None:
    approvals = [review for review in reviews if review.verdict == "approve"]
    by_reviews = ("submitted", "reviewed", "approved")[min(len(approvals), 2)]
    if reviews and reviews[-1].verdict in _CLOSED:
        by_reviews = _CLOSED[reviews[-1].verdict]
    undecided = by_reviews in ("submitted", "reviewed")
    if state.status != by_reviews and not (undecided and state.status in ("draft", "withdrawn")):
        return f"status {state.status} in the table, {by_reviews} by the decisions about it"
    deciders = tuple(review.staff_id for review in approvals)
    if tuple(item for item in (state.first_reviewer_id, state.second_reviewer_id) if item is not None) != deciders:
        return "another reviewer in the table than in its reviews"
    shown = (state.decision_reason, state.decision_clause)
    if reviews and state.status != "withdrawn" and shown != (reviews[-1].reason, reviews[-1].clause):
        return f"another reason or clause in the table than in review {reviews[-1].public_id}"
    return None
