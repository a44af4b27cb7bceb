"""The bodies of learning sessions. A batch of beats is checked in one pass: it is what phones send all day."""

from collections.abc import Mapping
from typing import Any

from marshmallow import ValidationError, fields

from learning_records.sessions.rules import BeatIn
from miniprogram_api.account import device_field
from wire.schemas import PublicIdField, StrictSchema, Text, WholeNumber

BATCH_BEATS = 200  # twice over an outage of the longest budget; the session's own rules may allow fewer
LARGEST_POSITION_MS = 86_400_000
LARGEST_SEQ = 1_000_000
BEAT_KEYS = {"seq", "position_ms", "prev"}
HEX_DIGITS = frozenset("0123456789abcdef")


class BeatsField(fields.Field[list[BeatIn]]):
    """`[{seq, position_ms, prev}]`, rising or not: order and chain are the rules' business, shape and limits are ours."""

    def __init__(self, **kwargs: Any) -> None:
        beat = {
            "type": "object",
            "additionalProperties": False,
            "required": sorted(BEAT_KEYS),
            "properties": {
                "seq": {"type": "integer", "minimum": 0, "maximum": LARGEST_SEQ},
                "position_ms": {"type": "integer", "minimum": 0, "maximum": LARGEST_POSITION_MS},
                "prev": {"type": "string", "pattern": "^[0-9a-f]{64}$"},
            },
        }
        metadata = {"type": "array", "maxItems": BATCH_BEATS, "items": beat}
        super().__init__(metadata=metadata, **kwargs)

    def _deserialize(self, value: Any, attr: str | None, data: Mapping[str, Any] | None, **kwargs: Any) -> list[BeatIn]:
        if not isinstance(value, list):
            raise ValidationError("必须是列表")
        if len(value) > BATCH_BEATS:
            raise ValidationError(f"一次最多{BATCH_BEATS}条，请分开提交")
        faults: dict[Any, Any] = {}
        beats = []
        for index, item in enumerate(value):
            if fault := _fault_of(item):
                faults[index] = [fault]
            else:
                beats.append(BeatIn(item["seq"], item["position_ms"], item["prev"]))
        if faults:
            raise ValidationError(faults)
        return beats


def _fault_of(item: Any) -> str | None:
    if not isinstance(item, dict) or item.keys() != BEAT_KEYS:
        return "必须是 {seq, position_ms, prev}"
    seq, position_ms, prev = item["seq"], item["position_ms"], item["prev"]
    if type(seq) is not int or not 0 <= seq <= LARGEST_SEQ:
        return f"seq 必须是0与{LARGEST_SEQ}之间的整数"
    if type(position_ms) is not int or not 0 <= position_ms <= LARGEST_POSITION_MS:
        return f"position_ms 必须是0与{LARGEST_POSITION_MS}之间的整数"
    if type(prev) is not str or len(prev) != 64 or not HEX_DIGITS.issuperset(prev):
        return "prev 必须是64位小写十六进制数"
    return None


class SessionIn(StrictSchema):
    lesson_id = PublicIdField(required=True)
    class_id = PublicIdField(load_default=None, allow_none=True, metadata={"description": "不填：自学，只记学分"})
    device_id = device_field()


class BeatsIn(StrictSchema):
    beats = BeatsField(required=True)


class CloseIn(StrictSchema):
    beats = BeatsField(load_default=list)


class PresenceIn(StrictSchema):
    answer = Text(load_default=None, allow_none=True, limit=100, metadata={"description": "点按确认时可不填"})


class AppealIn(StrictSchema):
    seq = WholeNumber(load_default=None, allow_none=True, at_most=LARGEST_SEQ)
    reason = Text(required=True, at_least=1, limit=500)


class PresenceCheckOut(StrictSchema):
    check_id = fields.UUID(required=True)
    due_at = fields.DateTime(required=True)
    answer_by = fields.DateTime(required=True)
    question = fields.String(allow_none=True)
    overdue = fields.Boolean(required=True)


class UncountedOut(StrictSchema):
    code = fields.String(required=True)
    sentence = fields.String(required=True)
    next_step = fields.String(required=True)
    seconds = fields.Integer(required=True)


class CloseNoticeOut(StrictSchema):
    reason = fields.String(required=True)
    sentence = fields.String(required=True)


class ReceiptOut(StrictSchema):
    payload = fields.String(required=True)
    signature = fields.String(required=True)
    key_id = fields.String(required=True)


class SessionOpenedOut(StrictSchema):
    session_id = fields.UUID(required=True)
    prev = fields.String(required=True)
    next_seq = fields.Integer(required=True)
    resume_at_ms = fields.Integer(required=True)
    beat_interval_seconds = fields.Integer(required=True)
    check_in_required = fields.Boolean(required=True)
    presence_check = fields.Nested(PresenceCheckOut, allow_none=True)
    lesson_counted_seconds = fields.Integer(required=True)


class MovedToOut(StrictSchema):
    session_id = fields.UUID(required=True)
    next_seq = fields.Integer(required=True)
    prev = fields.String(required=True)
    check_in_required = fields.Boolean(required=True)


class BeatsOut(StrictSchema):
    session_id = fields.UUID(required=True)
    accepted_seq = fields.Integer(required=True)
    next_seq = fields.Integer(required=True)
    prev = fields.String(required=True)
    counted_seconds = fields.Integer(required=True)
    lesson_counted_seconds = fields.Integer(required=True)
    uncounted = fields.List(fields.Nested(UncountedOut), required=True)
    resume_at_ms = fields.Integer(allow_none=True)
    next_interval_seconds = fields.Integer(required=True)
    presence_check = fields.Nested(PresenceCheckOut, allow_none=True)
    closed = fields.Nested(CloseNoticeOut, allow_none=True)
    moved_to = fields.Nested(MovedToOut, allow_none=True)
    receipt = fields.Nested(ReceiptOut, required=True)


class PresenceOut(StrictSchema):
    session_id = fields.UUID(required=True)
    check_id = fields.UUID(required=True)
    confirmed = fields.Boolean(required=True)
    late = fields.Boolean(required=True)
    counted_seconds = fields.Integer(required=True)
    resume_at_ms = fields.Integer(allow_none=True)
    reason = fields.Nested(UncountedOut, allow_none=True)


class SpanOut(UncountedOut):
    started_at = fields.DateTime(required=True)
    ended_at = fields.DateTime(required=True)
    appeal_by = fields.DateTime(required=True)
    appealed = fields.Boolean(required=True)


class ExplanationOut(StrictSchema):
    session_id = fields.UUID(required=True)
    lesson_id = fields.UUID(attribute="lesson.lesson_ref", required=True)
    class_id = fields.UUID(attribute="context_ref", allow_none=True)
    opened_at = fields.DateTime(required=True)
    closed = fields.Nested(CloseNoticeOut, allow_none=True)
    closed_at = fields.DateTime(allow_none=True)
    counted_seconds = fields.Integer(required=True)
    checked_in_seconds = fields.Integer(required=True)
    waiting_seconds = fields.Integer(required=True)
    uncounted = fields.List(fields.Nested(SpanOut), required=True)
    not_claimable = fields.Nested(UncountedOut, allow_none=True)
    presence_check = fields.Nested(PresenceCheckOut, allow_none=True)


class ClosedOut(StrictSchema):
    session_id = fields.UUID(required=True)
    counted_seconds = fields.Integer(required=True)
    claimable_seconds = fields.Integer(required=True)
    learned_seconds = fields.Integer(required=True)
    record_id = fields.UUID(required=True)
    closed_reason = fields.String(required=True)
    closed_sentence = fields.String(required=True)
    uncounted = fields.List(fields.Nested(UncountedOut), required=True)
    completed = fields.Boolean(required=True)
    allowance_seconds = fields.Integer(required=True)


class AppealOut(StrictSchema):
    appeal_id = fields.UUID(attribute="appeal.appeal_id", required=True)
    session_id = fields.UUID(attribute="appeal.session_id", required=True)
    seq = fields.Integer(attribute="appeal.seq", allow_none=True)
    started_at = fields.DateTime(attribute="appeal.started_at", required=True)
    ended_at = fields.DateTime(attribute="appeal.ended_at", required=True)
    uncounted_seconds = fields.Integer(attribute="appeal.uncounted_seconds", required=True)
    filed_at = fields.DateTime(attribute="appeal.filed_at", required=True)
    answer_due_on = fields.Date(required=True)
