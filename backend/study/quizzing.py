"""The quiz of a class or a course: opened by the policy's rules, sealed always, its time counted once when passed (四.2)."""

from __future__ import annotations

import random
from collections.abc import Mapping, Sequence
from uuid import UUID

from backend.people import services as people
from backend.plans import services as plans
from backend.policies import services as policies
from backend.quizzes import services as quizzes
from backend.quizzes.services import AttemptOpened, AttemptResult
from backend.study.banking import QUIZ, bank_evidence, banked, filed_before
from backend.study.choosing import open_course
from backend.study.learning import class_of
from backend.study.models import BankedEvidence
from backend.study.views import QuizFinished
from config import clock
from config.errors import Invalid
from learning_records.evidence import services as evidence
from learning_records.sessions import services as sessions
from learning_records.sessions.services import OutsideTimeView

SYSTEM_CHANCE: random.Random = random.SystemRandom()


def open_quiz(
    *,
    worker_id: int,
    class_id: UUID | None = None,
    course_id: UUID | None = None,
    chance: random.Random = SYSTEM_CHANCE,
) -> AttemptOpened:
    """Draw the final quiz of a class over all its courses, or the quiz of one course for a worker who studies alone.

    Raises ``Invalid`` QUIZ_SUBJECT unless exactly one is named; ``NotFound`` CLASS_NOT_FOUND, COURSE_NOT_FOUND;
    ``NotAllowed`` CONSENT_REQUIRED, IDENTITY_REQUIRED, NOT_IN_CLASS, QUIZ_NO_RESIT_LEFT; ``Conflict`` QUIZ_ALREADY_PASSED,
    QUIZ_POOL_EMPTY.
    """
    people.require_identified(worker_id)
    if class_id is not None and course_id is None:
        view = class_of(worker_id, class_id)
        subject, course_ids = class_id, [course.course_id for course in view.courses]
        policy = policies.of_version(view.policy_id, view.policy_version)
    elif course_id is not None and class_id is None:
        subject, course_ids = course_id, [open_course(worker_id=worker_id, course_id=course_id).public_id]
        policy = policies.current()
    else:
        raise Invalid("QUIZ_SUBJECT", "请选择一个班级或一门课程参加测试。")
    return quizzes.open_attempt(
        worker_id=worker_id,
        subject_ref=subject,
        course_public_ids=course_ids,
        rules=policies.quiz_rules(policy),
        chance=chance,
    )


def finish_quiz(
    *,
    worker_id: int,
    attempt_id: UUID,
    answers: Mapping[UUID, Sequence[str]],
    chance: sessions.Chance = sessions.SYSTEM_CHANCE,
) -> QuizFinished:
    """Grade an attempt, seal it, and count its time when it was passed. The same answers again: the same result.

    Answering proves that the worker is there, as a presence check does. Raises what ``submit_attempt`` raises.
    """
    result = quizzes.submit_attempt(worker_id=worker_id, attempt_id=attempt_id, answers=answers)
    row = banked(QUIZ, attempt_id)
    if row is None:
        row = _bank(worker_id, result, chance)
    record_id = evidence.get_record(record_id=row.evidence_record_id).public_id
    return QuizFinished(result, row.learned_seconds, row.claimable_seconds, record_id)


def _bank(worker_id: int, result: AttemptResult, chance: sessions.Chance) -> BankedEvidence:
    person_ref = people.learner_ref(worker_id)
    in_class = plans.enrollment(worker_id, result.subject_ref) is not None
    context_ref = result.subject_ref if in_class else None
    counted = None
    if result.passed:
        counted = sessions.record_quiz_time(
            person_ref=person_ref,
            context_ref=context_ref,
            quiz_ref=result.attempt_id,
            started_at=result.started_at,
            ended_at=result.submitted_at,
            limit_seconds=result.time_limit_seconds,
            chance=chance,
        )
    if result.status == "submitted":
        rules = policies.counting_rules(plans.policy_of_class(context_ref))
        sessions.confirm_presence(person_ref=person_ref, rules=rules, chance=chance)
    return bank_evidence(
        source_kind=QUIZ,
        source_ref=result.attempt_id,
        worker_id=worker_id,
        person_ref=person_ref,
        context_ref=context_ref,
        filed=filed_before(context_ref, worker_id, result.started_at),
        body=_body(person_ref, context_ref, result, counted),
        learned_seconds=counted.counted_seconds if counted else 0,
        checked_in_seconds=counted.checked_in_seconds if counted else 0,
    )


def _body(
    person_ref: UUID, context_ref: UUID | None, result: AttemptResult, counted: OutsideTimeView | None
) -> dict[str, object]:
    return {
        "attempt": str(result.attempt_id),
        "person": str(person_ref),
        "context": str(context_ref) if context_ref else None,
        "subject": str(result.subject_ref),
        "number": result.number,
        "status": result.status,
        "score": result.score,
        "passed": result.passed,
        "opened_ms": clock.epoch_ms(result.started_at),
        "closed_ms": clock.epoch_ms(result.submitted_at),
        "time_limit_seconds": result.time_limit_seconds,
        "answers": [
            {"question": str(item.question_id), "chosen": list(item.chosen), "right": item.right}
            for item in result.corrections
        ],
        "pieces": counted.facts["pieces"] if counted else [],
        "learned_seconds": counted.counted_seconds if counted else 0,
        "checked_in_seconds": counted.checked_in_seconds if counted else 0,
    }
