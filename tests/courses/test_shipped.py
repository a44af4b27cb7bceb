"""The shipped courses and the generator: the sources are sound, and what is made comes in through the ordinary import."""

from __future__ import annotations

import tomllib
from collections import Counter
from pathlib import Path
from typing import Any

import pytest
from flask import Flask

from backend.courses import media
from backend.courses.manifest import read_manifest
from backend.courses.rules import LIMITS, QuestionRow, reading_ms, simulation_ms
from backend.courses.workbook import read_questions
from courses import make_media, scripts, slides
from courses.demonstration import demonstration_folders
from courses.make_media import SHIPPED, SOURCES, VideoJob
from courses.workbook import write_questions
from tests.courses.conftest import Import


def manifest_of(code: str) -> dict[str, Any]:
    return tomllib.loads((SOURCES / code / "course.toml").read_text(encoding="utf-8"))


def pool_of(code: str, tmp_path: Path) -> tuple[QuestionRow, ...]:
    source = tomllib.loads((SOURCES / code / "questions.toml").read_text(encoding="utf-8"))["question"]
    write_questions(tmp_path / "q.xlsx", source)
    return read_questions((tmp_path / "q.xlsx").read_bytes(), "q.xlsx", LIMITS)


@pytest.mark.parametrize(
    ("code", "topic"), list(zip(SHIPPED, ["infectious_disease", "work_safety", "law"], strict=True))
)
def test_a_shipped_course_is_whole(code: str, topic: str) -> None:
    manifest = read_manifest((SOURCES / code / "course.toml").read_bytes(), LIMITS)
    kinds = Counter(lesson.kind for lesson in manifest.lessons)
    assert kinds["video"] >= 4
    assert kinds["reading"] >= 1
    assert {lesson.topic for lesson in manifest.lessons} == {topic}
    for lesson in manifest.lessons:
        if lesson.text is not None:
            text = media.read_text((SOURCES / code / lesson.text).read_bytes())
            assert 4 * 60_000 <= reading_ms(text) <= 8 * 60_000
        if lesson.kind == "simulation":
            assert simulation_ms(lesson.steps) >= 3 * 60_000
            assert all(sum(choice.right for choice in step.choices) == 1 for step in lesson.steps if step.choices)


def test_one_course_has_a_simulation() -> None:
    kinds = {lesson["kind"] for code in SHIPPED for lesson in manifest_of(code)["lesson"]}
    assert kinds == {"video", "reading", "simulation"}


@pytest.mark.parametrize("code", SHIPPED)
def test_every_script_can_be_set(code: str) -> None:
    manifest = manifest_of(code)
    for lesson in manifest["lesson"]:
        if lesson["kind"] != "video":
            continue
        scenes = scripts.parse((SOURCES / code / lesson["media"]).with_suffix(".script").read_text(encoding="utf-8"))
        length_ms = sum(scene.ms for scene in scenes)
        assert 120_000 <= length_ms <= 300_000
        media.check_captions(scripts.captions(scenes).encode(), length_ms)
        for scene in scenes:
            slides.draw(scene, course=manifest["title"], lesson=lesson["title"], topic=lesson["topic"], done=0.5)


@pytest.mark.parametrize("code", SHIPPED)
def test_every_pool_is_large_varied_and_explained(code: str, tmp_path: Path) -> None:
    pool = pool_of(code, tmp_path)
    kinds = Counter(question.kind for question in pool)
    assert len(pool) >= 30
    assert min(kinds["single"], kinds["multiple"], kinds["true_false"]) >= 6
    assert all(len(question.explanation) >= 8 for question in pool)
    singles = Counter(question.answer for question in pool if question.kind == "single")
    assert singles.most_common(1)[0][1] < kinds["single"]
    truths = Counter(question.answer for question in pool if question.kind == "true_false")
    assert len(truths) == 2


@pytest.mark.parametrize("code", SHIPPED)
def test_no_option_leans_on_its_place(code: str, tmp_path: Path) -> None:
    """Options are shuffled, so none may say "以上都对" or name another option's letter."""
    for question in pool_of(code, tmp_path):
        if question.kind != "true_false":
            assert not [o for o in question.options if o.startswith("以上") or "都对" in o or "都错" in o or "AB" in o]


def test_questions_are_not_repeated_between_courses(tmp_path: Path) -> None:
    stems = Counter(question.stem for code in SHIPPED for question in pool_of(code, tmp_path))
    assert [stem for stem, count in stems.items() if count > 1] == []


def test_a_video_is_made_with_captions_and_a_low_bitrate_copy(tmp_path: Path) -> None:
    script = tmp_path / "short.script"
    script.write_text("开场的一句话。\n== 一页\n* 一个要点\n讲解这个要点。\n! 记住它\n再说一遍。\n", encoding="utf-8")
    lesson = {
        "title": "短片",
        "topic": "law",
        "media": "short.mp4",
        "low_bitrate": "short.low.mp4",
        "captions": "short.vtt",
    }
    make_media.make_video(VideoJob(script, tmp_path, "测试课程", lesson))
    assert media.measure_video_ms(tmp_path / "short.mp4", LIMITS) == 9_000
    assert media.measure_video_ms(tmp_path / "short.low.mp4", LIMITS) == 9_000
    media.check_captions((tmp_path / "short.vtt").read_bytes(), 9_000)
    first = (tmp_path / "short.mp4").read_bytes()
    make_media.make_video(VideoJob(script, tmp_path, "测试课程", lesson))
    assert (tmp_path / "short.mp4").read_bytes() == first, "the same script gives the same bytes"


@pytest.mark.parametrize(
    ("script", "message"),
    [
        ("", "nothing is said"),
        ("* 没有标题的要点\n话。", "needs a heading"),
        ("== 一页\n" + "* 要点\n" * 6 + "话。", "5 points"),
        ("一个字体里没有的字：𠮷。", "has no “𠮷”"),
        ("== 太满\n" + "* " + "很长的要点" * 12 + "\n" + ("* " + "很长的要点" * 12 + "\n") * 3 + "话。", "too full"),
    ],
)
def test_a_script_that_cannot_be_set_is_named(tmp_path: Path, script: str, message: str) -> None:
    path = tmp_path / "bad.script"
    path.write_text(script, encoding="utf-8")
    job = VideoJob(path, tmp_path, "测试课程", {"title": "短片", "topic": "law", "media": "bad.mp4"})
    with pytest.raises(scripts.ScriptError, match=r"bad\.script") as refused:
        make_media.make_video(job)
    assert message in str(refused.value)


def test_long_sentences_are_cut_at_their_punctuation() -> None:
    said = "这一句话比屏幕下方的两行还要长，" * 8
    parts = scripts.split_said(said)
    assert "".join(parts) == said
    assert all(len(part) <= scripts.SAID_AT_ONCE and part.endswith("，") for part in parts)


def test_the_demonstration_lessons_come_in_with_their_exact_length(bring_in: Import, tmp_path: Path) -> None:
    arguments = ["--out", str(tmp_path), "--demonstration-only", "--lesson-seconds", "120"]
    assert make_media.main(arguments) == 0
    long, short = (bring_in(tmp_path / name).course for name in ("demonstration-24", "demonstration-4"))
    assert [lesson.media_ms for lesson in long.lessons] == [120_000] * 24
    assert [lesson.media_ms for lesson in short.lessons] == [120_000] * 4
    assert len({lesson.sha256 for lesson in (*long.lessons, *short.lessons)}) == 28
    assert long.topics == {"infectious_disease", "work_safety", "law", "trade"}
    assert long.question_count >= 30
    made_at = (tmp_path / "demonstration-24" / "course.toml").stat().st_mtime_ns
    assert make_media.main(arguments) == 0
    assert (tmp_path / "demonstration-24" / "course.toml").stat().st_mtime_ns == made_at


def test_a_lesson_of_45_minutes_is_one_class_hour_to_the_millisecond(app: Flask, tmp_path: Path) -> None:
    plan = demonstration_folders(2700)[0]
    plan.make_lesson(tmp_path, 0)
    assert media.measure_video_ms(tmp_path / "lesson-01.mp4", LIMITS) == 2_700_000
    assert (tmp_path / "lesson-01.mp4").stat().st_size < 2_000_000
