"""Signed receipts: with every answer the phone holds a proof of what was accepted, before the session is sealed."""

from __future__ import annotations

import json
from uuid import UUID

from config import clock
from config.crypto import Signature, canonical_json, sign, verify
from learning_records.sessions.views import Receipt


def issue_receipt(*, session_id: UUID, seq: int, chain_head: str, server_ms: int, counted_ms: int) -> Receipt:
    """Sign the session's standing after beat ``seq`` (0 before the first)."""
    payload = canonical_json(
        {
            "chain_head": chain_head,
            "counted_ms": counted_ms,
            "seq": seq,
            "server_time": clock.from_epoch_ms(server_ms).isoformat(timespec="milliseconds"),
            "session": str(session_id),
        }
    )
    signature = sign(payload)
    return Receipt(payload.decode(), signature.signature_b64, signature.key_id)


def receipt_is_ours(receipt: Receipt) -> bool:
    """Whether this service signed exactly this payload, and the payload is canonical."""
    payload = receipt.payload.encode()
    if not verify(payload, Signature(receipt.key_id, receipt.signature)):
        return False
    return canonical_json(json.loads(payload)) == payload
