"""How a transfer gets into the books: lock the accounts, look up the key, insert one row; the database moves the rest."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.dialects import postgresql, sqlite

from backend.credit_bank.models import Account, Lot, LotDraw, Transfer
from backend.credit_bank.rules import ISSUED, WORKER_ACCOUNTS, OpenLot, TransferView, check_key
from config import clock
from config.crypto import canonical_json, sha256_hex
from config.database import db, is_sqlite
from config.errors import Conflict, NotFound


@dataclass(frozen=True)
class Accounts:
    """A worker's account ids by kind, and the bank's."""

    of: Mapping[str, int]

    def __getitem__(self, kind: str) -> int:
        return self.of[kind]


def lock_accounts(worker_id: int) -> Accounts:
    """Open the worker's accounts where missing and lock them until the transaction ends: one writer at a time moves them."""
    found = _select_accounts(worker_id)
    if len(found) < len(WORKER_ACCOUNTS) + 1:
        insert = sqlite.insert if is_sqlite() else postgresql.insert
        rows = [{"worker_id": worker_id, "kind": kind} for kind in WORKER_ACCOUNTS] + [
            {"worker_id": None, "kind": ISSUED}
        ]
        for row in rows:
            db.session.execute(
                insert(Account).values(**row, balance_seconds=0, last_transfer_id=0).on_conflict_do_nothing()
            )
        found = _select_accounts(worker_id)
    return Accounts(found)


def _select_accounts(worker_id: int) -> dict[str, int]:
    own = select(Account.kind, Account.id).where(Account.worker_id == worker_id).order_by(Account.id)
    bank = select(Account.kind, Account.id).where(Account.kind == ISSUED)
    rows = [*db.session.execute(own.with_for_update()), *db.session.execute(bank)]
    return {row.kind: row.id for row in rows}


def fingerprint(**content: Any) -> str:
    """What a request says, so that the same key with other content is seen."""
    plain = {name: str(value) if isinstance(value, UUID) else value for name, value in content.items()}
    return sha256_hex(canonical_json(plain))


def already_posted(key: str, mark: str) -> TransferView | None:
    """The transfer of that key, if it says the same. Raises ``Conflict`` TRANSFER_KEY_REUSED if it says something else."""
    check_key(key)
    row = db.session.execute(
        select(Transfer.id, Transfer.fingerprint).where(Transfer.idempotency_key == key)
    ).one_or_none()
    if row is None:
        return None
    if row.fingerprint != mark:
        raise Conflict("TRANSFER_KEY_REUSED", "这笔交易编号已经用于另一笔内容不同的交易，请核对后重新发起。")
    return view_of(row.id)


def post(transfer: Transfer, draws: Iterable[OpenLot] = (), direction: str = "") -> TransferView:
    """Insert a transfer and what it does to lots; the database moves balances and lots, or refuses."""
    transfer.at = clock.now()
    db.session.add(transfer)
    db.session.flush()
    db.session.add_all(
        LotDraw(transfer_id=transfer.id, lot_id=lot.lot_id, direction=direction, amount_seconds=lot.seconds)
        for lot in draws
    )
    db.session.flush()
    return view_of(transfer.id)


def view_of(transfer_id: int) -> TransferView:
    """One transfer by its inner id."""
    source, destination = Account.__table__.alias("source"), Account.__table__.alias("destination")
    row = db.session.execute(
        select(
            Transfer,
            source.c.kind.label("from_kind"),
            destination.c.kind.label("to_kind"),
            func.coalesce(source.c.worker_id, destination.c.worker_id).label("worker_id"),
        )
        .join(source, source.c.id == Transfer.source_account_id)
        .join(destination, destination.c.id == Transfer.destination_account_id)
        .where(Transfer.id == transfer_id)
    ).one()
    transfer: Transfer = row.Transfer
    return TransferView(
        id=transfer.id,
        key=transfer.idempotency_key,
        kind=transfer.kind,
        worker_id=row.worker_id,
        from_kind=row.from_kind,
        to_kind=row.to_kind,
        amount_seconds=transfer.amount_seconds,
        context_ref=transfer.context_ref,
        evidence_record_id=transfer.evidence_record_id,
        reason=transfer.reason,
        at=transfer.at,
    )


def find(key: str) -> TransferView:
    """The transfer of that key. Raises ``NotFound`` TRANSFER_NOT_FOUND."""
    transfer_id = db.session.scalar(select(Transfer.id).where(Transfer.idempotency_key == key))
    if transfer_id is None:
        raise NotFound("TRANSFER_NOT_FOUND", "没有找到这笔交易，请核对交易编号。")
    return view_of(transfer_id)


def open_lots(worker_id: int, context_ref: UUID | None) -> list[OpenLot]:
    """What can be drawn, oldest first; only of one context when one is given."""
    query = select(Lot.id, Lot.remaining_seconds).where(Lot.worker_id == worker_id, Lot.remaining_seconds > 0)
    if context_ref is not None:
        query = query.where(Lot.context_ref == context_ref)
    return [OpenLot(row.id, row.remaining_seconds) for row in db.session.execute(query.order_by(Lot.id))]


def unresolved_lots(hold_id: int) -> list[OpenLot]:
    """What a hold drew and neither a settlement nor a release has taken yet, oldest lot first."""
    drawn = dict(_draws(LotDraw.transfer_id == hold_id))
    resolving = select(Transfer.id).where(Transfer.hold_id == hold_id)
    for lot_id, seconds in _draws(LotDraw.transfer_id.in_(resolving)):
        drawn[lot_id] -= seconds
    return [OpenLot(lot_id, seconds) for lot_id, seconds in drawn.items() if seconds > 0]


def draws_of(transfer_id: int) -> list[OpenLot]:
    """The lots under one transfer."""
    return [OpenLot(lot_id, seconds) for lot_id, seconds in _draws(LotDraw.transfer_id == transfer_id)]


def _draws(condition: Any) -> list[tuple[int, int]]:
    rows = db.session.execute(
        select(LotDraw.lot_id, func.sum(LotDraw.amount_seconds))
        .where(condition)
        .group_by(LotDraw.lot_id)
        .order_by(LotDraw.lot_id)
    )
    return [(lot_id, int(seconds)) for lot_id, seconds in rows]


def lot_of_deposit(transfer_id: int) -> tuple[int, int] | None:
    """(lot id, remaining seconds) of a claimable deposit; ``None`` for a learned one."""
    row = db.session.execute(select(Lot.id, Lot.remaining_seconds).where(Lot.transfer_id == transfer_id)).one_or_none()
    return (row.id, row.remaining_seconds) if row else None


def reversal_exists(transfer_id: int) -> bool:
    """Whether the transfer was reversed."""
    return db.session.scalar(select(Transfer.id).where(Transfer.reversal_of_id == transfer_id)) is not None
