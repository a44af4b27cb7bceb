"""The bodies of learning sessions. A batch of beats is checked in one pass: it is what phones send all day."""

from collections.abc import Mapping
from typing import Any

from marshmallow import ValidationError, fields

from learning_records.sessions.rules import BeatIn

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
