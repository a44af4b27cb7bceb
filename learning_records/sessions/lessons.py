"""Which lesson a sealed session was of."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import islice
from uuid import UUID

from sqlalchemy import select

from config.database import db
from learning_records.sessions.models import LearningSession

_AT_ONCE = 900  # SQLite takes 999 parameters at the least


def lessons_of_records(record_ids: Iterable[int]) -> dict[int, UUID]:
    """The lesson of each evidence record that sealed a session; other records are left out."""
    found: dict[int, UUID] = {}
    waiting = iter(record_ids)
    while some := list(islice(waiting, _AT_ONCE)):
        query = select(LearningSession.evidence_record_id, LearningSession.lesson_ref)
        for row in db.session.execute(query.where(LearningSession.evidence_record_id.in_(some))):
            found[row.evidence_record_id] = row.lesson_ref
    return found
