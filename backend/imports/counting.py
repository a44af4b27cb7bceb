"""Rows as the records floor counts them: intervals within their own timestamps, class hours of a day up to its limit."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from backend.imports.matching import Person
from backend.imports.rules import Fault, Row, before_filing, folded, in_words
from backend.imports.setting import LessonOfPlan, Setting
from backend.plans import services as plans
from backend.platforms import services as platforms
from config import clock
from config.errors import DomainError
from learning_records.sessions import services as sessions
from learning_records.sessions.services import (
    AttestedRecord,
    AttestedView,
    ImportedInterval,
    ImportedRecord,
    ImportedView,
)

# What a verdict is called by when a row counted in part, the weightiest first; pauses within an interval are no fault.
_TOLD = ("OVERLAP", "TOO_MUCH_A_DAY", "DAY_FULL", "ALREADY_COUNTED", "AHEAD_OF_TIME")
_TOO_SHORT = Fault("TOO_SHORT", "这一段不足一秒，没有计入。")


@dataclass(frozen=True)
class Counted:
    """What a row brought. ``code`` and ``detail`` say what of it did not count; ``facts`` is the body to seal."""

    happened_at: datetime
    learned_seconds: int
    checked_in_seconds: int
    overlap_seconds: int
    code: str
    detail: str
    facts: Mapping[str, Any]


def count_all(rows: Sequence[tuple[Row, Person]], setting: Setting) -> list[Counted | Fault]:
    """Count rows, each after the one before; one that brings nothing, or cannot be right, leaves nothing behind."""
    since = plans.filed_from(
        context_ref=setting.class_view.class_id, worker_ids={person.worker_id for _, person in rows}
    )
    prepared = [_prepare(row, person, setting, since.get(person.worker_id)) for row, person in rows]
    views = iter(
        sessions.record_all(
            [item for item in prepared if not isinstance(item, Fault)],
            rules=setting.rules,
            limits=setting.limits,
            least_seconds=1,
        )
    )
    return [
        item if isinstance(item, Fault) else _outcome(row, next(views))
        for (row, _), item in zip(rows, prepared, strict=True)
    ]


def _prepare(
    row: Row, person: Person, setting: Setting, filed_from: datetime | None
) -> ImportedRecord | AttestedRecord | Fault:
    lessons = setting.lessons.get(folded(row.course))
    if lessons is None:
        return Fault(
            "UNKNOWN_COURSE",
            f"课程“{row.course}”不在备案的培训课程里，本班备案的课程是：{setting.course_titles}。请按备案的课程名填写。",
        )
    fault = before_filing(
        filed_from,
        _began_at(row),
        filed_later_too=setting.policy.window.hours_before_filing_claimable,
        class_title=setting.class_view.title,
    )
    if fault is not None:
        return fault
    source_ref = platforms.source_ref(setting.platform.public_id, row.external_id)
    context_ref = setting.class_view.class_id
    if row.local_on is not None and row.class_hours is not None:
        return AttestedRecord(person.person_ref, context_ref, source_ref, row.local_on, row.class_hours)
    lesson_ref, media_ms = _lesson(row, setting, lessons)
    return ImportedRecord(
        person_ref=person.person_ref,
        context_ref=context_ref,
        source_ref=source_ref,
        lesson_ref=lesson_ref,
        media_ms=media_ms,
        intervals=[
            ImportedInterval(
                clock.epoch_ms(item.started_at), clock.epoch_ms(item.ended_at), item.media_from_ms, item.media_to_ms
            )
            for item in row.played
        ],
        checked_in_at=row.checked_in_at,
    )


def _began_at(row: Row) -> datetime:
    if row.local_on is not None:
        return clock.start_of_day(row.local_on)
    return min(item.started_at for item in row.played)


def _lesson(row: Row, setting: Setting, lessons: Mapping[str, LessonOfPlan]) -> tuple[UUID, int | None]:
    """The reference by which the same minute of a lesson earns once: the plan's own lesson where title and length agree."""
    ours = lessons.get(folded(row.lesson))
    if ours is not None and abs((row.media_ms or ours.media_ms) - ours.media_ms) <= setting.rules.end_tolerance_ms:
        return ours.lesson_ref, ours.media_ms
    name = f"{folded(row.course)}/{folded(row.lesson)}"
    return platforms.lesson_ref(setting.platform.public_id, name), row.media_ms


def _outcome(row: Row, view: ImportedView | AttestedView | DomainError) -> Counted | Fault:
    if isinstance(view, DomainError):
        return Fault(view.code, view.detail)
    if isinstance(view, ImportedView):
        reasons, checked_in_seconds = view.uncounted, view.checked_in_seconds
    else:  # attested by the platform, its sign-in of that day with it
        reasons, checked_in_seconds = view.reasons, view.counted_seconds
    lost = {reason.code: reason for reason in reasons if reason.seconds}
    overlap_seconds = lost["OVERLAP"].seconds if "OVERLAP" in lost else 0
    if view.counted_seconds == 0:
        main = max(lost.values(), key=lambda reason: reason.seconds, default=None)
        said = f"{main.sentence}这一行没有可以再计入的时间。" if main else ""
        return Fault(main.code, said, overlap_seconds) if main else _TOO_SHORT
    told = [lost[code] for code in _TOLD if code in lost]
    return Counted(
        happened_at=_began_at(row),
        learned_seconds=view.counted_seconds,
        checked_in_seconds=checked_in_seconds,
        overlap_seconds=overlap_seconds,
        code=told[0].code if told else "OK",
        detail="".join(f"其中{in_words(reason.seconds)}没有计入：{reason.sentence}" for reason in told),
        facts=view.facts,
    )
