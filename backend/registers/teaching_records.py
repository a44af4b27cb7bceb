"""授课记录 of a claim (clause 三): what each person learned in the class, row by row, with the sealed record that proves it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import select

from backend.courses.models import Lesson, LessonVersion
from backend.credit_bank.models import Account, Transfer
from backend.credit_bank.rules import DEPOSITS
from backend.platforms.models import Platform
from backend.study.models import BankedImport
from backend.study.views import imported_title
from config import clock
from config.database import db
from learning_records.evidence.models import EvidenceRecord
from learning_records.sessions.models import LearningSession

_AT_ONCE = 500  # people in one statement
_ANSWERED = ("CONFIRMED", "ANSWERED_LATE")
_TITLES = {"quiz": "结业测试", "appeal": "申诉核定", "session": "线上学习"}


@dataclass(frozen=True)
class TaughtRow:
    """One stretch of learning of one person. ``counted_seconds`` are those that may be claimed; ``ended_at`` is None where
    only the hour of the record is known; ``answered`` of ``asked`` presence checks were answered."""

    worker_id: int
    record_id: UUID
    began_at: datetime
    ended_at: datetime | None
    title: str
    counted_seconds: int
    answered: int
    asked: int

    @property
    def day(self) -> str:
        """``2020-03-02``, Beijing time."""
        return clock.local_date(self.began_at).isoformat()

    @property
    def span(self) -> str:
        """``09:00–09:45``, Beijing time."""
        began = _hour(self.began_at)
        return began if self.ended_at is None else f"{began}–{_hour(self.ended_at)}"

    @property
    def minutes(self) -> str:
        """``45.0``: counted minutes, cut to one decimal."""
        tenths = self.counted_seconds // 6
        return f"{tenths // 10}.{tenths % 10}"

    @property
    def presence(self) -> str:
        """``2/2``: presence checks answered of those asked; ``—`` where none was."""
        return f"{self.answered}/{self.asked}" if self.asked else "—"


def taught_rows(worker_ids: Sequence[int], class_id: UUID) -> dict[int, list[TaughtRow]]:
    """What each of these people may claim in the class, in the order of time. A deposit that was reversed is left out."""
    found: dict[tuple[int, UUID], TaughtRow] = {}
    titles = _Titles()
    for start in range(0, len(worker_ids), _AT_ONCE):
        for row in db.session.execute(_deposits(worker_ids[start : start + _AT_ONCE], class_id)):
            key = (row.worker_id, row.record_id)
            earlier = found[key].counted_seconds if key in found else 0
            found[key] = _taught(row, earlier + row.amount_seconds, titles)
    people: dict[int, list[TaughtRow]] = {worker_id: [] for worker_id in worker_ids}
    for taught in sorted(found.values(), key=lambda each: (each.began_at, str(each.record_id))):
        people[taught.worker_id].append(taught)
    return people


def _taught(row: Any, seconds: int, titles: _Titles) -> TaughtRow:
    checks: Sequence[Sequence[Any]] = (row.outcome or {}).get("checks", ())
    asked = {check[0] for check in checks}
    answered = {check[0] for check in checks if check[2] in _ANSWERED}
    return TaughtRow(
        worker_id=row.worker_id,
        record_id=row.record_id,
        began_at=row.opened_at or row.happened_at or row.sealed_at,
        ended_at=row.closed_at,
        title=titles.of(row),
        counted_seconds=seconds,
        answered=len(answered),
        asked=len(asked),
    )


def _deposits(worker_ids: Sequence[int], class_id: UUID) -> Any:
    reversed_ids = select(Transfer.reversal_of_id).where(Transfer.reversal_of_id.is_not(None))
    return (
        select(
            Account.worker_id,
            Transfer.amount_seconds,
            EvidenceRecord.public_id.label("record_id"),
            EvidenceRecord.kind,
            EvidenceRecord.sealed_at,
            LearningSession.opened_at,
            LearningSession.closed_at,
            LearningSession.lesson_ref,
            LearningSession.lesson,
            LearningSession.outcome,
            BankedImport.happened_at,
            BankedImport.grade,
            BankedImport.course,
            BankedImport.lesson.label("imported_lesson"),
            Platform.name.label("platform_name"),
        )
        .join(Account, Account.id == Transfer.destination_account_id)
        .join(EvidenceRecord, EvidenceRecord.id == Transfer.evidence_record_id)
        .outerjoin(LearningSession, LearningSession.evidence_record_id == EvidenceRecord.id)
        .outerjoin(BankedImport, BankedImport.evidence_record_id == EvidenceRecord.id)
        .outerjoin(Platform, Platform.id == BankedImport.platform_id)
        .where(
            Transfer.kind.in_(DEPOSITS),
            Transfer.context_ref == class_id,
            Account.kind == "claimable",
            Account.worker_id.in_(worker_ids),
            Transfer.id.not_in(reversed_ids),
        )
        .order_by(Transfer.id)
    )


class _Titles:
    """The titles of lessons by lesson and version, read when the first is asked for."""

    def __init__(self) -> None:
        self._known: Mapping[tuple[UUID, int], str] | None = None

    def of(self, row: Any) -> str:
        """What was learned, in words."""
        if row.grade is not None:
            return imported_title(row.platform_name, row.course, row.imported_lesson, row.grade)
        if row.lesson_ref is None:
            return _TITLES.get(row.kind, "线上学习")
        return self._read().get((row.lesson_ref, row.lesson.get("version", 0)), _TITLES["session"])

    def _read(self) -> Mapping[tuple[UUID, int], str]:
        if self._known is None:
            query = select(Lesson.public_id, LessonVersion.version, LessonVersion.title).join(
                LessonVersion, LessonVersion.lesson_id == Lesson.id
            )
            self._known = {(row.public_id, row.version): row.title for row in db.session.execute(query)}
        return self._known


def _hour(instant: datetime) -> str:
    return f"{instant.astimezone(clock.SHANGHAI):%H:%M}"
