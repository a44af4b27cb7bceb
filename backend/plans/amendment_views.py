"""Reading amendments: what each asks for and what became of it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from typing import NamedTuple
from uuid import UUID

from sqlalchemy import select

from backend.enterprises import services as enterprises
from backend.plans.amendment_models import PlanAmendment
from backend.plans.loading import load_plan
from config.database import db, locked
from config.errors import NotFound


@dataclass(frozen=True)
class AmendedPersonView:
    """A person of an amendment, masked; ``action`` is ``add`` or ``correct``."""

    action: str
    masked_name: str
    relation: str
    hired_on: date


@dataclass(frozen=True)
class AmendmentView:
    """An amendment as the enterprise and the reviewer see it. None: this figure is not changed."""

    amendment_id: UUID
    plan_id: UUID
    class_id: UUID
    enterprise_id: int
    enterprise_name: str
    plan_title: str
    number: int
    status: str
    reason: str
    people: tuple[AmendedPersonView, ...]
    course_titles: tuple[str, ...]
    head_count: int | None
    class_hours: int | None
    submitted_at: datetime
    decided_at: datetime | None
    decision_reason: str
    decision_clause: str


def amendment_view(amendment_id: UUID) -> AmendmentView:
    """One amendment. Raises ``NotFound`` AMENDMENT_NOT_FOUND."""
    return view_of(load_amendment(amendment_id))


def amendments_of(plan_id: UUID) -> list[AmendmentView]:
    """The amendments of a plan, the newest first. Raises ``NotFound`` PLAN_NOT_FOUND."""
    plan = load_plan(plan_id)
    query = select(PlanAmendment).where(PlanAmendment.plan_id == plan.id).order_by(PlanAmendment.id.desc())
    return [view_of(row) for row in db.session.scalars(query)]


def submitted_amendments() -> list[AmendmentView]:
    """Amendments that wait for a reviewer, the oldest first."""
    query = select(PlanAmendment).where(PlanAmendment.status == "submitted").order_by(PlanAmendment.id)
    return [view_of(row) for row in db.session.scalars(query)]


class AmendmentState(NamedTuple):
    """What an amendment's row says was decided."""

    id: int
    amendment_id: UUID
    status: str
    decision_reason: str
    decision_clause: str


def amendment_states(after_id: int, limit: int) -> list[AmendmentState]:
    """What was decided of the next amendments after that inner id."""
    row = PlanAmendment
    query = select(row.id, row.public_id, row.status, row.decision_reason, row.decision_clause).where(row.id > after_id)
    return [AmendmentState(*found) for found in db.session.execute(query.order_by(row.id).limit(limit))]


def load_amendment(amendment_id: UUID, *, lock: bool = False) -> PlanAmendment:
    """The row, locked until the transaction ends if asked. Raises ``NotFound`` AMENDMENT_NOT_FOUND."""
    query = select(PlanAmendment).where(PlanAmendment.public_id == amendment_id)
    row = db.session.scalar(locked(query) if lock else query)
    if row is None:
        raise NotFound("AMENDMENT_NOT_FOUND", "找不到这份变更申请，请从培训计划页面重新打开。")
    return row


def view_of(row: PlanAmendment) -> AmendmentView:
    """The view of one row."""
    plan = row.plan
    return AmendmentView(
        amendment_id=row.public_id,
        plan_id=plan.public_id,
        class_id=plan.training_class.public_id,
        enterprise_id=plan.enterprise_id,
        enterprise_name=plan.enterprise_name,
        plan_title=plan.training_class.title,
        number=row.number,
        status=row.status,
        reason=row.reason,
        people=tuple(_people(row)),
        course_titles=tuple(course.title for course in row.courses),
        head_count=row.head_count,
        class_hours=row.class_hours,
        submitted_at=row.submitted_at,
        decided_at=row.decided_at,
        decision_reason=row.decision_reason,
        decision_clause=row.decision_clause,
    )


def _people(row: PlanAmendment) -> Iterable[AmendedPersonView]:
    entries = enterprises.roster_entries(person.roster_entry_id for person in row.people)
    for person in row.people:
        name = entries[person.roster_entry_id].masked_name
        yield AmendedPersonView(person.action, name, person.relation, person.hired_on)
