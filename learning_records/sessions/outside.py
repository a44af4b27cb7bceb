"""Time that counts beside sessions: a passed quiz, a record of another platform, an appeal. Wall time counts once."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import insert, select

from config import clock
from config.database import db
from config.errors import Invalid
from learning_records.sessions import closing, progress_store, store
from learning_records.sessions.counting import forgo
from learning_records.sessions.coverage import uncovered, union
from learning_records.sessions.earning import pieces_of
from learning_records.sessions.models import CountedInterval, OutsideTime
from learning_records.sessions.rules import Chance, CountingRules, Interval, Piece, Stretch, local_day
from learning_records.sessions.store import SYSTEM_CHANCE, Session
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


def record_imported_time(
    *,
    person_ref: UUID,
    context_ref: UUID | None,
    source_ref: UUID,
    started_at: datetime,
    ended_at: datetime,
    chance: Chance = SYSTEM_CHANCE,
) -> OutsideTimeView:
    """Count an interval another platform recorded, without what already counted; once for each ``source_ref``.

    Raises ``Invalid`` TIME_REVERSED when it ends before it began, in the future, or lasted over a day.
    """
    return _record("import", person_ref, context_ref, source_ref, started_at, ended_at, chance)


def record_appealed_time(
    *,
    person_ref: UUID,
    context_ref: UUID | None,
    appeal_ref: UUID,
    started_at: datetime,
    ended_at: datetime,
    chance: Chance = SYSTEM_CHANCE,
) -> OutsideTimeView:
    """Count the wall time that the desk gave back to an appeal, without what already counted; once for each ``appeal_ref``.

    Raises ``Invalid`` TIME_REVERSED when it ends before it began, in the future, or lasted over a day.
    """
    return _record("appeal", person_ref, context_ref, appeal_ref, started_at, ended_at, chance)


def _record(
    kind: str,
    person_ref: UUID,
    context_ref: UUID | None,
    source_ref: UUID,
    started_at: datetime,
    ended_at: datetime,
    chance: Chance,
) -> OutsideTimeView:
    now = clock.now()
    if ended_at < started_at or ended_at > now or ended_at - started_at > _LARGEST:
        raise Invalid("TIME_REVERSED", "记录的开始和结束时间不正确，请核对后重新提交。")
    learner_id, _ = store.lock_learner(person_ref, _DEFAULTS, chance)
    made = db.session.execute(
        select(OutsideTime.pieces).where(
            OutsideTime.learner_id == learner_id, OutsideTime.kind == kind, OutsideTime.source_ref == source_ref
        )
    ).one_or_none()
    span = Interval(clock.epoch_ms(started_at), clock.epoch_ms(ended_at))
    if made is not None:
        pieces = tuple(Piece(*item) for item in made.pieces)
        return _view(kind, person_ref, context_ref, source_ref, span, pieces, already=True)
    session = closing.open_after_idle(learner_id, clock.epoch_ms(now))
    free = uncovered(_taken(person_ref, session, span), span.start, span.end)
    pieces = _pieces(learner_id, context_ref, span, free)
    db.session.execute(
        insert(OutsideTime).values(
            learner_id=learner_id,
            kind=kind,
            source_ref=source_ref,
            context_ref=context_ref,
            started_at=started_at,
            ended_at=ended_at,
            pieces=[list(piece) for piece in pieces],
        )
    )
    for part in free:
        db.session.execute(
            insert(CountedInterval).values(
                person_ref=person_ref, kind=kind, source_ref=source_ref, started_ms=part.start, ended_ms=part.end
            )
        )
    if session is not None:
        store.keep(store.with_state(session, forgo(session.open_state, span.end)))
    return _view(kind, person_ref, context_ref, source_ref, span, pieces, already=False)


def _taken(person_ref: UUID, session: Session | None, span: Interval) -> tuple[Interval, ...]:
    """Wall time of the person in ``span`` that counted already, in the open session too."""
    rows = db.session.execute(
        select(CountedInterval.started_ms, CountedInterval.ended_ms).where(
            CountedInterval.person_ref == person_ref,
            CountedInterval.started_ms < span.end,
            CountedInterval.ended_ms > span.start,
        )
    )
    taken = [(started, ended) for started, ended in rows]
    if session is not None:
        state = session.open_state
        for group in (state.firm, state.since, state.provisional):
            taken += [(stretch.started_ms, stretch.ended_ms) for stretch in group]
    return union(taken)


def _pieces(learner_id: int, context_ref: UUID | None, span: Interval, free: list[Interval]) -> tuple[Piece, ...]:
    days = set(range(local_day(span.start), local_day(span.end) + 1))
    check_ins = progress_store.check_ins_of(learner_id, context_ref, days)
    stretches = tuple(Stretch(part.start, part.end, part.start - span.start, part.end - span.start) for part in free)
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
