"""Payments in the words in which they are sealed: one record an order, when it is paid."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.orm import joinedload, selectinload

from backend.claims import services as claims
from backend.claims.services import ClaimView
from backend.enterprises import services as enterprises
from backend.payments.models import FundEntry, PaymentBatch, PaymentOrder
from backend.people import services as people
from backend.people.services import StaffView
from backend.plans import services as plans
from config import clock
from config.database import db
from learning_records.evidence import services as evidence
from learning_records.sealed_rows import BEFORE_ALL, SealedRow

PAYMENT = "payment"
_AT_ONCE = 20
"""Orders looked at together: each has up to some hundred lines."""


def seal_payment(
    order: PaymentOrder, entries: Sequence[FundEntry], claim: ClaimView, *, released_by: StaffView, at: datetime
) -> None:
    """Seal the payment of an order with its lines, before any of it is written (subject ``payment:<order's public id>``)."""
    lines = {line.id: line.line_id for line in claim.lines}
    evidence.seal(
        kind=PAYMENT,
        body=_facts(order, order.batch, entries, claim, lines, released_by=released_by.public_id, at=at),
        subject=f"{PAYMENT}:{order.public_id}",
        context_ref=plans.plan_view(claim.plan_id).training_class.class_id,
    )


def count_sealed_rows() -> int:
    """How many orders are paid."""
    return db.session.scalar(select(func.count()).select_from(PaymentOrder).where(PaymentOrder.status == "paid")) or 0


def sealed_rows(after_id: int, limit: int) -> Sequence[SealedRow]:
    """The next paid orders after that id, with the money of each line."""
    orders = db.session.scalars(
        select(PaymentOrder)
        .where(PaymentOrder.id > after_id, PaymentOrder.status == "paid")
        .order_by(PaymentOrder.id)
        .limit(min(limit, _AT_ONCE))
        .options(joinedload(PaymentOrder.batch))
        .execution_options(populate_existing=True)
    ).all()
    entries: dict[int, list[FundEntry]] = defaultdict(list)
    query = select(FundEntry).where(FundEntry.order_id.in_([order.id for order in orders])).order_by(FundEntry.id)
    for entry in db.session.scalars(query.execution_options(populate_existing=True)):
        entries[entry.order_id].append(entry)
    rows = [_row(order, entries[order.id]) for order in orders]
    db.session.expunge_all()
    return rows


def _row(order: PaymentOrder, entries: Sequence[FundEntry]) -> SealedRow:
    batch, claim = order.batch, claims.claim_view_by_id(order.claim_id)
    lines = claims.line_ids(entry.claim_line_id for entry in entries)
    released_by = None if batch.released_by_id is None else people.staff_of_id(batch.released_by_id).public_id
    body = _facts(order, batch, entries, claim, lines, released_by=released_by, at=order.paid_at)
    return SealedRow(
        id=order.id,
        name=f"{PAYMENT} {order.public_id}",
        subject=f"{PAYMENT}:{order.public_id}",
        old_id=max((entry.id for entry in entries), default=None),
        body=body,
    )


def _facts(
    order: PaymentOrder,
    batch: PaymentBatch,
    entries: Sequence[FundEntry],
    claim: ClaimView,
    lines: dict[int, UUID],
    *,
    released_by: UUID | None,
    at: datetime | None,
) -> dict[str, Any]:
    return {
        "batch": str(batch.public_id),
        "order": str(order.public_id),
        "claim": str(claim.claim_id),
        "enterprise": str(enterprises.enterprise_by_id(order.enterprise_id).public_id),
        "fund": _same(entry.fund for entry in entries),
        "policy_version": _same(entry.policy_version for entry in entries),
        "amount_fen": order.amount_fen,
        "at_ms": None if at is None else clock.epoch_ms(at),
        "created_by": str(people.staff_of_id(batch.created_by_id).public_id),
        "released_by": None if released_by is None else str(released_by),
        "lines": [
            {
                "line": str(lines[entry.claim_line_id]),
                "amount_fen": entry.amount_fen,
                "settle": claims.key_of(claim.claim_id, lines[entry.claim_line_id], "settle"),
            }
            for entry in entries
        ],
    }


def _same(values: Iterable[str]) -> str:
    """What all entries of an order say; an order whose entries say different things shows all of it."""
    return "、".join(sorted(set(values)))


def payment_problems(advance: Callable[[int], None]) -> Iterator[tuple[str, str]]:
    """Batches and claims that show other payments than were made: which, and how."""
    for batch in db.session.scalars(
        select(PaymentBatch).order_by(PaymentBatch.id).options(selectinload(PaymentBatch.orders))
    ):
        name = f"payment_batch {batch.public_id}"
        total = sum(order.amount_fen for order in batch.orders)
        if batch.total_fen != total:
            yield name, f"total_fen {batch.total_fen} in the table, {total} by its orders"
        if {order.status for order in batch.orders} != {batch.status}:
            yield name, f"status {batch.status} in the table, its orders say otherwise"
        if any(order.paid_at != batch.paid_at for order in batch.orders):
            yield name, f"paid_at {batch.paid_at} in the table, its orders say otherwise"
    paid = dict(
        db.session.execute(
            select(PaymentOrder.claim_id, PaymentOrder.paid_at).where(PaymentOrder.status == "paid")
        ).all()
    )
    after = BEFORE_ALL
    while states := claims.claim_states(after, _AT_ONCE):
        for claim in states:
            if claim.paid_at != paid.get(claim.id):
                yield (
                    f"claim {claim.claim_id}",
                    f"paid_at {claim.paid_at} in the table, {paid.get(claim.id)} by its order",
                )
        advance(len(states))
        after = states[-1].id
