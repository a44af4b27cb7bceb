"""Recoveries and what came back, in the words in which they are sealed (kinds ``recovery`` and ``recovery_receipt``)."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import func, select

from backend.enterprises import services as enterprises
from backend.payments.fund_models import Recovery, RecoveryReceipt
from backend.payments.models import PaymentItem
from backend.people import services as people
from config import clock
from config.database import db
from learning_records.evidence import services as evidence
from learning_records.sealed_rows import SealedRow

RECOVERY = "recovery"
RECEIPT = "recovery_receipt"
_DEMANDED = Recovery.status.in_(["demanded", "received"])


def seal_recovery(recovery: Recovery, demanded_by: UUID, due_on: date, at: datetime) -> None:
    """Seal a demand before it is one (subject ``recovery:<public id>``)."""
    body = _recovery_facts(recovery, demanded_by, due_on, at)
    evidence.seal(kind=RECOVERY, body=body, subject=f"{RECOVERY}:{recovery.public_id}")


def seal_receipt(receipt: RecoveryReceipt, recovery: Recovery) -> None:
    """Seal money that came back, before it is written (subject ``recovery_receipt:<public id>``)."""
    evidence.seal(kind=RECEIPT, body=_receipt_facts(receipt, recovery), subject=f"{RECEIPT}:{receipt.public_id}")


def count_sealed_recoveries() -> int:
    """How many recoveries were demanded."""
    return db.session.scalar(select(func.count()).select_from(Recovery).where(_DEMANDED)) or 0


def sealed_recoveries(after_id: int, limit: int) -> Sequence[SealedRow]:
    """The next demanded recoveries after that inner id."""
    query = select(Recovery).where(Recovery.id > after_id, _DEMANDED).order_by(Recovery.id).limit(limit)
    rows = []
    for recovery in db.session.scalars(query.execution_options(populate_existing=True)):
        decided_by = None if recovery.decided_by_id is None else people.staff_of_id(recovery.decided_by_id).public_id
        name = f"{RECOVERY} {recovery.public_id}"
        body = _recovery_facts(recovery, decided_by, recovery.due_on, recovery.decided_at)
        rows.append(SealedRow(recovery.id, name, body, f"{RECOVERY}:{recovery.public_id}"))
    db.session.expunge_all()
    return rows


def count_sealed_receipts() -> int:
    """How many receipts there are."""
    return db.session.scalar(select(func.count()).select_from(RecoveryReceipt)) or 0


def sealed_receipts(after_id: int, limit: int) -> Sequence[SealedRow]:
    """The next receipts after that inner id."""
    query = (
        select(RecoveryReceipt, Recovery)
        .join(Recovery, Recovery.id == RecoveryReceipt.recovery_id)
        .where(RecoveryReceipt.id > after_id)
        .order_by(RecoveryReceipt.id)
        .limit(limit)
        .execution_options(populate_existing=True)
    )
    rows = []
    for receipt, recovery in db.session.execute(query):
        name, body = f"{RECEIPT} {receipt.public_id}", _receipt_facts(receipt, recovery)
        rows.append(SealedRow(receipt.id, name, body, f"{RECEIPT}:{receipt.public_id}"))
    db.session.expunge_all()
    return rows


def _recovery_facts(
    recovery: Recovery, demanded_by: UUID | None, due_on: date | None, at: datetime | None
) -> dict[str, Any]:
    item = db.session.get_one(PaymentItem, recovery.item_id)
    return {
        "recovery": str(recovery.public_id),
        "number": recovery.number,
        "order": str(item.order.public_id),
        "line": str(item.subject_ref),
        "enterprise": str(enterprises.enterprise_by_id(recovery.enterprise_id).public_id),
        "fund": recovery.fund,
        "amount_fen": recovery.amount_fen,
        "reason": recovery.reason,
        "clause": recovery.clause,
        "source": None if recovery.source_ref is None else str(recovery.source_ref),
        "due_on": None if due_on is None else due_on.isoformat(),
        "proposed_by": str(people.staff_of_id(recovery.proposed_by_id).public_id),
        "demanded_by": None if demanded_by is None else str(demanded_by),
        "at_ms": None if at is None else clock.epoch_ms(at),
    }


def _receipt_facts(receipt: RecoveryReceipt, recovery: Recovery) -> dict[str, Any]:
    return {
        "receipt": str(receipt.public_id),
        "recovery": str(recovery.public_id),
        "fund": receipt.fund,
        "amount_fen": receipt.amount_fen,
        "received_on": receipt.received_on.isoformat(),
        "voucher": receipt.voucher,
        "recorded_by": str(people.staff_of_id(receipt.recorded_by_id).public_id),
        "at_ms": clock.epoch_ms(receipt.at),
    }
