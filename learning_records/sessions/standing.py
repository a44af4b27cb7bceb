"""Where persons stand when records of other platforms arrive: read for many at once, moved on in memory, kept for many at once.

Whoever reads a standing holds the person until the transaction ends, so nobody else moves it meanwhile.
"""

from __future__ import annotations

from bisect import bisect_left
from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from sqlalchemy import func, insert, select
from sqlalchemy.dialects.postgresql import insert as insert_on_postgresql
from sqlalchemy.dialects.sqlite import insert as insert_on_sqlite

from config.database import db, is_sqlite
from learning_records.sessions import closing, progress_store, store, wall_time
from learning_records.sessions.counting import forgo
from learning_records.sessions.coverage import length, union
from learning_records.sessions.earning import Progress
from learning_records.sessions.imported_models import AttestedDay
from learning_records.sessions.models import CountedInterval, OutsideTime
from learning_records.sessions.rules import Chance, CountingRules, Interval, day_start_ms, local_day
from learning_records.sessions.state import fresh_presence
from learning_records.sessions.store import LEARNERS, PROGRESS, SESSIONS, Session

IMPORTED_KIND = "import"


@dataclass
class Standing:
    """One person: wall time that counted in the span asked for, class hours attested of them, progress in the lessons asked
    for, the open session, and the facts of those of the sources asked for that were recorded before (empty or None when they
    were destroyed with their evidence)."""

    person_ref: UUID
    learner_id: int
    session: Session | None = None
    taken: tuple[Interval, ...] = ()
    attested: dict[int, int] = field(default_factory=dict)
    progress: dict[UUID, Progress] = field(default_factory=dict)
    made: dict[UUID, dict[str, Any] | None] = field(default_factory=dict)

    def wall(self, span: Interval) -> tuple[Interval, ...]:
        """What of ``span`` counted already, in the open session too."""
        first = max(0, bisect_left(self.taken, (span.start, span.start)) - 1)
        found = []
        for start, end in self.taken[first:]:
            if start >= span.end:
                break
            if end > span.start:
                found.append(Interval(max(start, span.start), min(end, span.end)))
        return tuple(found)

    def room(self, day: int, now_ms: int) -> int:
        """How many ms of a local day may still count; see ``wall_time.left_of_day``."""
        whole = Interval(day_start_ms(day), day_start_ms(day + 1))
        used_ms = length(self.wall(whole)) + self.attested.get(day, 0) * 1000
        return wall_time.left_of_day(day, used_ms, wall_time.passed_ms(self.session, now_ms))

    def rooms(self, span: Interval, now_ms: int) -> dict[int, int]:
        """The room of those local days of ``span`` on which class hours were attested."""
        days = range(local_day(span.start), local_day(span.end - 1) + 1)
        return {day: self.room(day, now_ms) for day in days if day in self.attested}

    def count(self, parts: Iterable[tuple[int, int]], until_ms: int | None) -> None:
        """More wall time counted; an open session forgoes what lies before ``until_ms``."""
        self.taken = union([*self.taken, *parts])
        if self.session is not None and until_ms is not None:
            self.session = store.with_state(self.session, forgo(self.session.open_state, until_ms))


@dataclass(frozen=True)
class Wanted:
    """What a record needs to know of its person. ``whole_days``: how full the local days of the span are, too; where class
    hours are attested of them it is asked in any case."""

    person_ref: UUID
    source_ref: UUID
    lesson_ref: UUID | None
    span: Interval
    whole_days: bool = False


def read(wanted: Sequence[Wanted], *, rules: CountingRules, chance: Chance, now_ms: int) -> dict[UUID, Standing]:
    """Lock the persons (made known where they are new) and read where they stand; sessions that are idle are closed first."""
    ids = _lock({item.person_ref for item in wanted}, rules, chance)
    found = {person_ref: Standing(person_ref, learner_id) for person_ref, learner_id in ids.items()}
    by_learner = {standing.learner_id: standing for standing in found.values()}
    _read_sessions(by_learner, now_ms)
    _read_made(found, by_learner, {item.source_ref for item in wanted})
    _read_progress(by_learner, {item.lesson_ref for item in wanted if item.lesson_ref is not None})
    if wanted:
        span = Interval(min(item.span.start for item in wanted), max(item.span.end for item in wanted))
        first, last = local_day(span.start), local_day(span.end - 1)
        _read_attested(found, first, last)
        if any(item.whole_days or found[item.person_ref].attested for item in wanted):
            span = Interval(day_start_ms(first), day_start_ms(last + 1))
        _read_wall(found, span)
    return found


def _lock(person_refs: Collection[UUID], rules: CountingRules, chance: Chance) -> dict[UUID, int]:
    """In the order of their ids, so that two who lock the same persons never wait for each other."""
    query = (
        select(LEARNERS.c.person_ref, LEARNERS.c.id)
        .where(LEARNERS.c.person_ref.in_(list(person_refs)))
        .order_by(LEARNERS.c.id)
        .with_for_update()
    )
    ids = {row.person_ref: row.id for row in db.session.execute(query)}
    if missing := sorted(set(person_refs) - ids.keys()):
        make = insert_on_sqlite(LEARNERS) if is_sqlite() else insert_on_postgresql(LEARNERS)
        new = [{"person_ref": ref, "presence": fresh_presence(rules, chance).to_json()} for ref in missing]
        db.session.execute(make.on_conflict_do_nothing(), new)
        ids = {row.person_ref: row.id for row in db.session.execute(query)}
    return ids


def _read_sessions(by_learner: Mapping[int, Standing], now_ms: int) -> None:
    query = select(SESSIONS.c.learner_id).where(
        SESSIONS.c.closed_at.is_(None), SESSIONS.c.learner_id.in_(list(by_learner))
    )
    for learner_id in db.session.scalars(query).all():
        by_learner[learner_id].session = closing.open_after_idle(learner_id, now_ms)


def _read_made(found: Mapping[UUID, Standing], by_learner: Mapping[int, Standing], sources: Collection[UUID]) -> None:
    outside = select(OutsideTime.learner_id, OutsideTime.source_ref, OutsideTime.facts).where(
        OutsideTime.learner_id.in_(list(by_learner)),
        OutsideTime.kind == IMPORTED_KIND,
        OutsideTime.source_ref.in_(list(sources)),
    )
    for learner_id, source_ref, facts in db.session.execute(outside):
        by_learner[learner_id].made[source_ref] = facts
    attested = select(AttestedDay.person_ref, AttestedDay.source_ref, AttestedDay.facts).where(
        AttestedDay.person_ref.in_(list(found)), AttestedDay.source_ref.in_(list(sources))
    )
    for person_ref, source_ref, facts in db.session.execute(attested):
        found[person_ref].made[source_ref] = facts


def _read_progress(by_learner: Mapping[int, Standing], lessons: Collection[UUID]) -> None:
    query = select(PROGRESS).where(
        PROGRESS.c.learner_id.in_(list(by_learner)), PROGRESS.c.lesson_ref.in_(list(lessons))
    )
    for row in db.session.execute(query) if lessons else ():
        by_learner[row.learner_id].progress[row.lesson_ref] = progress_store.progress_in(row)


def _read_wall(found: Mapping[UUID, Standing], span: Interval) -> None:
    query = select(CountedInterval.person_ref, CountedInterval.started_ms, CountedInterval.ended_ms).where(
        CountedInterval.person_ref.in_(list(found)),
        CountedInterval.started_ms < span.end,
        CountedInterval.ended_ms > span.start,
    )
    counted: dict[UUID, list[tuple[int, int]]] = defaultdict(list)
    for person_ref, started_ms, ended_ms in db.session.execute(query):
        counted[person_ref].append((started_ms, ended_ms))
    for standing in found.values():
        standing.taken = union([*counted[standing.person_ref], *wall_time.of_session(standing.session)])


def _read_attested(found: Mapping[UUID, Standing], first_day: int, last_day: int) -> None:
    query = (
        select(AttestedDay.person_ref, AttestedDay.local_day, func.sum(AttestedDay.counted_seconds))
        .where(AttestedDay.person_ref.in_(list(found)), AttestedDay.local_day.between(first_day, last_day))
        .group_by(AttestedDay.person_ref, AttestedDay.local_day)
    )
    for person_ref, day, seconds in db.session.execute(query):
        found[person_ref].attested[day] = int(seconds)


@dataclass
class Written:
    """Rows to be written once all records are counted, and whose progress and session they moved."""

    outside: list[dict[str, Any]] = field(default_factory=list)
    counted: list[dict[str, Any]] = field(default_factory=list)
    attested: list[dict[str, Any]] = field(default_factory=list)
    progress: dict[tuple[int, UUID], Progress] = field(default_factory=dict)
    sessions: dict[int, Session] = field(default_factory=dict)


def write(written: Written, known: Collection[tuple[int, UUID]]) -> None:
    """Keep what was counted. ``known``: of which persons and lessons progress was there before."""
    for table, rows in (
        (OutsideTime, written.outside),
        (CountedInterval, written.counted),
        (AttestedDay, written.attested),
    ):
        if rows:
            db.session.execute(insert(table), rows)
    progress_store.keep_many(written.progress, known)
    for session in written.sessions.values():
        store.keep(session)
