"""备案变更: changing a plan that is on file. An amendment adds people, corrects people who have not begun, adds courses and
hours; approved before the added person's first session (domain.md A23), it makes that person's time from then on claimable.
"""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy import func, select

from backend.audit import services as audit
from backend.plans import rules
from backend.plans.amendment_checks import (
    amended_findings,
    kept_change,
    looked_up,
    refuse_blocked,
    require_absent,
    require_none_waiting,
    require_not_begun,
)
from backend.plans.amendment_models import AmendedPerson, PlanAmendment
from backend.plans.amendment_views import AmendmentView, load_amendment, view_of
from backend.plans.loading import load_plan
from backend.plans.models import Enrollment, PlanCourse, TrainingPlan
from backend.plans.plan_facts import PlanFinding
from backend.plans.rules import AmendmentFields
from backend.plans.sealing import seal_amendment
from config import clock
from config.database import db, new_public_id


def submit_amendment(*, plan_id: UUID, fields: AmendmentFields, actor: str) -> AmendmentView:
    """Ask for a change of a plan on file; it waits for a reviewer, one at a time.

    Raises ``NotFound`` PLAN_NOT_FOUND, ROSTER_ENTRY_NOT_FOUND, COURSE_NOT_FOUND; ``Conflict`` PLAN_NOT_ON_FILE, CLASS_OVER,
    AMENDMENT_WAITING, PERSON_ENROLLED, PERSON_HAS_BEGUN; ``Invalid`` AMENDMENT_FIELDS_INVALID, AMENDMENT_NOT_READY.
    """
    fields = rules.clean_amendment(fields)
    plan = load_plan(plan_id, lock=True)
    rules.require_amendable(plan.status, plan.training_class.ends_on, clock.today())
    require_none_waiting(plan)
    change = looked_up(plan, fields)
    refuse_blocked(plan, change)
    amendment = PlanAmendment(
        public_id=new_public_id(),
        plan_id=plan.id,
        number=1
        + (db.session.scalar(select(func.max(PlanAmendment.number)).where(PlanAmendment.plan_id == plan.id)) or 0),
        status="submitted",
        reason=fields.reason,
        head_count=change.head_count,
        class_hours=change.class_hours,
        submitted_by=actor,
        submitted_at=clock.now(),
        decision_reason="",
        decision_clause="",
    )
    persons = [
        AmendedPerson(action=action, roster_entry_id=entry.entry_id, relation=entry.relation, hired_on=entry.hired_on)
        for action, entries in (("add", change.added), ("correct", change.corrected))
        for entry in entries
    ]
    seal_amendment(amendment, plan, persons, change.courses)
    amendment.people, amendment.courses = persons, list(change.courses)
    db.session.add(amendment)
    db.session.flush()
    _write(amendment, plan, actor, "plan.amendment_submitted", {"added": len(change.added)})
    return view_of(amendment)


def withdraw_amendment(*, amendment_id: UUID, actor: str) -> AmendmentView:
    """The enterprise takes back what waits. Raises ``NotFound`` AMENDMENT_NOT_FOUND, ``Conflict`` AMENDMENT_MOVE_REFUSED."""
    return _close(amendment_id, "withdraw", "plan.amendment_withdrawn", actor=actor, reason="", clause="")


def send_back_amendment(*, amendment_id: UUID, actor: str, reason: str, clause: str) -> AmendmentView:
    """Return it; the enterprise asks anew with what was missing. Called by ``reviews``. Raises as ``withdraw_amendment``."""
    return _close(amendment_id, "send_back", "plan.amendment_sent_back", actor=actor, reason=reason, clause=clause)


def reject_amendment(*, amendment_id: UUID, actor: str, reason: str, clause: str) -> AmendmentView:
    """Refuse it; the plan stays as it is on file. Called by ``reviews``. Raises as ``withdraw_amendment``."""
    return _close(amendment_id, "reject", "plan.amendment_rejected", actor=actor, reason=reason, clause=clause)


def approve_amendment(*, amendment_id: UUID, actor: str, reason: str, clause: str, at: datetime) -> AmendmentView:
    """Change the plan as asked; called by ``reviews``. The time of added people counts for a claim from now on.

    Raises ``NotFound`` AMENDMENT_NOT_FOUND; ``Conflict`` AMENDMENT_MOVE_REFUSED, CLASS_OVER, PERSON_ENROLLED,
    PERSON_HAS_BEGUN; ``Invalid`` AMENDMENT_NOT_READY.
    """
    plan = load_plan(load_amendment(amendment_id).plan.public_id, lock=True)
    amendment = load_amendment(amendment_id, lock=True)
    after = rules.next_amendment_status(amendment.status, "approve")
    rules.require_amendable(plan.status, plan.training_class.ends_on, clock.today())
    change = kept_change(amendment)
    require_absent(plan, change.added)
    require_not_begun(plan, change.corrected)
    refuse_blocked(plan, change)
    amendment.status, amendment.decided_at = after, at
    amendment.decision_reason, amendment.decision_clause = reason, clause
    db.session.flush()
    _apply(plan, amendment, at)
    _write(amendment, plan, actor, "plan.amendment_approved", {"reason": reason, "clause": clause})
    return view_of(amendment)


def check_amendment(*, amendment_id: UUID) -> list[PlanFinding]:
    """What the checker says of the plan as it would be. Raises ``NotFound`` AMENDMENT_NOT_FOUND."""
    amendment = load_amendment(amendment_id)
    if amendment.status != "submitted":
        return []
    return amended_findings(amendment.plan, kept_change(amendment))


def _apply(plan: TrainingPlan, amendment: PlanAmendment, at: datetime) -> None:
    class_id = plan.training_class.id
    plan.head_count = amendment.head_count or plan.head_count
    plan.class_hours = amendment.class_hours or plan.class_hours
    for position, course in enumerate(amendment.courses, start=len(plan.courses)):
        plan.courses.append(
            PlanCourse(
                position=position,
                course_public_id=course.course_public_id,
                course_version_id=course.course_version_id,
                version=course.version,
                title=course.title,
            )
        )
    corrected = {person.roster_entry_id: person for person in amendment.people if person.action == "correct"}
    rows = db.session.scalars(
        select(Enrollment).where(Enrollment.class_id == class_id, Enrollment.roster_entry_id.in_(corrected))
    )
    for row in rows:
        person = corrected[row.roster_entry_id]
        row.filed_relation, row.filed_hired_on = person.relation, person.hired_on
    db.session.add_all(
        Enrollment(
            class_id=class_id,
            roster_entry_id=person.roster_entry_id,
            enrolled_at=at,
            filed_relation=person.relation,
            filed_hired_on=person.hired_on,
            filed_from=at,
        )
        for person in amendment.people
        if person.action == "add"
    )
    db.session.flush()


def _close(amendment_id: UUID, move: str, action: str, *, actor: str, reason: str, clause: str) -> AmendmentView:
    amendment = load_amendment(amendment_id, lock=True)
    amendment.status = rules.next_amendment_status(amendment.status, move)
    amendment.decided_at = clock.now()
    amendment.decision_reason, amendment.decision_clause = reason, clause
    db.session.flush()
    _write(amendment, amendment.plan, actor, action, {"reason": reason, "clause": clause})
    return view_of(amendment)


def _write(
    amendment: PlanAmendment, plan: TrainingPlan, actor: str, action: str, detail: dict[str, str] | dict[str, int]
) -> None:
    said = {"amendment": str(amendment.public_id), **detail}
    audit.write(actor=actor, action=action, subject=f"plan:{plan.public_id}", detail=said)
