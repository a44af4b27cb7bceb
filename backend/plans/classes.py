"""Classes as workers meet them: joining by class code, and what the study desk asks about them."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from uuid import UUID

from sqlalchemy import select

from backend.enterprises import services as enterprises
from backend.people import services as people
from backend.plans import rules
from backend.plans.models import Enrollment, TrainingClass, TrainingPlan
from backend.plans.views import ClassMember, ClassView, EnrollmentView, class_view_of
from config import clock
from config.database import db, locked
from config.errors import NotAllowed, NotFound


def join_class(*, worker_id: int, class_code: str) -> ClassView:
    """Join by the code on the QR. The worker must be identified and on the class list; joining twice changes nothing.

    A class whose plan is not approved yet can be joined and studied; that time is learned, not claimable (domain.md A3).

    Raises ``NotAllowed`` when the worker is not identified, NOT_ON_ROSTER or NOT_IN_CLASS_LIST; ``NotFound``
    CLASS_CODE_UNKNOWN; ``Conflict`` CLASS_CLOSED or CLASS_ENDED.
    """
    people.require_identified(worker_id)
    training_class = _of_code(class_code)
    if _enrollment_of(worker_id, training_class.public_id) is not None:
        return class_view_of(training_class)
    plan = training_class.plan
    rules.require_joinable(plan.status, training_class.ends_on, clock.today())
    entry = enterprises.bind_worker(enterprise_id=plan.enterprise_id, worker_id=worker_id)
    if entry is None:
        raise NotAllowed(
            "NOT_ON_ROSTER",
            f"您的身份证号不在“{plan.enterprise_name}”的花名册上，请联系企业经办人核对花名册后再加入。",
        )
    query = select(Enrollment).where(
        Enrollment.class_id == training_class.id, Enrollment.roster_entry_id == entry.id, Enrollment.worker_id.is_(None)
    )
    row = db.session.scalar(locked(query))
    if row is None:
        raise NotAllowed("NOT_IN_CLASS_LIST", "您不在这个班级的参训名单里，请联系企业经办人把您加入名单。")
    row.worker_id, row.joined_at = worker_id, clock.now()
    db.session.flush()
    return class_view_of(training_class)


def class_of_code(class_code: str) -> ClassView:
    """The class with that code, however it was typed. Raises ``NotFound`` CLASS_CODE_UNKNOWN."""
    return class_view_of(_of_code(class_code))


def places_in(*, class_id: UUID, roster_entry_ids: Collection[int]) -> dict[int, int | None]:
    """Those of these roster rows that are on the class list, with the worker once joined (at most 1,000)."""
    rows = db.session.execute(
        select(Enrollment.roster_entry_id, Enrollment.worker_id)
        .join(TrainingClass, TrainingClass.id == Enrollment.class_id)
        .where(TrainingClass.public_id == class_id, Enrollment.roster_entry_id.in_(list(roster_entry_ids)))
    )
    return {row.roster_entry_id: row.worker_id for row in rows}


def classes_of(worker_id: int) -> list[ClassView]:
    """The classes this worker has joined, the latest start first."""
    rows = db.session.scalars(
        select(TrainingClass)
        .join(Enrollment, Enrollment.class_id == TrainingClass.id)
        .where(Enrollment.worker_id == worker_id)
        .order_by(TrainingClass.starts_on.desc(), TrainingClass.id.desc())
    )
    return [class_view_of(row) for row in rows]


def class_view(class_id: UUID) -> ClassView:
    """One class. Raises ``NotFound`` CLASS_NOT_FOUND."""
    row = db.session.scalar(select(TrainingClass).where(TrainingClass.public_id == class_id))
    if row is None:
        raise _not_found()
    return class_view_of(row)


def class_view_by_id(class_row_id: int) -> ClassView:
    """One class by its inner id, for slices that refer to it. Raises ``NotFound`` CLASS_NOT_FOUND."""
    row = db.session.get(TrainingClass, class_row_id)
    if row is None:
        raise _not_found()
    return class_view_of(row)


def enrollment(worker_id: int, class_id: UUID) -> EnrollmentView | None:
    """This worker's place in the class, or None. One query: the study desk asks it whenever a session opens."""
    row = _enrollment_of(worker_id, class_id)
    return None if row is None else _enrollment_view(row, class_id)


def enrollments(class_id: UUID) -> list[EnrollmentView]:
    """Everybody on the class list, joined or not, in the order of enrolling."""
    rows = db.session.scalars(
        select(Enrollment)
        .join(TrainingClass, TrainingClass.id == Enrollment.class_id)
        .where(TrainingClass.public_id == class_id)
        .order_by(Enrollment.id)
    )
    return [_enrollment_view(row, class_id) for row in rows]


def class_members(class_id: UUID) -> list[ClassMember]:
    """The class list with what the roster says of each person."""
    views = enrollments(class_id)
    entries = enterprises.roster_entries(view.roster_entry_id for view in views)
    return [ClassMember(enrollment=view, roster_entry=entries[view.roster_entry_id]) for view in views]


def filed_from(*, context_ref: UUID, worker_ids: Collection[int]) -> dict[int, datetime]:
    """From when on each of these workers (at most 1,000) is on file with the class: its approval, or that of the amendment
    that added the person (domain.md A23). Who is not on the list, or whose plan is not approved, is left out."""
    rows = db.session.execute(
        select(Enrollment.worker_id, Enrollment.filed_from, TrainingPlan.approved_at)
        .join(TrainingClass, TrainingClass.id == Enrollment.class_id)
        .join(TrainingPlan, TrainingPlan.id == TrainingClass.plan_id)
        .where(TrainingClass.public_id == context_ref, Enrollment.worker_id.in_(list(worker_ids)))
    )
    return {
        worker_id: max(approved_at, own or approved_at)
        for worker_id, own, approved_at in rows
        if worker_id is not None and approved_at is not None
    }


def _of_code(class_code: str) -> TrainingClass:
    row = db.session.scalar(
        select(TrainingClass).where(TrainingClass.class_code == rules.normal_class_code(class_code))
    )
    if row is None:
        raise NotFound("CLASS_CODE_UNKNOWN", "班级码不正确，请向企业经办人确认后重新扫码或输入。")
    return row


def _enrollment_of(worker_id: int, class_id: UUID) -> Enrollment | None:
    return db.session.scalar(
        select(Enrollment)
        .join(TrainingClass, TrainingClass.id == Enrollment.class_id)
        .where(TrainingClass.public_id == class_id, Enrollment.worker_id == worker_id)
    )


def _enrollment_view(row: Enrollment, class_id: UUID) -> EnrollmentView:
    return EnrollmentView(
        id=row.id,
        class_id=class_id,
        roster_entry_id=row.roster_entry_id,
        worker_id=row.worker_id,
        enrolled_at=row.enrolled_at,
        joined_at=row.joined_at,
        filed_relation=row.filed_relation,
        filed_hired_on=row.filed_hired_on,
    )


def _not_found() -> NotFound:
    return NotFound("CLASS_NOT_FOUND", "找不到该班级，请从“我的班级”重新进入。")
