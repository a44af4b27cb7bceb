"""Courses and lessons to study, with my progress."""

import uuid
from typing import Any

from marshmallow import fields

from backend.courses.services import CourseView, LessonView
from backend.study import services as study
from learning_records.sessions import services as sessions
from miniprogram_api.guard import WorkerBlueprint, caller
from miniprogram_api.media import media_url
from wire.schemas import StrictSchema

courses = WorkerBlueprint("courses", "课程")


class CourseSummaryOut(StrictSchema):
    course_id = fields.UUID(attribute="public_id", required=True)
    title = fields.String(required=True)
    owner_name = fields.String(attribute="owner.name", required=True)
    summary = fields.String(required=True)
    media_ms = fields.Integer(required=True)
    question_count = fields.Integer(required=True)


class CoursesOut(StrictSchema):
    items = fields.List(fields.Nested(CourseSummaryOut), required=True)


class ProgressOut(StrictSchema):
    counted_seconds = fields.Integer(required=True)
    covered_ms = fields.Integer(required=True)
    resume_at_ms = fields.Integer(required=True)
    completed = fields.Boolean(required=True)


class LessonOut(StrictSchema):
    lesson_id = fields.UUID(required=True)
    title = fields.String(required=True)
    kind = fields.String(required=True, metadata={"description": "video、reading 或 simulation"})
    topic = fields.String(required=True)
    media_ms = fields.Integer(required=True)
    version = fields.Integer(required=True)
    sha256 = fields.String(required=True)
    media_url = fields.String(allow_none=True)
    captions_url = fields.String(allow_none=True)
    low_bitrate_url = fields.String(allow_none=True)
    text = fields.String(allow_none=True)
    steps = fields.List(fields.Dict(), required=True)
    progress = fields.Nested(ProgressOut, required=True)


class CourseOut(CourseSummaryOut):
    lessons = fields.List(fields.Nested(LessonOut), required=True)


@courses.get("/courses")
@courses.response(200, CoursesOut)
def list_open() -> dict[str, list[CourseView]]:
    """可以学习的课程：公开课程，以及我所在企业的课程"""
    return {"items": study.open_courses(caller().worker_id)}


@courses.get("/courses/<uuid:course_id>")
@courses.response(200, CourseOut)
def show_course(course_id: uuid.UUID) -> dict[str, Any]:
    """课程内容和我的进度；媒体地址带有时效，过期后重新取"""
    course = study.open_course(worker_id=caller().worker_id, course_id=course_id)
    lessons = {lesson.public_id: lesson for lesson in course.lessons}
    progress = sessions.lesson_progress(person_ref=caller().learner_ref, lesson_refs=list(lessons))
    return {
        "public_id": course.public_id,
        "title": course.title,
        "owner": course.owner,
        "summary": course.summary,
        "media_ms": course.media_ms,
        "question_count": course.question_count,
        "lessons": [_lesson(lesson, progress.get(lesson_id)) for lesson_id, lesson in lessons.items()],
    }


def _lesson(lesson: LessonView, progress: sessions.LessonProgressView | None) -> dict[str, Any]:
    return {
        **{name: getattr(lesson, name) for name in ("title", "kind", "topic", "media_ms", "version", "sha256", "text")},
        "lesson_id": lesson.public_id,
        "media_url": media_url(lesson.sha256) if lesson.kind == "video" else None,
        "captions_url": media_url(lesson.captions_sha256),
        "low_bitrate_url": media_url(lesson.low_bitrate_sha256),
        "steps": [dict(step) for step in lesson.steps],
        "progress": progress or {"counted_seconds": 0, "covered_ms": 0, "resume_at_ms": 0, "completed": False},
    }
