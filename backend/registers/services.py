"""The register of subsidy payments (线上培训补贴资金发放台账, clause 四.1), and whether the books agree with it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import Select, func, select

from backend.claims.models import ClaimLine, SubsidyClaim
from backend.credit_bank.models import Transfer
from backend.enterprises import services as enterprises
from backend.enterprises.models import Enterprise, RosterEntry
from backend.enterprises.services import RosterEntryView
from backend.new_hires.models import NewHireLine
from backend.payments.fund_models import Fund, Recovery, RecoveryReceipt
from backend.payments.models import FundEntry, PaymentBatch, PaymentItem, PaymentOrder
from backend.payments.rules import SUBJECT_WORDS
from backend.plans.models import Enrollment, TrainingPlan
from config.database import db
from config.errors import NotFound


@dataclass(frozen=True)
class PaymentRow:
    """One person's money as it left the fund. An advance for a new hire has no claim, filing number or class hours."""

    entry_id: UUID
    paid_at: datetime
    batch_id: UUID
    order_id: UUID
    order_number: str
    kind_words: str
    line_id: UUID
    claim_id: UUID | None
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
    """The same money and the same seconds as the books have them. ``agrees`` when nothing differs.

    ``lines_fen``: what settled claim lines and paid new hires were granted; ``funds_fen``: what the funds say left them.
    """

    fund_entries_fen: int
    orders_fen: int
    lines_fen: int
    batches_fen: int
    funds_fen: int
    balance_fen: int
    receipts_fen: int
    funds_received_fen: int
    recovery_open_fen: int
    paid_line_seconds: int
    settled_seconds: int

    @property
    def agrees(self) -> bool:
        """Whether all sums of money that left, both sums of money that came back and both sums of seconds are equal."""
        left = {self.fund_entries_fen, self.orders_fen, self.lines_fen, self.batches_fen, self.funds_fen}
        came_back = self.receipts_fen == self.funds_received_fen
        return len(left) == 1 and came_back and self.paid_line_seconds == self.settled_seconds


def payments_register(*, enterprise_id: int | None = None) -> PaymentRegister:
    """Every payment, or those of one enterprise (inner id)."""
    return _register(enterprise_id=enterprise_id)


def payment_of(line_id: UUID) -> PaymentRow:
    """What was paid for one line of a claim or of an application for new hires. Raises ``NotFound`` PAYMENT_NOT_FOUND."""
    rows = _register(line_id=line_id).rows
    if not rows:
        raise NotFound("PAYMENT_NOT_FOUND", "这个人员没有已拨付的补贴，请从资金台账中选择。")
    return rows[0]


def _register(*, enterprise_id: int | None = None, line_id: UUID | None = None) -> PaymentRegister:
    query = (
        select(FundEntry, PaymentItem, PaymentOrder, PaymentBatch)
        .join(PaymentItem, PaymentItem.id == FundEntry.item_id)
        .join(PaymentOrder, PaymentOrder.id == FundEntry.order_id)
        .join(PaymentBatch, PaymentBatch.id == PaymentOrder.batch_id)
        .order_by(FundEntry.id)
    )
    if enterprise_id is not None:
        query = query.where(PaymentOrder.enterprise_id == enterprise_id)
    if line_id is not None:
        query = query.where(PaymentItem.subject_ref == line_id)
    found = db.session.execute(query).all()
    behind = _of_claims(enterprise_id, line_id) | _of_new_hires(enterprise_id, line_id)
    people = enterprises.roster_entries({behind[item.subject_ref].roster_entry_id for _, item, _, _ in found})
    rows = tuple(
        _row(entry, item, order, batch, behind[item.subject_ref], people[behind[item.subject_ref].roster_entry_id])
        for entry, item, order, batch in found
    )
    return PaymentRegister(
        rows=rows,
        people=len({behind[item.subject_ref].person for _, item, _, _ in found}),
        class_hours=sum(row.class_hours for row in rows),
        total_fen=sum(row.amount_fen for row in rows),
    )


@dataclass(frozen=True)
class _Behind:
    """What stands behind a payment. ``person`` is the same for one person whatever was paid for them."""

    person: str
    roster_entry_id: int
    claim_id: UUID | None
    enterprise_name: str
    filing_number: str
    class_hours: int
    seconds: int


def _row(
    entry: FundEntry,
    item: PaymentItem,
    order: PaymentOrder,
    batch: PaymentBatch,
    behind: _Behind,
    person: RosterEntryView,
) -> PaymentRow:
    return PaymentRow(
        entry_id=entry.public_id,
        paid_at=entry.at,
        batch_id=batch.public_id,
        order_id=order.public_id,
        order_number=order.number,
        kind_words=SUBJECT_WORDS[order.subject_kind],
        line_id=item.subject_ref,
        claim_id=behind.claim_id,
        enterprise_name=behind.enterprise_name,
        filing_number=behind.filing_number,
        masked_name=person.masked_name,
        class_hours=behind.class_hours,
        seconds=behind.seconds,
        amount_fen=entry.amount_fen,
        fund=entry.fund,
        policy_version=entry.policy_version,
    )


def _of_claims(enterprise_id: int | None, line_id: UUID | None) -> dict[UUID, _Behind]:
    """Settled lines of claims by their public ids."""
    query = (
        select(ClaimLine, SubsidyClaim, TrainingPlan, Enrollment.roster_entry_id, RosterEntry.id_number_index)
        .join(SubsidyClaim, SubsidyClaim.id == ClaimLine.claim_id)
        .join(TrainingPlan, TrainingPlan.id == SubsidyClaim.plan_id)
        .join(Enrollment, Enrollment.id == ClaimLine.enrollment_id)
        .join(RosterEntry, RosterEntry.id == Enrollment.roster_entry_id)
        .where(ClaimLine.status == "settled")
    )
    if enterprise_id is not None:
        query = query.where(SubsidyClaim.enterprise_id == enterprise_id)
    if line_id is not None:
        query = query.where(ClaimLine.public_id == line_id)
    return {
        line.public_id: _Behind(
            person=index,
            roster_entry_id=roster_entry_id,
            claim_id=claim.public_id,
            enterprise_name=plan.enterprise_name,
            filing_number=plan.filing_number or "",
            class_hours=line.granted_class_hours,
            seconds=line.granted_seconds,
        )
        for line, claim, plan, roster_entry_id, index in db.session.execute(query)
    }


def _of_new_hires(enterprise_id: int | None, line_id: UUID | None) -> dict[UUID, _Behind]:
    """Paid advances for new hires by the public ids of their lines."""
    query = (
        select(NewHireLine, Enterprise.name)
        .join(Enterprise, Enterprise.id == NewHireLine.enterprise_id)
        .where(NewHireLine.paid_at.is_not(None))
    )
    if enterprise_id is not None:
        query = query.where(NewHireLine.enterprise_id == enterprise_id)
    if line_id is not None:
        query = query.where(NewHireLine.public_id == line_id)
    return {
        line.public_id: _Behind(
            person=line.person_index,
            roster_entry_id=line.roster_entry_id,
            claim_id=None,
            enterprise_name=name,
            filing_number="",
            class_hours=0,
            seconds=0,
        )
        for line, name in db.session.execute(query)
    }


def reconcile_payments() -> Reconciliation:
    """Add up every book that knows of payments, each on its own."""
    paid_lines = select(ClaimLine.granted_hold_key).where(ClaimLine.status == "settled")
    holds = select(Transfer.id).where(Transfer.idempotency_key.in_(paid_lines))
    granted = _sum(select(func.sum(ClaimLine.granted_fen)).where(ClaimLine.status == "settled"))
    advanced = _sum(select(func.sum(NewHireLine.amount_fen)).where(NewHireLine.paid_at.is_not(None)))
    left = Fund.opening_fen + Fund.allotted_fen + Fund.received_fen - Fund.paid_fen
    to_come = Recovery.amount_fen - Recovery.received_fen
    return Reconciliation(
        fund_entries_fen=_sum(select(func.sum(FundEntry.amount_fen))),
        orders_fen=_sum(select(func.sum(PaymentOrder.amount_fen)).where(PaymentOrder.status == "paid")),
        lines_fen=granted + advanced,
        batches_fen=_sum(select(func.sum(PaymentBatch.paid_fen))),
        funds_fen=_sum(select(func.sum(Fund.paid_fen))),
        balance_fen=_sum(select(func.sum(left))),
        receipts_fen=_sum(select(func.sum(RecoveryReceipt.amount_fen))),
        funds_received_fen=_sum(select(func.sum(Fund.received_fen))),
        recovery_open_fen=_sum(select(func.sum(to_come)).where(Recovery.status == "demanded")),
        paid_line_seconds=_sum(select(func.sum(ClaimLine.granted_seconds)).where(ClaimLine.status == "settled")),
        settled_seconds=_sum(
            select(func.sum(Transfer.amount_seconds)).where(Transfer.kind == "settle", Transfer.hold_id.in_(holds))
        ),
    )


def _sum(query: Select[int]) -> int:
    return int(db.session.scalar(query) or 0)
