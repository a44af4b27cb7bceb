"""Where a worker stands in a class: lessons, claimable time, and how many minutes are missing."""

from __future__ import annotations

from uuid import UUID

from backend.credit_bank import services as credit_bank
from backend.people import services as people
from backend.policies import services as policies
from backend.policies.rules import class_hours_of, seconds_needed
from backend.quizzes import services as quizzes
from backend.study.learning import class_of, lessons_of
from backend.study.views import ClassProgress, LessonInClass
from config import clock
from learning_records.sessions import services as sessions


def progress(worker_id: int, class_id: UUID) -> ClassProgress:
    """The worker's standing in a class they joined; open sessions count in the lessons, banked ones in the seconds.

    ``claimable_seconds`` is what no claim has taken yet; hours and missing minutes go by all that the class gave.
    Raises ``NotFound`` CLASS_NOT_FOUND, ``NotAllowed`` NOT_IN_CLASS.
    """
    view = class_of(worker_id, class_id)
    policy = policies.of_version(view.policy_id, view.policy_version)
    person_ref, today = people.learner_ref(worker_id), clock.today()
    lessons = lessons_of(view)
    found = sessions.lesson_progress(person_ref=person_ref, lesson_refs=[lesson.public_id for lesson in lessons])
    claimable = credit_bank.claimable_in(worker_id=worker_id, context_ref=class_id)
    earned = credit_bank.earned_in(worker_id=worker_id, context_ref=class_id)
    missing = max(0, seconds_needed(view.class_hours, policy) - earned)
    best = quizzes.best_result(worker_id, class_id)
    check_ins = sessions.check_ins(person_ref=person_ref, context_ref=class_id)
    return ClassProgress(
        class_id=class_id,
        filed=view.filed,
        checked_in_today=any(check_in.local_date == today for check_in in check_ins),
        counted_seconds=sum(item.counted_seconds for item in found.values()),
        claimable_seconds=claimable,
        earned_seconds=earned,
        class_hours=class_hours_of([earned], policy),
        minutes_missing=-(-missing // 60),
        quiz_passed=best is not None and best.passed,
        lessons=tuple(
            LessonInClass(
                lesson_id=lesson.public_id,
                course_id=lesson.course_id,
                title=lesson.title,
                kind=lesson.kind,
                media_ms=lesson.media_ms,
                counted_seconds=found[lesson.public_id].counted_seconds,
                covered_ms=found[lesson.public_id].covered_ms,
                resume_at_ms=found[lesson.public_id].resume_at_ms,
                completed=found[lesson.public_id].completed,
            )
            for lesson in lessons
        ),
    )
