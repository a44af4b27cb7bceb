"""Check-ins of a day, and the progress of a person in a lesson: reading and keeping."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Row, bindparam, insert, select, update

from config import clock
from config.database import db
from learning_records.sessions.earning import Progress
from learning_records.sessions.rules import Interval, local_day
from learning_records.sessions.store import CHECK_INS, PROGRESS


def day_of(day: int) -> date:
    """The date of a local day number."""
    return date.fromordinal(date(1970, 1, 1).toordinal() + day)


def check_ins_of(learner_id: int, context_ref: UUID | None, days: set[int]) -> dict[int, Row[Any]]:
    """The check-ins of those local days in a context, by day."""
    if context_ref is None or not days:
        return {}
    rows = db.session.execute(
        select(CHECK_INS).where(
            CHECK_INS.c.learner_id == learner_id,
            CHECK_INS.c.context_ref == context_ref,
            CHECK_INS.c.local_on.in_([day_of(day) for day in days]),
        )
    )
    return {local_day(clock.epoch_ms(row.checked_in_at)): row for row in rows}


def progress_of(learner_id: int, lesson_ref: UUID) -> Progress:
    """What closed sessions of this lesson brought so far."""
    row = db.session.execute(
        select(PROGRESS).where(PROGRESS.c.learner_id == learner_id, PROGRESS.c.lesson_ref == lesson_ref)
    ).one_or_none()
    return Progress() if row is None else progress_in(row)


def progress_in(row: Row[Any]) -> Progress:
    """The progress in a row of ``lesson_progress``."""
    return Progress(
        tuple(Interval(*item) for item in row.coverage),
        row.counted_ms,
        row.checked_in_ms,
        row.learned_rest_ms,
        row.checked_in_rest_ms,
        row.completed_at is not None,
        row.allowance_ms,
    )


def keep_progress(learner_id: int, lesson_ref: UUID, progress: Progress, completed_at: datetime | None) -> None:
    """Write back the progress; ``completed_at`` only when the lesson was completed just now."""
    values = _values(progress)
    if completed_at is not None:
        values["completed_at"] = completed_at
    where = (PROGRESS.c.learner_id == learner_id, PROGRESS.c.lesson_ref == lesson_ref)
    changed = db.session.execute(update(PROGRESS).where(*where).values(**values).returning(PROGRESS.c.id))
    if changed.first() is None:
        db.session.execute(insert(PROGRESS).values(learner_id=learner_id, lesson_ref=lesson_ref, **values))


def keep_many(moved: Mapping[tuple[int, UUID], Progress], known: Collection[tuple[int, UUID]]) -> None:
    """Write back the progress of many, by learner and lesson; ``known`` are those that had a row. None was completed."""
    new = [
        {"learner_id": learner_id, "lesson_ref": lesson_ref, **_values(progress)}
        for (learner_id, lesson_ref), progress in moved.items()
        if (learner_id, lesson_ref) not in known
    ]
    changed = [
        {"learner": learner_id, "lesson": lesson_ref, **_values(progress)}
        for (learner_id, lesson_ref), progress in moved.items()
        if (learner_id, lesson_ref) in known
    ]
    if new:
        db.session.execute(insert(PROGRESS), new)
    if changed:
        db.session.connection().execute(_MOVE, changed)


_MOVE = update(PROGRESS).where(
    PROGRESS.c.learner_id == bindparam("learner"), PROGRESS.c.lesson_ref == bindparam("lesson")
)


def _values(progress: Progress) -> dict[str, Any]:
    return {
        "coverage": [list(item) for item in progress.coverage],
        "counted_ms": progress.counted_ms,
        "checked_in_ms": progress.checked_in_ms,
        "learned_rest_ms": progress.learned_rest_ms,
        "checked_in_rest_ms": progress.checked_in_rest_ms,
        "allowance_ms": progress.allowance_ms,
    }
