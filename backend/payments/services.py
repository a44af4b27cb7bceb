"""Payment batches. ``batch_id`` is a public id; ``staff`` is who signed in."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError

from backend.audit import services as audit
from backend.claims import services as claims
from backend.claims.services import ClaimView
from backend.payments import rules
from backend.payments.models import FundEntry, PaymentBatch, PaymentOrder
from backend.payments.sealing import count_sealed_rows, payment_problems, seal_payment, sealed_rows
from backend.people import services as people
from backend.people.services import StaffView
from config import clock
from config.database import db, locked
from config.errors import Conflict, NotFound

__all__ = [
    "BatchView",
    "OrderView",
    "batch_view",
    "batches",
    "count_sealed_rows",
    "create_batch",
    "pay_batch",
    "payable_claims",
    "payment_problems",
    "sealed_rows",
]


@dataclass(frozen=True)
class OrderView:
    """One order of a batch."""

    order_id: UUID
    claim_id: UUID
    enterprise_name: str
    filing_number: str | None
    amount_fen: int
    status: str
    paid_at: datetime | None


@dataclass(frozen=True)
class BatchView:
    """A batch with its orders; ``total_fen`` is their sum."""

    batch_id: UUID
    status: str
    status_words: str
    total_fen: int
    created_by: str
    created_at: datetime
    released_by: str | None
    paid_at: datetime | None
    orders: tuple[OrderView, ...]


def payable_claims() -> list[ClaimView]:
    """Approved claims that are in no batch yet, the oldest submission first (domain.md A38)."""
    ordered = set(db.session.scalars(select(PaymentOrder.claim_id)))
    return [claim for claim in claims.approved_claims() if claim.id not in ordered]


def create_batch(*, staff: StaffView) -> BatchView:
    """One batch of everything payable. A claim is in one batch at most, so pressing twice pays nothing twice.

    Raises ``NotAllowed`` CASHIER_ROLE_REQUIRED, ``Conflict`` NOTHING_TO_PAY or BATCH_MADE_MEANWHILE.
    """
    rules.require_creator(staff.role)
    payable = payable_claims()
    rules.require_something(len(payable))
    batch = PaymentBatch(
        status="created",
        total_fen=sum(claim.total_fen for claim in payable),
        created_by_id=staff.id,
        created_at=clock.now(),
        orders=[
            PaymentOrder(
                claim_id=claim.id, enterprise_id=claim.enterprise_id, amount_fen=claim.total_fen, status="created"
            )
            for claim in payable
        ],
    )
    db.session.add(batch)
    try:
        db.session.flush()
    except IntegrityError as error:  # another cashier's batch has one of these claims since a moment
        raise Conflict("BATCH_MADE_MEANWHILE", "同一时间另一位经办人员生成了批次，请刷新页面查看。") from error
    _audit(batch, staff, "payment_batch.created")
    return _view(batch)


def pay_batch(*, batch_id: UUID, staff: StaffView) -> BatchView:
    """Release a batch: in one transaction every hold is settled and every person's fund entry written. Again: no change.

    Raises ``NotFound`` BATCH_NOT_FOUND; ``NotAllowed`` RELEASER_ROLE_REQUIRED, SECOND_PERSON_REQUIRED; ``Conflict``
    CLAIM_MOVE_REFUSED or ORDER_TOTAL_DIFFERS.
    """
    batch = _load(batch_id, lock=True)
    rules.require_releaser(staff.role, staff.id, batch.created_by_id)
    if batch.status == "paid":
        return _view(batch)
    at = clock.now()
    for order in batch.orders:
        _pay(order, staff, at)
    batch.released_by_id, batch.paid_at, batch.status = staff.id, at, "paid"
    db.session.flush()
    _audit(batch, staff, "payment_batch.paid")
    return _view(batch)


def batch_view(batch_id: UUID) -> BatchView:
    """One batch. Raises ``NotFound`` BATCH_NOT_FOUND."""
    return _view(_load(batch_id))


def batches() -> list[BatchView]:
    """All batches, newest first."""
    return _views(db.session.scalars(select(PaymentBatch).order_by(PaymentBatch.id.desc())))


def _pay(order: PaymentOrder, staff: StaffView, at: datetime) -> None:
    claim_id = claims.claim_view_by_id(order.claim_id).claim_id
    claim = claims.pay_claim(claim_id=claim_id, actor=_actor(staff), at=at)
    settled = [line for line in claim.lines if line.status == "settled"]
    rules.require_same_total(ordered_fen=order.amount_fen, settled_fen=sum(line.amount_fen for line in settled))
    entries = [
        FundEntry(
            fund=rules.FUND,
            policy_version=claim.policy_version,
            order_id=order.id,
            claim_line_id=line.id,
            amount_fen=line.amount_fen,
            at=at,
        )
        for line in settled
    ]
    seal_payment(order, entries, claim, released_by=staff, at=at)
    order.status, order.paid_at = "paid", at
    db.session.add_all(entries)
    db.session.flush()


def _load(batch_id: UUID, *, lock: bool = False) -> PaymentBatch:
    query = select(PaymentBatch).where(PaymentBatch.public_id == batch_id)
    batch = db.session.scalar(locked(query) if lock else query)
    if batch is None:
        raise NotFound("BATCH_NOT_FOUND", "找不到该拨付批次，请从列表重新打开。")
    return batch


def _actor(staff: StaffView) -> str:
    return f"staff:{staff.public_id}"


def _audit(batch: PaymentBatch, staff: StaffView, action: str) -> None:
    audit.write(
        actor=_actor(staff),
        action=action,
        subject=f"payment_batch:{batch.public_id}",
        detail={"total_fen": batch.total_fen, "orders": len(batch.orders)},
    )


def _views(rows: Iterable[PaymentBatch]) -> list[BatchView]:
    return [_view(row) for row in rows]


def _view(batch: PaymentBatch) -> BatchView:
    released_by = None if batch.released_by_id is None else people.staff_of_id(batch.released_by_id).display_name
    return BatchView(
        batch_id=batch.public_id,
        status=batch.status,
        status_words=rules.STATUS_WORDS[batch.status],
        total_fen=batch.total_fen,
        created_by=people.staff_of_id(batch.created_by_id).display_name,
        created_at=batch.created_at,
        released_by=released_by,
        paid_at=batch.paid_at,
        orders=tuple(_order_view(order) for order in batch.orders),
    )


def _order_view(order: PaymentOrder) -> OrderView:
    claim = claims.claim_view_by_id(order.claim_id)
    return OrderView(
        order_id=order.public_id,
        claim_id=claim.claim_id,
        enterprise_name=claim.enterprise_name,
        filing_number=claim.filing_number,
        amount_fen=order.amount_fen,
        status=order.status,
        paid_at=order.paid_at,
    )
