"""Reading lots: what can still be drawn of deposits and of holds, many at once."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import func, select

from backend.credit_bank.ledger import in_groups
from backend.credit_bank.models import Lot, LotDraw, Transfer
from backend.credit_bank.rules import OpenLot
from config.database import db


def open_lots(worker_ids: Sequence[int], context_ref: UUID | None) -> dict[int, list[OpenLot]]:
    """What can be drawn of each worker, oldest first; only of one context when one is given. Absent means nothing."""
    found: dict[int, list[OpenLot]] = {}
    for some in in_groups(worker_ids):
        query = (
            select(Lot.worker_id, Lot.id, Transfer.idempotency_key, Lot.remaining_seconds)
            .join(Transfer, Transfer.id == Lot.transfer_id)
            .where(Lot.worker_id.in_(some), Lot.remaining_seconds > 0)
            .order_by(Lot.id)
        )
        if context_ref is not None:
            query = query.where(Lot.context_ref == context_ref)
        for worker_id, lot_id, deposit_key, seconds in db.session.execute(query):
            found.setdefault(worker_id, []).append(OpenLot(lot_id, deposit_key, seconds))
    return found


def unresolved_lots(hold_ids: Sequence[int]) -> dict[int, list[OpenLot]]:
    """What each hold drew and neither a settlement nor a release has taken yet, oldest lot first."""
    found: dict[int, list[OpenLot]] = {}
    for some in in_groups(hold_ids):
        taken: dict[tuple[int, int], int] = {}
        for hold_id, lot_id, _, seconds in _draws(Transfer.hold_id, Transfer.hold_id.in_(some)):
            taken[hold_id, lot_id] = seconds
        for hold_id, lot_id, deposit_key, seconds in _draws(LotDraw.transfer_id, LotDraw.transfer_id.in_(some)):
            left = seconds - taken.get((hold_id, lot_id), 0)
            if left > 0:
                found.setdefault(hold_id, []).append(OpenLot(lot_id, deposit_key, left))
    return found


def draws_of(transfer_id: int) -> list[OpenLot]:
    """The lots under one transfer."""
    rows = _draws(LotDraw.transfer_id, LotDraw.transfer_id == transfer_id)
    return [OpenLot(lot_id, deposit_key, seconds) for _, lot_id, deposit_key, seconds in rows]


def _draws(grouped: Any, condition: Any) -> list[tuple[int, int, str, int]]:
    """(value of ``grouped``, lot id, key of the lot's deposit, sum of the seconds)."""
    deposit = Transfer.__table__.alias("deposit")
    rows = db.session.execute(
        select(grouped, LotDraw.lot_id, deposit.c.idempotency_key, func.sum(LotDraw.amount_seconds))
        .join(Transfer, Transfer.id == LotDraw.transfer_id)
        .join(Lot, Lot.id == LotDraw.lot_id)
        .join(deposit, deposit.c.id == Lot.transfer_id)
        .where(condition)
        .group_by(grouped, LotDraw.lot_id, deposit.c.idempotency_key)
        .order_by(LotDraw.lot_id)
    )
    return [(group, lot_id, deposit_key, int(seconds)) for group, lot_id, deposit_key, seconds in rows]


def lot_of_deposit(transfer_id: int) -> OpenLot | None:
    """What remains of a claimable deposit; ``None`` for a learned one."""
    row = db.session.execute(
        select(Lot.id, Transfer.idempotency_key, Lot.remaining_seconds)
        .join(Transfer, Transfer.id == Lot.transfer_id)
        .where(Lot.transfer_id == transfer_id)
    ).one_or_none()
    return OpenLot(*row) if row else None


def reversal_exists(transfer_id: int) -> bool:
    """Whether the transfer was reversed."""
    return db.session.scalar(select(Transfer.id).where(Transfer.reversal_of_id == transfer_id)) is not None
