"""Tables of courses. What was published never changes: versions, lesson versions and questions are append-only."""

from __future__ import annotations

import uuid
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from config.database import Base, Instant, PrimaryKey, PublicId, append_only


class Course(Base):
    """A course of one owner. Title and trade code are those of the newest version.

    ``author_id``: the staff account that brought it in and alone may bring the next version; NULL: only the command does.
    """

    __tablename__ = "course"
    __table_args__ = (
        UniqueConstraint("owner_kind", "owner_key", "code"),
        CheckConstraint("owner_kind IN ('institution', 'enterprise', 'platform')", name="owner_kind"),
        CheckConstraint(
            "(owner_kind = 'enterprise') = (owner_enterprise_public_id IS NOT NULL)", name="owner_enterprise"
        ),
    )

    id: Mapped[PrimaryKey]
    public_id: Mapped[PublicId]
    owner_kind: Mapped[str] = mapped_column(String(12))
    owner_name: Mapped[str] = mapped_column(String(100))
    owner_key: Mapped[str] = mapped_column(String(100))
    owner_enterprise_public_id: Mapped[uuid.UUID | None] = mapped_column(index=True)
    code: Mapped[str] = mapped_column(String(64))
    title: Mapped[str] = mapped_column(String(80))
    trade_code: Mapped[str | None] = mapped_column(String(10))
    author_id: Mapped[int | None] = mapped_column(ForeignKey("staff_account.id"), index=True)
    created_at: Mapped[Instant]


class CourseVersion(Base):
    """One published state of a course. ``fingerprint`` is the SHA-256 over everything in it."""

    __tablename__ = "course_version"
    __table_args__ = (
        UniqueConstraint("course_id", "version"),
        CheckConstraint("version >= 1", name="version"),
        CheckConstraint("form IN ('theory', 'simulation')", name="form"),
        CheckConstraint("length(fingerprint) = 64", name="fingerprint"),
    )

    id: Mapped[PrimaryKey]
    public_id: Mapped[PublicId]
    course_id: Mapped[int] = mapped_column(ForeignKey("course.id"), index=True)
    version: Mapped[int]
    title: Mapped[str] = mapped_column(String(80))
    form: Mapped[str] = mapped_column(String(12))
    trade_code: Mapped[str | None] = mapped_column(String(10))
    summary: Mapped[str] = mapped_column(String(500))
    fingerprint: Mapped[str] = mapped_column(String(64))
    imported_by: Mapped[str] = mapped_column(String(100))
    imported_at: Mapped[Instant]


class Lesson(Base):
    """A lesson through all its versions, known by its code within the course."""

    __tablename__ = "lesson"
    __table_args__ = (UniqueConstraint("course_id", "code"),)

    id: Mapped[PrimaryKey]
    public_id: Mapped[PublicId]
    course_id: Mapped[int] = mapped_column(ForeignKey("course.id"), index=True)
    code: Mapped[str] = mapped_column(String(64))


class LessonVersion(Base):
    """One state of a lesson. ``sha256`` is that of what is studied: the video file, the text, or the canonical steps.

    ``media_ms`` is measured from the video, or follows from the characters or the steps.
    """

    __tablename__ = "lesson_version"
    __table_args__ = (
        UniqueConstraint("lesson_id", "version"),
        CheckConstraint("version >= 1", name="version"),
        CheckConstraint("kind IN ('video', 'reading', 'simulation')", name="kind"),
        CheckConstraint("topic IN ('infectious_disease', 'work_safety', 'law', 'trade')", name="topic"),
        CheckConstraint("media_ms > 0", name="media_ms"),
        CheckConstraint("length(sha256) = 64 AND length(fingerprint) = 64", name="hashes"),
        CheckConstraint("(kind = 'reading') = (text IS NOT NULL)", name="text"),
        Index("ix_lesson_version_sha256", "sha256"),
    )

    id: Mapped[PrimaryKey]
    lesson_id: Mapped[int] = mapped_column(ForeignKey("lesson.id"), index=True)
    version: Mapped[int]
    kind: Mapped[str] = mapped_column(String(12))
    title: Mapped[str] = mapped_column(String(80))
    topic: Mapped[str] = mapped_column(String(20))
    trade_code: Mapped[str | None] = mapped_column(String(10))
    sha256: Mapped[str] = mapped_column(String(64))
    media_ms: Mapped[int]
    captions_sha256: Mapped[str | None] = mapped_column(String(64))
    low_bitrate_sha256: Mapped[str | None] = mapped_column(String(64))
    text: Mapped[str | None] = mapped_column(Text)
    steps: Mapped[list[Any]] = mapped_column(default=list)
    fingerprint: Mapped[str] = mapped_column(String(64))
    imported_at: Mapped[Instant]


class CourseLesson(Base):
    """Which lesson versions a course version holds, in their order."""

    __tablename__ = "course_lesson"
    __table_args__ = (
        UniqueConstraint("course_version_id", "position"),
        UniqueConstraint("course_version_id", "lesson_version_id"),
    )

    id: Mapped[PrimaryKey]
    course_version_id: Mapped[int] = mapped_column(ForeignKey("course_version.id"), index=True)
    lesson_version_id: Mapped[int] = mapped_column(ForeignKey("lesson_version.id"), index=True)
    position: Mapped[int]


class Question(Base):
    """One question of a course version's pool. ``options`` are texts, ``answer`` the letters of the right ones."""

    __tablename__ = "question"
    __table_args__ = (
        UniqueConstraint("course_version_id", "number"),
        CheckConstraint("kind IN ('single', 'multiple', 'true_false')", name="kind"),
    )

    id: Mapped[PrimaryKey]
    public_id: Mapped[PublicId]
    course_version_id: Mapped[int] = mapped_column(ForeignKey("course_version.id"), index=True)
    number: Mapped[int]
    kind: Mapped[str] = mapped_column(String(10))
    stem: Mapped[str] = mapped_column(String(500))
    options: Mapped[list[Any]]
    answer: Mapped[list[Any]]
    explanation: Mapped[str] = mapped_column(String(500))


for _table in (CourseVersion, LessonVersion, CourseLesson, Question):
    append_only(_table.__table__)
