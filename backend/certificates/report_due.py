"""Who stands where in which class, for issuing: everybody who joined, with claimable time and passed score. Selects across
slices, read-only, so that a class of thousands is one query."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.orm import aliased

from backend.certificates.models import Certificate
from backend.credit_bank.models import Lot, Transfer
from backend.plans.models import Enrollment, TrainingClass, TrainingPlan
from backend.quizzes.models import QuizAttempt
from config.database import db


@dataclass(frozen=True)
class Learned:
    """A person in the class of an approved plan. ``seconds``: claimable time that the class gave, claimed since or not;
    ``score``: of the best passed quiz."""

    enrollment_id: int
    worker_id: int
    seconds: int
    score: int | None


def classes_with_due(limit: int, *, after_id: int = 0) -> Sequence[tuple[int, UUID]]:
    """(inner id, public id) of the next classes of approved plans in which somebody passed the quiz and has no certificate."""
    passed = select(QuizAttempt.id).where(
        QuizAttempt.worker_id == Enrollment.worker_id,
        QuizAttempt.subject_ref == TrainingClass.public_id,
        QuizAttempt.passed.is_(True),
    )
    certified = select(Certificate.id).where(Certificate.enrollment_id == Enrollment.id)
    rows = db.session.execute(
        select(TrainingClass.id, TrainingClass.public_id)
        .join(TrainingPlan, TrainingPlan.id == TrainingClass.plan_id)
        .join(Enrollment, Enrollment.class_id == TrainingClass.id)
        .where(TrainingPlan.status == "approved", TrainingClass.id > after_id, passed.exists(), ~certified.exists())
        .group_by(TrainingClass.id, TrainingClass.public_id)
        .order_by(TrainingClass.id)
        .limit(limit)
    )
    return [(row.id, row.public_id) for row in rows]


def learned_in(class_id: UUID, *, without_certificate: bool = True) -> list[Learned]:
    """Everybody who joined the class, in the order of enrolling; ``without_certificate`` leaves out whoever ever had one."""
    reversal = aliased(Transfer)
    given = (
        select(Lot.worker_id, func.sum(Lot.amount_seconds).label("seconds"))
        .where(
            Lot.context_ref == class_id,
            ~select(reversal.id).where(reversal.reversal_of_id == Lot.transfer_id).exists(),
        )
        .group_by(Lot.worker_id)
        .subquery()
    )
    scored = (
        select(QuizAttempt.worker_id, func.max(QuizAttempt.score).label("score"))
        .where(QuizAttempt.subject_ref == class_id, QuizAttempt.passed.is_(True))
        .group_by(QuizAttempt.worker_id)
        .subquery()
    )
    query = (
        select(Enrollment.id, Enrollment.worker_id, given.c.seconds, scored.c.score)
        .join(TrainingClass, TrainingClass.id == Enrollment.class_id)
        .outerjoin(given, given.c.worker_id == Enrollment.worker_id)
        .outerjoin(scored, scored.c.worker_id == Enrollment.worker_id)
        .where(TrainingClass.public_id == class_id, Enrollment.worker_id.is_not(None))
        .order_by(Enrollment.id)
    )
    if without_certificate:
        query = query.where(~select(Certificate.id).where(Certificate.enrollment_id == Enrollment.id).exists())
    return [
        Learned(row.id, row.worker_id, int(row.seconds or 0), None if row.score is None else int(row.score))
        for row in db.session.execute(query)
    ]
