"""Signed receipts: with every answer the phone holds a proof of what was accepted, before the session is sealed.

A receipt promises too: after ``sealed_by`` there is a sealed record of the session. A session ends 4 h and 900 s after it was
opened at the latest (the longest session, then the silence after which it closes itself), the jobs that close and seal run
every minute, and an hour is left for a process that has to be started again. Every receipt of a session carries the same
``sealed_by``; what midnight moves on is another session with a promise of its own.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from config import clock
from config.crypto import Signature, canonical_json, sha256_hex, sign, verify
from config.errors import Invalid
from learning_records.sessions.rules import CountingRules
from learning_records.sessions.views import Receipt

SEALING_MS = 3_600_000
_SAID = {"chain_head", "counted_ms", "seq", "server_time", "session"}


@dataclass(frozen=True)
class ReadReceipt:
    """What a receipt of ours says. ``sha256``: 64 hexadecimal digits, of its payload."""

    session_id: UUID
    seq: int
    chain_head: str
    counted_ms: int
    server_time: datetime
    sealed_by: datetime
    sha256: str


def sealed_by_ms(opened_ms: int, rules: CountingRules) -> int:
    """When a session opened at ``opened_ms`` is sealed at the latest."""
    return opened_ms + rules.session_limit_ms + rules.idle_ms + SEALING_MS


def issue_receipt(
    *, session_id: UUID, seq: int, chain_head: str, server_ms: int, counted_ms: int, sealed_by_ms: int
) -> Receipt:
    """Sign the session's standing after beat ``seq`` (0 before the first)."""
    payload = canonical_json(
        {
            "chain_head": chain_head,
            "counted_ms": counted_ms,
            "sealed_by": _instant(sealed_by_ms),
            "seq": seq,
            "server_time": _instant(server_ms),
            "session": str(session_id),
        }
    )
    signature = sign(payload)
    return Receipt(payload.decode(), signature.signature_b64, signature.key_id)


def _instant(at_ms: int) -> str:
    return clock.from_epoch_ms(at_ms).isoformat(timespec="milliseconds")


def receipt_is_ours(receipt: Receipt) -> bool:
    """Whether this service signed exactly this payload, and the payload is that of a receipt, canonical."""
    return _said(receipt) is not None


def read_receipt(receipt: Receipt) -> ReadReceipt:
    """What a receipt says, once its signature is checked.

    Receipts from before the promise was written into them are held to the same one, reckoned from their own time by the
    default rules: their sessions were opened no later. Raises ``Invalid`` RECEIPT_NOT_OURS.
    """
    said = _said(receipt)
    if said is None:
        raise Invalid(
            "RECEIPT_NOT_OURS",
            "这张回执不是本系统签发的，或者内容被改动过。请原样提交手机收到的回执（payload、signature、key_id 三项）。",
        )
    server_time = datetime.fromisoformat(said["server_time"])
    promised = said.get("sealed_by")
    return ReadReceipt(
        session_id=UUID(said["session"]),
        seq=said["seq"],
        chain_head=said["chain_head"],
        counted_ms=said["counted_ms"],
        server_time=server_time,
        sealed_by=datetime.fromisoformat(promised) if promised else _by_default(server_time),
        sha256=sha256_hex(receipt.payload.encode()),
    )


def _by_default(server_time: datetime) -> datetime:
    return clock.from_epoch_ms(sealed_by_ms(clock.epoch_ms(server_time), CountingRules()))


def _said(receipt: Receipt) -> dict[str, Any] | None:
    """The payload, or None. Our key signs other documents too, so the signature alone does not make a receipt."""
    try:
        payload = receipt.payload.encode()
        if not verify(payload, Signature(receipt.key_id, receipt.signature)):
            return None
        said = json.loads(payload)
    except ValueError:
        return None
    if not isinstance(said, dict) or said.keys() - {"sealed_by"} != _SAID or canonical_json(said) != payload:
        return None
    return said
