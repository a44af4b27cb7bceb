"""The register of subsidy payments (线上培训补贴资金发放台账, clause 四.1), and whether the books agree with it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import Select, func, select

from backend.claims.models import ClaimLine, SubsidyClaim
from backend.credit_bank.models import Transfer
from backend.enterprises import services as enterprises
from backend.payments.models import FundEntry, PaymentBatch, PaymentOrder
from backend.plans.models import Enrollment, TrainingPlan
from config.database import db


@dataclass(frozen=True)
class PaymentRow:
    """One person's money as it left the fund."""

    entry_id: UUID
    paid_at: datetime
    batch_id: UUID
    order_id: UUID
    claim_id: UUID
    enterprise_name: str
    filing_number: str
    masked_name: str
    class_hours: int
    seconds: int
    amount_fen: int
    fund: str
    policy_version: str


@dataclass(frozen=True)
class PaymentRegister:
    """The rows in the order of payment, and their totals."""

    rows: tuple[PaymentRow, ...]
    people: int
    class_hours: int
    total_fen: int


@dataclass(frozen=True)
class Reconciliation:
    """The same money and the same seconds as four books have them. ``agrees`` when nothing differs."""

    fund_entries_fen: int
    orders_fen: int
    claims_fen: int
    batches_fen: int
    paid_line_seconds: int
    settled_seconds: int

    @property
    def agrees(self) -> bool:
        """Whether all four sums of money and both sums of seconds are equal."""
        money = {self.fund_entries_fen, self.orders_fen, self.claims_fen, self.batches_fen}
        return len(money) == 1 and self.paid_line_seconds == self.settled_seconds


def payments_register(*, enterprise_id: int | None = None) -> PaymentRegister:
    """Every payment, or those of one enterprise (inner id)."""
    query = (
        select(FundEntry, PaymentOrder, PaymentBatch, ClaimLine, SubsidyClaim, TrainingPlan, Enrollment.roster_entry_id)
        .join(PaymentOrder, PaymentOrder.id == FundEntry.order_id)
        .join(PaymentBatch, PaymentBatch.id == PaymentOrder.batch_id)
        .join(ClaimLine, ClaimLine.id == FundEntry.claim_line_id)
        .join(SubsidyClaim, SubsidyClaim.id == ClaimLine.claim_id)
        .join(TrainingPlan, TrainingPlan.id == SubsidyClaim.plan_id)
        .join(Enrollment, Enrollment.id == ClaimLine.enrollment_id)
        .order_by(FundEntry.id)
    )
    if enterprise_id is not None:
        query = query.where(PaymentOrder.enterprise_id == enterprise_id)
    found = db.session.execute(query).all()
    people = enterprises.roster_entries(row.roster_entry_id for row in found)
    rows = tuple(
        PaymentRow(
            entry_id=entry.public_id,
            paid_at=entry.at,
            batch_id=batch.public_id,
            order_id=order.public_id,
            claim_id=claim.public_id,
            enterprise_name=plan.enterprise_name,
            filing_number=plan.filing_number or "",
            masked_name=people[roster_entry_id].masked_name,
            class_hours=line.class_hours,
            seconds=line.seconds,
            amount_fen=entry.amount_fen,
            fund=entry.fund,
            policy_version=entry.policy_version,
        )
        for entry, order, batch, line, claim, plan, roster_entry_id in found
    )
    return PaymentRegister(
        rows=rows,
        people=len({row[3].worker_id for row in found}),
        class_hours=sum(row.class_hours for row in rows),
        total_fen=sum(row.amount_fen for row in rows),
    )


def reconcile_payments() -> Reconciliation:
    """Add up every book that knows of payments, each on its own."""
    paid_lines = select(ClaimLine.hold_key).where(ClaimLine.status == "settled")
    holds = select(Transfer.id).where(Transfer.idempotency_key.in_(paid_lines))
    return Reconciliation(
        fund_entries_fen=_sum(select(func.sum(FundEntry.amount_fen))),
        orders_fen=_sum(select(func.sum(PaymentOrder.amount_fen)).where(PaymentOrder.status == "paid")),
        claims_fen=_sum(select(func.sum(SubsidyClaim.total_fen)).where(SubsidyClaim.status == "paid")),
        batches_fen=_sum(select(func.sum(PaymentBatch.total_fen)).where(PaymentBatch.status == "paid")),
        paid_line_seconds=_sum(select(func.sum(ClaimLine.seconds)).where(ClaimLine.status == "settled")),
        settled_seconds=_sum(
            select(func.sum(Transfer.amount_seconds)).where(Transfer.kind == "settle", Transfer.hold_id.in_(holds))
        ),
    )


def _sum(query: Select[int]) -> int:
    return int(db.session.scalar(query) or 0)
