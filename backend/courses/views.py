"""What the other slices and the doors see of a course."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from backend.courses.rules import Owner


@dataclass(frozen=True)
class LessonView:
    """One lesson in one version. ``sha256`` names what is studied, and the file that ``media_path`` gives.

    ``media_ms`` is measured (video) or nominal (reading, simulation). ``steps`` are mappings with title, text,
    minimum_seconds and choices (text, right, feedback).
    """

    public_id: uuid.UUID
    course_id: uuid.UUID
    code: str
    version: int
    kind: str
    title: str
    topic: str
    trade_code: str | None
    sha256: str
    media_ms: int
    captions_sha256: str | None
    low_bitrate_sha256: str | None
    text: str | None
    steps: tuple[Mapping[str, Any], ...]


@dataclass(frozen=True)
class CourseView:
    """A course in one version, with its lessons in order."""

    public_id: uuid.UUID
    version_id: uuid.UUID
    version: int
    owner: Owner
    code: str
    title: str
    form: str
    trade_code: str | None
    summary: str
    fingerprint: str
    lessons: tuple[LessonView, ...]
    question_count: int

    @property
    def media_ms(self) -> int:
        """All lessons together."""
        return sum(lesson.media_ms for lesson in self.lessons)

    @property
    def topics(self) -> frozenset[str]:
        """The topic tags of its lessons."""
        return frozenset(lesson.topic for lesson in self.lessons)


@dataclass(frozen=True)
class LessonChange:
    """What an import did to one lesson: ``change`` is new, changed, unchanged or removed."""

    code: str
    title: str
    change: str
    version: int
    kind: str
    media_ms: int


@dataclass(frozen=True)
class ImportReport:
    """What an import did. ``created`` is False when the same content was there already."""

    created: bool
    version: int
    lessons: tuple[LessonChange, ...]
    question_count: int


@dataclass(frozen=True)
class CourseImported:
    """The course as it stands after the import, and what changed."""

    course: CourseView
    report: ImportReport


@dataclass(frozen=True)
class PoolQuestion:
    """A question with its answer: for the desk only, never for a phone before the attempt is closed."""

    id: int
    public_id: uuid.UUID
    course_id: uuid.UUID
    kind: str
    stem: str
    options: tuple[str, ...]
    answer: tuple[str, ...]
    explanation: str
