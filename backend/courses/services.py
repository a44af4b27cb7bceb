"""Bringing courses in and giving them out. Lengths, hashes and versions come from here and from nowhere else."""

from __future__ import annotations

import shutil
import tempfile
from pathlib import Path

from backend.courses import media
from backend.courses.catalog import (
    course_view,
    lesson_facts,
    lesson_version,
    list_courses,
    question_pool,
    questions_by_id,
    verified_media_ms,
)
from backend.courses.content import read_course
from backend.courses.package import open_package
from backend.courses.publishing import course_to_renew, publish
from backend.courses.rules import LIMITS, Limits, Owner, check_owner
from backend.courses.views import CourseImported, CourseView, ImportReport, LessonChange, LessonView, PoolQuestion
from backend.courses.workbook import questions_template
from config.errors import Invalid

__all__ = [
    "CourseImported",
    "CourseView",
    "ImportReport",
    "LessonChange",
    "LessonView",
    "Owner",
    "PoolQuestion",
    "configure",
    "course_view",
    "import_course",
    "lesson_facts",
    "lesson_version",
    "list_courses",
    "media_path",
    "question_pool",
    "questions_by_id",
    "questions_template",
    "verified_media_ms",
]

_media_dir: Path | None = None


def configure(*, media_dir: Path) -> None:
    """Say where media are kept. Called once by ``app.py``."""
    global _media_dir
    _media_dir = media_dir


def _media_folder() -> Path:
    if _media_dir is None:
        raise RuntimeError("courses.services.configure(media_dir=...) was not called; app.py does this")
    return _media_dir


def import_course(
    *, source: Path, owner: Owner, author: str, author_id: int | None = None, limits: Limits = LIMITS
) -> CourseImported:
    """Check a course folder or ZIP whole, keep its media by content and write a new version if anything changed.

    ``author_id`` is the staff account that brings it in: a new course becomes its, and nobody else's course is touched;
    None (the command) may act for anyone. All files are read before the database is touched. Raises ``NotAllowed``
    (COURSE_OF_ANOTHER_AUTHOR) and ``Invalid`` (PACKAGE_*, MANIFEST_*, FILE_*, MEDIA_*, CAPTIONS_*, LOW_BITRATE_*, TEXT_*,
    WORKBOOK_*, QUESTION_*, OWNER_*, AUTHOR_NAME) with every problem in ``errors``; then nothing is written.
    """
    check_owner(owner)
    if not 1 <= len(author.strip()) <= 100:
        raise Invalid("AUTHOR_NAME", "请写明由谁导入课程，不超过100个字。")
    folder = _media_folder()
    folder.mkdir(parents=True, exist_ok=True)
    staging = Path(tempfile.mkdtemp(prefix=".staging-", dir=folder))
    try:
        with open_package(source, limits) as package:
            content = read_course(package, staging, limits)
        for file in content.files():
            media.write_through(file.path)  # before the database is asked: nobody else's writing waits for the disk
        course_to_renew(owner, content.manifest.code, author_id)
        for file in content.files():
            media.keep(file.path, file.sha256, folder)
    finally:
        shutil.rmtree(staging, ignore_errors=True)
    return publish(content, owner, author.strip(), author_id)


def media_path(sha256: str) -> Path:
    """The kept file with this SHA-256 (.mp4, .vtt, .txt or .json). Raises ``NotFound`` (MEDIA_NOT_FOUND)."""
    return media.find(sha256, _media_folder())
