"""``flask courses import`` and ``flask courses template``."""

from __future__ import annotations

from pathlib import Path

from flask import Flask

from backend.courses import services
from commands.courses import courses


def test_import_says_what_changed(app: Flask, folder: Path) -> None:
    runner = app.test_cli_runner()
    first = runner.invoke(courses, ["import", str(folder), "--owner", "无锡市职业培训中心"])
    assert first.exit_code == 0, first.output
    assert "班组安全" in first.output
    assert "新课  lesson-1  第1课  0分03秒" in first.output
    again = runner.invoke(courses, ["import", str(folder), "--owner", "无锡市职业培训中心"])
    assert "内容没有变化" in again.output
    assert [course.title for course in services.list_courses()] == ["班组安全"]


def test_import_names_every_problem_and_fails(app: Flask, folder: Path) -> None:
    (folder / "1.mp4").unlink()
    (folder / "2.mp4").write_bytes(b"nothing")
    result = app.test_cli_runner().invoke(courses, ["import", str(folder), "--owner", "某校"])
    assert result.exit_code == 1
    assert "1.mp4: 课程包里没有这个文件。 [FILE_MISSING]" in result.output
    assert "2.mp4: 文件不是MP4视频" in result.output
    assert services.list_courses() == []


def test_the_template_is_written(app: Flask, tmp_path: Path) -> None:
    result = app.test_cli_runner().invoke(courses, ["template", str(tmp_path / "questions.xlsx")])
    assert result.exit_code == 0, result.output
    assert (tmp_path / "questions.xlsx").read_bytes().startswith(b"PK")
