"""Checking in for a class: once a local day, by one tap."""

from typing import Any

from marshmallow import fields, validate

from backend.study import services as study
from config.database import transaction
from learning_records.sessions.services import CheckInView
from miniprogram_api.account import device_field
from miniprogram_api.guard import WorkerBlueprint, caller
from wire.schemas import PublicIdField, StrictSchema, Text

check_ins = WorkerBlueprint("check_ins", "签到")


class CheckInIn(StrictSchema):
    class_id = PublicIdField(required=True)
    device_id = device_field()
    method = Text(load_default="tap", limit=20, validate=validate.OneOf(["tap"], error="只支持点按签到（tap）"))


class CheckInOut(StrictSchema):
    check_in_id = fields.UUID(required=True)
    checked_in_at = fields.DateTime(required=True)
    local_date = fields.Date(required=True)


@check_ins.post("/check-ins")
@check_ins.arguments(CheckInIn)
@check_ins.response(201, CheckInOut)
def post_check_in(body: dict[str, Any]) -> CheckInView:
    """签到；同一天再签一次，返回第一次的结果"""
    return transaction(
        lambda: study.check_in(worker_id=caller().worker_id, class_id=body["class_id"], device=body["device_id"])
    )
