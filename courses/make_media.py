"""Make the course folders that ``flask courses import`` takes: videos, captions and question workbooks from their sources.

    python -m courses.make_media --out var/courses                     the three shipped courses
    python -m courses.make_media --out var/courses --demonstration     and 45-minute lessons for the demonstration's plans

Each folder is made beside its place and moved there whole. One made before from the same sources is left as it is.
"""

from __future__ import annotations

import argparse
import hashlib
import multiprocessing
import os
import shutil
import sys
import tomllib
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from PIL import Image

from courses import scripts, slides, video
from courses.demonstration import demonstration_folders
from courses.workbook import write_questions

SOURCES = Path(__file__).parent
SHIPPED = ("infectious-disease", "work-safety", "labor-law")
STAMP = ".made-from"
FRAME_MS = 1000
FULL = (1280, 720, 24)  # width, height, x264 rate factor
LOW = (640, 360, 33)


@dataclass(frozen=True)
class VideoJob:
    """One video lesson to make: a script in, a video, its low-bitrate copy and captions out."""

    script: Path
    folder: Path
    course: str
    lesson: dict[str, Any]


def make_video(job: VideoJob) -> None:
    """Make the media of one lesson. Raises ``ScriptError`` with the file's name when the script cannot be set."""
    try:
        scenes = scripts.parse(job.script.read_text(encoding="utf-8"))
        pictures = list(_pictures(scenes, job))
    except scripts.ScriptError as error:
        raise scripts.ScriptError(f"{job.script.name}: {error}") from error
    names = [(job.lesson["media"], FULL)]
    if "low_bitrate" in job.lesson:
        names.append((job.lesson["low_bitrate"], LOW))
    for name, (width, height, quality) in names:
        video.encode(job.folder / name, pictures, width=width, height=height, frame_ms=FRAME_MS, quality=quality)
    if "captions" in job.lesson:
        (job.folder / job.lesson["captions"]).write_text(scripts.captions(scenes), encoding="utf-8")


def _pictures(scenes: list[scripts.Scene], job: VideoJob) -> Iterator[tuple[Image.Image, int]]:
    total, at = sum(scene.ms for scene in scenes), 0
    for scene in scenes:
        at += scene.ms
        picture = slides.draw(
            scene, course=job.course, lesson=job.lesson["title"], topic=job.lesson["topic"], done=at / total
        )
        yield picture, scene.ms


def make_course(source: Path, out: Path, pool: ProcessPoolExecutor) -> bool:
    """Make one shipped course below ``out``; False when it was there already, made from the same sources."""
    stamp = _stamp_of(
        [*SOURCES.glob("*.py"), *SOURCES.glob("fonts/*.otf"), *(p for p in source.rglob("*") if p.is_file())]
    )
    target = out / source.name
    if _is_made(target, stamp):
        return False
    folder = _fresh(out, source.name)
    manifest = tomllib.loads((source / "course.toml").read_text(encoding="utf-8"))
    shutil.copyfile(source / "course.toml", folder / "course.toml")
    jobs = []
    for lesson in manifest["lesson"]:
        if lesson["kind"] == "video":
            script = source / Path(lesson["media"]).with_suffix(".script")
            jobs.append(VideoJob(script, folder, manifest["title"], lesson))
        elif lesson["kind"] == "reading":
            shutil.copyfile(source / lesson["text"], folder / lesson["text"])
    list(pool.map(make_video, jobs))
    questions = tomllib.loads((source / "questions.toml").read_text(encoding="utf-8"))["question"]
    write_questions(folder / manifest["questions"], questions)
    _put(folder, target, stamp)
    return True


def make_demonstration(out: Path, pool: ProcessPoolExecutor, *, seconds: int) -> bool:
    """Make the demonstration's long lessons below ``out``; False when they were there already."""
    sources = [SOURCES / name / "questions.toml" for name in SHIPPED]
    stamp = _stamp_of([*SOURCES.glob("*.py"), *SOURCES.glob("fonts/*.otf"), *sources], extra=str(seconds))
    questions = [q for path in sources for q in tomllib.loads(path.read_text(encoding="utf-8"))["question"]]
    made = False
    for plan in demonstration_folders(seconds):
        target = out / plan.code
        if _is_made(target, stamp):
            continue
        folder = _fresh(out, plan.code)
        (folder / "course.toml").write_text(plan.manifest(), encoding="utf-8")
        list(pool.map(plan.make_lesson, [folder] * plan.lessons, range(plan.lessons)))
        write_questions(folder / "questions.xlsx", questions[:: plan.every_question])
        _put(folder, target, stamp)
        made = True
    return made


def _stamp_of(paths: list[Path], extra: str = "") -> str:
    digest = hashlib.sha256(extra.encode())
    for path in sorted(paths):
        content = path.read_bytes()
        digest.update(f"{path.relative_to(SOURCES)}\0{len(content)}\0".encode() + content)
    return digest.hexdigest()


def _is_made(target: Path, stamp: str) -> bool:
    note = target / STAMP
    return note.is_file() and note.read_text() == stamp


def _fresh(out: Path, name: str) -> Path:
    folder = out / f".making-{name}-{os.getpid()}"
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    return folder


def _put(folder: Path, target: Path, stamp: str) -> None:
    (folder / STAMP).write_text(stamp)
    shutil.rmtree(target, ignore_errors=True)
    folder.rename(target)


def main(arguments: list[str] | None = None) -> int:
    """The command line; returns the exit code."""
    parser = argparse.ArgumentParser(prog="python -m courses.make_media", description="Make the course folders.")
    parser.add_argument("--out", type=Path, required=True, help="folder that receives one folder a course")
    parser.add_argument("--only", choices=SHIPPED, action="append", help="make only this shipped course (repeatable)")
    parser.add_argument("--demonstration", action="store_true", help="also make the demonstration's long lessons")
    parser.add_argument("--demonstration-only", action="store_true", help="make only the demonstration's long lessons")
    parser.add_argument("--lesson-seconds", type=int, default=2700, help="length of a demonstration lesson (2700)")
    options = parser.parse_args(arguments)
    options.out.mkdir(parents=True, exist_ok=True)
    names = [] if options.demonstration_only else options.only or SHIPPED
    # New processes, not forked ones: a caller may already hold the threads of a video library, and those do not fork.
    fresh = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(max_workers=min(4, os.cpu_count() or 1), mp_context=fresh) as pool:
        try:
            for name in names:
                made = make_course(SOURCES / name, options.out, pool)
                print(f"{options.out / name}: {'made' if made else 'up to date'}")
            if options.demonstration or options.demonstration_only:
                made = make_demonstration(options.out, pool, seconds=options.lesson_seconds)
                print(f"{options.out / 'demonstration-*'}: {'made' if made else 'up to date'}")
        except scripts.ScriptError as error:
            print(f"make_media: {error}", file=sys.stderr)
            return 1
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
