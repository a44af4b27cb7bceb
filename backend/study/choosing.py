"""What a worker may study: the courses of institutions and platforms, and those of enterprises whose classes they joined."""

from __future__ import annotations

from uuid import UUID

from backend.courses import services as courses
from backend.courses.services import CourseView, LessonView
from backend.enterprises import services as enterprises
from backend.plans import services as plans
from config.errors import NotFound


def open_courses(worker_id: int) -> list[CourseView]:
    """The courses this worker may study, by title."""
    return courses.list_courses(enterprise_ids=_enterprises_of(worker_id))


def open_course(*, worker_id: int, course_id: UUID) -> CourseView:
    """One of them. Raises ``NotFound`` COURSE_NOT_FOUND, for another enterprise's course too."""
    course = courses.course_view(course_id)
    if not _is_open(course, worker_id):
        raise NotFound("COURSE_NOT_FOUND", "没有找到这门课程，请刷新课程列表后再试。")
    return course


def open_lesson(*, worker_id: int, lesson_id: UUID) -> LessonView:
    """A lesson of one of them, in its newest version. Raises ``NotFound`` LESSON_NOT_FOUND."""
    lesson = courses.lesson_facts(lesson_id)
    if not _is_open(courses.course_view(lesson.course_id), worker_id):
        raise NotFound("LESSON_NOT_FOUND", "没有找到这一课，请刷新课程后再试。")
    return lesson


def _is_open(course: CourseView, worker_id: int) -> bool:
    owner = course.owner.enterprise_id
    return owner is None or owner in _enterprises_of(worker_id)


def _enterprises_of(worker_id: int) -> set[UUID]:
    ids = {joined.enterprise_id for joined in plans.classes_of(worker_id)}
    return {enterprises.enterprise_by_id(enterprise_id).public_id for enterprise_id in ids}
