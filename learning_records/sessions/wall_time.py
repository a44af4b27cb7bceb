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
    found = [*((started, ended) for started, ended in rows), *of_session(session)]
    return union((max(start, span.start), min(end, span.end)) for start, end in found)


def of_session(session: Session | None) -> list[tuple[int, int]]:
    """What an open session has counted so far, which no table of wall time has yet."""
    if session is None:
        return []
    state = session.open_state
    groups = (state.firm, state.since, state.provisional)
    return [(stretch.started_ms, stretch.ended_ms) for group in groups for stretch in group]


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
    """How many ms of a local day may still count beside what is attested and what counted of it."""
    whole = Interval(day_start_ms(day), day_start_ms(day + 1))
    used_ms = length(taken(person_ref, session, whole)) + attested_seconds * 1000
    return left_of_day(day, used_ms, passed_ms(session, now_ms))


def passed_ms(session: Session | None, now_ms: int) -> int:
    """Until when time has passed for this: what comes after an open session's unused time can still count there."""
    return now_ms if session is None else min(now_ms, session.open_state.window_from_ms)


def left_of_day(day: int, used_ms: int, until_ms: int) -> int:
    """What is left of a local day of which ``used_ms`` counted and that has passed until then: a day never holds more than
    24 hours, in whatever order its records arrive."""
    return max(0, min(day_start_ms(day + 1), until_ms) - day_start_ms(day) - used_ms)
