"""Loading and keeping sessions: Core statements, one row at a time, always under the lock of the person.

Every writing service locks the ``learner`` row first (PostgreSQL; SQLite has one writer), so two phones of one person take
turns and a person's time is judged in one order.
"""

from __future__ import annotations

import random
from dataclasses import dataclass, replace
from datetime import datetime
from functools import lru_cache
from typing import Any
from uuid import UUID

from sqlalchemy import Row, Table, bindparam, insert, select, update
from sqlalchemy.dialects.postgresql import insert as insert_on_postgresql
from sqlalchemy.dialects.sqlite import insert as insert_on_sqlite

from config import clock
from config.database import db, is_sqlite, locked, new_public_id
from config.errors import NotFound
from learning_records.sessions.chain import chain_start
from learning_records.sessions.models import Beat, CheckIn, CountedInterval, Learner, LearningSession, LessonProgress
from learning_records.sessions.rules import (
    Chance,
    CountingRules,
    LessonFacts,
    day_start_ms,
    local_day,
)
from learning_records.sessions.state import Presence, State, fresh_presence

SYSTEM_CHANCE: Chance = random.SystemRandom()


def _table(model: Any) -> Table:
    table = model.__table__
    assert isinstance(table, Table)
    return table


LEARNERS = _table(Learner)
SESSIONS = _table(LearningSession)
BEATS = _table(Beat)
CHECK_INS = _table(CheckIn)
PROGRESS = _table(LessonProgress)


@dataclass(frozen=True)
class Session:
    """A row of ``learning_session`` with its learner. ``state`` is None once it is closed."""

    id: int
    public_id: UUID
    learner_id: int
    person_ref: UUID
    lesson: LessonFacts
    context_ref: UUID | None
    device_ref: str
    rules: CountingRules
    opened_ms: int
    continues_id: int | None
    chain_start: str
    chain_head: str
    next_seq: int
    idle_at_ms: int
    state: State | None
    closed_at: datetime | None
    close_reason: str | None
    outcome: dict[str, Any] | None
    learned_seconds: int
    checked_in_seconds: int
    evidence_record_id: int | None

    @property
    def open_state(self) -> State:
        """The counting state of a session known to be open."""
        assert self.state is not None
        return self.state

    @property
    def midnight_ms(self) -> int:
        """The end of the local day in which the session opened."""
        return day_start_ms(local_day(self.opened_ms) + 1)

    def idle(self, now_ms: int) -> bool:
        """Whether the session has closed itself because nothing was heard (900 s)."""
        return now_ms > self.idle_at_ms


@lru_cache(maxsize=64)
def _rules(items: tuple[tuple[str, Any], ...]) -> CountingRules:
    return CountingRules.from_dict(dict(items))


_SELECT = select(SESSIONS, LEARNERS.c.person_ref).select_from(
    LEARNERS.join(SESSIONS, SESSIONS.c.learner_id == LEARNERS.c.id)
)
_ONE = locked(_SELECT.where(SESSIONS.c.public_id == bindparam("session"), LEARNERS.c.person_ref == bindparam("person")))
_OPEN = locked(_SELECT.where(SESSIONS.c.learner_id == bindparam("learner"), SESSIONS.c.closed_at.is_(None)))
_SUCCESSOR = _SELECT.where(SESSIONS.c.continues_id == bindparam("session"))


def session_of(row: Row[Any]) -> Session:
    """The session in a row of ``SELECT learning_session.*, person_ref``."""
    return Session(
        row.id,
        row.public_id,
        row.learner_id,
        row.person_ref,
        LessonFacts.from_dict(row.lesson),
        row.context_ref,
        row.device_ref,
        _rules(tuple(row.rules.items())),
        clock.epoch_ms(row.opened_at),
        row.continues_id,
        row.chain_start,
        row.chain_head,
        row.next_seq,
        row.idle_at_ms,
        State.from_json(row.state) if row.closed_at is None else None,
        row.closed_at,
        row.close_reason,
        row.outcome,
        row.learned_seconds,
        row.checked_in_seconds,
        row.evidence_record_id,
    )


def sessions_where(*conditions: Any) -> Any:
    """The selection of sessions with their person, for reading."""
    return _SELECT.where(*conditions)


def load(person_ref: UUID, session_id: UUID) -> Session:
    """That person's session, locked. Raises ``NotFound`` SESSION_NOT_FOUND, also for another person's."""
    row = db.session.execute(_ONE, {"session": session_id, "person": person_ref}).one_or_none()
    if row is None:
        raise NotFound("SESSION_NOT_FOUND", "没有找到这次学习，请返回课程页面重新打开。")
    return session_of(row)


def open_session_of(learner_id: int) -> Session | None:
    """The one open session of a learner, or None. The learner must be locked."""
    row = db.session.execute(_OPEN, {"learner": learner_id}).one_or_none()
    return None if row is None else session_of(row)


def successor_of(session_id: int) -> Session | None:
    """The session that went on after midnight, or None."""
    row = db.session.execute(_SUCCESSOR, {"session": session_id}).one_or_none()
    return None if row is None else session_of(row)


def lock_learner(person_ref: UUID, rules: CountingRules, chance: Chance) -> tuple[int, Presence]:
    """The learner's id and presence, the row locked and made when it is missing."""
    query = locked(select(LEARNERS.c.id, LEARNERS.c.presence).where(LEARNERS.c.person_ref == person_ref))
    row = db.session.execute(query).one_or_none()
    if row is None:
        values = {"person_ref": person_ref, "presence": fresh_presence(rules, chance).to_json()}
        make = insert_on_sqlite(LEARNERS) if is_sqlite() else insert_on_postgresql(LEARNERS)
        db.session.execute(make.values(**values).on_conflict_do_nothing())
        row = db.session.execute(query).one()
    return row.id, Presence.from_json(row.presence)


def counted_until_ms(person_ref: UUID) -> int:
    """The end of the latest wall time of a person that counted; 0 when none did.

    No session begins before it: a machine's clock may be set back, and the same time then comes again.
    """
    query = (
        select(CountedInterval.ended_ms)
        .where(CountedInterval.person_ref == person_ref)
        .order_by(CountedInterval.started_ms.desc())
        .limit(1)
    )
    return db.session.execute(query).scalar_one_or_none() or 0


def presence_of(learner_id: int) -> Presence:
    """The presence kept with a learner of whom no session is open."""
    query = select(LEARNERS.c.presence).where(LEARNERS.c.id == learner_id)
    return Presence.from_json(db.session.execute(query).scalar_one())


def keep_presence(learner_id: int, presence: Presence) -> None:
    """Hand the person's presence back to the learner; no session is open."""
    db.session.execute(update(LEARNERS).where(LEARNERS.c.id == learner_id).values(presence=presence.to_json()))


_KEEP = (
    update(SESSIONS)
    .where(SESSIONS.c.id == bindparam("session"))
    .values(
        state=bindparam("new_state"),
        next_seq=bindparam("new_seq"),
        chain_head=bindparam("new_head"),
        idle_at_ms=bindparam("new_idle"),
    )
)


def keep(session: Session) -> None:
    """Write back what changes while a session is open."""
    state = session.open_state
    db.session.execute(
        _KEEP,
        {
            "session": session.id,
            "new_state": state.to_json(),
            "new_seq": session.next_seq,
            "new_head": session.chain_head,
            "new_idle": session.idle_at_ms,
        },
    )


def with_state(session: Session, state: State) -> Session:
    """The session with a new state and the deadline after which it closes itself.

    Whatever is heard, beats or confirmations, keeps it open no longer than the longest session and one silence: receipts
    promise that it is sealed soon after.
    """
    heard_ms = min(state.seen_ms, session.opened_ms + session.rules.session_limit_ms)
    return replace(session, state=state, idle_at_ms=heard_ms + session.rules.idle_ms)


def add_session(
    *,
    learner_id: int,
    person_ref: UUID,
    lesson: LessonFacts,
    context_ref: UUID | None,
    device_ref: str,
    rules: CountingRules,
    opened_ms: int,
    state: State,
    continues_id: int | None = None,
) -> Session:
    """Insert an open session and give it back."""
    public_id = new_public_id()
    start = chain_start(session_id=public_id, person_ref=person_ref, lesson_sha256=lesson.sha256, opened_ms=opened_ms)
    idle_at_ms = state.seen_ms + rules.idle_ms
    inner_id = db.session.execute(
        insert(SESSIONS)
        .values(
            public_id=public_id,
            learner_id=learner_id,
            lesson_ref=lesson.lesson_ref,
            lesson=lesson.to_dict(),
            context_ref=context_ref,
            device_ref=device_ref,
            rules=rules.to_dict(),
            opened_at=clock.from_epoch_ms(opened_ms),
            continues_id=continues_id,
            chain_start=start,
            chain_head=start,
            next_seq=1,
            idle_at_ms=idle_at_ms,
            state=state.to_json(),
            learned_seconds=0,
            checked_in_seconds=0,
        )
        .returning(SESSIONS.c.id)
    ).scalar_one()
    return Session(
        inner_id,
        public_id,
        learner_id,
        person_ref,
        lesson,
        context_ref,
        device_ref,
        rules,
        opened_ms,
        continues_id,
        start,
        start,
        1,
        idle_at_ms,
        state,
        None,
        None,
        None,
        0,
        0,
        None,
    )
