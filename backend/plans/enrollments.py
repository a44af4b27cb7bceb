"""Who of the roster is in a class. The list closes when the plan is submitted; adding people later needs an amendment."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from uuid import UUID

from sqlalchemy import select

from backend.audit import services as audit
from backend.enterprises import services as enterprises
from backend.plans import rules
from backend.plans.loading import load_plan
from backend.plans.models import Enrollment, TrainingClass
from config import clock
from config.database import db
from config.errors import NotFound


def enroll(*, plan_id: UUID, roster_entry_ids: Sequence[UUID] | None = None, actor: str) -> int:
    """Put people of the enterprise's roster into the plan's class: those given, or all of them. Returns how many were new.

    Raises ``NotFound`` PLAN_NOT_FOUND or ROSTER_ENTRY_NOT_FOUND, ``Conflict`` PLAN_ENROLLMENT_CLOSED.
    """
    training_class = _open_class(plan_id)
    entries = {entry.public_id: entry.id for entry in enterprises.roster(training_class.plan.enterprise_id)}
    wanted = list(entries) if roster_entry_ids is None else list(dict.fromkeys(roster_entry_ids))
    if any(public_id not in entries for public_id in wanted):
        raise NotFound("ROSTER_ENTRY_NOT_FOUND", "所选人员不在本企业花名册上，请刷新花名册后重新选择。")
    present = set(
        db.session.scalars(select(Enrollment.roster_entry_id).where(Enrollment.class_id == training_class.id))
    )
    new = [entries[public_id] for public_id in wanted if entries[public_id] not in present]
    at = clock.now()
    db.session.add_all(Enrollment(class_id=training_class.id, roster_entry_id=entry, enrolled_at=at) for entry in new)
    db.session.flush()
    if new:
        audit.write(actor=actor, action="plan.people_enrolled", subject=f"plan:{plan_id}", detail={"people": len(new)})
    return len(new)


def unenroll(*, plan_id: UUID, roster_entry_ids: Sequence[UUID], actor: str) -> int:
    """Take people out of the class again who have not joined it yet. Returns how many left.

    Raises ``NotFound`` PLAN_NOT_FOUND, ``Conflict`` PLAN_ENROLLMENT_CLOSED.
    """
    training_class = _open_class(plan_id)
    entries = {entry.public_id: entry.id for entry in enterprises.roster(training_class.plan.enterprise_id)}
    leaving = [entries[public_id] for public_id in roster_entry_ids if public_id in entries]
    rows = list(
        db.session.scalars(
            select(Enrollment).where(
                Enrollment.class_id == training_class.id,
                Enrollment.roster_entry_id.in_(leaving),
                Enrollment.worker_id.is_(None),
            )
        )
    )
    for row in rows:
        db.session.delete(row)
    db.session.flush()
    if rows:
        audit.write(
            actor=actor, action="plan.people_unenrolled", subject=f"plan:{plan_id}", detail={"people": len(rows)}
        )
    return len(rows)


def file_class_list(class_row_id: int) -> None:
    """Keep what the roster says of everybody in the class, as it is filed now."""
    rows = list(db.session.scalars(select(Enrollment).where(Enrollment.class_id == class_row_id)))
    entries = enterprises.employments(row.roster_entry_id for row in rows)
    for row in rows:
        entry = entries[row.roster_entry_id]
        row.filed_relation, row.filed_hired_on = entry.relation, entry.hired_on


def employments_of_class(class_row_id: int, *, as_filed: bool) -> list[tuple[str, date]]:
    """Relation and day of hiring of everybody in the class: as they were filed, or as the roster has them now."""
    rows = db.session.execute(
        select(Enrollment.roster_entry_id, Enrollment.filed_relation, Enrollment.filed_hired_on).where(
            Enrollment.class_id == class_row_id
        )
    ).all()
    if as_filed:
        return [(row.filed_relation, row.filed_hired_on) for row in rows]
    entries = enterprises.employments(row.roster_entry_id for row in rows).values()
    return [(entry.relation, entry.hired_on) for entry in entries]


def _open_class(plan_id: UUID) -> TrainingClass:
    plan = load_plan(plan_id, lock=True)
    rules.require_enrolling(plan.status)
    return plan.training_class
