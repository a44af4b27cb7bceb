"""A whole course read from its package and checked to the last file, before anything is kept or written."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from backend.courses import media
from backend.courses.manifest import FILE, read_manifest
from backend.courses.package import Package, copy_file, read_file
from backend.courses.rules import (
    READING,
    VIDEO,
    LessonPlan,
    Limits,
    Manifest,
    Problem,
    QuestionRow,
    characters,
    reading_ms,
    refusal,
    refuse,
    simulation_ms,
)
from backend.courses.workbook import read_questions
from config.crypto import canonical_json, sha256_hex
from config.errors import Invalid

LOW_BITRATE_DIFFERS_MS = 1_000
READING_LEAST = 50


@dataclass(frozen=True)
class StagedFile:
    """A checked file waiting to be kept."""

    path: Path
    sha256: str


@dataclass(frozen=True)
class LessonContent:
    """A lesson with its measured length. ``material`` is what is studied: the video, the text or the canonical steps."""

    plan: LessonPlan
    material: StagedFile
    media_ms: int
    captions: StagedFile | None = None
    low_bitrate: StagedFile | None = None
    text: str | None = None

    @property
    def fingerprint(self) -> str:
        """SHA-256 over all that makes this lesson what it is; another fingerprint is another version."""
        facts = {
            "kind": self.plan.kind,
            "title": self.plan.title,
            "topic": self.plan.topic,
            "trade_code": self.plan.trade_code,
            "sha256": self.material.sha256,
            "media_ms": self.media_ms,
            "captions": self.captions.sha256 if self.captions else None,
            "low_bitrate": self.low_bitrate.sha256 if self.low_bitrate else None,
        }
        return sha256_hex(canonical_json(facts))


@dataclass(frozen=True)
class CourseContent:
    """A checked course, its files staged."""

    manifest: Manifest
    lessons: tuple[LessonContent, ...]
    questions: tuple[QuestionRow, ...]

    @property
    def fingerprint(self) -> str:
        """SHA-256 over the whole course; the same content again has the same one."""
        facts = {
            "title": self.manifest.title,
            "form": self.manifest.form,
            "trade_code": self.manifest.trade_code,
            "summary": self.manifest.summary,
            "lessons": [[lesson.plan.code, lesson.fingerprint] for lesson in self.lessons],
            "questions": [question.facts() for question in self.questions],
        }
        return sha256_hex(canonical_json(facts))

    def files(self) -> list[StagedFile]:
        """Every file to keep."""
        found = [file for lesson in self.lessons for file in (lesson.material, lesson.captions, lesson.low_bitrate)]
        return [file for file in found if file is not None]


def read_course(package: Package, staging: Path, limits: Limits) -> CourseContent:
    """Check everything, copying what will be kept into ``staging``. Raises ``Invalid`` with every problem found."""
    manifest = read_manifest(read_file(package, FILE, limits.text_bytes), limits)
    reader = _Reader(package, staging, limits)
    lessons: list[LessonContent] = []
    questions: tuple[QuestionRow, ...] = ()
    problems: list[Problem] = []
    for plan in manifest.lessons:
        try:
            lessons.append(reader.lesson(plan))
        except Invalid as error:
            problems += [Problem(**entry) for entry in error.errors]
    if manifest.questions is not None:
        try:
            workbook = read_file(package, manifest.questions, limits.workbook_bytes)
            questions = read_questions(workbook, manifest.questions, limits)
        except Invalid as error:
            problems += [Problem(**entry) for entry in error.errors]
    refuse(problems)
    return CourseContent(manifest, tuple(lessons), questions)


class _Reader:
    def __init__(self, package: Package, staging: Path, limits: Limits) -> None:
        self.package, self.staging, self.limits = package, staging, limits
        self._staged = 0

    def lesson(self, plan: LessonPlan) -> LessonContent:
        if plan.kind == VIDEO:
            return self._video(plan)
        if plan.kind == READING:
            return self._reading(plan)
        material = self._stage(canonical_json([step.facts() for step in plan.steps]), ".json")
        return LessonContent(plan, material, simulation_ms(plan.steps))

    def _video(self, plan: LessonPlan) -> LessonContent:
        assert plan.media is not None
        length_ms, video = self._measured(plan.media)
        captions = low_bitrate = None
        if plan.captions is not None:
            data = read_file(self.package, plan.captions, self.limits.text_bytes)
            try:
                media.check_captions(data, length_ms)
            except media.MediaError as error:
                raise refusal([error.problem(plan.captions)]) from error
            captions = self._stage(data, ".vtt")
        if plan.low_bitrate is not None:
            low_ms, low_bitrate = self._measured(plan.low_bitrate)
            if abs(low_ms - length_ms) > LOW_BITRATE_DIFFERS_MS:
                detail = f"低码率视频长{low_ms / 1000:g}秒，原视频长{length_ms / 1000:g}秒，两者应当一样长。"
                raise refusal([Problem("LOW_BITRATE_LENGTH", detail, plan.low_bitrate)])
        return LessonContent(plan, video, length_ms, captions, low_bitrate)

    def _reading(self, plan: LessonPlan) -> LessonContent:
        assert plan.text is not None
        data = read_file(self.package, plan.text, self.limits.text_bytes)
        try:
            text = media.read_text(data)
        except media.MediaError as error:
            raise refusal([error.problem(plan.text)]) from error
        if not READING_LEAST <= characters(text) <= self.limits.reading_characters:
            detail = f"阅读材料要有{READING_LEAST}至{self.limits.reading_characters}个字。"
            raise refusal([Problem("TEXT_LENGTH", detail, plan.text)])
        return LessonContent(plan, self._stage(data, ".txt"), reading_ms(text), text=text)

    def _measured(self, name: str) -> tuple[int, StagedFile]:
        if name not in self.package.names:
            raise refusal([Problem("FILE_MISSING", "课程包里没有这个文件。", name)])
        path = self._next(".mp4")
        copy_file(self.package, name, path, self.limits.file_bytes)
        try:
            length_ms = media.measure_video_ms(path, self.limits)
        except media.MediaError as error:
            raise refusal([error.problem(name)]) from error
        return length_ms, StagedFile(path, media.sha256_of(path))

    def _stage(self, data: bytes, suffix: str) -> StagedFile:
        path = self._next(suffix)
        path.write_bytes(data)
        return StagedFile(path, sha256_hex(data))

    def _next(self, suffix: str) -> Path:
        self._staged += 1
        return self.staging / f"{self._staged}{suffix}"
