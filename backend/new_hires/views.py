"""What this slice hands out: frozen views, with ``id`` for slices inside and UUIDs for what people see."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from backend.new_hires.models import LogAnswer, NewHireLine, TrainingLog
from backend.new_hires.rules import CONTENTS, LINE_WORDS


@dataclass(frozen=True)
class NewHireLineView:
    """One new hire of an application. ``decision`` is None in a draft; amounts are fen."""

    id: int
    line_id: UUID
    application_id: UUID
    enterprise_id: int
    roster_entry_id: UUID
    masked_name: str
    masked_id_number: str
    mentor_name: str | None
    status: str
    status_words: str
    hired_on: date
    contract_on: date | None
    contract_renewed: bool
    hire_registered: bool
    insured_on: date | None
    left_on: date | None
    other_subsidy_fen: int
    form: str
    contents: tuple[str, ...]
    amount_fen: int
    decision: dict[str, Any] | None
    payable_at: datetime | None
    paid_at: datetime | None
    training_due_on: date | None


@dataclass(frozen=True)
class NewHireApplicationView:
    """An application. ``lines`` is empty in lists and filled by ``application_view``."""

    id: int
    application_id: UUID
    enterprise_id: int
    enterprise_name: str
    status: str
    status_words: str
    policy_id: str
    policy_version: str
    created_at: datetime
    submitted_at: datetime | None
    total_fen: int
    granted_fen: int | None
    head_count: int
    first_reviewer_id: int | None
    second_reviewer_id: int | None
    approved_at: datetime | None
    decision_reason: str
    decision_clause: str
    lines: tuple[NewHireLineView, ...] = ()


@dataclass(frozen=True)
class OverdueChecks:
    """Lines of one application whose last day of training is over without enough training; ``due_on`` is the first one's."""

    application_id: UUID
    enterprise_name: str
    head_count: int
    due_on: date


@dataclass(frozen=True)
class ApplicationState:
    """What an application's row says was decided, for the audit."""

    id: int
    application_id: UUID
    status: str
    first_reviewer_id: int | None
    second_reviewer_id: int | None
    decision_reason: str
    decision_clause: str


@dataclass(frozen=True)
class LogView:
    """One entry of a training log. ``counts``: its minutes stand for the check. ``writer``: the worker, mentor or agent."""

    log_id: UUID
    form: str
    trained_on: date
    minutes: int
    content: str
    content_word: str
    words: str
    photo_ref: UUID | None
    written_by: str
    written_at: datetime
    answer: str | None
    answer_words: str
    counts: bool


@dataclass(frozen=True)
class OnlineTime:
    """Time of one lesson on one day that no subsidy claim can draw, so that it may stand for pre-job training."""

    opened_at: datetime
    title: str
    seconds: int


@dataclass(frozen=True)
class TrainingView:
    """How far a new hire's training is: what counts so far, what is needed, and the check if there was one."""

    counted_seconds: int
    needed_seconds: int
    enough: bool
    sentences: tuple[str, ...]
    logs: tuple[LogView, ...]
    online: tuple[OnlineTime, ...]
    outcome: str | None
    outcome_reason: str
    checked_at: datetime | None
    checked_by_person: bool


@dataclass(frozen=True)
class PayableLine:
    """A line that may be paid in advance (二(一)), for the payment batch; ``submitted_at`` orders the queue."""

    id: int
    line_id: UUID
    application_id: UUID
    enterprise_id: int
    enterprise_name: str
    amount_fen: int
    policy_id: str
    policy_version: str
    submitted_at: datetime
    payable_at: datetime


@dataclass(frozen=True)
class RecoveryDue:
    """A line whose money was paid and whose training did not take place: to be demanded back."""

    id: int
    line_id: UUID
    enterprise_id: int
    enterprise_name: str
    amount_fen: int
    reason: str
    clause: str
    decided_at: datetime


@dataclass(frozen=True)
class RegisterRow:
    """One line as the register shows it (台账)."""

    line_id: UUID
    application_id: UUID
    enterprise_id: int
    enterprise_name: str
    masked_name: str
    masked_id_number: str
    hired_on: date
    form: str
    amount_fen: int
    status: str
    status_words: str
    submitted_at: datetime
    paid_at: datetime | None
    training_due_on: date | None
    outcome: str | None
    recovered_at: datetime | None


@dataclass(frozen=True)
class OwnNewHire:
    """A line as its worker or mentor sees it on the phone."""

    line_id: UUID
    enterprise_name: str
    trainee_name: str
    form: str
    contents: tuple[str, ...]
    amount_fen: int
    status: str
    status_words: str
    hired_on: date
    training_due_on: date | None
    training: TrainingView


def line_view_of(
    line: NewHireLine, application_id: UUID, entry_id: UUID, name: str, number: str, mentor: str | None
) -> NewHireLineView:
    """The view of a row, with the masks of its person."""
    return NewHireLineView(
        id=line.id,
        line_id=line.public_id,
        application_id=application_id,
        enterprise_id=line.enterprise_id,
        roster_entry_id=entry_id,
        masked_name=name,
        masked_id_number=number,
        mentor_name=mentor,
        status=line.status,
        status_words=LINE_WORDS[line.status],
        hired_on=line.hired_on,
        contract_on=line.contract_on,
        contract_renewed=line.contract_renewed,
        hire_registered=line.hire_registered,
        insured_on=line.insured_on,
        left_on=line.left_on,
        other_subsidy_fen=line.other_subsidy_fen,
        form=line.form,
        contents=tuple(line.contents.split()),
        amount_fen=line.amount_fen,
        decision=line.decision,
        payable_at=line.payable_at,
        paid_at=line.paid_at,
        training_due_on=line.training_due_on,
    )


def log_view_of(log: TrainingLog, answer: LogAnswer | None) -> LogView:
    """The view of an entry. Self-study counts unless taken back; a mentor's entry counts once the trainee confirmed it."""
    said = None if answer is None else answer.answer
    return LogView(
        log_id=log.public_id,
        form=log.form,
        trained_on=log.trained_on,
        minutes=log.minutes,
        content=log.content,
        content_word=CONTENTS.get(log.content, log.content),
        words=log.words,
        photo_ref=log.photo_ref,
        written_by=log.written_by,
        written_at=log.written_at,
        answer=said,
        answer_words="" if answer is None else answer.words,
        counts=said is None if log.form == "self_study" else said == "confirmed",
    )
