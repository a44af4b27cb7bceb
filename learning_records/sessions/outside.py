"""Time of our own that counts beside sessions: a passed quiz, an upheld appeal. Wall time counts once."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import insert, select

from config import clock
from config.database import db
from config.errors import Invalid
from learning_records.sessions import closing, progress_store, store, wall_time
from learning_records.sessions.counting import forgo
from learning_records.sessions.coverage import pair, uncovered, union
from learning_records.sessions.earning import earn, pieces_of
from learning_records.sessions.models import CountedInterval, OutsideTime
from learning_records.sessions.rules import Chance, CountingRules, Interval, Piece, Stretch, local_day
from learning_records.sessions.state import Given
from learning_records.sessions.store import SYSTEM_CHANCE
from learning_records.sessions.views import OutsideTimeView

_DEFAULTS = CountingRules()
_LARGEST = timedelta(days=1)


def record_quiz_time(
    *,
    person_ref: UUID,
    context_ref: UUID | None,
    quiz_ref: UUID,
    started_at: datetime,
    ended_at: datetime,
    limit_seconds: int,
    chance: Chance = SYSTEM_CHANCE,
) -> OutsideTimeView:
    """Count the time of a passed quiz, at most its limit, without what already counted; once for each ``quiz_ref``.

    Raises ``Invalid`` TIME_REVERSED when it ends before it began, in the future, or lasted over a day.
    """
    ended_at = min(ended_at, started_at + timedelta(seconds=limit_seconds))
    return _record("quiz", person_ref, context_ref, quiz_ref, started_at, ended_at, chance)


def record_appealed_time(
    *,
    person_ref: UUID,
    session_id: UUID,
    appeal_ref: UUID,
    started_at: datetime,
    ended_at: datetime,
    limit_seconds: int,
    chance: Chance = SYSTEM_CHANCE,
) -> OutsideTimeView:
    """Count the wall time that the desk gives back to an appeal about that session; once for each ``appeal_ref``.

    At most ``limit_seconds``, the wall time that counted nowhere else, and the media that the lesson still lacks. That
    media is covered from now on, the first of it first: the same minute earns once. Raises ``NotFound`` SESSION_NOT_FOUND;
    ``Invalid`` TIME_REVERSED when it ends before it began, in the future, or lasted over a day.
    """
    span, now_ms = _checked(started_at, ended_at)
    learner_id, _ = store.lock_learner(person_ref, _DEFAULTS, chance)
    about = store.load(person_ref, session_id)
    if (pieces := _made(learner_id, "appeal", appeal_ref)) is not None:
        return _view("appeal", person_ref, about.context_ref, appeal_ref, span, pieces, already=True)
    open_session = closing.open_after_idle(learner_id, now_ms)
    free = wall_time.free(person_ref, open_session, span, now_ms)
    same = open_session is not None and open_session.lesson.lesson_ref == about.lesson.lesson_ref
    progress = progress_store.progress_of(learner_id, about.lesson.lesson_ref)
    seen = union([*progress.coverage, *(open_session.open_state.covered if same and open_session else ())])
    stretches = pair(free, uncovered(seen, 0, about.lesson.media_ms), limit_seconds * 1000)
    pieces = _pieces(learner_id, about.context_ref, span, stretches)
    coverage = union([*progress.coverage, *((item.media_from_ms, item.media_to_ms) for item in stretches)])
    earned = earn(progress, coverage, pieces, about.lesson.media_ms, about.rules, may_complete=not same)
    completed_at = clock.from_epoch_ms(now_ms) if earned.completed else None
    progress_store.keep_progress(learner_id, about.lesson.lesson_ref, earned.progress, completed_at)
    _store(person_ref, learner_id, "appeal", appeal_ref, about.context_ref, span, pieces)
    if open_session is not None:
        state = forgo(open_session.open_state, max((piece.ended_ms for piece in pieces), default=0))
        if same:
            media = (Given(state.beats, item.media_from_ms, item.media_to_ms) for item in stretches)
            state = replace(state, given=(*state.given, *media))
        store.keep(store.with_state(open_session, state))
    view = _view("appeal", person_ref, about.context_ref, appeal_ref, span, pieces, already=False)
    return replace(
        view,
        counted_seconds=earned.learned_seconds,
        checked_in_seconds=earned.checked_in_seconds,
        completed=earned.completed,
        allowance_seconds=earned.allowance_seconds,
        allowance_checked_in_seconds=earned.allowance_checked_in_seconds,
    )


def _checked(started_at: datetime, ended_at: datetime) -> tuple[Interval, int]:
    now = clock.now()
    if ended_at < started_at or ended_at > now or ended_at - started_at > _LARGEST:
        raise Invalid("TIME_REVERSED", "记录的开始和结束时间不正确，请核对后重新提交。")
    return Interval(clock.epoch_ms(started_at), clock.epoch_ms(ended_at)), clock.epoch_ms(now)


def _made(learner_id: int, kind: str, source_ref: UUID) -> tuple[Piece, ...] | None:
    made = db.session.execute(
        select(OutsideTime.pieces).where(
            OutsideTime.learner_id == learner_id, OutsideTime.kind == kind, OutsideTime.source_ref == source_ref
        )
    ).one_or_none()
    return None if made is None else tuple(Piece(*item) for item in made.pieces)


def _record(
    kind: str,
    person_ref: UUID,
    context_ref: UUID | None,
    source_ref: UUID,
    started_at: datetime,
    ended_at: datetime,
    chance: Chance,
) -> OutsideTimeView:
    span, now_ms = _checked(started_at, ended_at)
    learner_id, _ = store.lock_learner(person_ref, _DEFAULTS, chance)
    if (pieces := _made(learner_id, kind, source_ref)) is not None:
        return _view(kind, person_ref, context_ref, source_ref, span, pieces, already=True)
    session = closing.open_after_idle(learner_id, now_ms)
    free = wall_time.free(person_ref, session, span, now_ms)
    pieces = _pieces(learner_id, context_ref, span, pair(free, [Interval(0, span.end - span.start)], span.end))
    _store(person_ref, learner_id, kind, source_ref, context_ref, span, pieces)
    if session is not None:
        store.keep(store.with_state(session, forgo(session.open_state, span.end)))
    return _view(kind, person_ref, context_ref, source_ref, span, pieces, already=False)


def _store(
    person_ref: UUID,
    learner_id: int,
    kind: str,
    source_ref: UUID,
    context_ref: UUID | None,
    span: Interval,
    pieces: tuple[Piece, ...],
) -> None:
    db.session.execute(
        insert(OutsideTime).values(
            learner_id=learner_id,
            kind=kind,
            source_ref=source_ref,
            context_ref=context_ref,
            started_at=clock.from_epoch_ms(span.start),
            ended_at=clock.from_epoch_ms(span.end),
            pieces=[list(piece) for piece in pieces],
        )
    )
    for part in union((piece.started_ms, piece.ended_ms) for piece in pieces):
        db.session.execute(
            insert(CountedInterval).values(
                person_ref=person_ref, kind=kind, source_ref=source_ref, started_ms=part.start, ended_ms=part.end
            )
        )


def _pieces(
    learner_id: int, context_ref: UUID | None, span: Interval, stretches: tuple[Stretch, ...]
) -> tuple[Piece, ...]:
    days = set(range(local_day(span.start), local_day(span.end) + 1))
    check_ins = progress_store.check_ins_of(learner_id, context_ref, days)
    return pieces_of(stretches, {day: clock.epoch_ms(row.checked_in_at) for day, row in check_ins.items()})


def _view(
    kind: str,
    person_ref: UUID,
    context_ref: UUID | None,
    source_ref: UUID,
    span: Interval,
    pieces: tuple[Piece, ...],
    *,
    already: bool,
) -> OutsideTimeView:
    counted_seconds = sum(piece.counted_ms for piece in pieces) // 1000
    checked_in_seconds = sum(piece.counted_ms for piece in pieces if piece.under_check_in) // 1000
    facts: dict[str, Any] = {
        "source": str(source_ref),
        "person": str(person_ref),
        "context": str(context_ref) if context_ref else None,
        "started_ms": span.start,
        "ended_ms": span.end,
        "pieces": [list(piece) for piece in pieces],
        "learned_seconds": counted_seconds,
        "checked_in_seconds": checked_in_seconds,
    }
    return OutsideTimeView(source_ref, kind, pieces, counted_seconds, checked_in_seconds, already, facts)
