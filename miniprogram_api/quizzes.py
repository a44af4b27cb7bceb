"""Quizzes: drawn for one person, submitted once, explained afterwards."""

import uuid
from typing import Any

from marshmallow import ValidationError, fields, validate, validates_schema

from backend.quizzes.services import AttemptOpened
from backend.study import services as study
from backend.study.services import QuizFinished
from config.database import transaction
from miniprogram_api.guard import WorkerBlueprint, caller
from wire.schemas import PublicIdField, StrictSchema, Text

quizzes = WorkerBlueprint("quizzes", "测试")

MOST_ANSWERS = 200
MOST_KEYS = 6

Body = dict[str, Any]


class QuizIn(StrictSchema):
    class_id = PublicIdField(load_default=None, allow_none=True)
    course_id = PublicIdField(load_default=None, allow_none=True)


class OptionOut(StrictSchema):
    key = fields.String(required=True)
    text = fields.String(required=True)


class QuestionOut(StrictSchema):
    question_id = fields.UUID(required=True)
    kind = fields.String(required=True, metadata={"description": "single、multiple 或 true_false"})
    stem = fields.String(required=True)
    options = fields.List(fields.Nested(OptionOut), required=True)


class AttemptOut(StrictSchema):
    attempt_id = fields.UUID(required=True)
    deadline_at = fields.DateTime(required=True)
    time_limit_seconds = fields.Integer(required=True)
    pass_mark = fields.Integer(required=True)
    resits_left = fields.Integer(required=True)
    questions = fields.List(fields.Nested(QuestionOut), required=True)


class AnswerIn(StrictSchema):
    question_id = PublicIdField(required=True)
    keys = fields.List(
        Text(at_least=1, limit=1),
        required=True,
        validate=validate.Length(max=MOST_KEYS, error=f"最多{MOST_KEYS}个选项"),
    )


class AnswersIn(StrictSchema):
    answers = fields.List(
        fields.Nested(AnswerIn),
        required=True,
        validate=validate.Length(max=MOST_ANSWERS, error=f"一次最多{MOST_ANSWERS}题"),
    )

    @validates_schema
    def one_answer_a_question(self, data: Body, **_: Any) -> None:
        questions = [answer["question_id"] for answer in data.get("answers", [])]
        if len(set(questions)) != len(questions):
            raise ValidationError("同一道题出现了两次", "answers")


class CorrectionOut(StrictSchema):
    question_id = fields.UUID(required=True)
    stem = fields.String(required=True)
    chosen = fields.List(fields.String(), required=True)
    right_keys = fields.List(fields.String(), required=True)
    right = fields.Boolean(required=True)
    explanation = fields.String(required=True)


class FinishedOut(StrictSchema):
    attempt_id = fields.UUID(attribute="result.attempt_id", required=True)
    status = fields.String(attribute="result.status", required=True)
    score = fields.Integer(attribute="result.score", required=True)
    passed = fields.Boolean(attribute="result.passed", required=True)
    resits_left = fields.Integer(attribute="result.resits_left", required=True)
    counted_seconds = fields.Integer(required=True)
    claimable_seconds = fields.Integer(required=True)
    record_id = fields.UUID(required=True)
    corrections = fields.List(fields.Nested(CorrectionOut), attribute="result.corrections", required=True)


@quizzes.post("/quizzes")
@quizzes.arguments(QuizIn)
@quizzes.response(201, AttemptOut)
def post_quiz(body: Body) -> AttemptOpened:
    """开始测试：班级的结业测试，或者自学课程的测试；没有交卷的会接着考"""
    return transaction(lambda: study.open_quiz(worker_id=caller().worker_id, **body))


@quizzes.post("/quizzes/<uuid:attempt_id>/submit")
@quizzes.arguments(AnswersIn)
@quizzes.response(200, FinishedOut)
def post_answers(body: Body, attempt_id: uuid.UUID) -> QuizFinished:
    """交卷；交卷以后才给出答案和解析"""
    answers = {answer["question_id"]: answer["keys"] for answer in body["answers"]}
    return transaction(lambda: study.finish_quiz(worker_id=caller().worker_id, attempt_id=attempt_id, answers=answers))
