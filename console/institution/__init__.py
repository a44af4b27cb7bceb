"""Pages of a course author: upload a course package, read what was refused and why, see the courses."""

from __future__ import annotations

import tempfile
import uuid
from pathlib import Path

from flask import abort, render_template, request
from flask.typing import ResponseReturnValue
from werkzeug.datastructures import FileStorage

from backend.courses import services as courses
from backend.courses.services import CourseImported
from console import access
from console.forms import Form
from wire.downloads import attachment
from wire.sheets import XLSX

blueprint = access.console_blueprint("institution", __name__, prefix="/institution", roles=("author",))


@blueprint.get("/")
def course_list() -> ResponseReturnValue:
    """The courses there are, and the upload."""
    return render_template("institution/course_list.html", courses=courses.list_courses(), form=Form())


@blueprint.get("/courses/<uuid:course_id>")
def course(course_id: uuid.UUID) -> ResponseReturnValue:
    """One course in its newest version, lesson by lesson; an enterprise's own course is for its workers only."""
    found = next((item for item in courses.list_courses() if item.public_id == course_id), None)
    if found is None:
        abort(404)
    return render_template("institution/course.html", course=found, report=None)


@blueprint.get("/question-template.xlsx")
def question_template() -> ResponseReturnValue:
    """The empty question workbook."""
    return attachment(courses.questions_template(), "题库模板.xlsx", XLSX)


@blueprint.post("/courses")
def import_course() -> ResponseReturnValue:
    """Bring a ZIP in; everything wrong with it is told at once, file by file and row by row."""
    form = Form(request.form)
    owner_name = form.text("owner_name", "开发单位", limit=100)
    upload = form.file("package", "课程包（.zip）", request.files)
    imported = None
    if upload is not None:
        with tempfile.TemporaryDirectory() as folder:
            imported = _import(form, upload, Path(folder) / "course.zip", owner_name)
    if imported is None:
        page = render_template("institution/course_list.html", courses=courses.list_courses(), form=form)
        return page, form.status
    return render_template("institution/course.html", course=imported.course, report=imported.report), 201


def _import(form: Form, upload: FileStorage, path: Path, owner_name: str) -> CourseImported | None:
    upload.save(path)
    owner = courses.Owner(kind="institution", name=owner_name)
    author = access.staff()
    return form.submit(
        lambda: courses.import_course(source=path, owner=owner, author=access.actor(), author_id=author.id)
    )
