"""Asking money back (追回, 四.5): demanded by two persons with reason and clause, received as entries of its own.

Nothing paid is edited: what came back stands beside it.
"""

from __future__ import annotations

from datetime import date, timedelta
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.exc import IntegrityError

from backend.audit import services as audit
from backend.claims import services as claims
from backend.disputes import services as disputes
from backend.enterprises import services as enterprises
from backend.new_hires import services as new_hires
from backend.payments import rules
from backend.payments.fund_models import Recovery, RecoveryReceipt
from backend.payments.models import PaymentItem, PaymentOrder
from backend.payments.sealing_recoveries import seal_receipt, seal_recovery
from backend.payments.views import ReceiptView, RecoveryDue, RecoveryView
from backend.people import services as people
from backend.people.services import StaffView
from backend.plans import services as plans
from backend.policies import services as policies
from backend.reviews import services as reviews
from config import clock
from config.database import db, locked, new_public_id
from config.errors import Conflict, Invalid, NotFound


def demand_recovery(
    *,
    subject_ref: UUID,
    reason: str,
    clause: str,
    staff: StaffView,
    amount_fen: int | None = None,
) -> RecoveryView:
    """Propose to ask back what was paid for a line (public id of a claim line or a new hire's), all that is left or that much.
    The case that it rests on, where one was decided, is noted with it.

    Raises ``NotAllowed`` DEMANDER_ROLE_REQUIRED; ``Invalid`` REASON_REQUIRED, REASON_TOO_LONG, CLAUSE_UNKNOWN,
    RECOVERY_AMOUNT_INVALID; ``NotFound`` PAYMENT_NOT_FOUND; ``Conflict`` RECOVERY_ALREADY_DEMANDED.
    """
    rules.require_demander(staff.role)
    reason, clause = reviews.checked("recovery", "first", "approve", staff, reason, clause)
    item, order = _paid_item(subject_ref)
    asked = select(func.sum(Recovery.amount_fen)).where(Recovery.item_id == item.id, Recovery.status != "refused")
    left = item.amount_fen - int(db.session.scalar(asked) or 0)
    if left == 0:
        raise Conflict("RECOVERY_ALREADY_DEMANDED", "这笔补贴已经全额发起追回，请在追回列表中查看。")
    amount_fen = left if amount_fen is None else amount_fen
    if not 0 < amount_fen <= left:
        raise Invalid("RECOVERY_AMOUNT_INVALID", f"追回金额应大于零，且不超过尚可追回的{left}分。")
    recovery = Recovery(
        public_id=new_public_id(),
        number=_next_number(),
        item_id=item.id,
        enterprise_id=order.enterprise_id,
        fund=order.fund,
        amount_fen=amount_fen,
        reason=reason,
        clause=clause,
        source_ref=next((case.source_ref for case in recoveries_due() if case.subject_ref == subject_ref), None),
        status="proposed",
        proposed_by_id=staff.id,
        proposed_at=clock.now(),
        received_fen=0,
    )
    db.session.add(recovery)
    db.session.flush()
    reviews.record(
        "recovery", recovery.public_id, "first", "approve", staff, reason, clause, context_ref=_context(order)
    )
    _audit(recovery, staff, "recovery.proposed", {"amount_fen": amount_fen})
    return _view(recovery)


def decide_recovery(
    *, recovery_id: UUID, approve: bool, staff: StaffView, reason: str = "", clause: str = "四.5"
) -> RecoveryView:
    """The second person demands the money, due so many days later by the policy, or refuses to. Decided before: no change.

    Raises ``NotFound`` RECOVERY_NOT_FOUND; ``NotAllowed`` RELEASER_ROLE_REQUIRED, SECOND_PERSON_REQUIRED; ``Invalid``
    REASON_REQUIRED, CLAUSE_UNKNOWN.
    """
    recovery = _load(recovery_id, lock=True)
    rules.require_releaser(staff.role, staff.id, recovery.proposed_by_id)
    verdict: reviews.Verdict = "approve" if approve else "reject"
    reason = rules.AGREED if approve and not reason.strip() else reason
    reason, clause = reviews.checked("recovery", "second", verdict, staff, reason, clause)
    if recovery.status != "proposed":
        return _view(recovery)
    item = db.session.get_one(PaymentItem, recovery.item_id)
    at = clock.now()
    reviews.record(
        "recovery", recovery_id, "second", verdict, staff, reason, clause, context_ref=_context(item.order), at=at
    )
    with db.session.no_autoflush:  # sealed whole, and written whole after it
        due_on = clock.local_date(at) + timedelta(days=policies.configured().fund.recovery_within_days)
    if approve:
        seal_recovery(recovery, staff.public_id, due_on, at)
        recovery.due_on = due_on
    recovery.decided_by_id, recovery.decided_at = staff.id, at
    recovery.status = "demanded" if approve else "refused"
    db.session.flush()
    if approve and recovery.source_ref is not None:
        disputes.recovery_demanded(dispute_id=recovery.source_ref, line_id=item.subject_ref, recovery_ref=recovery_id)
    _audit(recovery, staff, f"recovery.{recovery.status}", {"amount_fen": recovery.amount_fen})
    return _view(recovery)


def receive_recovery(
    *, recovery_id: UUID, amount_fen: int, received_on: date, voucher: str, staff: StaffView
) -> ReceiptView:
    """Note money that came back into the fund, by the bank's number of the incoming payment; all of it back: done.

    Raises ``NotFound`` RECOVERY_NOT_FOUND; ``NotAllowed`` CASHIER_ROLE_REQUIRED; ``Invalid`` RECEIPT_INVALID,
    RECEIPT_VOUCHER_REQUIRED; ``Conflict`` RECOVERY_MOVE_REFUSED, VOUCHER_KNOWN.
    """
    rules.require_creator(staff.role)
    recovery = _load(recovery_id, lock=True)
    if recovery.status != "demanded":
        words = rules.RECOVERY_WORDS[recovery.status]
        raise Conflict("RECOVERY_MOVE_REFUSED", f"这笔追回目前是“{words}”，不能登记退款；请刷新页面查看最新状态。")
    left = recovery.amount_fen - recovery.received_fen
    if not 0 < amount_fen <= left:
        raise Invalid("RECEIPT_INVALID", f"退款金额应大于零，且不超过尚未退回的{left}分。")
    if recovery.decided_at is None or not clock.local_date(recovery.decided_at) <= received_on <= clock.today():
        raise Invalid("RECEIPT_INVALID", "到账日期应在追回决定之日至今天之间。")
    voucher = rules.checked_text(
        voucher, least=4, most=60, code="RECEIPT_VOUCHER_REQUIRED", detail="请填写银行收款回单号（4至60个字符）。"
    )
    if db.session.scalar(select(RecoveryReceipt.id).where(RecoveryReceipt.voucher == voucher)) is not None:
        raise Conflict("VOUCHER_KNOWN", "这张收款回单已经登记过，请核对回单号。")
    receipt = RecoveryReceipt(
        public_id=new_public_id(),
        recovery_id=recovery.id,
        fund=recovery.fund,
        amount_fen=amount_fen,
        received_on=received_on,
        voucher=voucher,
        recorded_by_id=staff.id,
        at=clock.now(),
    )
    seal_receipt(receipt, recovery)
    db.session.add(receipt)
    try:
        db.session.flush()
    except IntegrityError as error:  # the same voucher since a moment
        raise Conflict("VOUCHER_KNOWN", "这张收款回单已经登记过，请核对回单号。") from error
    _finish(recovery, staff)
    _audit(recovery, staff, "recovery.received", {"amount_fen": amount_fen})
    return _receipt_view(receipt)


def recovery_view(recovery_id: UUID) -> RecoveryView:
    """Raises ``NotFound`` RECOVERY_NOT_FOUND."""
    return _view(_load(recovery_id))


def recoveries(*, enterprise_id: int | None = None) -> list[RecoveryView]:
    """All recoveries or those of one enterprise (inner id): open ones first, then the newest."""
    query = select(Recovery).execution_options(populate_existing=True)
    if enterprise_id is not None:
        query = query.where(Recovery.enterprise_id == enterprise_id)
    ended = Recovery.status.in_(["refused", "received"])
    return [_view(row) for row in db.session.scalars(query.order_by(ended, Recovery.id.desc()))]


def receipts(recovery_id: UUID | None = None) -> list[ReceiptView]:
    """What came back, of one recovery or of all, the oldest first."""
    query = select(RecoveryReceipt).join(Recovery, Recovery.id == RecoveryReceipt.recovery_id)
    if recovery_id is not None:
        query = query.where(Recovery.public_id == recovery_id)
    return [_receipt_view(row) for row in db.session.scalars(query.order_by(RecoveryReceipt.id))]


def recoveries_due() -> list[RecoveryDue]:
    """Cases that were decided against a payment and for which nothing is asked back yet: disputes that were upheld after
    payment, advances whose training did not take place."""
    asked = select(PaymentItem.subject_ref).join(Recovery, Recovery.item_id == PaymentItem.id)
    known = set(db.session.scalars(asked.where(Recovery.status != "refused")))
    found = [
        RecoveryDue(
            subject_ref=case.line_id,
            source_ref=case.dispute_id,
            enterprise_name=claims.claim_view(case.claim_id).enterprise_name,
            amount_fen=case.amount_fen,
            reason=f"{case.dispute_number}属实，已拨付的补贴应予追回。",
            clause="四.5",
        )
        for case in disputes.recoveries_due()
    ] + [
        RecoveryDue(
            subject_ref=case.line_id,
            source_ref=None,
            enterprise_name=case.enterprise_name,
            amount_fen=case.amount_fen,
            reason=case.reason,
            clause=case.clause,
        )
        for case in new_hires.recoveries_due()
    ]
    return [case for case in found if case.subject_ref not in known]


def _paid_item(subject_ref: UUID) -> tuple[PaymentItem, PaymentOrder]:
    item = db.session.scalar(
        locked(select(PaymentItem).where(PaymentItem.subject_ref == subject_ref, PaymentItem.live))
    )
    if item is None or item.order.status != "paid":
        raise NotFound("PAYMENT_NOT_FOUND", "这个人员没有已拨付的补贴，不能发起追回；请从资金台账中选择。")
    return item, item.order


def _context(order: PaymentOrder) -> UUID | None:
    if order.claim_id is None:
        return None
    claim = claims.claim_view_by_id(order.claim_id)
    return plans.plan_view(claim.plan_id).training_class.class_id


def _next_number() -> str:
    year = clock.today().year
    made = select(func.count(Recovery.id)).where(Recovery.number.startswith(f"ZH{year}-"))
    return f"ZH{year}-{(db.session.scalar(made) or 0) + 1:04d}"


def _finish(recovery: Recovery, staff: StaffView) -> None:
    """The trigger added the receipt up; with the last one the recovery is done."""
    db.session.refresh(recovery)
    if recovery.received_fen != recovery.amount_fen:
        return
    recovery.status = "received"
    db.session.flush()
    item = db.session.get_one(PaymentItem, recovery.item_id)
    back = select(func.sum(Recovery.received_fen)).where(Recovery.item_id == item.id)
    if item.subject_kind == "new_hire" and db.session.scalar(back) == item.amount_fen:
        new_hires.mark_recovered(line_ids=[item.subject_ref], at=clock.now(), actor=f"staff:{staff.public_id}")


def _load(recovery_id: UUID, *, lock: bool = False) -> Recovery:
    query = select(Recovery).where(Recovery.public_id == recovery_id)
    recovery = db.session.scalar(locked(query) if lock else query.execution_options(populate_existing=True))
    if recovery is None:
        raise NotFound("RECOVERY_NOT_FOUND", "找不到这笔追回，请从列表重新打开。")
    return recovery


def _view(recovery: Recovery) -> RecoveryView:
    item = db.session.get_one(PaymentItem, recovery.item_id)
    decided_by = None if recovery.decided_by_id is None else people.staff_of_id(recovery.decided_by_id).display_name
    overdue = recovery.status == "demanded" and recovery.due_on is not None and recovery.due_on < clock.today()
    return RecoveryView(
        recovery_id=recovery.public_id,
        number=recovery.number,
        kind=item.subject_kind,
        kind_words=rules.SUBJECT_WORDS[item.subject_kind],
        subject_ref=item.subject_ref,
        order_number=item.order.number,
        enterprise_id=recovery.enterprise_id,
        enterprise_name=enterprises.enterprise_by_id(recovery.enterprise_id).name,
        fund=recovery.fund,
        amount_fen=recovery.amount_fen,
        received_fen=recovery.received_fen,
        reason=recovery.reason,
        clause=recovery.clause,
        status=recovery.status,
        status_words=rules.RECOVERY_WORDS[recovery.status],
        proposed_by=people.staff_of_id(recovery.proposed_by_id).display_name,
        proposed_at=recovery.proposed_at,
        decided_by=decided_by,
        decided_at=recovery.decided_at,
        due_on=recovery.due_on,
        overdue=overdue,
    )


def _receipt_view(receipt: RecoveryReceipt) -> ReceiptView:
    recovery = db.session.get_one(Recovery, receipt.recovery_id)
    return ReceiptView(
        receipt_id=receipt.public_id,
        recovery_id=recovery.public_id,
        recovery_number=recovery.number,
        enterprise_name=enterprises.enterprise_by_id(recovery.enterprise_id).name,
        amount_fen=receipt.amount_fen,
        received_on=receipt.received_on,
        voucher=receipt.voucher,
        recorded_by=people.staff_of_id(receipt.recorded_by_id).display_name,
        at=receipt.at,
    )


def _audit(recovery: Recovery, staff: StaffView, action: str, detail: dict[str, int]) -> None:
    subject = f"recovery:{recovery.public_id}"
    audit.write(actor=f"staff:{staff.public_id}", action=action, subject=subject, detail=detail)
