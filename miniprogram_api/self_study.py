"""The training of new hires on the phone: my own (自主学, 师带徒), and that of the new hires whose mentor I am."""

import uuid
from typing import Any

from flask import request
from marshmallow import fields

from backend.new_hires import services as new_hires
from backend.new_hires.services import Entry, LogView
from config.database import transaction
from config.errors import Invalid
from learning_records.evidence.attachments import AttachmentView
from miniprogram_api.guard import UploadBlueprint, WorkerBlueprint, caller
from wire.schemas import Day, PublicIdField, StrictSchema, Text, WholeNumber

self_study = WorkerBlueprint("self_study", "新录用职工岗前培训")
photos = UploadBlueprint("self_study_photos", "岗前培训照片")
Body = dict[str, Any]


class LogIn(StrictSchema):
    key = Text(required=True, at_least=8, limit=64, metadata={"description": "本条记录的编号，重发时不变"})
    trained_on = Day(required=True)
    minutes = WholeNumber(required=True, at_least=1, at_most=1440)
    content = Text(required=True, at_least=1, limit=30)
    words = Text(required=True, limit=500)
    photo_id = PublicIdField(load_default=None, allow_none=True)


class LogAnswerIn(StrictSchema):
    confirmed = fields.Boolean(required=True, truthy={True}, falsy={False})
    words = Text(load_default="", limit=200)


class LogOut(StrictSchema):
    log_id = fields.UUID(required=True)
    trained_on = fields.Date(required=True)
    minutes = fields.Integer(required=True)
    content = fields.String(required=True)
    content_word = fields.String(required=True)
    words = fields.String(required=True)
    photo_id = fields.UUID(required=True, allow_none=True, attribute="photo_ref")
    written_at = fields.DateTime(required=True)
    answer = fields.String(required=True, allow_none=True, metadata={"description": "confirmed、refused、withdrawn"})
    answer_words = fields.String(required=True)
    counts = fields.Boolean(required=True)


class OnlineTimeOut(StrictSchema):
    opened_at = fields.DateTime(required=True)
    title = fields.String(required=True)
    seconds = fields.Integer(required=True)


class TrainingOut(StrictSchema):
    counted_seconds = fields.Integer(required=True)
    needed_seconds = fields.Integer(required=True)
    enough = fields.Boolean(required=True)
    sentences = fields.List(fields.String(), required=True)
    logs = fields.List(fields.Nested(LogOut), required=True)
    online = fields.List(fields.Nested(OnlineTimeOut), required=True)
    outcome = fields.String(required=True, allow_none=True)
    outcome_reason = fields.String(required=True)


class NewHireOut(StrictSchema):
    line_id = fields.UUID(required=True)
    enterprise_name = fields.String(required=True)
    trainee_name = fields.String(required=True)
    form = fields.String(required=True)
    contents = fields.List(fields.String(), required=True)
    amount_fen = fields.Integer(required=True)
    status = fields.String(required=True)
    status_words = fields.String(required=True)
    hired_on = fields.Date(required=True)
    training_due_on = fields.Date(required=True, allow_none=True)
    training = fields.Nested(TrainingOut, required=True)


class NewHiresOut(StrictSchema):
    mine = fields.List(fields.Nested(NewHireOut), required=True)
    trainees = fields.List(fields.Nested(NewHireOut), required=True)


class PhotoOut(StrictSchema):
    photo_id = fields.UUID(required=True, attribute="attachment_id")


def _entry(body: Body) -> Entry:
    return Entry(
        body["key"], body["trained_on"], body["minutes"], body["content"], body["words"], photo_ref=body["photo_id"]
    )


@self_study.get("/new-hires")
@self_study.response(200, NewHiresOut)
def list_mine() -> dict[str, list[new_hires.OwnNewHire]]:
    """以我的名义预拨的岗前培训补贴，以及我带教的新职工"""
    worker_id = caller().worker_id
    return {
        "mine": new_hires.own_trainings(worker_id=worker_id),
        "trainees": new_hires.trainees_of(worker_id=worker_id),
    }


@self_study.post("/new-hires/<uuid:line_id>/self-study")
@self_study.arguments(LogIn)
@self_study.response(200, LogOut)
def post_self_study(body: Body, line_id: uuid.UUID) -> LogView:
    """记一条自主学；重发同一条不变"""
    return transaction(
        lambda: new_hires.write_self_study(worker_id=caller().worker_id, line_id=line_id, entry=_entry(body))
    )


@self_study.post("/new-hires/<uuid:line_id>/mentor-log")
@self_study.arguments(LogIn)
@self_study.response(200, LogOut)
def post_mentor_log(body: Body, line_id: uuid.UUID) -> LogView:
    """师傅记一条师带徒；徒弟确认后才算"""
    return transaction(
        lambda: new_hires.write_as_mentor(worker_id=caller().worker_id, line_id=line_id, entry=_entry(body))
    )


@self_study.post("/training-logs/<uuid:log_id>/answer")
@self_study.arguments(LogAnswerIn)
@self_study.response(200, LogOut)
def post_answer(body: Body, log_id: uuid.UUID) -> LogView:
    """徒弟确认或退回师傅的记录；退回要写明哪里不对"""
    return transaction(
        lambda: new_hires.answer_entry(
            worker_id=caller().worker_id, log_id=log_id, confirmed=body["confirmed"], words=body["words"]
        )
    )


@self_study.post("/training-logs/<uuid:log_id>/take-back")
@self_study.response(200, LogOut)
def post_take_back(log_id: uuid.UUID) -> LogView:
    """撤回自己写的一条；确认以后不能撤回"""
    return transaction(lambda: new_hires.take_back(log_id=log_id, worker_id=caller().worker_id))


@photos.post("/new-hires/<uuid:line_id>/photos")
@photos.response(200, PhotoOut)
def post_photo(line_id: uuid.UUID) -> AttachmentView:
    """上传一张照片（multipart，字段名 photo，JPEG或PNG，最大10MB），再把 photo_id 写进记录"""
    worker_id = caller().worker_id
    new_hires.require_taking_part(worker_id=worker_id, line_id=line_id)
    photo = request.files.get("photo")
    if photo is None:
        raise Invalid("PHOTO_REQUIRED", "请选择一张照片再上传。")
    file = new_hires.receive(kind="photo", name=photo.filename or "照片", stream=photo.stream)
    return transaction(lambda: new_hires.add_photo(worker_id=worker_id, line_id=line_id, file=file))
