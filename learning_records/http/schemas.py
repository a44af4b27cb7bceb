"""The bodies of the log's door."""

from __future__ import annotations

from typing import Any

from marshmallow import fields, post_load, validate

from learning_records.sessions.following import CONTRADICTED, ERASED, LATE, OPEN, SEALED, VANISHED
from wire.schemas import StrictSchema, Text


class SizesQuery(StrictSchema):
    """Two sizes in plain decimal digits."""

    first = fields.String(
        data_key="from",
        required=True,
        validate=validate.Regexp(r"[1-9][0-9]{0,14}\Z"),
        metadata={"description": "较早检查点的条数", "pattern": "^[1-9][0-9]{0,14}$"},
    )
    second = fields.String(
        data_key="to",
        load_default=None,
        validate=validate.Regexp(r"[1-9][0-9]{0,14}\Z"),
        metadata={"description": "较晚检查点的条数；不填：最新的检查点", "pattern": "^[1-9][0-9]{0,14}$"},
    )

    @post_load
    def _numbers(self, data: dict[str, Any], **_: Any) -> dict[str, Any]:
        return {name: None if text is None else int(text) for name, text in data.items()}


class ConsistencyOut(StrictSchema):
    first = fields.Integer(data_key="from", required=True)
    second = fields.Integer(data_key="to", required=True)
    hashes = fields.List(
        fields.String(), required=True, metadata={"description": "RFC 9162 2.1.4 的一致性证明，各 32 字节，base64"}
    )
    first_checkpoint = fields.String(data_key="from_checkpoint", required=True)
    second_checkpoint = fields.String(data_key="to_checkpoint", required=True)


class KeysOut(StrictSchema):
    origin = fields.String(required=True, metadata={"description": "日志名称，检查点的第一行"})
    verifiers = fields.List(
        fields.String(), required=True, metadata={"description": "检查点的验证公钥（C2SP signed-note），当前的在前"}
    )
    receipt_keys = fields.Dict(
        keys=fields.String(),
        values=fields.String(),
        required=True,
        metadata={"description": "回执与声明的 Ed25519 公钥：key_id → 32 字节的 base64，当前的在最后"},
    )


class ReceiptIn(StrictSchema):
    payload = Text(required=True, at_least=1, limit=1_000)
    signature = Text(required=True, at_least=1, limit=100)
    key_id = Text(required=True, at_least=1, limit=32)


class SignedStatementOut(StrictSchema):
    payload = fields.String(required=True, metadata={"description": "规范 JSON（RFC 8785）"})
    signature = fields.String(required=True, metadata={"description": "Ed25519，base64"})
    key_id = fields.String(required=True)


class FollowedOut(StrictSchema):
    outcome = fields.String(
        required=True, validate=validate.OneOf([OPEN, SEALED, ERASED, LATE, VANISHED, CONTRADICTED])
    )
    sentence = fields.String(required=True)
    session_id = fields.UUID(attribute="receipt.session_id", required=True)
    seq = fields.Integer(attribute="receipt.seq", required=True)
    server_time = fields.DateTime(attribute="receipt.server_time", required=True)
    sealed_by = fields.DateTime(
        attribute="receipt.sealed_by", required=True, metadata={"description": "最迟在这一刻之前封存"}
    )
    record_id = fields.UUID(allow_none=True, required=True)
    entry = fields.String(
        allow_none=True, required=True, metadata={"description": "日志条目原文；叶 = SHA-256(0x00 || 条目)"}
    )
    log_index = fields.Integer(allow_none=True, required=True)
    proof = fields.String(
        allow_none=True, required=True, metadata={"description": "c2sp.org/tlog-proof@v1；刚封存的要等一两秒"}
    )
    certificate_id = fields.UUID(
        allow_none=True, required=True, metadata={"description": "内容已按保存期限销毁时，销毁证书的编号"}
    )
    problems = fields.List(fields.String(), required=True)
    statement = fields.Nested(SignedStatementOut, required=True)
