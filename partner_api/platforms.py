"""For a training platform's own system: records in, at most 1,000 a call, and what became of them."""

import base64
import binascii
import uuid
from typing import Any

import orjson
from flask import request
from marshmallow import RAISE, ValidationError, fields, validate, validates_schema

from backend.imports import services as imports
from backend.imports.services import BatchView
from backend.platforms import services as platforms
from config.database import transaction
from config.errors import Invalid
from partner_api.guard import PartnerBlueprint, api_key
from wire.paging import PAGE_SIZE, key_of, page
from wire.schemas import StrictSchema, Text, WholeNumber

blueprint = PartnerBlueprint("platforms", "培训平台系统：学习记录提交", subject_kind="platform")

MOST_INTERVALS = 200
_DAY_MS = 86_400_000
_INSTANT = {"description": "RFC 3339，例如 2020-03-05T09:00:00+08:00；不写时区的按北京时间"}


class IntervalIn(StrictSchema):
    started_at = Text(required=True, limit=40, metadata=_INSTANT)
    ended_at = Text(required=True, limit=40, metadata=_INSTANT)
    media_from_ms = WholeNumber(at_most=_DAY_MS, load_default=None, metadata={"description": "从课件的第几毫秒播放"})
    media_to_ms = WholeNumber(at_most=_DAY_MS, load_default=None, metadata={"description": "到课件的第几毫秒"})


class RecordIn(StrictSchema):
    external_id = Text(
        required=True, limit=200, metadata={"description": "平台自己的记录编号，不重复；重复提交只收录一次"}
    )
    name = Text(required=True, limit=100)
    id_number = Text(required=True, limit=40)
    course = Text(required=True, limit=400, metadata={"description": "与备案的培训课程同名"})
    lesson = Text(limit=400, metadata={"description": "课节；有 intervals 时必填"})
    media_ms = WholeNumber(at_most=_DAY_MS, metadata={"description": "整节课件的毫秒数"})
    checked_in_at = Text(limit=40, metadata={"description": "本人当天在平台签到的时刻"})
    intervals = fields.List(fields.Nested(IntervalIn), validate=validate.Length(min=1, max=MOST_INTERVALS))
    local_on = Text(limit=40, metadata={"description": "只有课时数时：学习日期，例如 2020-03-05"})
    class_hours = WholeNumber(at_most=999, metadata={"description": "只有课时数时：课时"})

    @validates_schema
    def _one_kind(self, data: dict[str, Any], **_: Any) -> None:
        timed, attested = {"intervals", "lesson"} & data.keys(), {"local_on", "class_hours"} & data.keys()
        if not (timed and "intervals" in data and not attested) and not (len(attested) == 2 and not timed):
            raise ValidationError("要么给 intervals 和 lesson，要么给 local_on 和 class_hours", "intervals")


class RecordsIn(StrictSchema):
    class_code = Text(required=True, at_least=1, limit=40, metadata={"description": "企业给平台的班级码"})
    records = fields.List(
        fields.Nested(RecordIn), required=True, validate=validate.Length(min=1, max=imports.MOST_ROWS)
    )
    signature = Text(
        limit=88,
        metadata={
            "description": "平台签名声明：对去掉 signature 的请求体的规范 JSON（RFC 8785）做的 Ed25519 签名，Base64。"
            "只有课时数的记录必须签名。公钥由市高训中心登记。"
        },
    )


class VerdictOut(StrictSchema):
    number = fields.Integer(required=True, metadata={"description": "请求中的第几条，从 1 起"})
    external_id = fields.String(required=True)
    verdict = fields.String(
        required=True, metadata={"description": "taken 已收录 · same 以前已收录 · refused 未收录，什么都没有改变"}
    )
    code = fields.String(required=True, metadata={"description": "OK、OVERLAP、FUTURE、UNKNOWN_PERSON 等，稳定不变"})
    detail = fields.String(required=True)
    counted_seconds = fields.Integer(required=True)
    claimable_seconds = fields.Integer(required=True)
    overlap_seconds = fields.Integer(required=True, metadata={"description": "与本人其他学习重叠、没有再计的秒数"})


class BatchOut(StrictSchema):
    batch_id = fields.UUID(required=True)
    class_id = fields.UUID(required=True)
    status = fields.String(required=True)
    signed = fields.Boolean(required=True)
    taken = fields.Integer(required=True)
    same = fields.Integer(required=True)
    refused = fields.Integer(required=True)
    learned_seconds = fields.Integer(required=True)
    claimable_seconds = fields.Integer(required=True)
    record_id = fields.UUID(required=True, allow_none=True, metadata={"description": "整批的存证编号"})


class RecordsOut(BatchOut):
    verdicts = fields.List(fields.Nested(VerdictOut), required=True)


class BatchQuery(StrictSchema):
    cursor = Text(limit=100, load_default=None)
    refused = fields.Boolean(load_default=False, metadata={"description": "只要未收录的"})


class BatchPageOut(BatchOut):
    items = fields.List(fields.Nested(VerdictOut), required=True)
    next_cursor = fields.String(allow_none=True, required=True)


@blueprint.post("/records")
@blueprint.arguments(RecordsIn)
@blueprint.response(200, RecordsOut)
def take_in_records(body: dict[str, Any]) -> dict[str, Any]:
    """提交一个班级的学习记录，每次最多 1000 条，逐条给出结果

    未收录的不影响其他条；整个请求可以原样重发。同一编号、同样内容再次提交返回 same，内容不同返回 CHANGED。
    """
    key = api_key()
    said: dict[str, Any] = orjson.loads(request.get_data())  # as it was sent: the signature is over this
    statement = None
    if "signature" in body:
        statement = imports.check_statement(
            platform_id=key.subject_id, said=said, signature=_decoded(body["signature"])
        )
    outcome = transaction(
        lambda: imports.receive_call(
            platform_id=key.subject_id, said=said, statement=statement, actor=f"api_key:{key.public_id}"
        )
    )
    return {**_batch(outcome.batch), "verdicts": outcome.verdicts}


@blueprint.get("/records/<uuid:batch_id>")
@blueprint.arguments(BatchQuery, location="query", unknown=RAISE)
@blueprint.response(200, BatchPageOut)
def record_batch(query: dict[str, Any], batch_id: uuid.UUID) -> dict[str, Any]:
    """本平台提交过的一批记录及逐条结果，按条分页"""
    platform = platforms.platform_by_public_id(api_key().subject_id)
    batch = imports.batch_of_platform(platform_id=platform.id, batch_id=batch_id)
    found = imports.verdicts(
        batch_row_id=batch.id,
        after_number=key_of(query["cursor"]),
        limit=PAGE_SIZE + 1,
        refused_only=query["refused"],
    )
    shown = page(found, size=PAGE_SIZE, key=lambda verdict: verdict.number)
    return {**_batch(batch), "items": shown.items, "next_cursor": shown.next_cursor}


def _batch(batch: BatchView) -> dict[str, Any]:
    return {name: getattr(batch, name) for name in BatchOut().fields}


def _decoded(signature: str) -> bytes:
    try:
        return base64.b64decode(signature, validate=True)
    except (binascii.Error, ValueError):
        raise Invalid("SIGNATURE_INVALID", "签名应为64字节Ed25519签名的Base64。") from None
