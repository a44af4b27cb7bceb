"""A plan as its checker sees it, and what the checker says of it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Literal

from backend.lists.rules import Kind
from backend.plans.documents import DocumentFacts


@dataclass(frozen=True)
class PlanFinding:
    """One sentence of the plan checker. ``block`` stops the filing, ``warn`` is shown to both sides."""

    code: str
    severity: Literal["block", "warn"]
    clause: str
    sentence: str


@dataclass(frozen=True)
class ListHit:
    """What the lists of other offices say (四.5) of so many people of the plan or, in words, of its enterprise."""

    code: str
    kind: Kind
    refuses: bool
    people: int
    sentence: str = ""


@dataclass(frozen=True)
class PlanFacts:
    """A plan as the checker sees it. ``filed_on`` is the day of the first filing, or the day of the check before it.

    ``platforms_outside``: platforms it names that were not in the directory on that day. ``documents``: what was handed in,
    the first one first. ``relations`` are those of the people on its list; ``hired_late``: how many were hired after the
    class starts.
    """

    enterprise_name: str
    enterprise_kind: str
    kind: str | None
    head_count: int | None
    course_count: int
    class_hours: int | None
    mode: str | None
    platform: str
    platforms_outside: tuple[str, ...]
    agreement: str
    relevance: str
    trade_code: str
    affected: bool
    commitment_signed: bool
    starts_on: date | None
    ends_on: date | None
    enrolled: int
    media_ms: int
    topics: frozenset[str]
    filed_on: date
    checked_on: date
    approved: bool
    documents: tuple[DocumentFacts, ...] = ()
    relations: frozenset[str] = frozenset()
    hired_late: int = 0
    late_filing_reason: str = ""
    list_hits: tuple[ListHit, ...] = ()
