"""Payments in the words in which they are sealed: one record an order, when it is paid."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.orm import joinedload

from backend.claims import services as claims
from backend.enterprises import services as enterprises
from backend.payments.models import FundEntry, PaymentItem, PaymentOrder
from backend.people import services as people
from backend.plans import services as plans
from config import clock
from config.database import db
from learning_records.evidence import services as evidence
from learning_records.sealed_rows import SealedRow

PAYMENT = "payment"
_AT_ONCE = 20
"""Orders looked at together: each has up to some hundred lines."""


def seal_payment(order: PaymentOrder, entries: Sequence[FundEntry], *, at: datetime) -> None:
    """Seal the payment of an order with its lines, before any of it is written (subject ``payment:<order's public id>``)."""
    context = None
    if order.claim_id is not None:
        claim = claims.claim_view_by_id(order.claim_id)
        context = plans.plan_view(claim.plan_id).training_class.class_id
    evidence.seal(
        kind=PAYMENT,
        body=_facts(order, entries, _lines(entries), at=at),
        subject=f"{PAYMENT}:{order.public_id}",
        context_ref=context,
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
    return SealedRow(
        id=order.id,
        name=f"{PAYMENT} {order.public_id}",
        subject=f"{PAYMENT}:{order.public_id}",
        old_id=max((entry.id for entry in entries), default=None),
        body=_facts(order, entries, _lines(entries), at=order.paid_at),
    )


def _lines(entries: Sequence[FundEntry]) -> dict[FundEntry, UUID]:
    """The public id of the line behind each entry: of a claim by its own column, of a new hire by its item."""
    of_claims = claims.line_ids(entry.claim_line_id for entry in entries if entry.claim_line_id is not None)
    items = [entry.item_id for entry in entries if entry.claim_line_id is None]
    query = select(PaymentItem.id, PaymentItem.subject_ref).where(PaymentItem.id.in_(items))
    of_items = {row.id: row.subject_ref for row in db.session.execute(query)}
    return {
        entry: of_items[entry.item_id or 0] if entry.claim_line_id is None else of_claims[entry.claim_line_id]
        for entry in entries
    }


def _facts(
    order: PaymentOrder, entries: Sequence[FundEntry], lines: dict[FundEntry, UUID], *, at: datetime | None
) -> dict[str, Any]:
    batch = order.batch
    claim = None if order.claim_id is None else claims.claim_view_by_id(order.claim_id).claim_id
    released_by = None if batch.released_by_id is None else people.staff_of_id(batch.released_by_id).public_id
    return {
        "batch": str(batch.public_id),
        "order": str(order.public_id),
        "claim": None if claim is None else str(claim),
        **({"new_hire": str(order.subject_ref)} if claim is None else {}),
        "enterprise": str(enterprises.enterprise_by_id(order.enterprise_id).public_id),
        "fund": _same(entry.fund for entry in entries),
        "policy_version": _same(entry.policy_version for entry in entries),
        "amount_fen": order.amount_fen,
        "at_ms": None if at is None else clock.epoch_ms(at),
        "created_by": str(people.staff_of_id(batch.created_by_id).public_id),
        "released_by": None if released_by is None else str(released_by),
        "lines": [
            {
                "line": str(lines[entry]),
                "amount_fen": entry.amount_fen,
                "settle": None if claim is None else claims.key_of(claim, lines[entry], "settle"),
            }
            for entry in entries
        ],
    }


def _same(values: Iterable[str]) -> str:
    """What all entries of an order say; an order whose entries say different things shows all of it."""
    return "、".join(sorted(set(values)))
