"""What batches, claims and funds show of payments, held against the orders and entries behind them: for the audit."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterator
from datetime import datetime
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import selectinload

from backend.claims import services as claims
from backend.payments.fund_models import Fund, FundAllotment, Recovery, RecoveryReceipt
from backend.payments.models import FundEntry, PaymentBatch, PaymentOrder
from config.database import db
from learning_records.sealed_rows import BEFORE_ALL

_AT_ONCE = 20


def payment_problems(advance: Callable[[int], None]) -> Iterator[tuple[str, str]]:
    """Batches, claims, funds and recoveries that show other payments than were made: which, and how."""
    for batch in db.session.scalars(
        select(PaymentBatch).order_by(PaymentBatch.id).options(selectinload(PaymentBatch.orders))
    ):
        yield from ((f"payment_batch {batch.public_id}", problem) for problem in _of_batch(batch))
    yield from _of_funds()
    yield from _of_recoveries()
    paid: dict[int | None, set[datetime | None]] = defaultdict(set)
    for claim_id, paid_at in db.session.execute(
        select(PaymentOrder.claim_id, PaymentOrder.paid_at).where(PaymentOrder.status == "paid")
    ):
        paid[claim_id].add(paid_at)
    after = BEFORE_ALL
    while states := claims.claim_states(after, _AT_ONCE):
        for claim in states:
            name = f"claim {claim.claim_id}"
            if claim.paid_at is not None and not paid[claim.id]:
                yield name, f"paid_at {claim.paid_at} in the table, no order of it was paid"
            elif claim.paid_at is not None and claim.paid_at < max(at for at in paid[claim.id] if at is not None):
                yield name, f"paid_at {claim.paid_at} in the table, an order of it was paid later"
            elif claim.paid_at is None and paid[claim.id] and "held" not in claim.line_statuses:
                yield name, "not paid in the table, all its lines are paid by its orders"
        advance(len(states))
        after = states[-1].id


def _of_batch(batch: PaymentBatch) -> Iterator[str]:
    total = sum(order.amount_fen for order in batch.orders)
    paid = sum(order.amount_fen for order in batch.orders if order.status == "paid")
    if batch.total_fen != total:
        yield f"total_fen {batch.total_fen} in the table, {total} by its orders"
    if batch.paid_fen != paid:
        yield f"paid_fen {batch.paid_fen} in the table, {paid} by its orders"
    statuses = {order.status for order in batch.orders}
    wanted = {"created": {"created"}, "cancelled": {"cancelled"}, "paid": {"paid", "failed"}}
    if statuses - wanted.get(batch.status, {"released", "paid", "failed"}) or (
        batch.status == "released" and "released" not in statuses
    ):
        yield f"status {batch.status} in the table, its orders say otherwise"
    if batch.paid_at is not None and any(order.paid_at and order.paid_at > batch.paid_at for order in batch.orders):
        yield f"paid_at {batch.paid_at} in the table, its orders say otherwise"


def _of_funds() -> Iterator[tuple[str, str]]:
    paid = _sums(select(FundEntry.fund, func.sum(FundEntry.amount_fen)).group_by(FundEntry.fund))
    received = _sums(select(RecoveryReceipt.fund, func.sum(RecoveryReceipt.amount_fen)).group_by(RecoveryReceipt.fund))
    allotted = _sums(
        select(Fund.name, func.sum(FundAllotment.amount_fen))
        .join(Fund, Fund.id == FundAllotment.fund_id)
        .where(FundAllotment.status == "confirmed")
        .group_by(Fund.name)
    )
    for fund in db.session.scalars(select(Fund).order_by(Fund.id).execution_options(populate_existing=True)):
        for field, found, said in (
            ("paid_fen", fund.paid_fen, paid.get(fund.name, 0)),
            ("received_fen", fund.received_fen, received.get(fund.name, 0)),
            ("allotted_fen", fund.allotted_fen, allotted.get(fund.name, 0)),
        ):
            if found != said:
                yield f"fund {fund.name}", f"{field} {found} in the table, {said} by its entries"


def _of_recoveries() -> Iterator[tuple[str, str]]:
    query = (
        select(Recovery, func.coalesce(func.sum(RecoveryReceipt.amount_fen), 0))
        .outerjoin(RecoveryReceipt, RecoveryReceipt.recovery_id == Recovery.id)
        .group_by(Recovery.id)
        .order_by(Recovery.id)
        .execution_options(populate_existing=True)
    )
    for recovery, received in db.session.execute(query):
        name = f"recovery {recovery.public_id}"
        if recovery.received_fen != received:
            yield name, f"received_fen {recovery.received_fen} in the table, {received} by its receipts"
        if (recovery.status == "received") != (received == recovery.amount_fen):
            yield name, f"status {recovery.status} in the table, {received} of {recovery.amount_fen} came back"


def _sums(query: Any) -> dict[str, int]:
    return {name: int(amount) for name, amount in db.session.execute(query)}
