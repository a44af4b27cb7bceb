"""A record of intervals from another platform: checked, counted where its person stands, in the words in which it is sealed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from config import clock
from config.errors import Conflict, Invalid
from learning_records.sessions.coverage import union
from learning_records.sessions.earning import Progress, earn, pieces_of
from learning_records.sessions.imported import ImportedInterval, check_in_days, checked, count_intervals
from learning_records.sessions.reasons import NOT_CHECKED_IN
from learning_records.sessions.rules import CountingRules, Interval, Piece, Span
from learning_records.sessions.standing import IMPORTED_KIND, Standing, Wanted, Written
from learning_records.sessions.views import UncountedReason, reasons_of, sum_by_code

GRADE = "imported"


@dataclass(frozen=True)
class ImportedRecord:
    """What another platform recorded of a person. With media (needs ``lesson_ref``) newly covered media count, within the
    interval's own real time; without media the wall time itself. ``checked_in_at`` is the platform's 签到 of its local day;
    left out, each day's first interval is it."""

    person_ref: UUID
    context_ref: UUID | None
    source_ref: UUID
    lesson_ref: UUID | None
    media_ms: int | None
    intervals: Sequence[ImportedInterval]
    checked_in_at: datetime | None = None


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


@dataclass(frozen=True)
class Checked:
    """A record that can have happened: its intervals in order, and from when on the sign-in of each local day covers them."""

    record: ImportedRecord
    ordered: list[ImportedInterval]
    days: dict[int, int]

    @property
    def wanted(self) -> Wanted:
        """What must be known of its person."""
        span = Interval(self.ordered[0].started_ms, max(item.ended_ms for item in self.ordered))
        return Wanted(self.record.person_ref, self.record.source_ref, self.record.lesson_ref, span)


def check(record: ImportedRecord, rules: CountingRules, now_ms: int) -> Checked:
    """Raises ``Invalid``: those of ``imported.checked``, FUTURE, CHECK_IN_FUTURE, LESSON_MISSING (media without a lesson)."""
    ordered = checked(record.intervals, record.media_ms, rules.end_tolerance_ms)
    checked_in_at = record.checked_in_at
    days = check_in_days(ordered, None if checked_in_at is None else clock.epoch_ms(checked_in_at))
    if any(item.ended_ms > now_ms for item in ordered):
        raise Invalid("FUTURE", "学习的结束时间还没有到，请核对日期和时间。")
    if any(at_ms > now_ms for at_ms in days.values()):
        raise Invalid("CHECK_IN_FUTURE", "签到时刻还没有到，请核对日期和时间。")
    if ordered[0].media_from_ms is not None and record.lesson_ref is None:
        raise Invalid("LESSON_MISSING", "有播放起止位置的记录要写明课程，同一分钟内容才能只计一次。")
    return Checked(record, ordered, days)


@dataclass(frozen=True)
class Counted:
    """What a record brings, not yet kept."""

    item: Checked
    facts: dict[str, Any]
    pieces: tuple[Piece, ...]
    progress: Progress

    def keep(self, standing: Standing, written: Written) -> None:
        """Move the person on by it, and note what is to be written."""
        record = self.item.record
        parts = union((piece.started_ms, piece.ended_ms) for piece in self.pieces)
        standing.count(parts, self.pieces[-1].ended_ms if self.pieces else None)
        standing.made[record.source_ref] = self.facts
        if record.lesson_ref is not None:
            standing.progress[record.lesson_ref] = self.progress
            written.progress[standing.learner_id, record.lesson_ref] = self.progress
        if standing.session is not None and self.pieces:
            written.sessions[standing.learner_id] = standing.session
        written.outside.append(
            {
                "learner_id": standing.learner_id,
                "kind": IMPORTED_KIND,
                "source_ref": record.source_ref,
                "context_ref": record.context_ref,
                "started_at": clock.from_epoch_ms(self.item.wanted.span.start),
                "ended_at": clock.from_epoch_ms(self.item.wanted.span.end),
                "pieces": [list(piece) for piece in self.pieces],
                "facts": self.facts,
            }
        )
        written.counted += [
            {
                "person_ref": record.person_ref,
                "kind": IMPORTED_KIND,
                "source_ref": record.source_ref,
                "started_ms": part.start,
                "ended_ms": part.end,
            }
            for part in parts
        ]


def count(item: Checked, standing: Standing, rules: CountingRules, now_ms: int) -> Counted:
    """Count a record where its person stands. Raises ``Conflict`` LESSON_OPEN while a session of ours is open on its lesson."""
    record, ordered, span = item.record, item.ordered, item.wanted.span
    session, lesson_ref = standing.session, record.lesson_ref
    if session is not None and session.lesson.lesson_ref == lesson_ref:
        raise Conflict("LESSON_OPEN", "本人正在本系统学习同一课程，请等这次学习结束后再导入。")
    progress = Progress() if lesson_ref is None else standing.progress.get(lesson_ref, Progress())
    taken, rooms = standing.wall(span), standing.rooms(span, now_ms)
    counted = count_intervals(
        ordered, taken=taken, seen=progress.coverage, rooms=rooms, tolerance_ms=rules.ahead_tolerance_ms
    )
    pieces = pieces_of(counted.stretches, item.days)
    media = [(piece.media_from_ms, piece.media_to_ms) for piece in pieces if ordered[0].media_from_ms is not None]
    # Never complete, so no allowance: how long the media are is the platform's word.
    earned = earn(progress, union([*progress.coverage, *media]), pieces, 0, rules, may_complete=False)
    facts = {
        "source": str(record.source_ref),
        "person": str(record.person_ref),
        "context": str(record.context_ref) if record.context_ref else None,
        "grade": GRADE,
        "lesson": str(lesson_ref) if lesson_ref else None,
        "media_ms": record.media_ms,
        "intervals": [list(interval) for interval in ordered],
        "check_in": {
            "by": "platform",
            "stated": record.checked_in_at is not None,
            "days": [list(day) for day in sorted(item.days.items())],
        },
        # With what it found, so that what the record counted can be worked out again from it alone.
        "before": {
            "taken": [list(part) for part in taken],
            "covered": [list(part) for part in progress.coverage],
            "rooms": [list(room) for room in sorted(rooms.items())],
            "rests": [progress.learned_rest_ms, progress.checked_in_rest_ms],
        },
        "ahead_tolerance_ms": rules.ahead_tolerance_ms,
        "pieces": [list(piece) for piece in pieces],
        "uncounted": [list(part) for part in counted.spans],
        "counted_ms": sum(piece.counted_ms for piece in pieces),
        "learned_seconds": earned.learned_seconds,
        "checked_in_seconds": earned.checked_in_seconds,
    }
    return Counted(item, facts, pieces, earned.progress)


def view_of(facts: dict[str, Any], *, already: bool) -> ImportedView:
    """What a record brought, from the facts that were kept of it."""
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
