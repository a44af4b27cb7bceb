"""My name: what is shown of me on public notices, objecting to it, and reporting that it was not me."""

import uuid
from typing import Any

from marshmallow import fields

from backend.disputes import services as disputes_slice
from backend.disputes.services import DisputeView
from backend.notices.services import FiledObjection
from backend.people import services as people
from backend.reviews import services as reviews
from backend.reviews.services import OwnNotice
from config.database import transaction
from miniprogram_api.guard import WorkerBlueprint, caller
from wire.schemas import StrictSchema, Text

disputes = WorkerBlueprint("disputes", "公示、异议和争议")

Body = dict[str, Any]


def words_field() -> Text:
    """What happened, in the worker's own words."""
    return Text(required=True, at_least=5, limit=1_000)


class ObjectionOut(StrictSchema):
    objection_id = fields.UUID(required=True)
    number = fields.String(required=True)
    status = fields.String(required=True)
    status_words = fields.String(required=True)
    due_on = fields.Date(required=True)
    answer = fields.String(required=True)


class OwnNoticeOut(StrictSchema):
    notice_id = fields.UUID(attribute="notice.notice_id", required=True)
    number = fields.String(attribute="notice.number", required=True)
    opens_on = fields.Date(attribute="notice.opens_on", required=True)
    closes_on = fields.Date(attribute="notice.closes_on", required=True)
    line_id = fields.UUID(required=True)
    enterprise_name = fields.String(required=True)
    class_hours = fields.Integer(required=True)
    amount_fen = fields.Integer(required=True)
    open_now = fields.Boolean(required=True)
    objections = fields.List(fields.Nested(ObjectionOut), required=True)


class OwnNoticesOut(StrictSchema):
    items = fields.List(fields.Nested(OwnNoticeOut), required=True)


class ObjectionIn(StrictSchema):
    line_id = fields.UUID(required=True)
    text = words_field()
    contact = Text(load_default="", limit=100)


class FiledOut(StrictSchema):
    objection = fields.Nested(ObjectionOut, attribute="view", required=True)
    code = fields.String(required=True, metadata={"description": "撤回码，只给一次"})


class MisuseIn(StrictSchema):
    name = Text(required=True, at_least=1, limit=100)
    id_number = Text(required=True, at_least=1, limit=64)
    text = words_field()
    contact = Text(required=True, at_least=5, limit=100)


class AbsenceIn(StrictSchema):
    class_id = fields.UUID(required=True)
    text = words_field()
    contact = Text(load_default="", limit=100)


class DisputeOut(StrictSchema):
    dispute_id = fields.UUID(required=True)
    number = fields.String(required=True)
    kind = fields.String(required=True)
    kind_words = fields.String(required=True)
    title = fields.String(required=True)
    status = fields.String(required=True)
    status_words = fields.String(required=True)
    text = fields.String(required=True)
    opened_at = fields.DateTime(required=True)
    due_on = fields.Date(required=True)
    answer = fields.String(required=True)
    ended_at = fields.DateTime(required=True, allow_none=True)


class DisputesOut(StrictSchema):
    items = fields.List(fields.Nested(DisputeOut), required=True)


@disputes.get("/notices")
@disputes.response(200, OwnNoticesOut)
def list_notices() -> dict[str, list[OwnNotice]]:
    """以我的名义公示的补贴，和我提出的异议"""
    return {"items": reviews.notices_in_name_of(caller().worker_id)}


@disputes.post("/objections")
@disputes.arguments(ObjectionIn)
@disputes.response(201, FiledOut)
def post_objection(body: Body) -> FiledObjection:
    """公示期内提出异议：例如“我没有参加”；答复之前这笔补贴不拨付"""
    return transaction(lambda: reviews.object_to_own_line(worker_id=caller().worker_id, **body))


@disputes.get("/disputes")
@disputes.response(200, DisputesOut)
def list_disputes() -> dict[str, list[DisputeView]]:
    """我反映的争议和处理结果"""
    return {"items": disputes_slice.disputes_of(caller().worker_id)}


@disputes.post("/disputes/not-taken-part")
@disputes.arguments(AbsenceIn)
@disputes.response(201, DisputeOut)
def post_absence(body: Body) -> DisputeView:
    """反映“我没有参加这个班”：办结之前，这个班以我的名义申领的补贴不拨付"""
    return transaction(lambda: disputes_slice.report_absence(worker_id=caller().worker_id, **body))


@disputes.post("/disputes/identity")
@disputes.arguments(MisuseIn)
@disputes.response(201, DisputeOut)
def post_misuse(body: Body) -> DisputeView:
    """反映“我的身份证号被别人登记了”：办结之前，以这个身份证号申领的补贴不拨付。24小时内最多提交5次（TOO_MANY_TRIES）"""
    worker_id = caller().worker_id
    transaction(lambda: people.count_identity_try(worker_id=worker_id, name=body["name"], id_number=body["id_number"]))
    return transaction(lambda: disputes_slice.report_misuse(reporter_id=worker_id, **body))


@disputes.post("/disputes/<uuid:dispute_id>/withdraw")
@disputes.response(200, DisputeOut)
def withdraw(dispute_id: uuid.UUID) -> DisputeView:
    """撤回我反映的争议"""
    return transaction(lambda: reviews.withdraw_dispute(dispute_id=dispute_id, worker_id=caller().worker_id))
