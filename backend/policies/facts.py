"""What is known of one person in one claim, and a rule's finding about it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import Literal

Outcome = Literal["pass", "fail", "info"]


@dataclass(frozen=True)
class PersonFacts:
    """One person in one claim. ``seconds`` are verified and claimable; ``drawn_fen`` is what the cap's scope already used up.

    ``starts_with_session``: ``class_starts_on`` is the day of the first session after filing, not the day that was planned.
    ``lesson_seconds`` (its sum is ``seconds``) matters only to policies that round lesson by lesson. ``None``: not known yet.
    """

    seconds: int
    drawn_fen: int = 0
    class_starts_on: date | None = None
    starts_with_session: bool = False
    claimed_at: datetime | None = None
    enterprise_kind: str = "ordinary"
    relation: str = "contract"
    relation_proven: bool = True
    hired_on: date | None = None
    filed: bool = True
    checked_in: bool = True
    quiz_passed: bool = True
    planned_class_hours: int | None = None
    plan_media_seconds: tuple[int, ...] | None = None
    lesson_seconds: tuple[int, ...] = ()


@dataclass(frozen=True)
class Step:
    """One rule's finding, with the clause it rests on."""

    rule: str
    clause: str
    outcome: Outcome
    sentence: str
