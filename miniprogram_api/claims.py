"""Claims in my name: who claims a subsidy for my training, how much, and why."""

from marshmallow import fields

from backend.claims import services as claims_slice
from backend.claims.services import OwnClaim
from miniprogram_api.guard import WorkerBlueprint, caller
from wire.schemas import StrictSchema

claims = WorkerBlueprint("claims", "以我的名义申领的补贴")


class OwnClaimOut(StrictSchema):
    claim_id = fields.UUID(required=True)
    enterprise_name = fields.String(required=True)
    title = fields.String(required=True)
    status = fields.String(required=True)
    status_words = fields.String(required=True)
    eligible = fields.Boolean(required=True)
    class_hours = fields.Integer(required=True)
    amount_fen = fields.Integer(required=True)
    submitted_at = fields.DateTime(required=True)
    sentences = fields.List(fields.String(), required=True)


class OwnClaimsOut(StrictSchema):
    items = fields.List(fields.Nested(OwnClaimOut), required=True)


@claims.get("/claims")
@claims.response(200, OwnClaimsOut)
def list_mine() -> dict[str, list[OwnClaim]]:
    """哪些企业以我的名义申领了补贴、金额和理由"""
    return {"items": claims_slice.claims_in_name_of(caller().worker_id)}
