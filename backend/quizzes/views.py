"""What the other slices and the doors see of quizzes."""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True)
class ShownOption:
    """An option as the person sees it."""

    key: str
    text: str


@dataclass(frozen=True)
class ShownQuestion:
    """A question as the person sees it: no answer, no explanation."""

    question_id: uuid.UUID
    kind: str
    stem: str
    options: tuple[ShownOption, ...]


@dataclass(frozen=True)
class AttemptOpened:
    """An open attempt and its questions."""

    attempt_id: uuid.UUID
    number: int
    opened_at: datetime
    deadline_at: datetime
    time_limit_seconds: int
    pass_mark: int
    resits_left: int
    questions: tuple[ShownQuestion, ...]


@dataclass(frozen=True)
class Correction:
    """One question after closing: the letters chosen and the right ones, as they were shown."""

    question_id: uuid.UUID
    stem: str
    chosen: tuple[str, ...]
    right_keys: tuple[str, ...]
    right: bool
    explanation: str


@dataclass(frozen=True)
class AttemptResult:
    """A closed attempt. ``status`` is submitted, or expired when the time had run out (then the score is 0)."""

    attempt_id: uuid.UUID
    subject_ref: uuid.UUID
    number: int
    status: str
    score: int
    passed: bool
    resits_left: int
    started_at: datetime
    submitted_at: datetime
    time_limit_seconds: int
    corrections: tuple[Correction, ...]


@dataclass(frozen=True)
class ClosedAttempt:
    """A closed attempt as its row has it. ``answers``: the letters chosen, by the public id of the question."""

    attempt_id: uuid.UUID
    worker_id: int
    subject_ref: uuid.UUID
    number: int
    status: str
    score: int
    passed: bool
    opened_at: datetime
    closed_at: datetime
    time_limit_seconds: int
    answers: dict[str, list[str]]


@dataclass(frozen=True)
class BestResult:
    """The best of a person's closed attempts at a subject."""

    attempt_id: uuid.UUID
    score: int
    passed: bool
    attempts: int
    started_at: datetime
    submitted_at: datetime
