"""Writing a checked course: a new version where anything changed, nothing where nothing did."""

from __future__ import annotations

from sqlalchemy import select

from backend.courses.catalog import newest_version, view_of
from backend.courses.content import CourseContent, LessonContent
from backend.courses.models import Course, CourseLesson, CourseVersion, Lesson, LessonVersion, Question
from backend.courses.rules import Owner
from backend.courses.views import CourseImported, ImportReport, LessonChange, LessonView
from config import clock
from config.database import db, locked
from config.errors import NotAllowed


def course_to_renew(owner: Owner, code: str, author_id: int | None) -> Course | None:
    """The owner's course of this code, if there is one, and if this author may bring its next version (None: anybody's).

    Raises ``NotAllowed`` (COURSE_OF_ANOTHER_AUTHOR).
    """
    query = select(Course).where(Course.owner_kind == owner.kind, Course.owner_key == owner.key, Course.code == code)
    course: Course | None = db.session.scalar(locked(query))
    if course is not None and author_id is not None and course.author_id != author_id:
        raise NotAllowed(
            "COURSE_OF_ANOTHER_AUTHOR",
            f"“{owner.name}”的课程“{code}”由另一位作者管理，不能由本账号更新。新课程请换一个课程代码（course.toml 的 code）。",
        )
    return course


def publish(content: CourseContent, owner: Owner, author: str, author_id: int | None) -> CourseImported:
    """Write the rows of a course whose files are kept already, and say what changed. Raises as ``course_to_renew``."""
    course = course_to_renew(owner, content.manifest.code, author_id)
    if course is None:
        course, newest = _new_course(content, owner, author_id), None
    else:
        newest = newest_version(course)
    before = {} if newest is None else {lesson.code: lesson for lesson in view_of(course, newest).lessons}
    if newest is not None and newest.fingerprint == content.fingerprint:
        view = view_of(course, newest)
        unchanged = tuple(_change(lesson, "unchanged") for lesson in view.lessons)
        return CourseImported(view, ImportReport(False, newest.version, unchanged, view.question_count))
    version = _write_version(course, content, author, 1 if newest is None else newest.version + 1)
    view = view_of(course, version)
    changes = tuple(_change(lesson, _what_changed(lesson, before)) for lesson in view.lessons)
    kept = {lesson.code for lesson in view.lessons}
    changes += tuple(_change(lesson, "removed") for code, lesson in before.items() if code not in kept)
    return CourseImported(view, ImportReport(True, version.version, changes, view.question_count))


def _new_course(content: CourseContent, owner: Owner, author_id: int | None) -> Course:
    course = Course(
        owner_kind=owner.kind,
        owner_name=owner.name.strip(),
        owner_key=owner.key,
        owner_enterprise_public_id=owner.enterprise_id,
        code=content.manifest.code,
        title=content.manifest.title,
        trade_code=content.manifest.trade_code,
        author_id=author_id,
        created_at=clock.now(),
    )
    db.session.add(course)
    db.session.flush()
    return course


def _write_version(course: Course, content: CourseContent, author: str, number: int) -> CourseVersion:
    manifest = content.manifest
    course.title, course.trade_code = manifest.title, manifest.trade_code
    version = CourseVersion(
        course_id=course.id,
        version=number,
        title=manifest.title,
        form=manifest.form,
        trade_code=manifest.trade_code,
        summary=manifest.summary,
        fingerprint=content.fingerprint,
        imported_by=author,
        imported_at=clock.now(),
    )
    db.session.add(version)
    db.session.flush()
    for position, lesson in enumerate(content.lessons, start=1):
        lesson_row = _lesson_version(course, lesson)
        db.session.add(CourseLesson(course_version_id=version.id, lesson_version_id=lesson_row.id, position=position))
    for position, question in enumerate(content.questions, start=1):
        row = Question(
            course_version_id=version.id,
            number=position,
            kind=question.kind,
            stem=question.stem,
            options=list(question.options),
            answer=list(question.answer),
            explanation=question.explanation,
        )
        db.session.add(row)
    db.session.flush()
    return version


def _lesson_version(course: Course, content: LessonContent) -> LessonVersion:
    """The lesson's newest version if it is the same, else a new one."""
    plan = content.plan
    lesson = db.session.scalar(select(Lesson).where(Lesson.course_id == course.id, Lesson.code == plan.code))
    newest = None
    if lesson is None:
        lesson = Lesson(course_id=course.id, code=plan.code)
        db.session.add(lesson)
        db.session.flush()
    else:
        query = select(LessonVersion).where(LessonVersion.lesson_id == lesson.id)
        newest = db.session.scalars(query.order_by(LessonVersion.version.desc()).limit(1)).first()
    if newest is not None and newest.fingerprint == content.fingerprint:
        return newest
    row = LessonVersion(
        lesson_id=lesson.id,
        version=1 if newest is None else newest.version + 1,
        kind=plan.kind,
        title=plan.title,
        topic=plan.topic,
        trade_code=plan.trade_code,
        sha256=content.material.sha256,
        media_ms=content.media_ms,
        captions_sha256=content.captions.sha256 if content.captions else None,
        low_bitrate_sha256=content.low_bitrate.sha256 if content.low_bitrate else None,
        text=content.text,
        steps=[step.facts() for step in plan.steps],
        fingerprint=content.fingerprint,
        imported_at=clock.now(),
    )
    db.session.add(row)
    db.session.flush()
    return row


def _what_changed(lesson: LessonView, before: dict[str, LessonView]) -> str:
    if lesson.code not in before:
        return "new"
    return "unchanged" if before[lesson.code].version == lesson.version else "changed"


def _change(lesson: LessonView, change: str) -> LessonChange:
    return LessonChange(lesson.code, lesson.title, change, lesson.version, lesson.kind, lesson.media_ms)
