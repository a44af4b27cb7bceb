"""The moves of the credit bank and how lots are drawn. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, Literal
from uuid import UUID

from config.errors import Invalid

Use = Literal["claimable", "learned"]
DepositKind = Literal["deposit", "allowance", "appeal"]

WORKER_ACCOUNTS = ("claimable", "held", "settled", "learned")
ISSUED = "issued"
"""The bank's own account: what was ever issued stands against it, so that all balances add up to zero."""

DEPOSITS = ("deposit", "allowance", "appeal")
KINDS = (*DEPOSITS, "hold", "settle", "release", "reverse")

TITLES = {
    "deposit": "存入",
    "allowance": "学完补足",
    "appeal": "申诉补记",
    "hold": "申领冻结",
    "settle": "补贴核销",
    "release": "解除冻结",
    "reverse": "冲正",
}

_KEY = re.compile(r"[\x21-\x7e]{1,200}")


@dataclass(frozen=True)
class Balance:
    """What a worker has, in seconds. ``claimable + held + settled`` never passes ``learned`` by one worker's own evidence."""

    claimable_seconds: int
    held_seconds: int
    settled_seconds: int
    learned_seconds: int


@dataclass(frozen=True)
class TransferView:
    """One transfer. ``worker_id`` owns the side that is not the bank's."""

    id: int
    key: str
    kind: str
    worker_id: int
    from_kind: str
    to_kind: str
    amount_seconds: int
    context_ref: UUID | None
    evidence_record_id: int | None
    reason: str
    at: datetime


@dataclass(frozen=True)
class StatementLine:
    """One transfer as a worker reads it, with what was claimable and learned after it."""

    id: int
    key: str
    kind: str
    title: str
    from_kind: str
    to_kind: str
    amount_seconds: int
    claimable_after_seconds: int
    learned_after_seconds: int
    context_ref: UUID | None
    reason: str
    at: datetime


@dataclass(frozen=True)
class LotSlice:
    """Seconds of one deposit that a transfer brought in, drew, settled or gave back, with the evidence they rest on."""

    deposit_key: str
    evidence_record_id: int
    context_ref: UUID | None
    seconds: int


@dataclass(frozen=True)
class OpenLot:
    """What can still be drawn of one lot, or of one lot under one hold; named by the deposit that made it."""

    lot_id: int
    deposit_key: str
    seconds: int


@dataclass(frozen=True)
class Deposit:
    """Seconds that an evidence record proves, for a worker's claimable or learned account. ``key`` as in ``services``."""

    worker_id: int
    use: Use
    amount_seconds: int
    context_ref: UUID | None
    evidence_record_id: int
    key: str
    kind: DepositKind = "deposit"
    reason: str = ""


@dataclass(frozen=True)
class Hold:
    """Claimable seconds of a worker to be set aside under a key."""

    worker_id: int
    amount_seconds: int
    key: str


def transfer_facts(
    *,
    key: str,
    kind: str,
    person: UUID,
    from_kind: str,
    to_kind: str,
    amount_seconds: int,
    context: UUID | str | None,
    evidence: UUID | str | None,
    hold: str | None,
    reverses: str | None,
    reason: str,
    source: str,
    at_ms: int,
    draws: Sequence[tuple[str, int]],
) -> dict[str, Any]:
    """The body sealed of a transfer: ``hold`` and ``reverses`` are keys of transfers, ``draws`` (key of a deposit, seconds)."""
    return {
        "key": key,
        "transfer": kind,
        "person": str(person),
        "from": from_kind,
        "to": to_kind,
        "amount_seconds": amount_seconds,
        "context": None if context is None else str(context),
        "evidence": None if evidence is None else str(evidence),
        "hold": hold,
        "reverses": reverses,
        "reason": reason,
        "source": source,
        "at_ms": at_ms,
        "draws": [list(draw) for draw in draws],
    }


def draw_oldest_first(lots: Iterable[OpenLot], amount_seconds: int) -> list[OpenLot]:
    """Which lots give ``amount_seconds``, in the order given. Raises ``ValueError`` when they do not hold as much."""
    drawn: list[OpenLot] = []
    missing = amount_seconds
    for lot in lots:
        if missing == 0:
            break
        taken = min(lot.seconds, missing)
        if taken > 0:
            drawn.append(replace(lot, seconds=taken))
            missing -= taken
    if missing:
        raise ValueError(f"{missing} of {amount_seconds} seconds are not in the lots")
    return drawn


def check_key(key: str) -> str:
    """An idempotency key: 1 to 200 printable ASCII characters without spaces. Raises ``Invalid`` TRANSFER_KEY_INVALID."""
    if not _KEY.fullmatch(key):
        raise Invalid("TRANSFER_KEY_INVALID", "交易编号格式不正确。")
    return key


def check_amount(amount_seconds: int) -> int:
    """A positive whole number of seconds. Raises ``Invalid`` AMOUNT_INVALID."""
    if not isinstance(amount_seconds, int) or isinstance(amount_seconds, bool) or not 0 < amount_seconds < 2**53:
        raise Invalid("AMOUNT_INVALID", "秒数必须是大于0的整数。")
    return amount_seconds
