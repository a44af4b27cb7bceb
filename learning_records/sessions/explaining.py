"""Reading: where every second of a session went, and how far a person is in lessons. Nothing is written or locked here."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import select

from config import clock
from config.database import db
from config.errors import NotFound
from learning_records.sessions import progress_store, store
from learning_records.sessions.coverage import join_spans, length, union
from learning_records.sessions.earning import pieces_of
from learning_records.sessions.models import LessonProgress, SessionAppeal
from learning_records.sessions.reasons import NOT_CHECKED_IN, REASONS
from learning_records.sessions.rules import Piece, Span, appeal_deadline_ms, local_day
from learning_records.sessions.store import LEARNERS, SESSIONS, Session
from learning_records.sessions.views import (
    Explanation,
    LessonProgressView,
    UncountedSpan,
    check_view,
    close_notice,
    reasons_of,
)


def read_session(person_ref: UUID, session_id: UUID) -> Session:
    """That person's session, not locked. Raises ``NotFound`` SESSION_NOT_FOUND."""
    row = db.session.execute(
        store.sessions_where(SESSIONS.c.public_id == session_id, LEARNERS.c.person_ref == person_ref)
    ).one_or_none()
    if row is None:
        raise NotFound("SESSION_NOT_FOUND", "没有找到这次学习，请返回课程页面重新打开。")
    return store.session_of(row)


def uncounted_of(session: Session) -> tuple[Span, ...]:
    """The uncounted wall time of a session, in order."""
    if session.state is not None:
        return join_spans(session.state.uncounted)
    assert session.outcome is not None
    return tuple(Span(*item) for item in session.outcome["uncounted"])


def _pieces(session: Session) -> tuple[Piece, ...]:
    if session.state is None:
        assert session.outcome is not None
        return tuple(Piece(*item) for item in session.outcome["pieces"])
    stretches = (*session.state.firm, *session.state.since)
    days = {local_day(stretch.started_ms) for stretch in stretches} | {local_day(session.opened_ms)}
    check_ins = progress_store.check_ins_of(session.learner_id, session.context_ref, days)
    return pieces_of(stretches, {day: clock.epoch_ms(row.checked_in_at) for day, row in check_ins.items()})


def explain(*, person_ref: UUID, session_id: UUID) -> Explanation:
    """Where every second of a session went: counted, waiting, or uncounted with reason, next step and appeal deadline.

    Raises ``NotFound`` SESSION_NOT_FOUND.
    """
    session = read_session(person_ref, session_id)
    appealed = db.session.execute(
        select(SessionAppeal.from_ms, SessionAppeal.to_ms).where(SessionAppeal.session_id == session.id)
    ).all()
    pieces = _pieces(session)
    counted_ms = sum(piece.counted_ms for piece in pieces)
    checked_in_ms = sum(piece.counted_ms for piece in pieces if piece.under_check_in)
    without = {NOT_CHECKED_IN: counted_ms - checked_in_ms} if session.context_ref and counted_ms > checked_in_ms else {}
    state = session.state
    return Explanation(
        session_id=session.public_id,
        lesson=session.lesson,
        context_ref=session.context_ref,
        opened_at=clock.from_epoch_ms(session.opened_ms),
        closed=close_notice(session.close_reason) if session.close_reason else None,
        closed_at=session.closed_at,
        counted_seconds=counted_ms // 1000,
        checked_in_seconds=checked_in_ms // 1000,
        waiting_seconds=state.provisional_ms // 1000 if state else 0,
        uncounted=tuple(_span_view(session, span, appealed) for span in uncounted_of(session)),
        not_claimable=next(iter(reasons_of(without, session.lesson.kind)), None),
        presence_check=check_view(state.presence.check) if state else None,
    )


def _span_view(session: Session, span: Span, appealed: Sequence[Any]) -> UncountedSpan:
    sentence, next_step = REASONS[span.code].said_for(session.lesson.kind)
    return UncountedSpan(
        code=span.code,
        sentence=sentence,
        next_step=next_step,
        started_at=clock.from_epoch_ms(span.started_ms),
        ended_at=clock.from_epoch_ms(span.ended_ms),
        seconds=(span.ended_ms - span.started_ms) // 1000,
        appeal_by=clock.from_epoch_ms(appeal_deadline_ms(span.ended_ms, session.rules)),
        appealed=any(from_ms < span.ended_ms and to_ms > span.started_ms for from_ms, to_ms in appealed),
    )


def lesson_progress(*, person_ref: UUID, lesson_refs: Sequence[UUID]) -> dict[UUID, LessonProgressView]:
    """How far the person is in each of the lessons, the open session included; every lesson asked for is in the answer."""
    closed = db.session.execute(
        select(LessonProgress.__table__)
        .join(LEARNERS, LEARNERS.c.id == LessonProgress.learner_id)
        .where(LEARNERS.c.person_ref == person_ref, LessonProgress.lesson_ref.in_(lesson_refs))
    )
    found = {row.lesson_ref: row for row in closed}
    row = db.session.execute(
        store.sessions_where(LEARNERS.c.person_ref == person_ref, SESSIONS.c.closed_at.is_(None))
    ).one_or_none()
    current = None if row is None else store.session_of(row)
    return {lesson_ref: _progress_view(lesson_ref, found.get(lesson_ref), current) for lesson_ref in lesson_refs}


def _progress_view(lesson_ref: UUID, row: Any, current: Session | None) -> LessonProgressView:
    counted_ms = row.counted_ms if row else 0
    coverage = union(tuple(item) for item in row.coverage) if row else ()
    if current is not None and current.lesson.lesson_ref == lesson_ref:
        state = current.open_state
        counted_ms += state.counted_ms
        coverage = union([*coverage, *state.covered])
    return LessonProgressView(
        lesson_ref=lesson_ref,
        counted_seconds=counted_ms // 1000,
        covered_ms=length(coverage),
        resume_at_ms=coverage[0].end if coverage and coverage[0].start == 0 else 0,
        completed=bool(row and row.completed_at),
    )
