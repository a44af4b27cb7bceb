"""Reading batches and orders. ``batch_id`` is a public id."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from uuid import UUID

from sqlalchemy import func, select

from backend.claims import services as claims
from backend.enterprises import services as enterprises
from backend.payments import rules
from backend.payments.models import PaymentBatch, PaymentItem, PaymentOrder
from backend.payments.views import BatchView, OrderView
from backend.people import services as people
from config.database import db, locked
from config.errors import NotFound


def batch_view(batch_id: UUID) -> BatchView:
    """One batch. Raises ``NotFound`` BATCH_NOT_FOUND."""
    return view_of(load_batch(batch_id))


def batches() -> list[BatchView]:
    """All batches, the newest first."""
    return [view_of(row) for row in db.session.scalars(select(PaymentBatch).order_by(PaymentBatch.id.desc()))]


def batch_list() -> list[BatchView]:
    """All batches without their orders, the newest first."""
    counted = select(PaymentOrder.batch_id, func.count()).group_by(PaymentOrder.batch_id)
    counts = {row[0]: row[1] for row in db.session.execute(counted)}
    rows = db.session.scalars(select(PaymentBatch).order_by(PaymentBatch.id.desc()))
    return [_without_orders(row, counts.get(row.id, 0)) for row in rows]


def orders_of_claim(claim_id: UUID) -> list[OrderView]:
    """The orders for a claim or an application for new hires, the oldest first; cancelled ones are left out."""
    query = select(PaymentOrder).where(PaymentOrder.subject_ref == claim_id, PaymentOrder.status != "cancelled")
    return _order_views(db.session.scalars(query.order_by(PaymentOrder.id)).all())


def load_batch(batch_id: UUID, *, lock: bool = False) -> PaymentBatch:
    """The row, locked until the transaction ends if asked. Raises ``NotFound`` BATCH_NOT_FOUND."""
    query = select(PaymentBatch).where(PaymentBatch.public_id == batch_id)
    batch = db.session.scalar(locked(query) if lock else query)
    if batch is None:
        raise NotFound("BATCH_NOT_FOUND", "找不到该拨付批次，请从列表重新打开。")
    return batch


def view_of(batch: PaymentBatch) -> BatchView:
    """The view of a row, with its orders."""
    return replace(_without_orders(batch, len(batch.orders)), orders=tuple(_order_views(batch.orders)))


def _without_orders(batch: PaymentBatch, order_count: int) -> BatchView:
    released_by = None if batch.released_by_id is None else people.staff_of_id(batch.released_by_id).display_name
    return BatchView(
        batch_id=batch.public_id,
        number=batch.number,
        month=batch.month,
        status=batch.status,
        status_words=rules.STATUS_WORDS[batch.status],
        total_fen=batch.total_fen,
        paid_fen=batch.paid_fen,
        created_by=people.staff_of_id(batch.created_by_id).display_name,
        created_at=batch.created_at,
        released_by=released_by,
        released_at=batch.released_at,
        paid_at=batch.paid_at,
        order_count=order_count,
    )


def _order_views(orders: Sequence[PaymentOrder]) -> list[OrderView]:
    counted = (
        select(PaymentItem.order_id, func.count())
        .where(PaymentItem.order_id.in_([order.id for order in orders]))
        .group_by(PaymentItem.order_id)
    )
    heads = {row[0]: row[1] for row in db.session.execute(counted)}
    return [_order_view(order, heads.get(order.id, 0)) for order in orders]


def _order_view(order: PaymentOrder, heads: int) -> OrderView:
    claim = None if order.claim_id is None else claims.claim_view_by_id(order.claim_id)
    retried = select(PaymentOrder.number).where(PaymentOrder.public_id == order.retry_of_ref)
    return OrderView(
        order_id=order.public_id,
        number=order.number,
        kind_words=rules.SUBJECT_WORDS[order.subject_kind],
        subject_ref=order.subject_ref,
        claim_id=None if claim is None else claim.claim_id,
        enterprise_name=enterprises.enterprise_by_id(order.enterprise_id).name,
        filing_number=None if claim is None else claim.filing_number,
        payee_name=order.payee_name,
        bank_name=order.bank_name,
        account_last4=order.account_last4,
        fund=order.fund,
        people=heads,
        amount_fen=order.amount_fen,
        status=order.status,
        status_words=rules.ORDER_WORDS[order.status],
        paid_at=order.paid_at,
        failure_code=order.failure_code,
        failure_words="" if order.failure_code is None else rules.FAILURE_WORDS[order.failure_code],
        retry_of=None if order.retry_of_ref is None else db.session.scalar(retried),
    )
