"""What the services of learning sessions return: frozen, free of the database, ready for a door to write out."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from config.clock import from_epoch_ms
from learning_records.sessions.reasons import CLOSE_REASONS, REASONS
from learning_records.sessions.rules import LessonFacts, Piece
from learning_records.sessions.state import Check


@dataclass(frozen=True)
class UncountedReason:
    """Why time did not count, in words, and how many whole seconds of it (0: nothing lost yet)."""

    code: str
    sentence: str
    next_step: str
    seconds: int


def reasons_of(lost_ms: Mapping[str, int], kind: str) -> tuple[UncountedReason, ...]:
    """The reasons for milliseconds lost by code, in the words of that kind of lesson."""
    return tuple(
        UncountedReason(code, *REASONS[code].said_for(kind), milliseconds // 1000)
        for code, milliseconds in lost_ms.items()
    )


@dataclass(frozen=True)
class PresenceCheckView:
    """A presence check the phone must show. ``overdue``: counting has stopped until it is answered, no countdown."""

    check_id: UUID
    due_at: datetime
    answer_by: datetime
    question: str | None
    overdue: bool


def check_view(check: Check | None) -> PresenceCheckView | None:
    """The check as the phone sees it."""
    if check is None:
        return None
    return PresenceCheckView(
        UUID(check.check_id),
        from_epoch_ms(check.due_ms),
        from_epoch_ms(check.answer_by_ms),
        check.question,
        check.stopped,
    )


@dataclass(frozen=True)
class CloseNotice:
    """Why a session is over: stable reason and plain sentence."""

    reason: str
    sentence: str


def close_notice(reason: str) -> CloseNotice:
    """The notice of that close reason."""
    return CloseNotice(reason, CLOSE_REASONS[reason])


@dataclass(frozen=True)
class MovedTo:
    """The session that goes on after midnight: the phone chains its next beat to ``prev``."""

    session_id: UUID
    next_seq: int
    prev: str
    check_in_required: bool


@dataclass(frozen=True)
class Receipt:
    """Signed at once: canonical JSON of session, seq, chain_head, server_time, counted_ms and sealed_by; Ed25519, base64."""

    payload: str
    signature: str
    key_id: str


@dataclass(frozen=True)
class CheckInView:
    """签到. ``already``: it had been made before, nothing was written."""

    check_in_id: UUID
    person_ref: UUID
    context_ref: UUID
    local_date: date
    checked_in_at: datetime
    method: str
    already: bool


@dataclass(frozen=True)
class SessionOpened:
    """An open session. ``prev`` goes into the first beat; play from ``resume_at_ms``."""

    session_id: UUID
    prev: str
    next_seq: int
    resume_at_ms: int
    beat_interval_seconds: int
    check_in_required: bool
    presence_check: PresenceCheckView | None
    lesson_counted_seconds: int


@dataclass(frozen=True)
class BeatsAnswer:
    """What a batch of beats brought. ``uncounted`` is this batch's; ``counted_seconds`` the session's so far.

    Time that waits for a presence check is not in ``counted_seconds``. ``resume_at_ms``: go back there, else None.
    """

    session_id: UUID
    accepted_seq: int
    next_seq: int
    prev: str
    counted_seconds: int
    lesson_counted_seconds: int
    uncounted: tuple[UncountedReason, ...]
    resume_at_ms: int | None
    next_interval_seconds: int
    presence_check: PresenceCheckView | None
    closed: CloseNotice | None
    moved_to: MovedTo | None
    receipt: Receipt


@dataclass(frozen=True)
class PresenceAnswer:
    """What answering a presence check brought. ``late``: counting restarts now, go back to ``resume_at_ms``.

    ``confirmed`` is False only for a wrong answer to a question; it may be tried again.
    """

    session_id: UUID
    check_id: UUID
    confirmed: bool
    late: bool
    counted_seconds: int
    resume_at_ms: int | None
    reason: UncountedReason | None


@dataclass(frozen=True)
class SessionClosed:
    """A closed session as its phone sees it.

    ``closed_session_ids``: the sessions this call closed; two when it ran over midnight, none when it was closed before.
    """

    session_id: UUID
    person_ref: UUID
    reason: str
    sentence: str
    closed_at: datetime
    counted_seconds: int
    learned_seconds: int
    checked_in_seconds: int
    uncounted: tuple[UncountedReason, ...]
    completed: bool
    allowance_seconds: int
    receipt: Receipt
    closed_session_ids: tuple[UUID, ...]


@dataclass(frozen=True)
class ClosedSession:
    """A closed session as the desk seals and banks it.

    ``learned_seconds`` and ``checked_in_seconds`` are whole seconds with the lesson's remainder from before; the allowance is
    separate. ``facts`` is the body to seal. ``continues``: the session that midnight split this one from.
    """

    session_id: UUID
    person_ref: UUID
    context_ref: UUID | None
    device_ref: str
    lesson: LessonFacts
    opened_at: datetime
    closed_at: datetime
    reason: str
    continues: UUID | None
    counted: tuple[Piece, ...]
    counted_ms: int
    uncounted: tuple[UncountedReason, ...]
    covered_ms: int
    learned_seconds: int
    checked_in_seconds: int
    completed: bool
    allowance_ms: int
    allowance_seconds: int
    allowance_checked_in_seconds: int
    evidence_record_id: int | None
    facts: dict[str, Any]


@dataclass(frozen=True)
class UncountedSpan:
    """A stretch of a session that did not count, until when it can be appealed, and whether it has been."""

    code: str
    sentence: str
    next_step: str
    started_at: datetime
    ended_at: datetime
    seconds: int
    appeal_by: datetime
    appealed: bool


@dataclass(frozen=True)
class Explanation:
    """Every second of a session: what counted, what waits for a check, and why the rest did not count."""

    session_id: UUID
    lesson: LessonFacts
    context_ref: UUID | None
    opened_at: datetime
    closed: CloseNotice | None
    closed_at: datetime | None
    counted_seconds: int
    checked_in_seconds: int
    waiting_seconds: int
    uncounted: tuple[UncountedSpan, ...]
    not_claimable: UncountedReason | None
    presence_check: PresenceCheckView | None


@dataclass(frozen=True)
class LessonProgressView:
    """How far a person is in a lesson, the open session included. ``resume_at_ms``: the first media not covered yet."""

    lesson_ref: UUID
    counted_seconds: int
    covered_ms: int
    resume_at_ms: int
    completed: bool


@dataclass(frozen=True)
class OutsideTimeView:
    """Time of a quiz, of another platform or of an upheld appeal that counted, without what had counted already.

    Only an appeal can complete a lesson and bring its allowance. ``facts`` is the body to seal. ``already``: this source
    was counted before, nothing was written.
    """

    source_ref: UUID
    kind: str
    counted: tuple[Piece, ...]
    counted_seconds: int
    checked_in_seconds: int
    already: bool
    facts: dict[str, Any]
    completed: bool = False
    allowance_seconds: int = 0
    allowance_checked_in_seconds: int = 0


@dataclass(frozen=True)
class AppealView:
    """申诉 as filed: the uncounted time it is about and its reason codes."""

    appeal_id: UUID
    person_ref: UUID
    session_id: UUID
    seq: int | None
    started_at: datetime
    ended_at: datetime
    codes: tuple[str, ...]
    uncounted_seconds: int
    reason: str
    filed_at: datetime
    appeal_by: datetime


def sum_by_code(spans: Iterable[tuple[str, int, int]]) -> dict[str, int]:
    """Milliseconds by code."""
    totals: dict[str, int] = {}
    for code, started, ended in spans:
        totals[code] = totals.get(code, 0) + ended - started
    return totals
