"""A course author uploads packages and reads what happened to them."""

from __future__ import annotations

import io
import re
import zipfile
from pathlib import Path

import pytest
from flask import Flask
from openpyxl import load_workbook

from backend.courses import services as courses
from backend.courses.services import Owner
from tests.cast.courses import a_course, a_course_folder
from tests.cast.enterprises import PASSWORD, an_enterprise
from tests.cast.plans import a_staff
from tests.console.browser import Browser, text_of


@pytest.fixture
def author(app: Flask) -> Browser:
    a_staff("author", "author")
    browser = Browser(app)
    browser.sign_in("author", PASSWORD)
    return browser


def zipped(folder: Path, *, without: str = "") -> io.BytesIO:
    written = io.BytesIO()
    with zipfile.ZipFile(written, "w") as archive:
        for path in sorted(folder.rglob("*")):
            if path.is_file() and path.name != without:
                archive.write(path, path.relative_to(folder).as_posix())
    written.seek(0)
    return written


def test_a_package_becomes_a_course_and_the_same_again_changes_nothing(author: Browser, tmp_path: Path) -> None:
    folder = a_course_folder(tmp_path / "course", code="safety", title="班组安全", lesson_seconds=(3, 4))
    fields = {"owner_name": "无锡市职业培训中心"}
    first = author.post("/institution/courses", {**fields, "package": (zipped(folder), "course.zip")})
    assert first.status_code == 201
    assert "已导入为第 1 版" in text_of(first)
    again = author.post("/institution/courses", {**fields, "package": (zipped(folder), "course.zip")})
    assert "没有新增版本" in text_of(again)
    [course] = courses.list_courses()
    page = text_of(author.get(f"/institution/courses/{course.public_id}"))
    assert "第1课" in page
    assert course.lessons[0].sha256[:12] in page
    assert "班组安全" in text_of(author.get("/institution/"))


def test_everything_wrong_with_a_package_is_told_file_by_file(author: Browser, tmp_path: Path) -> None:
    folder = a_course_folder(tmp_path / "course", code="safety", title="班组安全", lesson_seconds=(3, 4))
    package = (zipped(folder, without="2.mp4"), "course.zip")
    refused = author.post("/institution/courses", {"owner_name": "无锡市职业培训中心", "package": package})
    assert refused.status_code == 422
    text = text_of(refused)
    assert "课程包未导入" in text
    assert "2.mp4" in text
    assert re.search(r'name="owner_name"[^>]* value="无锡市职业培训中心"', refused.get_data(as_text=True))
    assert courses.list_courses() == []


def test_a_form_without_a_file_or_with_rubbish_is_refused_in_words(author: Browser) -> None:
    empty = author.post("/institution/courses", {"owner_name": "中心"})
    assert empty.status_code == 422
    assert "请选择课程包" in text_of(empty)
    rubbish = author.post("/institution/courses", {"owner_name": "中心", "package": (io.BytesIO(b"no zip"), "a.zip")})
    assert rubbish.status_code == 422
    assert "课程包未导入" in text_of(rubbish)


def test_the_question_template_is_a_workbook(author: Browser) -> None:
    answer = author.get("/institution/question-template.xlsx")
    assert "attachment" in answer.headers["Content-Disposition"]
    assert load_workbook(io.BytesIO(answer.data)).sheetnames


def test_another_institutions_course_cannot_be_renewed_by_typing_its_name(
    app: Flask, author: Browser, tmp_path: Path
) -> None:
    folder = a_course_folder(tmp_path / "course", code="safety", title="班组安全", lesson_seconds=(3, 4))
    fields = {"owner_name": "无锡市职业培训中心"}
    assert author.post("/institution/courses", {**fields, "package": (zipped(folder), "a.zip")}).status_code == 201
    a_staff("other-author", "author")
    stranger = Browser(app)
    stranger.sign_in("other-author", PASSWORD)
    a_course_folder(folder, code="safety", title="改过的班组安全", lesson_seconds=(3,))
    refused = stranger.post("/institution/courses", {**fields, "package": (zipped(folder), "a.zip")})
    assert refused.status_code == 403
    assert "由另一位作者管理" in text_of(refused)
    assert [course.title for course in courses.list_courses()] == ["班组安全"]


def test_an_enterprises_own_course_is_no_authors_business(author: Browser) -> None:
    enterprise = an_enterprise()
    own = a_course(title="本厂工艺秘密", owner=Owner("enterprise", enterprise.name, enterprise.public_id))
    assert "本厂工艺秘密" not in text_of(author.get("/institution/"))
    page = author.get(f"/institution/courses/{own.public_id}")
    assert page.status_code == 404
    assert "本厂工艺秘密" not in text_of(page)
