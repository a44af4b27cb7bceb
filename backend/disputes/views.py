"""What the disputes slice hands out: frozen views."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID


@dataclass(frozen=True)
class OutcomeView:
    """What an upheld dispute did to a claim line: ``struck`` or ``recovery``; ``recovery_ref`` once it was demanded."""

    dispute_id: UUID
    dispute_number: str
    claim_id: UUID
    line_id: UUID
    outcome: str
    amount_fen: int
    recovery_ref: UUID | None


@dataclass(frozen=True)
class DisputeView:
    """A dispute as its reporter sees it. ``worker_id`` (inner id) is the account in question, ``reporter_id`` the one that
    reported by phone. ``title``: the class it is about, if one."""

    dispute_id: UUID
    number: str
    kind: str
    kind_words: str
    status: str
    status_words: str
    worker_id: int
    enrollment_id: int | None
    class_id: UUID | None
    title: str
    reporter_id: int | None
    text: str
    opened_at: datetime
    due_on: date
    escalated: bool
    answer: str
    clause: str
    ended_at: datetime | None
    outcomes: tuple[OutcomeView, ...]


@dataclass(frozen=True)
class DisputeCase:
    """The same for whoever decides it: with the masked person and the contact (None once erased)."""

    view: DisputeView
    masked_name: str
    contact: str | None


@dataclass(frozen=True)
class LineOutcome:
    """One claim line to be written down with the decision."""

    claim_id: UUID
    line_id: UUID
    outcome: str
    amount_fen: int
