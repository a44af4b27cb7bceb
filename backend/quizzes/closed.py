"""Looking at closed attempts, many at once: who passed, and what their rows say now, for the slice that sealed them."""

from __future__ import annotations

import uuid
from collections.abc import Collection, Iterable

from sqlalchemy import select

from backend.quizzes.models import QuizAttempt
from backend.quizzes.views import ClosedAttempt
from config.database import db


def closed_attempts(attempt_ids: Collection[uuid.UUID]) -> dict[uuid.UUID, ClosedAttempt]:
    """Those of these attempts (at most some thousand) that are closed, by their public ids."""
    query = select(QuizAttempt).where(QuizAttempt.public_id.in_(attempt_ids))
    found = {}
    for row in db.session.scalars(query.execution_options(populate_existing=True)):
        if row.closed_at is not None and row.score is not None:
            found[row.public_id] = ClosedAttempt(
                attempt_id=row.public_id,
                worker_id=row.worker_id,
                subject_ref=row.subject_ref,
                number=row.number,
                status=row.status,
                score=row.score,
                passed=bool(row.passed),
                opened_at=row.opened_at,
                closed_at=row.closed_at,
                time_limit_seconds=row.time_limit_seconds,
                answers=row.answers or {},
            )
    return found


def passed_attempts(after_id: int, limit: int) -> list[tuple[int, uuid.UUID]]:
    """(inner id, public id) of the next attempts after that inner id that were passed."""
    query = select(QuizAttempt.id, QuizAttempt.public_id).where(QuizAttempt.id > after_id, QuizAttempt.passed.is_(True))
    return [(row.id, row.public_id) for row in db.session.execute(query.order_by(QuizAttempt.id).limit(limit))]


def passed_by(worker_ids: Iterable[int], subject_ref: uuid.UUID) -> set[int]:
    """Those of these workers who passed the quiz of a subject, at the first attempt or a later one."""
    query = select(QuizAttempt.worker_id).where(
        QuizAttempt.worker_id.in_(list(worker_ids)),
        QuizAttempt.subject_ref == subject_ref,
        QuizAttempt.passed.is_(True),
    )
    return set(db.session.scalars(query))
