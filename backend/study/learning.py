"""Checking in, opening and closing sessions: the desk decides who may study what for which class, and by which rules."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from uuid import UUID

from backend.courses import services as courses
from backend.courses.services import LessonView
from backend.people import services as people
from backend.plans import services as plans
from backend.plans.services import ClassView
from backend.policies import services as policies
from backend.study.banking import SESSION, bank_closed_sessions, banked
from backend.study.choosing import open_lesson
from backend.study.importing import first_imported_at, imported_workers
from backend.study.models import BankedEvidence
from backend.study.views import StudyClosed
from config.errors import Invalid, NotAllowed
from learning_records.evidence import services as evidence
from learning_records.sessions import services as sessions
from learning_records.sessions.services import (
    SYSTEM_CHANCE,
    BeatIn,
    Chance,
    CheckInView,
    LessonFacts,
    SessionClosed,
    SessionOpened,
)


def check_in(
    *, worker_id: int, class_id: UUID, device: str, method: str = "tap", chance: Chance = SYSTEM_CHANCE
) -> CheckInView:
    """Check in for a class, once a local day (四.2); again the same day gives back the first.

    Raises ``NotFound`` CLASS_NOT_FOUND; ``NotAllowed`` CONSENT_REQUIRED, IDENTITY_REQUIRED, NOT_IN_CLASS; ``Invalid``
    CHECK_IN_METHOD_UNKNOWN, DEVICE_INVALID.
    """
    person_ref, view = people.require_identified(worker_id).learner_ref, class_of(worker_id, class_id)
    policy = policies.of_version(view.policy_id, view.policy_version)
    if method not in policy.check_in.methods:
        raise Invalid("CHECK_IN_METHOD_UNKNOWN", "不支持这种签到方式，请按课程页面上的提示签到。")
    return sessions.check_in(
        person_ref=person_ref,
        context_ref=class_id,
        device_ref=device,
        method=method,
        rules=policies.counting_rules(policy),
        chance=chance,
    )


def checked_in(*, worker_ids: Iterable[int], class_id: UUID) -> set[int]:
    """Those of these workers who ever checked in for the class, with us or on a platform whose time may be claimed."""
    refs = people.learner_refs(worker_ids)
    found = sessions.checked_in(person_refs=refs.values(), context_ref=class_id)
    here = {worker_id for worker_id, ref in refs.items() if ref in found}
    return here | imported_workers(worker_ids=refs.keys() - here, class_id=class_id)


def class_began_at(*, class_id: UUID) -> datetime | None:
    """开班 (domain.md A3): the first learning in the class, after its plan was approved, that counted; None if none did.

    Raises ``NotFound`` CLASS_NOT_FOUND.
    """
    approved_at = plans.class_view(class_id).approved_at
    if approved_at is None:
        return None
    first = (
        sessions.first_opened_at(context_ref=class_id, since=approved_at),
        first_imported_at(class_id=class_id, since=approved_at),
    )
    return min((at for at in first if at is not None), default=None)


def open_session(
    *, worker_id: int, lesson_id: UUID, class_id: UUID | None = None, device: str, chance: Chance = SYSTEM_CHANCE
) -> SessionOpened:
    """Open a session of a lesson, for a class or for the worker alone; an open one elsewhere is closed and banked.

    In a class the lesson is taken in the version the plan was filed with, and must belong to one of its courses. Only a
    worker with a checked identity studies: time learned on an account that is nobody's would be lost when the person moves
    in from another phone. Raises ``NotAllowed`` CONSENT_REQUIRED, IDENTITY_REQUIRED, NOT_IN_CLASS, LESSON_NOT_IN_CLASS;
    ``NotFound`` CLASS_NOT_FOUND, LESSON_NOT_FOUND; ``Invalid`` DEVICE_INVALID, LESSON_FACTS_INVALID.
    """
    person_ref = people.require_identified(worker_id).learner_ref
    if class_id is None:
        lesson, policy = open_lesson(worker_id=worker_id, lesson_id=lesson_id), policies.current()
    else:
        view = class_of(worker_id, class_id)
        lesson, policy = _lesson_in(view, lesson_id), policies.of_version(view.policy_id, view.policy_version)
    opened = sessions.open_session(
        person_ref=person_ref,
        lesson=LessonFacts(lesson.public_id, lesson.version, lesson.sha256, lesson.kind, lesson.media_ms),
        context_ref=class_id,
        device_ref=device,
        rules=policies.counting_rules(policy),
        chance=chance,
    )
    bank_closed_sessions(worker_id=worker_id)
    return opened


def close_session(*, worker_id: int, session_id: UUID, beats: Sequence[BeatIn] = ()) -> StudyClosed:
    """Close a session with its last beats, seal it and bank what it counted. Again, or closed by itself: the same answer.

    Raises ``NotFound`` SESSION_NOT_FOUND, and what ``record_beats`` raises for the beats.
    """
    person_ref = people.learner_ref(worker_id)
    closed = sessions.close_session(person_ref=person_ref, session_id=session_id, beats=beats)
    row = banked(SESSION, session_id)
    while row is None:
        if bank_closed_sessions(worker_id=worker_id) == 0:
            raise RuntimeError(f"session {session_id} was closed and is neither sealed nor waiting")
        row = banked(SESSION, session_id)
    parts = [
        row,
        *(part for other in closed.closed_session_ids if other != session_id and (part := banked(SESSION, other))),
    ]
    return _closed_view(closed, row, parts)


def _closed_view(closed: SessionClosed, row: BankedEvidence, parts: Sequence[BankedEvidence]) -> StudyClosed:
    return StudyClosed(
        session_id=closed.session_id,
        counted_seconds=closed.counted_seconds,
        claimable_seconds=sum(part.claimable_seconds for part in parts),
        learned_seconds=sum(part.learned_seconds for part in parts),
        record_id=evidence.get_record(record_id=row.evidence_record_id).public_id,
        closed_reason=closed.reason,
        closed_sentence=closed.sentence,
        uncounted=closed.uncounted,
        completed=closed.completed,
        allowance_seconds=closed.allowance_seconds,
    )


def class_of(worker_id: int, class_id: UUID) -> ClassView:
    """The class, if the worker has joined it. Raises ``NotFound`` CLASS_NOT_FOUND, ``NotAllowed`` NOT_IN_CLASS."""
    view = plans.class_view(class_id)
    if plans.enrollment(worker_id, class_id) is None:
        raise NotAllowed("NOT_IN_CLASS", "您还没有加入这个班级，请先扫码或输入班级码加入。")
    return view


def lessons_of(view: ClassView) -> list[LessonView]:
    """The lessons of a class in the versions its plan chose, each once."""
    found: dict[UUID, LessonView] = {}
    for course in view.courses:
        for lesson in courses.course_view(course.course_id, version=course.version).lessons:
            found.setdefault(lesson.public_id, lesson)
    return list(found.values())


def _lesson_in(view: ClassView, lesson_id: UUID) -> LessonView:
    for lesson in lessons_of(view):
        if lesson.public_id == lesson_id:
            return lesson
    courses.lesson_facts(lesson_id)  # an unknown lesson is not found rather than not allowed
    raise NotAllowed("LESSON_NOT_IN_CLASS", "这一课不在本班的培训课程里，请从班级的课程列表进入。")
