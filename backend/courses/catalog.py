"""Reading the published courses: views of courses, lessons and question pools."""

from __future__ import annotations

import uuid
from collections.abc import Collection, Sequence

from sqlalchemy import func, select

from backend.courses.models import Course, CourseLesson, CourseVersion, Lesson, LessonVersion, Question
from backend.courses.rules import Owner
from backend.courses.views import CourseView, LessonView, PoolQuestion
from config.database import db
from config.errors import NotFound


def list_courses(*, enterprise_ids: Collection[uuid.UUID] = (), owner: Owner | None = None) -> list[CourseView]:
    """Courses of institutions and platforms, and those of the enterprises named; or only ``owner``'s. By title."""
    query = select(Course)
    if owner is not None:
        query = query.where(Course.owner_kind == owner.kind, Course.owner_key == owner.key)
    else:
        own = Course.owner_enterprise_public_id.in_(list(enterprise_ids))
        query = query.where((Course.owner_kind != "enterprise") | own)
    return [
        view_of(course, newest_version(course))
        for course in db.session.scalars(query.order_by(Course.title, Course.id))
    ]


def course_view(course_id: uuid.UUID, *, version: int | None = None) -> CourseView:
    """A course in its newest or the given version. Raises ``NotFound`` (COURSE_NOT_FOUND)."""
    course = db.session.scalar(select(Course).where(Course.public_id == course_id))
    if course is None:
        raise _no_course()
    if version is None:
        return view_of(course, newest_version(course))
    found = db.session.scalar(
        select(CourseVersion).where(CourseVersion.course_id == course.id, CourseVersion.version == version)
    )
    if found is None:
        raise _no_course()
    return view_of(course, found)


def lesson_facts(lesson_public_id: uuid.UUID) -> LessonView:
    """A lesson in its newest version. Raises ``NotFound`` (LESSON_NOT_FOUND)."""
    return _lesson(lesson_public_id, None)


def lesson_version(*, lesson_id: uuid.UUID, version: int) -> LessonView:
    """A lesson as it was: what old evidence refers to. Raises ``NotFound`` (LESSON_NOT_FOUND)."""
    return _lesson(lesson_id, version)


def verified_media_ms(course_version_ids: Collection[uuid.UUID]) -> int:
    """The measured length of all lessons of these course versions, in milliseconds.

    A lesson counts once (A31), and so does the same video, text or simulation brought in as several lessons.
    Raises ``NotFound`` (COURSE_NOT_FOUND) for an id that is no version's.
    """
    wanted = set(course_version_ids)
    rows = db.session.execute(
        select(CourseVersion.public_id, LessonVersion.lesson_id, LessonVersion.sha256, LessonVersion.media_ms)
        .join(CourseLesson, CourseLesson.course_version_id == CourseVersion.id)
        .join(LessonVersion, LessonVersion.id == CourseLesson.lesson_version_id)
        .where(CourseVersion.public_id.in_(wanted))
        .order_by(LessonVersion.version)
    ).all()
    if {row.public_id for row in rows} != wanted:
        raise _no_course()
    lessons = {row.lesson_id: row for row in rows}
    return sum({row.sha256: int(row.media_ms) for row in lessons.values()}.values())


def question_pool(course_ids: Sequence[uuid.UUID]) -> list[PoolQuestion]:
    """The questions of the newest versions of these courses, in order. Raises ``NotFound`` (COURSE_NOT_FOUND)."""
    pool: list[PoolQuestion] = []
    for course_id in dict.fromkeys(course_ids):
        course = db.session.scalar(select(Course).where(Course.public_id == course_id))
        if course is None:
            raise _no_course()
        query = (
            select(Question).where(Question.course_version_id == newest_version(course).id).order_by(Question.number)
        )
        pool += [_pool_question(question, course.public_id) for question in db.session.scalars(query)]
    return pool


def questions_by_id(ids: Collection[int]) -> dict[int, PoolQuestion]:
    """Questions by their inner ids, of whatever version."""
    rows = db.session.execute(
        select(Question, Course.public_id)
        .join(CourseVersion, CourseVersion.id == Question.course_version_id)
        .join(Course, Course.id == CourseVersion.course_id)
        .where(Question.id.in_(list(ids)))
    )
    return {question.id: _pool_question(question, course_id) for question, course_id in rows}


def newest_version(course: Course) -> CourseVersion:
    """The published state of a course; every course has one."""
    query = select(CourseVersion).where(CourseVersion.course_id == course.id)
    return db.session.scalars(query.order_by(CourseVersion.version.desc()).limit(1)).one()


def view_of(course: Course, version: CourseVersion) -> CourseView:
    """The course as it is in this version."""
    rows = db.session.execute(
        select(Lesson, LessonVersion)
        .join(LessonVersion, LessonVersion.lesson_id == Lesson.id)
        .join(CourseLesson, CourseLesson.lesson_version_id == LessonVersion.id)
        .where(CourseLesson.course_version_id == version.id)
        .order_by(CourseLesson.position)
    ).all()
    questions = select(func.count()).select_from(Question).where(Question.course_version_id == version.id)
    return CourseView(
        public_id=course.public_id,
        version_id=version.public_id,
        version=version.version,
        owner=Owner(course.owner_kind, course.owner_name, course.owner_enterprise_public_id),
        code=course.code,
        title=version.title,
        form=version.form,
        trade_code=version.trade_code,
        summary=version.summary,
        fingerprint=version.fingerprint,
        lessons=tuple(_lesson_view(lesson, row, course.public_id) for lesson, row in rows),
        question_count=db.session.scalar(questions) or 0,
    )


def _lesson(lesson_id: uuid.UUID, version: int | None) -> LessonView:
    query = (
        select(Lesson, LessonVersion, Course.public_id)
        .join(LessonVersion, LessonVersion.lesson_id == Lesson.id)
        .join(Course, Course.id == Lesson.course_id)
        .where(Lesson.public_id == lesson_id)
        .order_by(LessonVersion.version.desc())
        .limit(1)
    )
    if version is not None:
        query = query.where(LessonVersion.version == version)
    row = db.session.execute(query).first()
    if row is None:
        raise NotFound("LESSON_NOT_FOUND", "没有找到这一课，请刷新课程后再试。")
    return _lesson_view(*row)


def _lesson_view(lesson: Lesson, row: LessonVersion, course_id: uuid.UUID) -> LessonView:
    return LessonView(
        public_id=lesson.public_id,
        course_id=course_id,
        code=lesson.code,
        version=row.version,
        kind=row.kind,
        title=row.title,
        topic=row.topic,
        trade_code=row.trade_code,
        sha256=row.sha256,
        media_ms=row.media_ms,
        captions_sha256=row.captions_sha256,
        low_bitrate_sha256=row.low_bitrate_sha256,
        text=row.text,
        steps=tuple(row.steps),
    )


def _pool_question(question: Question, course_id: uuid.UUID) -> PoolQuestion:
    return PoolQuestion(
        id=question.id,
        public_id=question.public_id,
        course_id=course_id,
        kind=question.kind,
        stem=question.stem,
        options=tuple(question.options),
        answer=tuple(question.answer),
        explanation=question.explanation,
    )


def _no_course() -> NotFound:
    return NotFound("COURSE_NOT_FOUND", "没有找到这门课程，请刷新课程列表后再试。")
