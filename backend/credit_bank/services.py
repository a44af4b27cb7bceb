"""Deposits, holds, settlements, releases and reversals of seconds, and what a worker has.

Every writer brings its own idempotency key. The same key with the same content gives back the first transfer and writes
nothing; with other content it is a ``Conflict``. Formats, one a writer (refs are UUIDs):

| writer | key |
|---|---|
| study: a closed session | ``session:<session>:<use>`` |
| study: the missing rest of a lesson that is complete (at least 98 %) | ``allowance:<session>:<use>`` |
| study: a passed quiz | ``quiz:<attempt>:<use>`` |
| study: an upheld appeal | ``appeal:<appeal>:<use>`` |
| claims: a line of a submitted claim | ``claim:<claim>:<line>:hold`` |
| claims: a line of a claim withdrawn, sent back or rejected | ``claim:<claim>:<line>:release`` |
| claims: a line of a claim that is paid | ``claim:<claim>:<line>:settle`` |
| reviews: a finding against any transfer | ``finding:<finding>:<n>`` |

``<use>`` is ``claimable`` or ``learned``. All functions flush and never commit; a transfer is refused whole.
"""

from __future__ import annotations

from uuid import UUID

from backend.credit_bank import ledger
from backend.credit_bank.models import Transfer
from backend.credit_bank.rules import (
    DEPOSITS,
    ISSUED,
    DepositKind,
    OpenLot,
    TransferView,
    Use,
    check_amount,
    draw_oldest_first,
)
from backend.credit_bank.statements import (
    balance,
    claimable_in,
    claimable_of,
    discrepancies,
    earned_in,
    lots_of,
    reversal_of,
    statement,
    transfers_of_record,
    trial_balance,
)
from config.errors import Conflict, Invalid, NotFound

__all__ = [
    "balance",
    "claimable_in",
    "claimable_of",
    "deposit",
    "discrepancies",
    "earned_in",
    "get_transfer",
    "hold",
    "lots_of",
    "release",
    "reversal_of",
    "reverse",
    "settle",
    "statement",
    "transfers_of_record",
    "trial_balance",
]


def deposit(
    *,
    worker_id: int,
    use: Use,
    amount_seconds: int,
    context_ref: UUID | None,
    evidence_record_id: int,
    key: str,
    kind: DepositKind = "deposit",
    reason: str = "",
) -> TransferView:
    """Put seconds that an evidence record proves into the worker's claimable or learned account.

    Raises ``Invalid`` (AMOUNT_INVALID, TRANSFER_KEY_INVALID, REASON_MISSING for an allowance or appeal), ``Conflict``
    TRANSFER_KEY_REUSED.
    """
    check_amount(amount_seconds)
    if kind != "deposit":
        _need(reason)
    accounts = ledger.lock_accounts(worker_id)
    mark = ledger.fingerprint(
        kind=kind,
        worker=worker_id,
        use=use,
        amount=amount_seconds,
        context=context_ref,
        evidence=evidence_record_id,
        reason=reason,
    )
    if posted := ledger.already_posted(key, mark):
        return posted
    return ledger.post(
        Transfer(
            idempotency_key=key,
            fingerprint=mark,
            kind=kind,
            source_account_id=accounts[ISSUED],
            destination_account_id=accounts[use],
            amount_seconds=amount_seconds,
            evidence_record_id=evidence_record_id,
            context_ref=context_ref,
            reason=reason,
        )
    )


def hold(
    *, worker_id: int, amount_seconds: int, context_ref: UUID | None = None, key: str, reason: str = ""
) -> TransferView:
    """Set claimable seconds aside for a claim, oldest lots first; only lots of ``context_ref`` when it is given.

    Raises ``Conflict`` (NOT_ENOUGH_CLAIMABLE, TRANSFER_KEY_REUSED), ``Invalid`` (AMOUNT_INVALID, TRANSFER_KEY_INVALID).
    """
    check_amount(amount_seconds)
    accounts = ledger.lock_accounts(worker_id)
    mark = ledger.fingerprint(kind="hold", worker=worker_id, amount=amount_seconds, context=context_ref, reason=reason)
    if posted := ledger.already_posted(key, mark):
        return posted
    lots = ledger.open_lots(worker_id, context_ref)
    available = sum(lot.seconds for lot in lots)
    if available < amount_seconds:
        raise Conflict(
            "NOT_ENOUGH_CLAIMABLE",
            f"可申领的学时不够：需要{amount_seconds}秒，只有{available}秒；可能已被另一笔申领使用，请重新计算后再提交。",
        )
    return ledger.post(
        Transfer(
            idempotency_key=key,
            fingerprint=mark,
            kind="hold",
            source_account_id=accounts["claimable"],
            destination_account_id=accounts["held"],
            amount_seconds=amount_seconds,
            context_ref=context_ref,
            reason=reason,
        ),
        draw_oldest_first(lots, amount_seconds),
        "draw",
    )


def settle(*, hold_key: str, key: str, amount_seconds: int | None = None) -> TransferView:
    """Use up held seconds for good: all that is unresolved, or ``amount_seconds`` of it (the rest stays held).

    Raises ``NotFound`` HOLD_NOT_FOUND, ``Conflict`` (HOLD_RESOLVED, HOLD_TOO_SMALL, TRANSFER_KEY_REUSED), ``Invalid``.
    """
    if amount_seconds is not None:
        check_amount(amount_seconds)
    return _resolve("settle", hold_key, key, amount_seconds, "")


def release(*, hold_key: str, key: str, reason: str) -> TransferView:
    """Give back all held seconds that are not settled; they are claimable again, in the lots they came from.

    Raises ``NotFound`` HOLD_NOT_FOUND, ``Conflict`` (HOLD_RESOLVED, TRANSFER_KEY_REUSED), ``Invalid`` REASON_MISSING.
    """
    return _resolve("release", hold_key, key, None, _need(reason))


def _resolve(kind: str, hold_key: str, key: str, amount_seconds: int | None, reason: str) -> TransferView:
    try:
        held = ledger.find(hold_key)
    except NotFound:
        raise NotFound("HOLD_NOT_FOUND", "没有找到这笔冻结，请核对编号。") from None
    if held.kind != "hold":
        raise NotFound("HOLD_NOT_FOUND", "这笔交易不是冻结，不能核销或解除。")
    accounts = ledger.lock_accounts(held.worker_id)
    mark = ledger.fingerprint(kind=kind, hold=hold_key, amount=amount_seconds, reason=reason)
    if posted := ledger.already_posted(key, mark):
        return posted
    lots = ledger.unresolved_lots(held.id)
    unresolved = sum(lot.seconds for lot in lots)
    amount = unresolved if amount_seconds is None else amount_seconds
    if unresolved == 0:
        raise Conflict("HOLD_RESOLVED", "这笔冻结已经全部核销或解除，不能再次处理。")
    if amount > unresolved:
        raise Conflict("HOLD_TOO_SMALL", f"这笔冻结只剩{unresolved}秒，不能处理{amount}秒。")
    return ledger.post(
        Transfer(
            idempotency_key=key,
            fingerprint=mark,
            kind=kind,
            source_account_id=accounts["held"],
            destination_account_id=accounts["settled" if kind == "settle" else "claimable"],
            amount_seconds=amount,
            context_ref=held.context_ref,
            hold_id=held.id,
            reason=reason,
        ),
        draw_oldest_first(lots, amount),
        "settle" if kind == "settle" else "return",
    )


def reverse(*, transfer_key: str, key: str, reason: str, source: str) -> TransferView:
    """Take back one deposit, or give back one settlement, whole. ``source`` names the decision or finding it rests on.

    Raises ``NotFound`` TRANSFER_NOT_FOUND, ``Invalid`` (REASON_MISSING, SOURCE_MISSING), ``Conflict`` (NOT_REVERSIBLE for
    holds, releases and reversals; ALREADY_REVERSED; DEPOSIT_IN_USE while a claim holds or used part of it;
    TRANSFER_KEY_REUSED).
    """
    _need(reason)
    if not source.strip():
        raise Invalid("SOURCE_MISSING", "冲正必须注明依据的决定或检查结果。")
    original = ledger.find(transfer_key)
    if original.kind not in (*DEPOSITS, "settle"):
        raise Conflict("NOT_REVERSIBLE", "只有存入和核销可以冲正；冻结请用解除冻结。")
    accounts = ledger.lock_accounts(original.worker_id)
    mark = ledger.fingerprint(kind="reverse", transfer=transfer_key, reason=reason, source=source)
    if posted := ledger.already_posted(key, mark):
        return posted
    if ledger.reversal_exists(original.id):
        raise Conflict("ALREADY_REVERSED", "这笔交易已经冲正过，不能再次冲正。")
    lots, direction = _lots_to_reverse(original)
    return ledger.post(
        Transfer(
            idempotency_key=key,
            fingerprint=mark,
            kind="reverse",
            source_account_id=accounts[original.to_kind],
            destination_account_id=accounts["claimable" if original.kind == "settle" else ISSUED],
            amount_seconds=original.amount_seconds,
            context_ref=original.context_ref,
            reversal_of_id=original.id,
            reason=reason,
            source_text=source,
        ),
        lots,
        direction,
    )


def _lots_to_reverse(original: TransferView) -> tuple[list[OpenLot], str]:
    if original.kind == "settle":
        return ledger.draws_of(original.id), "return"
    lot = ledger.lot_of_deposit(original.id)
    if lot is None:
        return [], ""
    lot_id, remaining = lot
    if remaining < original.amount_seconds:
        raise Conflict("DEPOSIT_IN_USE", "这笔存入已有一部分被申领使用；请先解除冻结或冲正那笔核销，再冲正存入。")
    return [OpenLot(lot_id, remaining)], "draw"


def get_transfer(*, key: str) -> TransferView:
    """One transfer by its key. Raises ``NotFound`` TRANSFER_NOT_FOUND."""
    return ledger.find(key)


def _need(reason: str) -> str:
    if not reason.strip():
        raise Invalid("REASON_MISSING", "必须写明理由。")
    return reason
