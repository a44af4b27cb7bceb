"""Making a batch, cancelling it, releasing it to the bank. ``batch_id`` is a public id; ``staff`` is who signed in."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date
from itertools import groupby
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.exc import IntegrityError

from backend.audit import services as audit
from backend.enterprises import services as enterprises
from backend.enterprises.services import BankAccountView
from backend.payments import bank_file, rules
from backend.payments.bank_file import OutgoingOrder
from backend.payments.funds import lock_funds
from backend.payments.models import PaymentBatch, PaymentItem, PaymentOrder
from backend.payments.queue import bank_accounts, payable_refs, placed, usable_accounts
from backend.payments.reading import batch_view, load_batch, view_of
from backend.payments.rules import DueLine
from backend.payments.views import BatchView
from backend.people.services import StaffView
from config import clock
from config.database import db
from config.errors import Conflict


def create_batch(*, staff: StaffView, month: str | None = None) -> BatchView:
    """One batch of everything due in that month (``YYYY-MM``; None: this month), as far as the fund goes, the oldest
    submission first; one order for each claim or application. What is left out stays in the queue with its reason.

    Raises ``NotAllowed`` CASHIER_ROLE_REQUIRED; ``Invalid`` PAYMENT_MONTH_INVALID; ``Conflict`` NOTHING_TO_PAY or
    BATCH_MADE_MEANWHILE.
    """
    rules.require_creator(staff.role)
    lock_funds()
    lines = [one.line for one in placed(month) if not one.waits_for]
    rules.require_something(len(lines))
    first = rules.month_of(month, clock.today())
    batch = PaymentBatch(
        number=_next_number(first),
        month=f"{first:%Y-%m}",
        status="created",
        total_fen=sum(line.amount_fen for line in lines),
        paid_fen=0,
        created_by_id=staff.id,
        created_at=clock.now(),
    )
    db.session.add(batch)
    try:
        db.session.flush()
        _add_orders(batch, lines)
    except IntegrityError as error:  # another cashier's batch has one of these lines since a moment
        raise Conflict("BATCH_MADE_MEANWHILE", "同一时间待拨付的名单有变化，请刷新页面后重新生成批次。") from error
    write(batch, staff, "payment_batch.created")
    return batch_view(batch.public_id)


def cancel_batch(*, batch_id: UUID, staff: StaffView) -> BatchView:
    """Take back a batch that was not released: its lines wait again. Again: no change.

    Raises ``NotFound`` BATCH_NOT_FOUND; ``NotAllowed`` CASHIER_ROLE_REQUIRED; ``Conflict`` BATCH_MOVE_REFUSED.
    """
    rules.require_creator(staff.role)
    batch = load_batch(batch_id, lock=True)
    if batch.status != "cancelled":
        _require_status(batch, "created", "作废")
        batch.status, batch.cancelled_by_id, batch.cancelled_at = "cancelled", staff.id, clock.now()
        db.session.flush()
        for order in batch.orders:
            order.status = "cancelled"
        end_items(batch.orders)
        write(batch, staff, "payment_batch.cancelled")
    return view_of(batch)


def release_batch(*, batch_id: UUID, staff: StaffView) -> BatchView:
    """The second person lets the batch go to the bank. Again: no change.

    Every line must still be payable and every account still the one in use. Raises ``NotFound`` BATCH_NOT_FOUND;
    ``NotAllowed`` RELEASER_ROLE_REQUIRED, SECOND_PERSON_REQUIRED; ``Conflict`` BATCH_MOVE_REFUSED, BATCH_OUTDATED.
    """
    batch = load_batch(batch_id, lock=True)
    rules.require_releaser(staff.role, staff.id, batch.created_by_id)
    if batch.status not in ("released", "paid"):
        _require_status(batch, "created", "放款")
        _refuse_outdated(batch.orders)
        batch.status, batch.released_by_id, batch.released_at = "released", staff.id, clock.now()
        db.session.flush()
        for order in batch.orders:
            order.status = "released"
        db.session.flush()
        write(batch, staff, "payment_batch.released")
    return view_of(batch)


def order_file(*, batch_id: UUID, staff: StaffView) -> bytes:
    """The file for the bank, the same bytes every time; who took it is audited, account by account.

    Raises ``NotFound`` BATCH_NOT_FOUND; ``NotAllowed`` RELEASER_ROLE_REQUIRED; ``Conflict`` BATCH_NOT_RELEASED; ``Invalid``
    PAYEE_TEXT_UNFIT.
    """
    batch = load_batch(batch_id)
    rules.require_releaser(staff.role, staff.id, 0)
    if batch.released_at is None or any(order.account_ref is None for order in batch.orders):
        raise Conflict("BATCH_NOT_RELEASED", "批次还没有由另一人确认放款，不能导出银行文件。")
    write(batch, staff, "payment_batch.file_taken")
    actor = f"staff:{staff.public_id}"
    rows = [
        OutgoingOrder(
            number=order.number,
            payee_name=order.payee_name,
            bank_name=order.bank_name,
            account=enterprises.reveal_account(enterprises.bank_account(order.account_ref).id, actor=actor),
            amount_fen=order.amount_fen,
            fund=order.fund,
            remark=f"{rules.SUBJECT_WORDS[order.subject_kind]}补贴",
        )
        for order in batch.orders
        if order.account_ref is not None
    ]
    return bank_file.order_file(batch.number, clock.local_date(batch.released_at), rows)


def end_items(orders: Iterable[PaymentOrder]) -> None:
    """Let the lines of cancelled or failed orders wait again."""
    db.session.flush()
    for order in orders:
        for item in order.items:
            item.live = False
    db.session.flush()


def write(batch: PaymentBatch, staff: StaffView, action: str) -> None:
    """Note in the audit trail what was done with a batch."""
    audit.write(
        actor=f"staff:{staff.public_id}",
        action=action,
        subject=f"payment_batch:{batch.public_id}",
        detail={"number": batch.number, "total_fen": batch.total_fen, "orders": len(batch.orders)},
    )


def _next_number(first: date) -> str:
    month = f"{first:%Y-%m}"
    made = db.session.scalar(select(func.count()).select_from(PaymentBatch).where(PaymentBatch.month == month)) or 0
    return f"P{first:%Y%m}-{made + 1:02d}"


def _add_orders(batch: PaymentBatch, lines: Sequence[DueLine]) -> None:
    """One order for the lines of one claim or application, in the order of the queue."""
    accounts = bank_accounts({line.enterprise_id for line in lines})
    for sequence, (_, group) in enumerate(groupby(lines, key=_payee), start=1):
        some = list(group)
        order = _order(batch, f"{batch.number}-{sequence:04d}", some, accounts[some[0].enterprise_id])
        db.session.add(order)
        db.session.flush()
        db.session.add_all(
            PaymentItem(
                order_id=order.id,
                subject_kind=line.kind,
                subject_ref=line.subject_ref,
                claim_line_id=line.row_id if line.kind == "claim_line" else None,
                amount_fen=line.amount_fen,
                live=True,
            )
            for line in some
        )
        db.session.flush()


def _payee(line: DueLine) -> tuple[str, UUID, str, str]:
    return line.kind, line.group, line.fund, line.policy_version


def _order(batch: PaymentBatch, number: str, lines: Sequence[DueLine], account: BankAccountView) -> PaymentOrder:
    first = lines[0]
    failed = (
        select(PaymentOrder.public_id)
        .where(PaymentOrder.subject_ref == first.group, PaymentOrder.status == "failed")
        .order_by(PaymentOrder.id.desc())
    )
    return PaymentOrder(
        batch_id=batch.id,
        claim_id=first.group_row_id,
        enterprise_id=first.enterprise_id,
        amount_fen=sum(line.amount_fen for line in lines),
        status="created",
        number=number,
        subject_kind=first.kind,
        subject_ref=first.group,
        fund=first.fund,
        policy_version=first.policy_version,
        payee_name=account.holder_name,
        bank_name=account.bank_name,
        account_ref=account.account_id,
        account_last4=account.last4,
        retry_of_ref=db.session.scalar(failed),
    )


def _require_status(batch: PaymentBatch, status: str, verb: str) -> None:
    if batch.status != status:
        words = rules.STATUS_WORDS[batch.status]
        raise Conflict("BATCH_MOVE_REFUSED", f"该批次目前是“{words}”，不能{verb}；请刷新页面查看最新状态。")


def _refuse_outdated(orders: Sequence[PaymentOrder]) -> None:
    payable = payable_refs()
    accounts = usable_accounts({order.enterprise_id for order in orders})
    problems = []
    for order in orders:
        gone = sum(item.live and item.subject_ref not in payable for item in order.items)
        if gone:
            problems.append({"order": order.number, "detail": f"付款单{order.number}有{gone}人目前不能拨付"})
        if accounts[order.enterprise_id].ref != order.account_ref:
            problems.append({"order": order.number, "detail": f"付款单{order.number}的收款账户已变更"})
    if problems:
        raise Conflict("BATCH_OUTDATED", "批次生成后情况有变化，不能放款；请作废本批次后重新生成。", errors=problems)
