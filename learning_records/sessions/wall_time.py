"""What of a person's wall time is still free: not counted anywhere, and within what a local day can hold."""

from __future__ import annotations

from uuid import UUID

from sqlalchemy import func, select

from config.database import db
from learning_records.sessions.coverage import length, uncovered, union
from learning_records.sessions.imported import within_rooms
from learning_records.sessions.imported_models import AttestedDay
from learning_records.sessions.models import CountedInterval
from learning_records.sessions.rules import Interval, day_start_ms, local_day
from learning_records.sessions.store import Session


def taken(person_ref: UUID, session: Session | None, span: Interval) -> tuple[Interval, ...]:
    """Wall time of the person in ``span`` that counted already, in the open session too."""
    rows = db.session.execute(
        select(CountedInterval.started_ms, CountedInterval.ended_ms).where(
            CountedInterval.person_ref == person_ref,
            CountedInterval.started_ms < span.end,
            CountedInterval.ended_ms > span.start,
        )
    )
    found = [(started, ended) for started, ended in rows]
    if session is not None:
        state = session.open_state
        for group in (state.firm, state.since, state.provisional):
            found += [(stretch.started_ms, stretch.ended_ms) for stretch in group]
    return union((max(start, span.start), min(end, span.end)) for start, end in found)


def free(person_ref: UUID, session: Session | None, span: Interval, now_ms: int) -> list[Interval]:
    """The parts of ``span`` that may still count, from the earliest on."""
    left = uncovered(taken(person_ref, session, span), span.start, span.end)
    return within_rooms(left, rooms(person_ref, session, span, now_ms))[0]


def rooms(person_ref: UUID, session: Session | None, span: Interval, now_ms: int) -> dict[int, int]:
    """How many ms may still count of those local days of ``span`` on which class hours were attested."""
    attested = attested_seconds(person_ref, local_day(span.start), local_day(span.end - 1))
    return {day: room(person_ref, session, day, seconds, now_ms) for day, seconds in attested.items()}


def attested_seconds(person_ref: UUID, first_day: int, last_day: int) -> dict[int, int]:
    """What is attested of local days, by day; days without any are left out."""
    rows = db.session.execute(
        select(AttestedDay.local_day, func.sum(AttestedDay.counted_seconds))
        .where(AttestedDay.person_ref == person_ref, AttestedDay.local_day.between(first_day, last_day))
        .group_by(AttestedDay.local_day)
    )
    return {day: int(seconds) for day, seconds in rows}


def room(person_ref: UUID, session: Session | None, day: int, attested_seconds: int, now_ms: int) -> int:
    """How many ms of a local day may still count beside what is attested and what counted of it.

    At most what has passed of the day and lies before the open session's unused time: what comes after it can still count
    there, so a day never holds more than 24 hours, in whatever order its records arrive.
    """
    passed_ms = now_ms if session is None else min(now_ms, session.open_state.window_from_ms)
    whole = Interval(day_start_ms(day), day_start_ms(day + 1))
    used_ms = length(taken(person_ref, session, whole)) + attested_seconds * 1000
    return max(0, min(whole.end, passed_ms) - whole.start - used_ms)
