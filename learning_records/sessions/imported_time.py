"""The service of imported time: intervals that another platform recorded, counted once a source."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import insert, select

from config import clock
from config.database import db
from config.errors import Conflict, Invalid
from learning_records.sessions import closing, progress_store, store, wall_time
from learning_records.sessions.counting import forgo
from learning_records.sessions.coverage import union
from learning_records.sessions.earning import Progress, earn, pieces_of
from learning_records.sessions.imported import (
    ImportedInterval,
    check_in_days,
    checked,
    count_intervals,
)
from learning_records.sessions.models import CountedInterval, OutsideTime
from learning_records.sessions.reasons import NOT_CHECKED_IN
from learning_records.sessions.rules import Chance, CountingRules, Interval, Piece, Span
from learning_records.sessions.store import SYSTEM_CHANCE, Session
from learning_records.sessions.views import UncountedReason, reasons_of, sum_by_code

IMPORTED_KIND = "import"
GRADE = "imported"
_DEFAULTS = CountingRules()


@dataclass(frozen=True)
class ImportedView:
    """What a record of another platform brought. Every wall ms of its intervals is in a piece or in one of ``spans``.

    ``counted_seconds`` are learned, ``checked_in_seconds`` those after the platform's check-in; whole seconds, the
    remainder stays with the lesson. ``facts`` is the body to seal under ``IMPORTED_KIND``. ``already``: this source was
    counted before, nothing was written.
    """

    source_ref: UUID
    pieces: tuple[Piece, ...]
    spans: tuple[Span, ...]
    counted_seconds: int
    checked_in_seconds: int
    uncounted: tuple[UncountedReason, ...]
    not_claimable: UncountedReason | None
    already: bool
    facts: dict[str, Any]


def record_imported_intervals(
    *,
    person_ref: UUID,
    context_ref: UUID | None,
    source_ref: UUID,
    lesson_ref: UUID | None,
    media_ms: int | None,
    intervals: Sequence[ImportedInterval],
    checked_in_at: datetime | None = None,
    rules: CountingRules = _DEFAULTS,
    chance: Chance = SYSTEM_CHANCE,
) -> ImportedView:
    """Count what another platform recorded; once for each ``source_ref``.

    With media (needs ``lesson_ref``) newly covered media count, within the interval's own real time, and stay covered:
    the same minute earns once. Without media the wall time itself counts. Wall time that counted elsewhere never does. No
    allowance is given and no presence asked: the grade "imported" says so, and policy says whether it pays.
    ``checked_in_at`` is the platform's 签到 of its local day; left out, each day's first interval is it.

    Raises ``Invalid``: those of ``imported.checked``, LESSON_MISSING (media without a lesson), FUTURE, CHECK_IN_FUTURE;
    ``Conflict`` LESSON_OPEN while a session of ours is open on that very lesson.
    """
    now_ms = clock.epoch_ms(clock.now())
    ordered = checked(intervals, media_ms, rules.end_tolerance_ms)
    days = check_in_days(ordered, None if checked_in_at is None else clock.epoch_ms(checked_in_at))
    _check_source(ordered, lesson_ref, days, now_ms)
    learner_id, _ = store.lock_learner(person_ref, rules, chance)
    if (made := _made(learner_id, source_ref)) is not None:
        return _imported_view(made, already=True)
    session = closing.open_after_idle(learner_id, now_ms)
    if session is not None and session.lesson.lesson_ref == lesson_ref:
        raise Conflict("LESSON_OPEN", "本人正在本系统学习同一课程，请等这次学习结束后再导入。")
    progress = Progress() if lesson_ref is None else progress_store.progress_of(learner_id, lesson_ref)
    before = _before(person_ref, session, progress, ordered, now_ms)
    counted = count_intervals(
        ordered, taken=before.taken, seen=before.covered, rooms=before.rooms, tolerance_ms=rules.ahead_tolerance_ms
    )
    pieces = pieces_of(counted.stretches, days)
    media = [(item.media_from_ms, item.media_to_ms) for item in pieces if ordered[0].media_from_ms is not None]
    # Never complete, so no allowance: how long the media are is the platform's word.
    earned = earn(progress, union([*progress.coverage, *media]), pieces, 0, rules, may_complete=False)
    facts = {
        "source": str(source_ref),
        "person": str(person_ref),
        "context": str(context_ref) if context_ref else None,
        "grade": GRADE,
        "lesson": str(lesson_ref) if lesson_ref else None,
        "media_ms": media_ms,
        "intervals": [list(item) for item in ordered],
        "check_in": {"by": "platform", "stated": checked_in_at is not None, "days": [*map(list, sorted(days.items()))]},
        "before": before.to_dict(),
        "ahead_tolerance_ms": rules.ahead_tolerance_ms,
        "pieces": [list(piece) for piece in pieces],
        "uncounted": [list(span) for span in counted.spans],
        "counted_ms": sum(piece.counted_ms for piece in pieces),
        "learned_seconds": earned.learned_seconds,
        "checked_in_seconds": earned.checked_in_seconds,
    }
    if lesson_ref is not None:
        progress_store.keep_progress(learner_id, lesson_ref, earned.progress, None)
    _store(person_ref, learner_id, source_ref, context_ref, pieces, ordered, facts)
    if session is not None and pieces:
        store.keep(store.with_state(session, forgo(session.open_state, pieces[-1].ended_ms)))
    return _imported_view(facts, already=False)


@dataclass(frozen=True)
class _Before:
    """What a record found: wall time counted elsewhere, media covered, room of days, milliseconds below a second."""

    taken: tuple[Interval, ...]
    covered: tuple[Interval, ...]
    rooms: dict[int, int]
    rests: tuple[int, int]

    def to_dict(self) -> dict[str, Any]:
        """As it is sealed, so that what the record counted can be worked out again from it alone."""
        return {
            "taken": [list(item) for item in self.taken],
            "covered": [list(item) for item in self.covered],
            "rooms": [list(item) for item in sorted(self.rooms.items())],
            "rests": list(self.rests),
        }


def _before(
    person_ref: UUID, session: Session | None, progress: Progress, ordered: list[ImportedInterval], now_ms: int
) -> _Before:
    span = Interval(ordered[0].started_ms, max(item.ended_ms for item in ordered))
    return _Before(
        wall_time.taken(person_ref, session, span),
        progress.coverage,
        wall_time.rooms(person_ref, session, span, now_ms),
        (progress.learned_rest_ms, progress.checked_in_rest_ms),
    )


def _check_source(ordered: list[ImportedInterval], lesson_ref: UUID | None, days: dict[int, int], now_ms: int) -> None:
    if any(item.ended_ms > now_ms for item in ordered):
        raise Invalid("FUTURE", "学习的结束时间还没有到，请核对日期和时间。")
    if any(at_ms > now_ms for at_ms in days.values()):
        raise Invalid("CHECK_IN_FUTURE", "签到时刻还没有到，请核对日期和时间。")
    if ordered[0].media_from_ms is not None and lesson_ref is None:
        raise Invalid("LESSON_MISSING", "有播放起止位置的记录要写明课程，同一分钟内容才能只计一次。")


def _made(learner_id: int, source_ref: UUID) -> dict[str, Any] | None:
    facts: dict[str, Any] | None = db.session.execute(
        select(OutsideTime.facts).where(
            OutsideTime.learner_id == learner_id,
            OutsideTime.kind == IMPORTED_KIND,
            OutsideTime.source_ref == source_ref,
        )
    ).scalar_one_or_none()
    return facts


def _store(
    person_ref: UUID,
    learner_id: int,
    source_ref: UUID,
    context_ref: UUID | None,
    pieces: tuple[Piece, ...],
    ordered: list[ImportedInterval],
    facts: dict[str, Any],
) -> None:
    db.session.execute(
        insert(OutsideTime).values(
            learner_id=learner_id,
            kind=IMPORTED_KIND,
            source_ref=source_ref,
            context_ref=context_ref,
            started_at=clock.from_epoch_ms(ordered[0].started_ms),
            ended_at=clock.from_epoch_ms(max(item.ended_ms for item in ordered)),
            pieces=[list(piece) for piece in pieces],
            facts=facts,
        )
    )
    rows = [
        {
            "person_ref": person_ref,
            "kind": IMPORTED_KIND,
            "source_ref": source_ref,
            "started_ms": part.start,
            "ended_ms": part.end,
        }
        for part in union((piece.started_ms, piece.ended_ms) for piece in pieces)
    ]
    if rows:
        db.session.execute(insert(CountedInterval), rows)


def _imported_view(facts: dict[str, Any], *, already: bool) -> ImportedView:
    pieces = tuple(Piece(*item) for item in facts["pieces"])
    spans = tuple(Span(*item) for item in facts["uncounted"])
    without = facts["counted_ms"] - sum(piece.counted_ms for piece in pieces if piece.under_check_in)
    return ImportedView(
        source_ref=UUID(facts["source"]),
        pieces=pieces,
        spans=spans,
        counted_seconds=facts["learned_seconds"],
        checked_in_seconds=facts["checked_in_seconds"],
        uncounted=reasons_of(sum_by_code(spans), "import"),
        not_claimable=next(iter(reasons_of({NOT_CHECKED_IN: without} if without else {}, "import")), None),
        already=already,
        facts=facts,
    )
