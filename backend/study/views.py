"""What the study desk hands out: frozen, free of the database."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from backend.credit_bank.rules import TransferView
from backend.quizzes.services import AttemptResult
from learning_records.evidence.services import Erasure
from learning_records.sessions.services import AppealView, UncountedReason


@dataclass(frozen=True)
class StudyClosed:
    """A session closed, sealed and banked. Seconds are those deposited for it; after midnight its two parts together."""

    session_id: UUID
    counted_seconds: int
    claimable_seconds: int
    learned_seconds: int
    record_id: UUID
    closed_reason: str
    closed_sentence: str
    uncounted: tuple[UncountedReason, ...]
    completed: bool
    allowance_seconds: int


@dataclass(frozen=True)
class QuizFinished:
    """A graded attempt, its evidence record, and the seconds it brought (0 unless passed)."""

    result: AttemptResult
    counted_seconds: int
    claimable_seconds: int
    record_id: UUID


@dataclass(frozen=True)
class LessonInClass:
    """How far a worker is in one lesson of the class."""

    lesson_id: UUID
    course_id: UUID
    title: str
    kind: str
    media_ms: int
    counted_seconds: int
    covered_ms: int
    resume_at_ms: int
    completed: bool


@dataclass(frozen=True)
class ClassProgress:
    """Where a worker stands in a class. ``minutes_missing`` is to the hours and the attendance a subsidy
    needs, by ``earned_seconds``: the claimable time the class gave, claimed since or not."""

    class_id: UUID
    filed: bool
    checked_in_today: bool
    counted_seconds: int
    claimable_seconds: int
    earned_seconds: int
    class_hours: int
    minutes_missing: int
    quiz_passed: bool
    lessons: tuple[LessonInClass, ...]


@dataclass(frozen=True)
class AppealCaseView:
    """An appeal with the day it is answered by and, once decided, the answer. ``outcome``: None, upheld or refused;
    ``context_ref``: the class of its session, once that is banked."""

    appeal: AppealView
    worker_id: int
    answer_due_on: date
    outcome: str | None
    reason: str
    granted_seconds: int
    decided_at: datetime | None
    context_ref: UUID | None = None


@dataclass(frozen=True)
class TracedBeat:
    """A beat as it was sealed. ``code`` is empty when it counted."""

    seq: int
    position_ms: int
    arrived_at: datetime
    counted_from: datetime
    counted_ms: int
    code: str


@dataclass(frozen=True)
class TracedPiece:
    """A counted stretch of wall time and the beats behind it."""

    started_at: datetime
    ended_at: datetime
    media_from_ms: int
    media_to_ms: int
    under_check_in: bool
    beats: tuple[TracedBeat, ...]


@dataclass(frozen=True)
class ImportedFrom:
    """Where a record of another platform comes from. ``grade``: imported (it has its instants) or attested (class hours of a
    local day, without)."""

    platform_name: str
    external_id: str
    grade: str
    course: str
    lesson: str
    local_on: date | None
    class_hours: int | None

    @property
    def title(self) -> str:
        """What a list calls it."""
        return imported_title(self.platform_name, self.course, self.lesson, self.grade)


def imported_title(platform_name: str, course: str, lesson: str, grade: str) -> str:
    """``技能强国：班组安全 第1课（平台记录）``; ``（平台证明）`` where it has no instants."""
    what = f"{course} {lesson}" if lesson else course
    return f"{platform_name}：{what}（{'平台证明' if grade == 'attested' else '平台记录'}）"


@dataclass(frozen=True)
class TracedRecord:
    """An evidence record under a transfer. ``seconds`` of it are in the transfer; ``problems`` is empty when it is intact;
    ``imported`` says where it comes from when another platform recorded it, ``erased`` by what destruction its body went."""

    record_id: UUID
    kind: str
    leaf_hash: str
    sealed_at: datetime
    seconds: int
    deposit_key: str
    problems: tuple[str, ...]
    pieces: tuple[TracedPiece, ...]
    body: dict[str, Any]
    imported: ImportedFrom | None = None
    erased: Erasure | None = None


@dataclass(frozen=True)
class TracedSecond:
    """One credited second: the record, the wall instant it was studied at, and the beats that counted it."""

    record_id: UUID
    at: datetime
    beats: tuple[TracedBeat, ...]


@dataclass(frozen=True)
class Trace:
    """From a transfer back to the beats. ``transfer`` is None when a record itself was asked for."""

    transfer: TransferView | None
    records: tuple[TracedRecord, ...]
    second: TracedSecond | None
