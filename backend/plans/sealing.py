"""Amendments in the words in which they are sealed when they are submitted: for the log and for the audit."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import selectinload

from backend.enterprises import services as enterprises
from backend.plans.amendment_models import AmendedCourse, AmendedPerson, PlanAmendment
from backend.plans.models import TrainingPlan
from config import clock
from config.database import db
from learning_records.evidence import services as evidence
from learning_records.sealed_rows import SealedRow

AMENDMENT = "amendment"


def seal_amendment(
    amendment: PlanAmendment, plan: TrainingPlan, people: Sequence[AmendedPerson], courses: Sequence[AmendedCourse]
) -> None:
    """Seal what an amendment asks for before it is inserted (kind ``amendment``, subject ``amendment:<public id>``)."""
    evidence.seal(
        kind=AMENDMENT,
        body=_facts(amendment, plan, people, courses),
        subject=f"{AMENDMENT}:{amendment.public_id}",
        context_ref=plan.training_class.public_id,
    )


def count_sealed_rows() -> int:
    """How many amendments there are."""
    return db.session.scalar(select(func.count()).select_from(PlanAmendment)) or 0


def sealed_rows(after_id: int, limit: int) -> Sequence[SealedRow]:
    """The next amendments after that id."""
    query = (
        select(PlanAmendment)
        .where(PlanAmendment.id > after_id)
        .order_by(PlanAmendment.id)
        .limit(limit)
        .options(selectinload(PlanAmendment.people), selectinload(PlanAmendment.courses))
        .execution_options(populate_existing=True)
    )
    return [
        SealedRow(
            id=row.id,
            name=f"{AMENDMENT} {row.public_id}",
            subject=f"{AMENDMENT}:{row.public_id}",
            body=_facts(row, row.plan, row.people, row.courses),
        )
        for row in db.session.scalars(query)
    ]


def _facts(
    amendment: PlanAmendment, plan: TrainingPlan, people: Sequence[AmendedPerson], courses: Sequence[AmendedCourse]
) -> dict[str, Any]:
    entries = enterprises.employments(person.roster_entry_id for person in people)
    return {
        "amendment": str(amendment.public_id),
        "plan": str(plan.public_id),
        "number": amendment.number,
        "reason": amendment.reason,
        "head_count": amendment.head_count,
        "class_hours": amendment.class_hours,
        "people": [
            {
                "entry": str(entries[person.roster_entry_id].public_id),
                "action": person.action,
                "relation": person.relation,
                "hired_on": person.hired_on.isoformat(),
            }
            for person in people
        ],
        "courses": [
            {"course": str(course.course_public_id), "version": course.version, "title": course.title}
            for course in courses
        ],
        "submitted_by": amendment.submitted_by,
        "at_ms": clock.epoch_ms(amendment.submitted_at),
    }
