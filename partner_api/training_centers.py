"""For a training center's booking desk: the balance and priority of the worker who shows a code."""

from typing import Any

from marshmallow import fields

from backend.training_centers import services as training_centers
from backend.training_centers.services import PriorityAnswer
from config.database import transaction
from partner_api.guard import PartnerBlueprint, api_key
from wire.schemas import StrictSchema, Text

blueprint = PartnerBlueprint("training_centers", "培训中心系统：学时、学分与优先资格", subject_kind="training_center")


class BalanceIn(StrictSchema):
    code = Text(required=True, at_least=1, limit=40, metadata={"description": "劳动者手机上出示的动态码"})


class BalanceOut(StrictSchema):
    masked_name = fields.String(required=True)
    learned_class_hours = fields.Integer(required=True)
    credits = fields.Integer(required=True)
    has_priority = fields.Boolean(required=True)
    priority_until = fields.Date(allow_none=True, metadata={"description": "为空：尚未公布截止日期"})
    rank = fields.Integer(required=True, metadata={"description": "本中心当日查询者中的排序，1 为最先"})


@blueprint.post("/balance")
@blueprint.arguments(BalanceIn)
@blueprint.response(200, BalanceOut)
def balance(body: dict[str, Any]) -> PriorityAnswer:
    """凭劳动者出示的动态码查询一次学时、学分和优先资格；劳动者能看到这次查询"""
    key = api_key()
    center = training_centers.get_center(key.subject_id)
    actor = f"api_key:{key.public_id}"
    return transaction(lambda: training_centers.look_up(center_id=center.id, code=body["code"], actor=actor))
