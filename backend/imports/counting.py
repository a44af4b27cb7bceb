"""One row, counted by the records floor: intervals within their own timestamps, class hours of a day up to its limit."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from backend.imports.matching import Person
from backend.imports.rules import ATTESTED, Fault, Row, before_filing, folded, in_words
from backend.imports.setting import LessonOfPlan, Setting
from backend.platforms import services as platforms
from config import clock
from config.database import db
from config.errors import DomainError, Invalid
from learning_records.sessions import services as sessions
from learning_records.sessions.services import ImportedInterval, UncountedReason

# What a verdict is called by when a row counted in part, the weightiest first; pauses within an interval are no fault.
_TOLD = ("OVERLAP", "TOO_MUCH_A_DAY", "DAY_FULL", "ALREADY_COUNTED", "AHEAD_OF_TIME")


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


def count(row: Row, person: Person, setting: Setting) -> Counted | Fault:
    """Count a row; one that brings nothing, or is refused by the records floor, leaves nothing behind."""
    lessons = setting.lessons.get(folded(row.course))
    if lessons is None:
        return Fault(
            "UNKNOWN_COURSE",
            f"课程“{row.course}”不在备案的培训课程里，本班备案的课程是：{setting.course_titles}。请按备案的课程名填写。",
        )
    happened_at = _began_at(row)
    fault = before_filing(
        setting.class_view.approved_at,
        happened_at,
        filed_later_too=setting.policy.window.hours_before_filing_claimable,
        class_title=setting.class_view.title,
    )
    if fault is not None:
        return fault
    try:
        with db.session.connection().begin_nested():
            counted = _count(row, person, setting, lessons, happened_at)
            if counted.learned_seconds == 0:
                raise Invalid(counted.code, counted.detail)
    except DomainError as refusal:
        return Fault(refusal.code, refusal.detail)
    return counted


def _began_at(row: Row) -> datetime:
    if row.local_on is not None:
        return clock.start_of_day(row.local_on)
    return min(item.started_at for item in row.played)


def _count(
    row: Row, person: Person, setting: Setting, lessons: Mapping[str, LessonOfPlan], happened_at: datetime
) -> Counted:
    source_ref = platforms.source_ref(setting.platform.public_id, row.external_id)
    if row.grade == ATTESTED:
        assert row.local_on is not None
        assert row.class_hours is not None
        day = sessions.record_attested_day(
            person_ref=person.person_ref,
            context_ref=setting.class_view.class_id,
            source_ref=source_ref,
            local_on=row.local_on,
            class_hours=row.class_hours,
            limits=setting.limits,
        )
        return _counted(happened_at, day.counted_seconds, day.counted_seconds, day.reasons, day.facts)
    lesson_ref, media_ms = _lesson(row, setting, lessons)
    view = sessions.record_imported_intervals(
        person_ref=person.person_ref,
        context_ref=setting.class_view.class_id,
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
        rules=setting.rules,
    )
    return _counted(happened_at, view.counted_seconds, view.checked_in_seconds, view.uncounted, view.facts)


def _lesson(row: Row, setting: Setting, lessons: Mapping[str, LessonOfPlan]) -> tuple[UUID, int | None]:
    """The reference by which the same minute of a lesson earns once: the plan's own lesson where title and length agree."""
    ours = lessons.get(folded(row.lesson))
    if ours is not None and abs((row.media_ms or ours.media_ms) - ours.media_ms) <= setting.rules.end_tolerance_ms:
        return ours.lesson_ref, ours.media_ms
    name = f"{folded(row.course)}/{folded(row.lesson)}"
    return platforms.lesson_ref(setting.platform.public_id, name), row.media_ms


def _counted(
    happened_at: datetime,
    learned_seconds: int,
    checked_in_seconds: int,
    reasons: Sequence[UncountedReason],
    facts: Mapping[str, Any],
) -> Counted:
    lost = {reason.code: reason for reason in reasons if reason.seconds}
    told = [lost[code] for code in _TOLD if code in lost]
    if learned_seconds == 0:
        main = max(lost.values(), key=lambda reason: reason.seconds, default=None)
        code, detail = (
            (main.code, main.sentence + main.next_step) if main else ("TOO_SHORT", "这一段不足一秒，没有计入。")
        )
    else:
        code = told[0].code if told else "OK"
        detail = "".join(f"其中{in_words(reason.seconds)}没有计入：{reason.sentence}" for reason in told)
    overlap_seconds = lost["OVERLAP"].seconds if "OVERLAP" in lost else 0
    return Counted(happened_at, learned_seconds, checked_in_seconds, overlap_seconds, code, detail, facts)
