"""Courses for tests: real folders with real, tiny videos, brought in through the real import."""

from __future__ import annotations

import itertools
import tempfile
from collections.abc import Sequence
from functools import cache
from pathlib import Path

from PIL import Image

from backend.courses import services as courses
from backend.courses.services import CourseView, Owner
from config.database import transaction
from courses import video
from courses.workbook import write_questions

INSTITUTION = Owner("institution", "无锡市职业培训中心")
_numbers = itertools.count(1)


@cache
def a_video(seconds: int, shade: int = 40) -> Path:
    """A real MP4 of so many seconds, one picture a second; another shade gives other bytes."""
    path = Path(tempfile.mkdtemp(prefix="chuangke-test-")) / "video.mp4"
    picture = Image.new("RGB", (64, 48), (shade, 90, 120))
    video.encode(
        path,
        [(picture, seconds * 1000)],
        width=64,
        height=48,
        frame_ms=1000,
        quality=40,
        key_frame_ms=60_000,
        preset="ultrafast",
    )
    return path


def questions(count: int) -> list[dict[str, object]]:
    """So many questions; the kinds take turns. Right are always the options that say 正确."""
    made: list[dict[str, object]] = []
    for number in range(1, count + 1):
        stem = f"第{number}题，下列说法哪些是对的？"
        if number % 3 == 0:
            made.append({"kind": "true_false", "stem": stem, "answer": True, "why": "本来如此。"})
        elif number % 3 == 1:
            options = ["错的甲", "正确的乙", "错的丙", "错的丁"]
            made.append({"kind": "single", "stem": stem, "options": options, "answer": "B", "why": "只有乙对。"})
        else:
            options = ["正确的甲", "错的乙", "正确的丙"]
            made.append({"kind": "multiple", "stem": stem, "options": options, "answer": "AC", "why": "甲和丙对。"})
    return made


def a_course_folder(
    folder: Path,
    *,
    code: str = "safety",
    title: str = "班组安全",
    lesson_seconds: Sequence[int] = (3, 4),
    question_count: int = 9,
    topic: str = "work_safety",
) -> Path:
    """Write a course folder: one video lesson for each length, and a question workbook. Gives the folder."""
    folder.mkdir(parents=True, exist_ok=True)
    lines = [f'code = "{code}"', f'title = "{title}"', 'form = "theory"', 'trade_code = "6-18-01-01"']
    if question_count:
        lines.append('questions = "questions.xlsx"')
        write_questions(folder / "questions.xlsx", questions(question_count))
    for number, seconds in enumerate(lesson_seconds, start=1):
        (folder / f"{number}.mp4").write_bytes(a_video(seconds).read_bytes())
        lines += ["", "[[lesson]]", f'code = "lesson-{number}"', 'kind = "video"', f'title = "第{number}课"']
        lines += [f'topic = "{topic}"', f'media = "{number}.mp4"']
    (folder / "course.toml").write_text("\n".join(lines) + "\n", encoding="utf-8")
    return folder


def a_course(
    *,
    lesson_seconds: Sequence[int] = (3, 4),
    question_count: int = 9,
    title: str = "班组安全",
    topic: str = "work_safety",
    owner: Owner = INSTITUTION,
) -> CourseView:
    """A course brought in by its author; every call gives another one."""
    with tempfile.TemporaryDirectory() as scratch:
        folder = a_course_folder(
            Path(scratch) / "course",
            code=f"course-{next(_numbers)}",
            title=title,
            lesson_seconds=lesson_seconds,
            question_count=question_count,
            topic=topic,
        )
        imported = transaction(lambda: courses.import_course(source=folder, owner=owner, author="作者甲"))
    return imported.course
