"""What a platform sends of one person, as one request each."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any
from uuid import UUID, uuid4

from config.clock import epoch_ms
from learning_records.sessions import services
from learning_records.sessions.services import AttestedView, ImportedInterval, ImportedView
from tests.learning_records.phones import call


def played(
    began: datetime, seconds: float, media_from: float | None = None, media_to: float | None = None, after: float = 0
) -> ImportedInterval:
    """Played for that long, beginning ``after`` seconds behind ``began``; media in seconds."""
    start = epoch_ms(began) + round(after * 1000)
    media = [None if value is None else round(value * 1000) for value in (media_from, media_to)]
    return ImportedInterval(start, start + round(seconds * 1000), *media)


def bring_in(
    person: UUID,
    intervals: Sequence[ImportedInterval],
    *,
    lesson: UUID | None = None,
    source: UUID | None = None,
    context: UUID | None = None,
    media_ms: int | None = None,
    **more: Any,
) -> ImportedView:
    """A record with intervals."""
    return call(
        lambda: services.record_imported_intervals(
            person_ref=person,
            context_ref=context,
            source_ref=source or uuid4(),
            lesson_ref=lesson,
            media_ms=media_ms,
            intervals=intervals,
            **more,
        )
    )


def attest(
    person: UUID, day: date, class_hours: int, *, source: UUID | None = None, context: UUID | None = None, **more: Any
) -> AttestedView:
    """A line of a stamped list: so many class hours on that day."""
    return call(
        lambda: services.record_attested_day(
            person_ref=person,
            context_ref=context,
            source_ref=source or uuid4(),
            local_on=day,
            class_hours=class_hours,
            **more,
        )
    )


def lost(view: ImportedView) -> dict[str, int]:
    """Uncounted seconds by code."""
    return {reason.code: reason.seconds for reason in view.uncounted}
