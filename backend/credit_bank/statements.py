"""Reading the books: balances now and at an instant, statements, lots, and whether everything adds up."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Select, case, func, or_, select
from sqlalchemy.orm import aliased

from backend.credit_bank import ledger
from backend.credit_bank.models import Account, Lot, LotDraw, Transfer
from backend.credit_bank.rules import TITLES, WORKER_ACCOUNTS, Balance, LotSlice, StatementLine, TransferView
from config.database import db

_SOURCE = Account.__table__.alias("source")
_DESTINATION = Account.__table__.alias("destination")


def _with_accounts(*columns: Any) -> Select[Any]:
    return (
        select(*columns, _SOURCE.c.kind.label("from_kind"), _DESTINATION.c.kind.label("to_kind"))
        .join(_SOURCE, _SOURCE.c.id == Transfer.source_account_id)
        .join(_DESTINATION, _DESTINATION.c.id == Transfer.destination_account_id)
    )


def balance(*, worker_id: int, as_of: datetime | None = None) -> Balance:
    """What the worker has in each account, now or with all transfers up to and including ``as_of``."""
    if as_of is None:
        query = select(Account.kind, Account.balance_seconds).where(Account.worker_id == worker_id)
        found = {row.kind: row.balance_seconds for row in db.session.execute(query)}
    else:
        found = _balance_at(worker_id, as_of)
    return Balance(*(int(found.get(kind, 0)) for kind in WORKER_ACCOUNTS))


def _balance_at(worker_id: int, as_of: datetime) -> dict[str, int]:
    signed = case(
        (Transfer.destination_account_id == Account.id, Transfer.amount_seconds), else_=-Transfer.amount_seconds
    )
    query = (
        select(Account.kind, func.sum(signed).label("seconds"))
        .join(Transfer, or_(Transfer.source_account_id == Account.id, Transfer.destination_account_id == Account.id))
        .where(Account.worker_id == worker_id, Transfer.at <= as_of)
        .group_by(Account.kind)
    )
    return {row.kind: int(row.seconds) for row in db.session.execute(query)}


def claimable_in(*, worker_id: int, context_ref: UUID) -> int:
    """Claimable seconds of one class that no claim holds or has used."""
    query = select(func.coalesce(func.sum(Lot.remaining_seconds), 0))
    return int(db.session.scalar(query.where(Lot.worker_id == worker_id, Lot.context_ref == context_ref)) or 0)


def earned_in(*, worker_id: int, context_ref: UUID) -> int:
    """Claimable seconds that one class gave, whether a claim has taken them or not; deposits that were reversed left out."""
    reversal = aliased(Transfer)
    reversed_deposit = select(reversal.id).where(reversal.reversal_of_id == Lot.transfer_id).exists()
    query = select(func.coalesce(func.sum(Lot.amount_seconds), 0)).where(~reversed_deposit)
    return int(db.session.scalar(query.where(Lot.worker_id == worker_id, Lot.context_ref == context_ref)) or 0)


def claimable_of(*, worker_ids: Iterable[int], context_ref: UUID) -> dict[int, int]:
    """``claimable_in`` for some workers at once; absent means 0."""
    query = (
        select(Lot.worker_id, func.sum(Lot.remaining_seconds).label("seconds"))
        .where(Lot.worker_id.in_(list(worker_ids)), Lot.context_ref == context_ref)
        .group_by(Lot.worker_id)
    )
    return {row.worker_id: int(row.seconds) for row in db.session.execute(query)}


def claimable_by_record(*, worker_ids: Iterable[int], context_ref: UUID) -> list[tuple[int, int, int]]:
    """What ``claimable_of`` adds up: (worker, evidence record, seconds that no claim holds or has used)."""
    query = (
        select(Lot.worker_id, Transfer.evidence_record_id, Lot.remaining_seconds)
        .join(Transfer, Transfer.id == Lot.transfer_id)
        .where(Lot.worker_id.in_(list(worker_ids)), Lot.context_ref == context_ref, Lot.remaining_seconds > 0)
    )
    return [(worker_id, int(record_id or 0), seconds) for worker_id, record_id, seconds in db.session.execute(query)]


def statement(*, worker_id: int, before: int | None = None, limit: int | None = None) -> list[StatementLine]:
    """The worker's transfers, newest first, each with what was claimable and learned after it.

    ``before`` is the ``id`` of the last line of the page before; ``limit`` the size of a page (all lines by default).
    """
    query = _with_accounts(Transfer).where(or_(_SOURCE.c.worker_id == worker_id, _DESTINATION.c.worker_id == worker_id))
    lines: list[StatementLine] = []
    after = dict.fromkeys(WORKER_ACCOUNTS, 0)
    for row in db.session.execute(query.order_by(Transfer.id)):
        transfer: Transfer = row.Transfer
        for kind, sign in ((row.from_kind, -1), (row.to_kind, 1)):
            if kind in after:
                after[kind] += sign * transfer.amount_seconds
        lines.append(
            StatementLine(
                id=transfer.id,
                key=transfer.idempotency_key,
                kind=transfer.kind,
                title=TITLES[transfer.kind],
                from_kind=row.from_kind,
                to_kind=row.to_kind,
                amount_seconds=transfer.amount_seconds,
                claimable_after_seconds=after["claimable"],
                learned_after_seconds=after["learned"],
                context_ref=transfer.context_ref,
                reason=transfer.reason,
                at=transfer.at,
            )
        )
    older = [line for line in reversed(lines) if before is None or line.id < before]
    return older if limit is None else older[:limit]


def transfers_of_record(*, evidence_record_id: int) -> list[TransferView]:
    """The deposits that cite one evidence record."""
    return ledger.views(Transfer.evidence_record_id == evidence_record_id)


def deposited(*, evidence_record_ids: Iterable[int]) -> dict[tuple[int, str], int]:
    """The seconds deposited on some evidence records (at most some thousand), by record and kind of account."""
    query = (
        select(Transfer.evidence_record_id, _DESTINATION.c.kind, func.sum(Transfer.amount_seconds))
        .join(_DESTINATION, _DESTINATION.c.id == Transfer.destination_account_id)
        .where(Transfer.evidence_record_id.in_(list(evidence_record_ids)))
        .group_by(Transfer.evidence_record_id, _DESTINATION.c.kind)
    )
    return {(record_id, kind): int(seconds) for record_id, kind, seconds in db.session.execute(query)}


def count_deposits() -> int:
    """How many transfers rest on an evidence record."""
    return db.session.scalar(select(func.count()).where(Transfer.evidence_record_id.is_not(None))) or 0


def deposits(after_id: int, limit: int) -> list[tuple[int, str, int, str, int]]:
    """(inner id, key, evidence record, kind of account, seconds) of the next deposits after that inner id."""
    query = (
        select(
            Transfer.id,
            Transfer.idempotency_key,
            Transfer.evidence_record_id,
            _DESTINATION.c.kind,
            Transfer.amount_seconds,
        )
        .join(_DESTINATION, _DESTINATION.c.id == Transfer.destination_account_id)
        .where(Transfer.id > after_id, Transfer.evidence_record_id.is_not(None))
        .order_by(Transfer.id)
        .limit(limit)
    )
    return [tuple(row) for row in db.session.execute(query).all()]


def reversal_of(*, transfer_key: str) -> TransferView | None:
    """The transfer that reversed this one, if any."""
    original = ledger.find(transfer_key)
    found = ledger.views(Transfer.reversal_of_id == original.id)
    return found[0] if found else None


def lots_of(*, transfer_key: str) -> list[LotSlice]:
    """The deposits, with their evidence, whose seconds a transfer brought in, drew, settled or returned.

    Raises ``NotFound`` TRANSFER_NOT_FOUND.
    """
    transfer = ledger.find(transfer_key)
    if transfer.evidence_record_id is not None:
        return [LotSlice(transfer.key, transfer.evidence_record_id, transfer.context_ref, transfer.amount_seconds)]
    query = (
        select(Transfer.idempotency_key, Transfer.evidence_record_id, Transfer.context_ref, LotDraw.amount_seconds)
        .join(Lot, Lot.transfer_id == Transfer.id)
        .join(LotDraw, LotDraw.lot_id == Lot.id)
        .where(LotDraw.transfer_id == transfer.id)
        .order_by(Lot.id)
    )
    return [
        LotSlice(row.idempotency_key, row.evidence_record_id, row.context_ref, row.amount_seconds)
        for row in db.session.execute(query)
    ]


def trial_balance() -> int:
    """The sum of all balances: 0 when the books are right."""
    return int(db.session.scalar(select(func.coalesce(func.sum(Account.balance_seconds), 0))) or 0)


def discrepancies() -> list[str]:
    """Everything that does not add up, recounted from the transfers and draws; empty when the books are right."""
    problems: list[str] = []
    counted: dict[int, int] = defaultdict(int)
    for side, sign in ((Transfer.source_account_id, -1), (Transfer.destination_account_id, 1)):
        for account_id, seconds in db.session.execute(select(side, func.sum(Transfer.amount_seconds)).group_by(side)):
            counted[account_id] += sign * int(seconds)
    claimable: dict[int, int] = {}
    for account in db.session.execute(select(Account.id, Account.worker_id, Account.kind, Account.balance_seconds)):
        if counted[account.id] != account.balance_seconds:
            problems.append(
                f"account {account.id} holds {account.balance_seconds}, its transfers {counted[account.id]}"
            )
        if account.kind == "claimable" and account.worker_id is not None:
            claimable[account.worker_id] = account.balance_seconds
    remaining: dict[int, int] = defaultdict(int)
    drawn = _drawn_by_lot()
    for lot in db.session.execute(select(Lot.id, Lot.worker_id, Lot.amount_seconds, Lot.remaining_seconds)):
        remaining[lot.worker_id] += lot.remaining_seconds
        left = lot.amount_seconds - drawn.get(lot.id, 0)
        if left != lot.remaining_seconds:
            problems.append(f"lot {lot.id} keeps {lot.remaining_seconds}, its draws leave {left}")
    problems += [
        f"worker {worker_id} has {seconds} claimable, {remaining[worker_id]} in lots"
        for worker_id, seconds in claimable.items()
        if seconds != remaining[worker_id]
    ]
    if (total := trial_balance()) != 0:
        problems.append(f"trial balance is {total}")
    return problems


def _drawn_by_lot() -> dict[int, int]:
    signed = case(
        (LotDraw.direction == "draw", LotDraw.amount_seconds),
        (LotDraw.direction == "return", -LotDraw.amount_seconds),
        else_=0,
    )
    query = select(LotDraw.lot_id, func.sum(signed)).group_by(LotDraw.lot_id)
    return {lot_id: int(seconds) for lot_id, seconds in db.session.execute(query)}
