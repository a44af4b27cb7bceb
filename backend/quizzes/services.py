"""Opening, submitting and looking up quiz attempts. Time is the calendar's; nothing here tells an answer too early."""

from __future__ import annotations

import random
import uuid
from collections.abc import Mapping, Sequence

from sqlalchemy import func, select
from sqlalchemy.exc import IntegrityError

from backend.courses.services import PoolQuestion, question_pool, questions_by_id
from backend.quizzes.closed import closed_attempts, passed_attempts, passed_by
from backend.quizzes.models import QuizAttempt, QuizItem
from backend.quizzes.rules import (
    LETTERS,
    Candidate,
    Drawn,
    QuizRules,
    attempts_left,
    deadline,
    draw,
    normalized,
    score,
    shown_keys,
)
from backend.quizzes.views import (
    AttemptOpened,
    AttemptResult,
    BestResult,
    Correction,
    ShownOption,
    ShownQuestion,
)
from config import clock
from config.database import db, locked
from config.errors import Conflict, Invalid, NotAllowed, NotFound

__all__ = [
    "AttemptOpened",
    "AttemptResult",
    "BestResult",
    "Correction",
    "QuizRules",
    "ShownOption",
    "ShownQuestion",
    "attempt_result",
    "attempts",
    "best_result",
    "close_expired_attempts",
    "closed_attempts",
    "open_attempt",
    "passed_attempts",
    "passed_by",
    "submit_attempt",
]

SYSTEM_CHANCE: random.Random = random.SystemRandom()
OPEN, SUBMITTED, EXPIRED = "open", "submitted", "expired"


def open_attempt(
    *,
    worker_id: int,
    subject_ref: uuid.UUID,
    course_public_ids: Sequence[uuid.UUID],
    rules: QuizRules,
    chance: random.Random = SYSTEM_CHANCE,
) -> AttemptOpened:
    """Draw a quiz for one person, or give back the one still open (a second tap, a phone that lost the answer).

    Raises ``Conflict`` (QUIZ_ALREADY_PASSED, QUIZ_POOL_EMPTY), ``NotAllowed`` (QUIZ_NO_RESIT_LEFT) and ``NotFound``
    (COURSE_NOT_FOUND). An attempt whose time ran out is closed as expired first.
    """
    made = _attempts(worker_id, subject_ref)
    for attempt in made:
        if attempt.status == OPEN:
            if clock.now() <= attempt.deadline_at:
                return _opened(attempt)
            _close(attempt, EXPIRED, {}, 0)
    if any(attempt.passed for attempt in made):
        raise Conflict("QUIZ_ALREADY_PASSED", "您已经通过测试，不用再考。")
    if attempts_left(len(made), rules) == 0:
        raise NotAllowed("QUIZ_NO_RESIT_LEFT", f"补考机会（{rules.resits}次）已经用完，请联系单位经办人。")
    pool = question_pool(course_public_ids)
    if not pool:
        raise Conflict("QUIZ_POOL_EMPTY", "这门课程还没有题库，暂时不能测试，请联系课程的提供方。")
    groups = {course_id: index for index, course_id in enumerate(dict.fromkeys(course_public_ids))}
    candidates = [Candidate(q.id, groups[q.course_id], len(q.options), q.kind == "true_false") for q in pool]
    drawn = draw(candidates, rules, _seen(made), chance)
    try:
        with db.session.begin_nested():
            attempt = _write_attempt(worker_id, subject_ref, len(made) + 1, drawn, rules)
    except IntegrityError:  # opened by the same person in the same instant from elsewhere
        return _opened(next(attempt for attempt in _attempts(worker_id, subject_ref) if attempt.status == OPEN))
    return _opened(attempt)


def submit_attempt(
    *, worker_id: int, attempt_id: uuid.UUID, answers: Mapping[uuid.UUID, Sequence[str]]
) -> AttemptResult:
    """Close an attempt with the letters chosen for each question; a question left out is wrong.

    After the deadline the attempt is closed as expired, whatever the answers. The same answers again give the same result.
    Raises ``NotFound`` (QUIZ_NOT_FOUND), ``Invalid`` (QUIZ_UNKNOWN_QUESTION, QUIZ_UNKNOWN_KEY, QUIZ_ONE_KEY_ONLY) and
    ``Conflict`` (QUIZ_ALREADY_SUBMITTED) for other answers to a submitted attempt.
    """
    query = select(QuizAttempt).where(QuizAttempt.public_id == attempt_id, QuizAttempt.worker_id == worker_id)
    attempt = db.session.scalar(locked(query))
    if attempt is None:
        raise NotFound("QUIZ_NOT_FOUND", "没有找到这次测试，请返回重新开始。")
    chosen = normalized({str(question): list(keys) for question, keys in answers.items()})
    if attempt.status != OPEN:
        if attempt.status == SUBMITTED and attempt.answers != chosen:
            raise Conflict("QUIZ_ALREADY_SUBMITTED", "这次测试已经交卷，不能再改答案。")
        return _result(attempt)
    items = _items(attempt)
    _check(chosen, items)
    if clock.now() > attempt.deadline_at:
        _close(attempt, EXPIRED, chosen, 0)
        return _result(attempt)
    right = sum(
        frozenset(chosen.get(str(question.public_id), ())) == shown_keys(question.answer, item.option_order)
        for item, question in items
    )
    _close(attempt, SUBMITTED, chosen, score(right, len(items)))
    return _result(attempt)


def close_expired_attempts(*, limit: int = 200) -> int:
    """Job, every minute: close attempts whose time ran out. Returns how many."""
    query = select(QuizAttempt).where(QuizAttempt.status == OPEN, QuizAttempt.deadline_at < clock.now())
    found = db.session.scalars(locked(query.order_by(QuizAttempt.deadline_at).limit(limit))).all()
    for attempt in found:
        _close(attempt, EXPIRED, {}, 0)
    return len(found)


def attempts(*, worker_id: int, subject_ref: uuid.UUID) -> list[AttemptResult]:
    """A person's closed attempts at a subject, the first first."""
    return [_result(attempt) for attempt in _attempts(worker_id, subject_ref) if attempt.status != OPEN]


def attempt_result(*, worker_id: int, attempt_id: uuid.UUID) -> AttemptResult:
    """One closed attempt. Raises ``NotFound`` (QUIZ_NOT_FOUND) and ``Conflict`` (QUIZ_STILL_OPEN)."""
    query = select(QuizAttempt).where(QuizAttempt.public_id == attempt_id, QuizAttempt.worker_id == worker_id)
    attempt = db.session.scalar(query)
    if attempt is None:
        raise NotFound("QUIZ_NOT_FOUND", "没有找到这次测试，请返回重新开始。")
    if attempt.status == OPEN:
        raise Conflict("QUIZ_STILL_OPEN", "这次测试还没有交卷，交卷后才能看结果。")
    return _result(attempt)


def best_result(worker_id: int, subject_ref: uuid.UUID) -> BestResult | None:
    """The best closed attempt (the earlier of two equal ones); None when there is none."""
    closed = [attempt for attempt in _attempts(worker_id, subject_ref) if attempt.status != OPEN]
    if not closed:
        return None
    best = max(closed, key=lambda attempt: (bool(attempt.passed), attempt.score or 0, -attempt.number))
    assert best.score is not None
    assert best.closed_at is not None
    return BestResult(best.public_id, best.score, bool(best.passed), len(closed), best.opened_at, best.closed_at)


def _write_attempt(
    worker_id: int, subject_ref: uuid.UUID, number: int, drawn: Sequence[Drawn], rules: QuizRules
) -> QuizAttempt:
    now = clock.now()
    attempt = QuizAttempt(
        worker_id=worker_id,
        subject_ref=subject_ref,
        number=number,
        status=OPEN,
        opened_at=now,
        deadline_at=deadline(now, rules),
        question_count=len(drawn),
        time_limit_seconds=rules.time_limit_seconds,
        pass_mark=rules.pass_mark,
        resits=rules.resits,
    )
    db.session.add(attempt)
    db.session.flush()
    for position, item in enumerate(drawn, start=1):
        row = QuizItem(attempt_id=attempt.id, position=position, question_id=item.id, option_order=list(item.order))
        db.session.add(row)
    db.session.flush()
    return attempt


def _attempts(worker_id: int, subject_ref: uuid.UUID) -> Sequence[QuizAttempt]:
    query = select(QuizAttempt).where(QuizAttempt.worker_id == worker_id, QuizAttempt.subject_ref == subject_ref)
    return db.session.scalars(query.order_by(QuizAttempt.number)).all()


def _seen(made: Sequence[QuizAttempt]) -> frozenset[int]:
    ids = [attempt.id for attempt in made]
    return frozenset(db.session.scalars(select(QuizItem.question_id).where(QuizItem.attempt_id.in_(ids))))


def _items(attempt: QuizAttempt) -> list[tuple[QuizItem, PoolQuestion]]:
    query = select(QuizItem).where(QuizItem.attempt_id == attempt.id).order_by(QuizItem.position)
    items = db.session.scalars(query).all()
    questions = questions_by_id([item.question_id for item in items])
    return [(item, questions[item.question_id]) for item in items]


def _check(chosen: Mapping[str, Sequence[str]], items: Sequence[tuple[QuizItem, PoolQuestion]]) -> None:
    asked = {str(question.public_id): question for _, question in items}
    for question_id, keys in chosen.items():
        question = asked.get(question_id)
        if question is None:
            raise Invalid("QUIZ_UNKNOWN_QUESTION", "答案里有不属于这次测试的题目，请返回重新打开测试。")
        if any(key not in LETTERS[: len(question.options)] or len(key) != 1 for key in keys):
            raise Invalid("QUIZ_UNKNOWN_KEY", "答案里有题目没有的选项，请重新选择。")
        if question.kind != "multiple" and len(keys) > 1:
            raise Invalid("QUIZ_ONE_KEY_ONLY", "单选题和判断题只能选一个答案。")


def _close(attempt: QuizAttempt, status: str, chosen: dict[str, list[str]], points: int) -> None:
    attempt.status = status
    attempt.closed_at = clock.now()
    attempt.answers = chosen
    attempt.score = points
    attempt.passed = status == SUBMITTED and points >= attempt.pass_mark
    db.session.flush()


def _opened(attempt: QuizAttempt) -> AttemptOpened:
    return AttemptOpened(
        attempt_id=attempt.public_id,
        number=attempt.number,
        opened_at=attempt.opened_at,
        deadline_at=attempt.deadline_at,
        time_limit_seconds=attempt.time_limit_seconds,
        pass_mark=attempt.pass_mark,
        resits_left=_resits_left(attempt),
        questions=tuple(
            ShownQuestion(
                question.public_id,
                question.kind,
                question.stem,
                tuple(
                    ShownOption(LETTERS[place], question.options[index])
                    for place, index in enumerate(item.option_order)
                ),
            )
            for item, question in _items(attempt)
        ),
    )


def _result(attempt: QuizAttempt) -> AttemptResult:
    assert attempt.score is not None
    assert attempt.closed_at is not None
    chosen = attempt.answers or {}
    corrections = []
    for item, question in _items(attempt):
        keys = tuple(chosen.get(str(question.public_id), ()))
        right_keys = shown_keys(question.answer, item.option_order)
        corrections.append(
            Correction(
                question.public_id,
                question.stem,
                keys,
                tuple(sorted(right_keys)),
                frozenset(keys) == right_keys,
                question.explanation,
            )
        )
    return AttemptResult(
        attempt_id=attempt.public_id,
        subject_ref=attempt.subject_ref,
        number=attempt.number,
        status=attempt.status,
        score=attempt.score,
        passed=bool(attempt.passed),
        resits_left=0 if attempt.passed else _resits_left(attempt),
        started_at=attempt.opened_at,
        submitted_at=attempt.closed_at,
        time_limit_seconds=attempt.time_limit_seconds,
        corrections=tuple(corrections),
    )


def _resits_left(attempt: QuizAttempt) -> int:
    """How many attempts were left after this one, by the rules it was opened under."""
    query = select(func.count()).where(
        QuizAttempt.worker_id == attempt.worker_id, QuizAttempt.subject_ref == attempt.subject_ref
    )
    return max(0, 1 + attempt.resits - (db.session.scalar(query) or 0))
