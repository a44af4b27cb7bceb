"""Who has begun to learn in a class, here or on another platform."""

from __future__ import annotations

from collections.abc import Iterable
from uuid import UUID

from sqlalchemy import select, union

from config.database import db
from learning_records.sessions.imported_models import AttestedDay
from learning_records.sessions.models import Learner, LearningSession, OutsideTime


def begun(*, person_refs: Iterable[UUID], context_ref: UUID) -> set[UUID]:
    """Those of these people (at most 1,000) who have opened a session in the class, or of whom time was taken in for it."""
    refs = list(person_refs)
    found = [
        select(Learner.person_ref)
        .join(table, table.learner_id == Learner.id)
        .where(Learner.person_ref.in_(refs), table.context_ref == context_ref)
        for table in (LearningSession, OutsideTime)
    ]
    attested = select(AttestedDay.person_ref).where(
        AttestedDay.person_ref.in_(refs), AttestedDay.context_ref == context_ref
    )
    return set(db.session.scalars(union(*found, attested)))
