"""The hour report of an enterprise: what its people's verified time in each lesson rests on. Selects across slices, read-only.

Only deposits in the classes of the enterprise's own plans count; what a person learned elsewhere is not the enterprise's to
see. Names and ID numbers are masked.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import Select, func, select
from sqlalchemy.orm import aliased

from backend.courses.models import Lesson, LessonVersion
from backend.credit_bank.models import Account, Transfer
from backend.credit_bank.rules import DEPOSITS
from backend.enterprises import services as enterprises
from backend.plans.models import Enrollment, TrainingClass, TrainingPlan
from backend.platforms.models import Platform
from backend.study.models import BankedImport
from backend.study.views import imported_title
from config import clock
from config.database import db
from learning_records.evidence.models import EvidenceEntry, EvidenceRecord
from learning_records.sessions.models import LearningSession

WORKERS_A_PAGE = 25
_WITHOUT_LESSON = {"quiz": "结业测试"}
_OTHER_EVIDENCE = "申诉核定"
_GRADES = {"import": "imported", "attested": "attested"}


@dataclass(frozen=True)
class EvidenceReference:
    """A sealed record the hours rest on: its public id, its kind, its SHA-256 leaf hash (hexadecimal)."""

    record_id: UUID
    kind: str
    leaf_hash: str


@dataclass(frozen=True)
class HourRow:
    """One worker's verified seconds in one lesson of one class (``lesson_id`` is None for a quiz and what another platform
    recorded). ``first_on`` and ``last_on`` are the local days of the first and the last evidence."""

    roster_entry_id: UUID
    masked_name: str
    masked_id_number: str
    class_id: UUID
    class_title: str
    lesson_id: UUID | None
    lesson_title: str
    claimable_seconds: int
    learned_seconds: int
    first_on: date
    last_on: date
    evidence: tuple[EvidenceReference, ...]

    @property
    def grade(self) -> str:
        """How well the time is proved: counted by us, imported with its instants, or attested by a platform without."""
        return _GRADES.get(self.evidence[0].kind, "counted")


@dataclass(frozen=True)
class HourReportPage:
    """The rows of up to 25 places in classes; ``next_key`` is None on the last page."""

    items: tuple[HourRow, ...]
    next_key: int | None


@dataclass
class _Sum:
    title: str = ""
    version: int = -1
    seconds: dict[str, int] = field(default_factory=lambda: {"claimable": 0, "learned": 0})
    days: set[date] = field(default_factory=set)
    evidence: dict[int, EvidenceReference] = field(default_factory=dict)


def hour_report(
    *, enterprise_id: int, starts_on: date | None = None, ends_on: date | None = None, after_key: int = 0
) -> HourReportPage:
    """One page of the report: all rows of the next workers who joined a class of this enterprise, in the order of their
    enrollment. ``starts_on`` and ``ends_on`` (local days, both included) keep what was learned then."""
    query = (
        select(Enrollment, TrainingClass)
        .join(TrainingClass, TrainingClass.id == Enrollment.class_id)
        .join(TrainingPlan, TrainingPlan.id == TrainingClass.plan_id)
        .where(
            TrainingPlan.enterprise_id == enterprise_id, Enrollment.worker_id.is_not(None), Enrollment.id > after_key
        )
        .order_by(Enrollment.id)
        .limit(WORKERS_A_PAGE + 1)
    )
    places = [(place, training_class) for place, training_class in db.session.execute(query)]
    shown = places[:WORKERS_A_PAGE]
    sums = _sums([place for place, _ in shown], {c.id: c.public_id for _, c in shown}, starts_on, ends_on)
    titles = _lesson_titles({lesson_id for lessons in sums.values() for lesson_id in lessons if lesson_id})
    people = enterprises.roster_entries(place.roster_entry_id for place, _ in shown)
    items: list[HourRow] = []
    for place, training_class in shown:
        person = people[place.roster_entry_id]
        lessons = sums.get((place.worker_id, training_class.public_id), {})
        rows = [
            HourRow(
                roster_entry_id=person.public_id,
                masked_name=person.masked_name,
                masked_id_number=person.masked_id_number,
                class_id=training_class.public_id,
                class_title=training_class.title,
                lesson_id=lesson_id if isinstance(lesson_id, UUID) else None,
                lesson_title=titles.get((lesson_id, total.version), total.title),
                claimable_seconds=total.seconds["claimable"],
                learned_seconds=total.seconds["learned"],
                first_on=min(total.days),
                last_on=max(total.days),
                evidence=tuple(total.evidence[key] for key in sorted(total.evidence)),
            )
            for lesson_id, total in lessons.items()
        ]
        items += sorted(rows, key=lambda row: (row.first_on, row.lesson_title, str(row.lesson_id)))
    more = len(places) > WORKERS_A_PAGE
    return HourReportPage(tuple(items), shown[-1][0].id if more else None)


def hour_report_rows(
    *, enterprise_id: int, starts_on: date | None = None, ends_on: date | None = None, after_key: int = 0
) -> Iterator[HourRow]:
    """All rows of the report, read page by page as they are asked for."""
    key: int | None = after_key
    while key is not None:
        page = hour_report(enterprise_id=enterprise_id, starts_on=starts_on, ends_on=ends_on, after_key=key)
        yield from page.items
        key = page.next_key


def _sums(
    places: Sequence[Enrollment], class_refs: dict[int, UUID], starts_on: date | None, ends_on: date | None
) -> dict[tuple[int | None, UUID], dict[UUID | str, _Sum]]:
    """(worker, class) → lesson → what was deposited and not reversed."""
    wanted = {(place.worker_id, class_refs[place.class_id]) for place in places}
    found: dict[tuple[int | None, UUID], dict[UUID | str, _Sum]] = {}
    for row in db.session.execute(_deposits({worker for worker, _ in wanted}, class_refs.values(), starts_on, ends_on)):
        place = (row.worker_id, row.context_ref)
        if place not in wanted:
            continue
        title = _title(row)
        total = found.setdefault(place, {}).setdefault(row.lesson_ref or title, _Sum(title))
        total.version = max(total.version, (row.lesson or {}).get("version", -1))
        total.seconds[row.use] += row.amount_seconds
        total.days.add(clock.local_date(row.happened_at))
        total.evidence[row.record_key] = EvidenceReference(row.record_id, row.kind, row.leaf_hash)
    return found


def _title(row: Any) -> str:
    if row.grade is None:
        return _WITHOUT_LESSON.get(row.kind, _OTHER_EVIDENCE)
    return imported_title(row.platform_name, row.course, row.imported_lesson, row.grade)


def _deposits(
    worker_ids: set[int | None], class_refs: Iterable[UUID], starts_on: date | None, ends_on: date | None
) -> Select[*tuple[Any, ...]]:
    reversal = aliased(Transfer)
    happened_at = func.coalesce(LearningSession.opened_at, BankedImport.happened_at, EvidenceRecord.sealed_at)
    query = (
        select(
            Account.worker_id,
            Account.kind.label("use"),
            Transfer.context_ref,
            Transfer.amount_seconds,
            EvidenceRecord.id.label("record_key"),
            EvidenceRecord.public_id.label("record_id"),
            EvidenceRecord.kind,
            EvidenceEntry.leaf_hash,
            LearningSession.lesson_ref,
            LearningSession.lesson,
            BankedImport.grade,
            BankedImport.course,
            BankedImport.lesson.label("imported_lesson"),
            Platform.name.label("platform_name"),
            happened_at.label("happened_at"),
        )
        .join(Account, Account.id == Transfer.destination_account_id)
        .join(EvidenceRecord, EvidenceRecord.id == Transfer.evidence_record_id)
        .join(EvidenceEntry, EvidenceEntry.record_id == EvidenceRecord.id)
        .outerjoin(LearningSession, LearningSession.evidence_record_id == EvidenceRecord.id)
        .outerjoin(BankedImport, BankedImport.evidence_record_id == EvidenceRecord.id)
        .outerjoin(Platform, Platform.id == BankedImport.platform_id)
        .outerjoin(reversal, reversal.reversal_of_id == Transfer.id)
        .where(
            Transfer.kind.in_(DEPOSITS),
            Transfer.context_ref.in_(set(class_refs)),
            Account.worker_id.in_(worker_ids),
            reversal.id.is_(None),
        )
        .order_by(Transfer.id)
    )
    if starts_on is not None:
        query = query.where(happened_at >= clock.start_of_day(starts_on))
    if ends_on is not None:
        query = query.where(happened_at < _end_of_day(ends_on))
    return query


def _end_of_day(day: date) -> datetime:
    return clock.start_of_day(day) + timedelta(days=1)


def _lesson_titles(lesson_ids: set[UUID | str]) -> dict[tuple[UUID | str, int], str]:
    query = select(Lesson.public_id, LessonVersion.version, LessonVersion.title).join(
        LessonVersion, LessonVersion.lesson_id == Lesson.id
    )
    query = query.where(Lesson.public_id.in_({key for key in lesson_ids if isinstance(key, UUID)}))
    return {(row.public_id, row.version): row.title for row in db.session.execute(query)}
