"""Closing sessions: what counted becomes final, is split at midnight, cut at the check-in and added to the lesson.

A session closes because its phone says so, because a newer one was opened (at its last good beat), because nothing was
heard for 900 s, because it lasted 4 h, or at local midnight, when a successor goes on.
"""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from typing import Any
from uuid import UUID

from sqlalchemy import Row, insert, update

from config import clock
from config.database import apart, db
from learning_records.sessions import progress_store, store
from learning_records.sessions.counting import day_is_over, end, split_day
from learning_records.sessions.coverage import join_spans, join_stretches, length, union
from learning_records.sessions.earning import Earned, earn, pieces_of
from learning_records.sessions.models import CountedInterval
from learning_records.sessions.presence import settle_check
from learning_records.sessions.reasons import IDLE, MIDNIGHT, REPLACED
from learning_records.sessions.receipts import issue_receipt, sealed_by_ms
from learning_records.sessions.rules import Piece, local_day
from learning_records.sessions.state import State
from learning_records.sessions.store import SESSIONS, Session
from learning_records.sessions.views import Receipt, SessionClosed, close_notice, reasons_of, sum_by_code


def close_now(session: Session, state: State, at_ms: int, reason: str) -> tuple[Session, ...]:
    """Close at ``at_ms`` for good. A session with time on both sides of midnight becomes two closed ones."""
    state = end(state, at_ms)
    closed: list[Session] = []
    midnight = session.midnight_ms
    if state.arrived_ms > midnight:
        session, state, older = _go_on_after(session, state, midnight)
        closed.append(older)
    closed.append(_finish(session, state, max(at_ms, session.opened_ms), reason))
    store.keep_presence(session.learner_id, state.presence)
    return tuple(closed)


def split_if_day_is_over(session: Session) -> tuple[Session, Session | None]:
    """Close at midnight once all time before it is decided. Returns the session that is open now, and the closed one."""
    if not day_is_over(session.open_state, session.midnight_ms):
        return session, None
    successor, _, older = _go_on_after(session, session.open_state, session.midnight_ms)
    return successor, older


def _go_on_after(session: Session, state: State, midnight_ms: int) -> tuple[Session, State, Session]:
    before, after = split_day(state, midnight_ms)
    older = _finish(session, before, midnight_ms, MIDNIGHT)
    successor = store.add_session(
        learner_id=session.learner_id,
        person_ref=session.person_ref,
        lesson=session.lesson,
        context_ref=session.context_ref,
        device_ref=session.device_ref,
        rules=session.rules,
        opened_ms=midnight_ms,
        state=after,
        continues_id=session.id,
    )
    return successor, after, older


def _finish(session: Session, state: State, at_ms: int, reason: str) -> Session:
    """Write the outcome of a state in which nothing is provisional any more."""
    stretches = join_stretches(state.firm, state.since)
    day = local_day(session.opened_ms)
    check_ins = progress_store.check_ins_of(session.learner_id, session.context_ref, {day})
    pieces = pieces_of(stretches, {number: clock.epoch_ms(row.checked_in_at) for number, row in check_ins.items()})
    # What midnight moves on may still watch the rest: the allowance waits for it, or the same minutes would earn twice.
    earned, covered_ms = _add_progress(session, state, pieces, at_ms, may_complete=reason != MIDNIGHT)
    _add_intervals(session, pieces)
    counted_ms = sum(piece.counted_ms for piece in pieces)
    receipt = issue_receipt(
        session_id=session.public_id,
        seq=session.next_seq - 1,
        chain_head=session.chain_head,
        server_ms=at_ms,
        counted_ms=counted_ms,
        sealed_by_ms=sealed_by_ms(session.opened_ms, session.rules),
    )
    outcome: dict[str, Any] = {
        "pieces": [list(piece) for piece in pieces],
        "counted_ms": counted_ms,
        "uncounted": [list(span) for span in join_spans(state.uncounted)],
        "checks": [list(event) for event in state.checks],
        "before": {**state.before._asdict(), "covered": [list(item) for item in state.earlier]},
        "given": [list(item) for item in state.given],
        "check_in": _check_in_facts(check_ins.get(day)),
        "covered_ms": covered_ms,
        "completed": earned.completed,
        "allowance_ms": earned.allowance_ms,
        "allowance_seconds": earned.allowance_seconds,
        "allowance_checked_in_seconds": earned.allowance_checked_in_seconds,
        "receipt": dict(receipt.__dict__),
    }
    closed_at = clock.from_epoch_ms(at_ms)
    db.session.execute(
        update(SESSIONS)
        .where(SESSIONS.c.id == session.id)
        .values(
            state={},
            next_seq=session.next_seq,
            chain_head=session.chain_head,
            closed_at=closed_at,
            close_reason=reason,
            outcome=outcome,
            learned_seconds=earned.learned_seconds,
            checked_in_seconds=earned.checked_in_seconds,
        )
    )
    return replace(
        session,
        state=None,
        closed_at=closed_at,
        close_reason=reason,
        outcome=outcome,
        learned_seconds=earned.learned_seconds,
        checked_in_seconds=earned.checked_in_seconds,
    )


def _add_progress(
    session: Session, state: State, pieces: tuple[Piece, ...], at_ms: int, *, may_complete: bool
) -> tuple[Earned, int]:
    """What the session earns, and the lesson's covered media without the allowance."""
    progress = progress_store.progress_of(session.learner_id, session.lesson.lesson_ref)
    media = [(piece.media_from_ms, piece.media_to_ms) for piece in pieces]
    coverage = union([*progress.coverage, *media])
    earned = earn(progress, coverage, pieces, state.media_ms, session.rules, may_complete=may_complete)
    completed_at = clock.from_epoch_ms(at_ms) if earned.completed else None
    progress_store.keep_progress(session.learner_id, session.lesson.lesson_ref, earned.progress, completed_at)
    return earned, length(coverage)


def _add_intervals(session: Session, pieces: tuple[Piece, ...]) -> None:
    rows = [
        {
            "person_ref": session.person_ref,
            "kind": "session",
            "session_id": session.id,
            "started_ms": interval.start,
            "ended_ms": interval.end,
        }
        for interval in union((piece.started_ms, piece.ended_ms) for piece in pieces)
    ]
    if rows:
        db.session.execute(insert(CountedInterval), rows)


def _check_in_facts(row: Row[Any] | None) -> dict[str, Any] | None:
    if row is None:
        return None
    return {
        "at_ms": clock.epoch_ms(row.checked_in_at),
        "device": row.device_ref,
        "id": str(row.public_id),
        "method": row.method,
    }


def replace_open(learner_id: int, now_ms: int) -> tuple[Session, ...]:
    """Close the learner's open session because another begins: at its last good beat."""
    session = store.open_session_of(learner_id)
    if session is None:
        return ()
    if session.idle(now_ms):
        return close_idle(session)
    state = settle_check(session.open_state, now_ms, session.rules)
    return close_now(session, state, state.arrived_ms, REPLACED)


def close_idle(session: Session) -> tuple[Session, ...]:
    """Close a session nothing was heard of for 900 s, as of its last good beat, whenever this is noticed."""
    state = settle_check(session.open_state, session.idle_at_ms, session.rules)
    return close_now(session, state, state.arrived_ms, IDLE)


def open_after_idle(learner_id: int, now_ms: int) -> Session | None:
    """The learner's open session; one that is idle by now is closed first."""
    session = store.open_session_of(learner_id)
    if session is not None and session.idle(now_ms):
        close_idle(session)
        return None
    return session


def close_idle_sessions(*, limit: int = 100, person_ref: UUID | None = None) -> list[UUID]:
    """Close sessions that went idle, of one person or of all; the ids of those closed. A job runs it every minute.

    Of all, each is closed apart: one that cannot be closed is logged and left, the others are closed.
    """
    now_ms = clock.epoch_ms(clock.now())
    query = store.sessions_where(SESSIONS.c.closed_at.is_(None), SESSIONS.c.idle_at_ms < now_ms)
    if person_ref is not None:
        query = query.where(store.LEARNERS.c.person_ref == person_ref)
    found = db.session.execute(
        query.with_only_columns(SESSIONS.c.public_id, store.LEARNERS.c.person_ref).order_by(SESSIONS.c.id).limit(limit)
    )
    closed: list[UUID] = []
    for public_id, owner in found.all():
        work = partial(_close_if_idle, owner, public_id, now_ms)
        done = work() if person_ref is not None else apart(work, what=f"close session {public_id}")
        closed += [item.public_id for item in done or ()]
    return closed


def _close_if_idle(person_ref: UUID, public_id: UUID, now_ms: int) -> tuple[Session, ...]:
    session = store.load(person_ref, public_id)  # locked now; another request may have been quicker
    return close_idle(session) if session.state is not None and session.idle(now_ms) else ()


def closed_view(session: Session, closed_by_this_call: tuple[Session, ...] = ()) -> SessionClosed:
    """A closed session as its phone sees it."""
    outcome = session.outcome
    assert outcome is not None
    assert session.closed_at is not None
    assert session.close_reason is not None
    return SessionClosed(
        session_id=session.public_id,
        person_ref=session.person_ref,
        reason=session.close_reason,
        sentence=close_notice(session.close_reason).sentence,
        closed_at=session.closed_at,
        counted_seconds=outcome["counted_ms"] // 1000,
        learned_seconds=session.learned_seconds,
        checked_in_seconds=session.checked_in_seconds,
        uncounted=reasons_of(sum_by_code(outcome["uncounted"]), session.lesson.kind),
        completed=outcome["completed"],
        allowance_seconds=outcome["allowance_seconds"],
        receipt=Receipt(**outcome["receipt"]),
        closed_session_ids=tuple(item.public_id for item in closed_by_this_call),
    )
