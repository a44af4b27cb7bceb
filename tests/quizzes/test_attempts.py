"""Attempts as a worker lives them: draw, answer, resit, run out of time, tap twice."""

from __future__ import annotations

import dataclasses
import json
import random
import uuid
from collections.abc import Mapping, Sequence

import pytest
from flask import Flask
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from backend.courses.services import CourseView, questions_by_id
from backend.quizzes import services as quizzes
from backend.quizzes.models import QuizItem
from backend.quizzes.services import AttemptOpened, AttemptResult, QuizRules
from config.clock import FixedCalendar
from config.database import db, transaction
from config.errors import Conflict, Invalid, NotAllowed, NotFound
from tests.cast.courses import a_course
from tests.cast.credit_bank import a_worker

RULES = QuizRules(question_count=6, time_limit_seconds=600, pass_mark=60, resits=2)
Answers = Mapping[uuid.UUID, Sequence[str]]


@pytest.fixture
def course(app: Flask) -> CourseView:
    return a_course(question_count=12)


@pytest.fixture
def worker(app: Flask) -> int:
    return a_worker()


def start(worker: int, course: CourseView, seed: int = 1, rules: QuizRules = RULES) -> AttemptOpened:
    return transaction(
        lambda: quizzes.open_attempt(
            worker_id=worker,
            subject_ref=course.public_id,
            course_public_ids=[course.public_id],
            rules=rules,
            chance=random.Random(seed),
        )
    )


def hand_in(worker: int, attempt: AttemptOpened, answers: Answers) -> AttemptResult:
    return transaction(lambda: quizzes.submit_attempt(worker_id=worker, attempt_id=attempt.attempt_id, answers=answers))


def right_answers(attempt: AttemptOpened, count: int = 99) -> dict[uuid.UUID, list[str]]:
    """What a person who knows would choose, reading the options: those that say 正确."""
    return {
        question.question_id: [option.key for option in question.options if "正确" in option.text]
        for question in attempt.questions[:count]
    }


def test_a_good_attempt_passes(worker: int, course: CourseView, clock: FixedCalendar) -> None:
    attempt = start(worker, course)
    assert len(attempt.questions) == 6
    assert (attempt.deadline_at - attempt.opened_at).total_seconds() == 600
    clock.advance(240)
    result = hand_in(worker, attempt, right_answers(attempt))
    assert (result.score, result.passed, result.status, result.resits_left) == (100, True, "submitted", 0)
    assert (result.submitted_at - result.started_at).total_seconds() == 240
    assert all(correction.right and correction.explanation for correction in result.corrections)


def test_no_answer_leaves_before_the_attempt_is_closed(worker: int, course: CourseView) -> None:
    attempt = start(worker, course)
    told = json.dumps(dataclasses.asdict(attempt), default=str, ensure_ascii=False)
    explanations = {question.explanation for question in questions_by_id(range(1, 20)).values()}
    assert explanations
    assert not any(explanation in told for explanation in explanations)
    names = {field.name for question in attempt.questions for field in dataclasses.fields(question)}
    assert names == {"question_id", "kind", "stem", "options"}
    with pytest.raises(Conflict, match="QUIZ_STILL_OPEN"):
        quizzes.attempt_result(worker_id=worker, attempt_id=attempt.attempt_id)
    assert quizzes.attempts(worker_id=worker, subject_ref=course.public_id) == []
    assert quizzes.best_result(worker, course.public_id) is None


def test_a_failed_attempt_leaves_two_resits_and_then_none(worker: int, course: CourseView) -> None:
    left = []
    for seed in range(3):
        attempt = start(worker, course, seed)
        result = hand_in(worker, attempt, right_answers(attempt, count=3))
        assert (result.score, result.passed) == (50, False)
        left.append(result.resits_left)
    assert left == [2, 1, 0]
    with pytest.raises(NotAllowed, match="QUIZ_NO_RESIT_LEFT"):
        start(worker, course)
    assert [result.number for result in quizzes.attempts(worker_id=worker, subject_ref=course.public_id)] == [1, 2, 3]


def test_the_best_result_counts(worker: int, course: CourseView) -> None:
    for count in (1, 5):
        attempt = start(worker, course)
        hand_in(worker, attempt, right_answers(attempt, count))
    best = quizzes.best_result(worker, course.public_id)
    assert best is not None
    assert (best.score, best.passed, best.attempts) == (83, True, 2)
    with pytest.raises(Conflict, match="QUIZ_ALREADY_PASSED"):
        start(worker, course)


def test_a_second_tap_gives_the_same_attempt(worker: int, course: CourseView) -> None:
    assert start(worker, course, seed=1) == start(worker, course, seed=2)


def test_submitting_twice_is_the_same_and_changing_is_refused(worker: int, course: CourseView) -> None:
    attempt = start(worker, course)
    answers = right_answers(attempt, count=2)
    first = hand_in(worker, attempt, answers)
    assert hand_in(worker, attempt, {key: list(reversed(value)) for key, value in answers.items()}) == first
    with pytest.raises(Conflict, match="QUIZ_ALREADY_SUBMITTED"):
        hand_in(worker, attempt, right_answers(attempt))
    assert quizzes.attempt_result(worker_id=worker, attempt_id=attempt.attempt_id) == first


def test_on_the_deadline_is_in_time_and_after_it_is_expired(
    worker: int, course: CourseView, clock: FixedCalendar
) -> None:
    attempt = start(worker, course)
    clock.advance(600)
    assert hand_in(worker, attempt, right_answers(attempt, count=1)).status == "submitted"
    attempt = start(worker, course)
    clock.advance(601)
    late = hand_in(worker, attempt, right_answers(attempt))
    assert (late.status, late.score, late.passed, late.resits_left) == ("expired", 0, False, 1)
    assert hand_in(worker, attempt, right_answers(attempt)) == late


def test_an_abandoned_attempt_is_closed_and_used_up(worker: int, course: CourseView, clock: FixedCalendar) -> None:
    start(worker, course)
    assert transaction(lambda: quizzes.close_expired_attempts()) == 0
    clock.advance(601)
    assert transaction(lambda: quizzes.close_expired_attempts()) == 1
    start(worker, course)
    clock.advance(601)
    third = start(worker, course)  # closes the second by itself
    assert (third.number, third.resits_left) == (3, 0)


def test_a_resit_asks_other_questions(worker: int, course: CourseView) -> None:
    first = start(worker, course, seed=1)
    hand_in(worker, first, {})
    second = start(worker, course, seed=2)
    assert not {q.question_id for q in first.questions} & {q.question_id for q in second.questions}


def test_half_a_multiple_choice_is_wrong(worker: int, course: CourseView) -> None:
    attempt = start(worker, course)
    multiple = next(question for question in attempt.questions if question.kind == "multiple")
    answers = right_answers(attempt)
    answers[multiple.question_id] = answers[multiple.question_id][:1]
    result = hand_in(worker, attempt, answers)
    assert result.score == 83
    assert [c.question_id for c in result.corrections if not c.right] == [multiple.question_id]


def test_answers_that_cannot_be(worker: int, course: CourseView) -> None:
    attempt = start(worker, course)
    single = next(question for question in attempt.questions if question.kind == "single")
    for answers, code in [
        ({uuid.uuid4(): ["A"]}, "QUIZ_UNKNOWN_QUESTION"),
        ({single.question_id: ["E"]}, "QUIZ_UNKNOWN_KEY"),
        ({single.question_id: ["AB"]}, "QUIZ_UNKNOWN_KEY"),
        ({single.question_id: [""]}, "QUIZ_UNKNOWN_KEY"),
        ({single.question_id: ["A", "B"]}, "QUIZ_ONE_KEY_ONLY"),
    ]:
        with pytest.raises(Invalid, match=code):
            hand_in(worker, attempt, answers)
    assert hand_in(worker, attempt, right_answers(attempt)).passed


def test_nobody_submits_for_another(worker: int, course: CourseView) -> None:
    attempt = start(worker, course)
    outsider = a_worker()
    with pytest.raises(NotFound):
        hand_in(outsider, attempt, right_answers(attempt))
    with pytest.raises(NotFound):
        quizzes.attempt_result(worker_id=outsider, attempt_id=attempt.attempt_id)


def test_a_course_without_questions_has_no_quiz(worker: int) -> None:
    with pytest.raises(Conflict, match="QUIZ_POOL_EMPTY"):
        start(worker, a_course(question_count=0))


def test_a_small_pool_gives_a_short_quiz(worker: int) -> None:
    attempt = start(worker, a_course(question_count=4))
    assert len(attempt.questions) == 4
    assert hand_in(worker, attempt, right_answers(attempt, count=3)).score == 75


def test_several_courses_are_asked_evenly(worker: int, course: CourseView) -> None:
    other = a_course(question_count=12)
    opened = transaction(
        lambda: quizzes.open_attempt(
            worker_id=worker,
            subject_ref=uuid.uuid4(),
            course_public_ids=[course.public_id, other.public_id],
            rules=RULES,
            chance=random.Random(5),
        )
    )
    asked = questions_by_id(db.session.scalars(db.select(QuizItem.question_id)).all())
    assert len(opened.questions) == 6
    assert [sum(q.course_id == c.public_id for q in asked.values()) for c in (course, other)] == [3, 3]


def test_an_old_attempt_keeps_its_own_questions(worker: int, course: CourseView) -> None:
    attempt = start(worker, course)
    result = hand_in(worker, attempt, right_answers(attempt))
    a_course(question_count=3)
    assert quizzes.attempt_result(worker_id=worker, attempt_id=attempt.attempt_id) == result


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE quiz_attempt SET score = 100",
        "UPDATE quiz_attempt SET status = 'open', closed_at = NULL, score = NULL, passed = NULL",
        "DELETE FROM quiz_attempt",
        "UPDATE quiz_item SET position = position + 100",
        "DELETE FROM quiz_item",
    ],
)
def test_a_closed_attempt_cannot_be_changed_in_the_database(worker: int, course: CourseView, statement: str) -> None:
    attempt = start(worker, course)
    hand_in(worker, attempt, {})
    with pytest.raises(DBAPIError, match="append-only"):
        transaction(lambda: db.session.execute(text(statement)))


def test_the_database_keeps_one_open_attempt_and_no_late_pass(worker: int, course: CourseView) -> None:
    attempt = start(worker, course)
    assert attempt.number == 1
    copy = (
        "INSERT INTO quiz_attempt (public_id, worker_id, subject_ref, number, status, opened_at, deadline_at, "
        "question_count, time_limit_seconds, pass_mark, resits) SELECT :other, worker_id, subject_ref, 2, "
        "'open', opened_at, deadline_at, question_count, time_limit_seconds, pass_mark, resits FROM quiz_attempt"
    )
    with pytest.raises(DBAPIError):
        transaction(lambda: db.session.execute(text(copy), {"other": uuid.uuid4().hex}))
    late = "UPDATE quiz_attempt SET status = 'expired', closed_at = opened_at, score = 100, passed = (1 = 1), answers = '{}'"
    with pytest.raises(DBAPIError):
        transaction(lambda: db.session.execute(text(late)))
