"""Deposits, holds, settlements, releases and reversals of seconds, and what a worker has.

Every writer brings its own idempotency key. The same key with the same content gives back the first transfer and writes
nothing; with other content it is a ``Conflict``. Formats, one a writer (refs are UUIDs):

| writer | key |
|---|---|
| study: a closed session | ``session:<session>:<use>`` |
| study: the missing rest of a lesson that is complete (at least 98 %) | ``allowance:<session>:<use>`` |
| study: a passed quiz | ``quiz:<attempt>:<use>`` |
| study: an upheld appeal | ``appeal:<appeal>:<use>`` |
| study: a record of another platform | ``import:<platform code>:<the platform's own id>:<use>`` |
| claims: a line of a submitted claim | ``claim:<claim>:<line>:hold`` |
| claims: what the n-th cut of a line left of it | ``claim:<claim>:<line>:<n>:hold`` |
| claims: a line cut, struck, or of a claim withdrawn, sent back or rejected | ``claim:<claim>:<line>:release`` |
| claims: the same of what the n-th cut had left | ``claim:<claim>:<line>:<n>:release`` |
| claims: a line of a claim that is paid | ``claim:<claim>:<line>:settle`` |
| reviews: a finding against any transfer | ``finding:<finding>:<n>`` |

``<use>`` is ``claimable`` or ``learned``. Every transfer is sealed as evidence before it is inserted (kind ``transfer``,
subject ``transfer:<key>``); the database refuses one without its record. All functions flush and never commit; a transfer
is refused whole, and of many at once all are made or none.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from uuid import UUID

from backend.credit_bank import ledger, lots
from backend.credit_bank.ledger import Posting, known_keys
from backend.credit_bank.resolving import need, resolve_all, reverse
from backend.credit_bank.rules import (
    ISSUED,
    Deposit,
    DepositKind,
    Hold,
    OpenLot,
    TransferView,
    Use,
    check_amount,
    draw_oldest_first,
)
from backend.credit_bank.sealing import count_sealed_rows, sealed_rows
from backend.credit_bank.statements import (
    balance,
    claimable_by_record,
    claimable_in,
    claimable_of,
    count_deposits,
    deposited,
    deposits,
    discrepancies,
    earned_in,
    lots_of,
    reversal_of,
    statement,
    transfers_of_record,
    trial_balance,
)
from config.errors import Conflict

__all__ = [
    "Deposit",
    "Hold",
    "balance",
    "claimable_by_record",
    "claimable_in",
    "claimable_of",
    "count_deposits",
    "count_sealed_rows",
    "deposit",
    "deposit_all",
    "deposited",
    "deposits",
    "discrepancies",
    "earned_in",
    "get_transfer",
    "hold",
    "hold_all",
    "known_keys",
    "lots_of",
    "release",
    "release_all",
    "reversal_of",
    "reverse",
    "sealed_rows",
    "settle",
    "settle_all",
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
    """Put seconds that an evidence record proves into the worker's claimable or learned account. Raises as ``deposit_all``."""
    made = Deposit(worker_id, use, amount_seconds, context_ref, evidence_record_id, key, kind, reason)
    return deposit_all([made])[0]


def deposit_all(deposits: Sequence[Deposit]) -> list[TransferView]:
    """Put seconds that evidence records prove into the accounts they are for, in the order given.

    Raises ``Invalid`` (AMOUNT_INVALID, TRANSFER_KEY_INVALID, REASON_MISSING for an allowance or appeal), ``Conflict``
    TRANSFER_KEY_REUSED.
    """
    marks = {}
    for item in deposits:
        check_amount(item.amount_seconds)
        if item.kind != "deposit":
            need(item.reason)
        marks[item.key] = ledger.fingerprint(
            kind=item.kind,
            worker=item.worker_id,
            use=item.use,
            amount=item.amount_seconds,
            context=item.context_ref,
            evidence=item.evidence_record_id,
            reason=item.reason,
        )
    accounts = ledger.lock_accounts(item.worker_id for item in deposits)
    posted = ledger.already_posted(marks)
    postings = [
        Posting(
            worker_id=item.worker_id,
            kind=item.kind,
            from_kind=ISSUED,
            to_kind=item.use,
            amount_seconds=item.amount_seconds,
            key=item.key,
            fingerprint=marks[item.key],
            context_ref=item.context_ref,
            evidence_record_id=item.evidence_record_id,
            reason=item.reason,
        )
        for item in deposits
        if item.key not in posted
    ]
    return _in_order((item.key for item in deposits), posted, ledger.post_all(postings, accounts))


def hold(
    *, worker_id: int, amount_seconds: int, context_ref: UUID | None = None, key: str, reason: str = ""
) -> TransferView:
    """Set claimable seconds aside for a claim. Raises as ``hold_all``."""
    return hold_all([Hold(worker_id, amount_seconds, key)], context_ref=context_ref, reason=reason)[0]


def hold_all(holds: Sequence[Hold], *, context_ref: UUID | None = None, reason: str = "") -> list[TransferView]:
    """Set claimable seconds aside, each of another worker, oldest lots first; only lots of ``context_ref`` when it is given.

    Raises ``Conflict`` (NOT_ENOUGH_CLAIMABLE, TRANSFER_KEY_REUSED), ``Invalid`` (AMOUNT_INVALID, TRANSFER_KEY_INVALID).
    """
    assert len({item.worker_id for item in holds}) == len(holds), "one hold a worker"
    marks = {
        item.key: ledger.fingerprint(
            kind="hold",
            worker=item.worker_id,
            amount=check_amount(item.amount_seconds),
            context=context_ref,
            reason=reason,
        )
        for item in holds
    }
    accounts = ledger.lock_accounts(item.worker_id for item in holds)
    posted = ledger.already_posted(marks)
    new = [item for item in holds if item.key not in posted]
    available = lots.open_lots([item.worker_id for item in new], context_ref)
    postings = [
        Posting(
            worker_id=item.worker_id,
            kind="hold",
            from_kind="claimable",
            to_kind="held",
            amount_seconds=item.amount_seconds,
            key=item.key,
            fingerprint=marks[item.key],
            context_ref=context_ref,
            reason=reason,
            draws=_drawn(available.get(item.worker_id, []), item.amount_seconds),
        )
        for item in new
    ]
    return _in_order((item.key for item in holds), posted, ledger.post_all(postings, accounts))


def _drawn(available: Sequence[OpenLot], amount_seconds: int) -> tuple[OpenLot, ...]:
    seconds = sum(lot.seconds for lot in available)
    if seconds < amount_seconds:
        raise Conflict(
            "NOT_ENOUGH_CLAIMABLE",
            f"可申领的学时不够：需要{amount_seconds}秒，只有{seconds}秒；可能已被另一笔申领使用，请重新计算后再提交。",
        )
    return tuple(draw_oldest_first(available, amount_seconds))


def _in_order(
    keys: Iterable[str], posted: Mapping[str, TransferView], new: Iterable[TransferView]
) -> list[TransferView]:
    found = {**posted, **{view.key: view for view in new}}
    return [found[key] for key in keys]


def settle(*, hold_key: str, key: str, amount_seconds: int | None = None) -> TransferView:
    """Use up held seconds for good: all that is unresolved, or ``amount_seconds`` of it (the rest stays held).

    Raises ``NotFound`` HOLD_NOT_FOUND, ``Conflict`` (HOLD_RESOLVED, HOLD_TOO_SMALL, TRANSFER_KEY_REUSED), ``Invalid``.
    """
    if amount_seconds is not None:
        check_amount(amount_seconds)
    return resolve_all("settle", {hold_key: key}, amount_seconds=amount_seconds)[0]


def settle_all(keys: Mapping[str, str]) -> list[TransferView]:
    """``settle`` all that is unresolved of many holds: new keys by the keys of the holds."""
    return resolve_all("settle", keys)


def release(*, hold_key: str, key: str, reason: str) -> TransferView:
    """Give back all held seconds that are not settled; they are claimable again, in the lots they came from.

    Raises ``NotFound`` HOLD_NOT_FOUND, ``Conflict`` (HOLD_RESOLVED, TRANSFER_KEY_REUSED), ``Invalid`` REASON_MISSING.
    """
    return release_all({hold_key: key}, reason=reason)[0]


def release_all(keys: Mapping[str, str], *, reason: str) -> list[TransferView]:
    """``release`` many holds: new keys by the keys of the holds."""
    return resolve_all("release", keys, reason=need(reason))


def get_transfer(*, key: str) -> TransferView:
    """One transfer by its key. Raises ``NotFound`` TRANSFER_NOT_FOUND."""
    return ledger.find(key)
