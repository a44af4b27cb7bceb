"""What comes after a hold or a deposit: settling, releasing, reversing."""

from __future__ import annotations

from collections.abc import Mapping

from backend.credit_bank import ledger, lots
from backend.credit_bank.ledger import Posting
from backend.credit_bank.rules import DEPOSITS, ISSUED, OpenLot, TransferView, draw_oldest_first
from config.errors import Conflict, Invalid, NotFound

_TO = {"settle": "settled", "release": "claimable"}


def resolve_all(
    kind: str, keys: Mapping[str, str], *, amount_seconds: int | None = None, reason: str = ""
) -> list[TransferView]:
    """Settle or release holds under new keys (by the keys of the holds): all that is unresolved, or ``amount_seconds``.

    Raises ``NotFound`` HOLD_NOT_FOUND, ``Conflict`` (HOLD_RESOLVED, HOLD_TOO_SMALL, TRANSFER_KEY_REUSED), ``Invalid``.
    """
    holds = ledger.find_all(keys)
    for hold_key in keys:
        _require_hold(holds.get(hold_key))
    accounts = ledger.lock_accounts(held.worker_id for held in holds.values())
    marks = {
        key: ledger.fingerprint(kind=kind, hold=hold_key, amount=amount_seconds, reason=reason)
        for hold_key, key in keys.items()
    }
    posted = ledger.already_posted(marks)
    new = [(holds[hold_key], key) for hold_key, key in keys.items() if key not in posted]
    unresolved = lots.unresolved_lots([held.id for held, _ in new])
    postings = [
        _resolution(kind, held, key, marks[key], unresolved.get(held.id, []), amount_seconds, reason)
        for held, key in new
    ]
    made = {view.key: view for view in ledger.post_all(postings, accounts)}
    return [posted.get(key) or made[key] for key in keys.values()]


def _require_hold(found: TransferView | None) -> None:
    if found is None:
        raise NotFound("HOLD_NOT_FOUND", "没有找到这笔冻结，请核对编号。")
    if found.kind != "hold":
        raise NotFound("HOLD_NOT_FOUND", "这笔交易不是冻结，不能核销或解除。")


def _resolution(
    kind: str,
    held: TransferView,
    key: str,
    mark: str,
    open_lots: list[OpenLot],
    amount_seconds: int | None,
    reason: str,
) -> Posting:
    unresolved = sum(lot.seconds for lot in open_lots)
    amount = unresolved if amount_seconds is None else amount_seconds
    if unresolved == 0:
        raise Conflict("HOLD_RESOLVED", "这笔冻结已经全部核销或解除，不能再次处理。")
    if amount > unresolved:
        raise Conflict("HOLD_TOO_SMALL", f"这笔冻结只剩{unresolved}秒，不能处理{amount}秒。")
    return Posting(
        worker_id=held.worker_id,
        kind=kind,
        from_kind="held",
        to_kind=_TO[kind],
        amount_seconds=amount,
        key=key,
        fingerprint=mark,
        context_ref=held.context_ref,
        hold=held,
        reason=reason,
        draws=tuple(draw_oldest_first(open_lots, amount)),
    )


def reverse(*, transfer_key: str, key: str, reason: str, source: str) -> TransferView:
    """Take back one deposit, or give back one settlement, whole. ``source`` names the decision or finding it rests on.

    Raises ``NotFound`` TRANSFER_NOT_FOUND, ``Invalid`` (REASON_MISSING, SOURCE_MISSING), ``Conflict`` (NOT_REVERSIBLE for
    holds, releases and reversals; ALREADY_REVERSED; DEPOSIT_IN_USE while a claim holds or used part of it;
    TRANSFER_KEY_REUSED).
    """
    need(reason)
    if not source.strip():
        raise Invalid("SOURCE_MISSING", "冲正必须注明依据的决定或检查结果。")
    original = ledger.find(transfer_key)
    if original.kind not in (*DEPOSITS, "settle"):
        raise Conflict("NOT_REVERSIBLE", "只有存入和核销可以冲正；冻结请用解除冻结。")
    accounts = ledger.lock_accounts([original.worker_id])
    mark = ledger.fingerprint(kind="reverse", transfer=transfer_key, reason=reason, source=source)
    if posted := ledger.already_posted({key: mark}):
        return posted[key]
    if lots.reversal_exists(original.id):
        raise Conflict("ALREADY_REVERSED", "这笔交易已经冲正过，不能再次冲正。")
    posting = Posting(
        worker_id=original.worker_id,
        kind="reverse",
        from_kind=original.to_kind,
        to_kind="claimable" if original.kind == "settle" else ISSUED,
        amount_seconds=original.amount_seconds,
        key=key,
        fingerprint=mark,
        context_ref=original.context_ref,
        reverses=original,
        reason=reason,
        source=source,
        draws=_lots_to_reverse(original),
    )
    return ledger.post_all([posting], accounts)[0]


def _lots_to_reverse(original: TransferView) -> tuple[OpenLot, ...]:
    if original.kind == "settle":
        return tuple(lots.draws_of(original.id))
    lot = lots.lot_of_deposit(original.id)
    if lot is None:
        return ()
    if lot.seconds < original.amount_seconds:
        raise Conflict("DEPOSIT_IN_USE", "这笔存入已有一部分被申领使用；请先解除冻结或冲正那笔核销，再冲正存入。")
    return (lot,)


def need(reason: str) -> str:
    """The reason. Raises ``Invalid`` REASON_MISSING for an empty one."""
    if not reason.strip():
        raise Invalid("REASON_MISSING", "必须写明理由。")
    return reason
