"""The evidence log as anybody may read it: C2SP tlog-tiles under ``/log/``, proofs by record, and receipts followed.

Tiles and bundles never change once they exist, so they may be kept for ever; the checkpoint is good for two seconds. What is
not under a signed checkpoint yet is not found, and no refusal is kept by a cache.
"""

from __future__ import annotations

import base64
import gzip
from pathlib import Path
from typing import Any
from uuid import UUID

from flask import Response, request
from marshmallow import RAISE

import learning_records
from config import crypto
from config.errors import NotFound
from learning_records.evidence import log
from learning_records.evidence.sequencer import configured
from learning_records.http.addresses import level_of, place_of
from learning_records.http.schemas import ConsistencyOut, FollowedOut, KeysOut, ReceiptIn, SizesQuery
from learning_records.sessions import services as sessions
from learning_records.sessions.services import Receipt
from wire.api import JsonBlueprint, limit_body

blueprint = JsonBlueprint(
    "log", __name__, url_prefix="/log", description="存证日志：检查点、瓦片、证明、回执；无需密钥"
)

VERIFIER = Path(learning_records.__file__).with_name("verify.py")
RECEIPT_LIMIT_BYTES = 8_000
_FOR_EVER = "public, max-age=31536000, immutable"
_FOR_SECONDS = "public, max-age=2"
_FOR_MINUTES = "public, max-age=300"
_OCTETS = "application/octet-stream"
_TEXT = "text/plain; charset=utf-8"
_TEXT_SCHEMA = {"type": "string"}
_BINARY_SCHEMA = {"type": "string", "format": "binary"}
_LEVEL = {
    "in": "path",
    "name": "level",
    "required": True,
    "schema": {"type": "string", "pattern": "^([0-9]|[1-5][0-9]|6[0-3])$"},
    "description": "层，0 为叶",
}
_PLACE = {
    "in": "path",
    "name": "place",
    "required": True,
    "schema": {"type": "string", "pattern": "^(x[0-9]{3}/){0,4}[0-9]{3}([.]p/[1-9][0-9]{0,2})?$"},
    "description": "第几块，每三位一段，前面各段以 x 开头；未满的加 .p/条数（1至255）。斜杠不转义",
}


@blueprint.before_request
def _limit() -> None:
    limit_body(request, RECEIPT_LIMIT_BYTES)


@blueprint.after_request
def _for_all(response: Response) -> Response:
    """A page elsewhere may verify the log too; a refusal may be over in two seconds."""
    if request.method in ("GET", "HEAD"):
        response.headers["Access-Control-Allow-Origin"] = "*"
        response.headers["Access-Control-Expose-Headers"] = "ETag"
    if response.status_code >= 400 or request.method == "POST":
        response.headers["Cache-Control"] = "no-store"
    return response


def _given(body: bytes, content_type: str, cache: str) -> Response:
    response = Response(body, content_type=content_type)
    response.headers["Cache-Control"] = cache
    response.set_etag(crypto.sha256_hex(body)[:32])
    response.make_conditional(request)
    return response


@blueprint.get("/checkpoint")
@blueprint.response(200, _TEXT_SCHEMA, content_type="text/plain")
def checkpoint() -> Response:
    """最新的检查点（C2SP tlog-checkpoint，signed note）"""
    found = log.latest_checkpoint()
    if found is None:
        raise NotFound("LOG_EMPTY", "日志里还没有记录，有了第一条之后才有检查点。")
    return _given(found.note.encode(), _TEXT, _FOR_SECONDS)


@blueprint.get("/tile/<level>/<path:place>", parameters=[_LEVEL, _PLACE])
@blueprint.response(200, _BINARY_SCHEMA, content_type=_OCTETS)
def tile(level: str, place: str) -> Response:
    """一块瓦片（C2SP tlog-tiles）：至多 256 个 32 字节的哈希；例 tile/0/x001/x234/067，未满的 tile/0/000.p/112"""
    number, width = place_of(place)
    return _given(log.tile(level_of(level), number, width), _OCTETS, _FOR_EVER)


@blueprint.get("/tile/entries/<path:place>", parameters=[_PLACE])
@blueprint.response(200, _BINARY_SCHEMA, content_type=_OCTETS)
def entries(place: str) -> Response:
    """一捆条目：每条前有两字节大端长度；条目只含加盐的承诺，不含个人信息"""
    number, width = place_of(place)
    bundle = log.entry_bundle(number, width)
    if not request.accept_encodings.quality("gzip"):
        response = _given(bundle, _OCTETS, _FOR_EVER)
    else:
        response = _given(gzip.compress(bundle, mtime=0), _OCTETS, _FOR_EVER)
        response.headers["Content-Encoding"] = "gzip"
    response.headers["Vary"] = "Accept-Encoding"
    return response


@blueprint.get("/proofs/<uuid:record_id>")
@blueprint.response(200, _TEXT_SCHEMA, content_type="text/plain")
def proof(record_id: UUID) -> Response:
    """一份存证记录在最新检查点下的证明文件（c2sp.org/tlog-proof@v1）"""
    found = log.inclusion(record_id)
    response = _given(found.text.encode(), _TEXT, _FOR_SECONDS)
    response.headers["Content-Disposition"] = f'inline; filename="{record_id}.tlog-proof"'
    return response


@blueprint.get("/consistency")
@blueprint.arguments(SizesQuery, location="query", unknown=RAISE)
@blueprint.response(200, ConsistencyOut)
def consistency(query: dict[str, Any]) -> tuple[dict[str, Any], int, dict[str, str]]:
    """两个检查点之间的一致性证明：后一个只在前一个后面增加"""
    first = log.checkpoint_at(query["first"])
    second = log.checkpoint_at(query["second"] or _latest_size())
    answer = {
        "first": first.size,
        "second": second.size,
        "hashes": [base64.b64encode(value).decode() for value in log.consistency(first.size, second.size)],
        "first_checkpoint": first.note,
        "second_checkpoint": second.note,
    }
    return answer, 200, {"Cache-Control": _FOR_EVER if query["second"] else _FOR_SECONDS}


def _latest_size() -> int:
    latest = log.latest_checkpoint()
    return 0 if latest is None else latest.size


@blueprint.get("/keys")
@blueprint.response(200, KeysOut, headers={"Cache-Control": {"schema": _TEXT_SCHEMA}})
def keys() -> tuple[dict[str, Any], int, dict[str, str]]:
    """验证检查点、回执和声明要用的公钥。请在别处核对一次指纹"""
    answer = {
        "origin": configured().origin,
        "verifiers": log.verifier_keys(),
        "receipt_keys": {name: base64.b64encode(raw).decode() for name, raw in crypto.verifying_keys().items()},
    }
    return answer, 200, {"Cache-Control": _FOR_MINUTES}


@blueprint.post("/receipts")
@blueprint.arguments(ReceiptIn)
@blueprint.response(200, FollowedOut)
def follow(body: dict[str, Any]) -> dict[str, Any]:
    """查一张回执：它所说的学习封存在哪份记录、日志第几条，证明何在；没有了也给出有签名的声明"""
    found = sessions.follow_receipt(receipt=Receipt(body["payload"], body["signature"], body["key_id"]))
    record, proved = found.record, found.proof
    return {
        **vars(found),
        "record_id": record and record.public_id,
        "entry": record and record.entry.decode(),
        "certificate_id": record and record.erased and record.erased.certificate_id,
        "log_index": proved and proved.index,
        "proof": proved and proved.text,
    }


@blueprint.get("/verify.py")
@blueprint.response(200, _TEXT_SCHEMA, content_type="text/x-python")
def verifier() -> Response:
    """离线验证程序：单个文件，只用 Python 标准库和 cryptography"""
    if not VERIFIER.is_file():
        raise NotFound("FILE_NOT_FOUND", "这里没有验证程序，请向办理单位索取。")
    return _given(VERIFIER.read_bytes(), "text/x-python; charset=utf-8", _FOR_MINUTES)
