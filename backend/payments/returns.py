"""Taking in what the bank returned: paid orders settle seconds and leave the fund, failed ones wait again. All or nothing."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from datetime import datetime
from uuid import UUID

from sqlalchemy import select

from backend.claims import services as claims
from backend.new_hires import services as new_hires
from backend.payments import bank_file, rules
from backend.payments.bank_file import Expected, ReturnedOrder
from backend.payments.batches import end_items, write
from backend.payments.funds import lock_funds
from backend.payments.models import BankReturn, FundEntry, PaymentBatch, PaymentItem, PaymentOrder
from backend.payments.reading import load_batch
from backend.payments.sealing import seal_payment
from backend.payments.views import ReturnView
from backend.people import services as people
from backend.people.services import StaffView
from config import clock
from config.crypto import sha256_hex
from config.database import db
from config.errors import Conflict


def take_return(*, batch_id: UUID, content: bytes, staff: StaffView) -> ReturnView:
    """Note what became of the orders in a return file. The same file again changes nothing; a wrong one is refused whole.

    For each paid order, in one transaction: seconds settled, payment sealed, fund entries written. Orders may come back in
    several files; with the last one the batch is closed. Raises ``NotFound`` BATCH_NOT_FOUND; ``NotAllowed``
    CASHIER_ROLE_REQUIRED; ``Invalid`` RETURN_FILE_REFUSED with the rows; ``Conflict`` RETURN_OF_OTHER_BATCH,
    LINE_NOT_HELD, LINE_NOT_PAYABLE, NEW_HIRE_NOT_PAYABLE.
    """
    rules.require_creator(staff.role)
    batch = load_batch(batch_id, lock=True)
    sha256 = sha256_hex(content)
    earlier = db.session.scalar(select(BankReturn).where(BankReturn.sha256 == sha256))
    if earlier is not None:
        if earlier.batch_id != batch.id:
            raise Conflict("RETURN_OF_OTHER_BATCH", "这份回单文件属于另一个批次，且已登记过。")
        return replace(_view(earlier), again=True)
    file = bank_file.read_return(content)
    if file.batch_number != batch.number:
        raise Conflict(
            "RETURN_OF_OTHER_BATCH",
            f"文件是批次{file.batch_number}的回单，本批次是{batch.number}；请打开相应批次上传。",
        )
    orders = {order.number: order for order in batch.orders}
    bank_file.check_return(file, {number: Expected(one.amount_fen, one.status) for number, one in orders.items()})
    at = clock.now()
    lock_funds()
    taken = BankReturn(
        batch_id=batch.id,
        sha256=sha256,
        content=content,
        paid_orders=sum(row.paid for row in file.rows),
        failed_orders=sum(not row.paid for row in file.rows),
        paid_fen=sum(row.amount_fen for row in file.rows if row.paid),
        taken_by_id=staff.id,
        taken_at=at,
    )
    db.session.add(taken)
    for row in file.rows:
        if row.paid:
            _pay(orders[row.number], staff, at)
        else:
            _fail(orders[row.number], row, at)
    _close(batch, at)
    write(batch, staff, "payment_batch.returned")
    return _view(taken)


def returns_of(batch_id: UUID) -> list[ReturnView]:
    """The return files of a batch, the oldest first."""
    query = select(BankReturn).join(PaymentBatch, PaymentBatch.id == BankReturn.batch_id)
    rows = db.session.scalars(query.where(PaymentBatch.public_id == batch_id).order_by(BankReturn.id))
    return [_view(row) for row in rows]


def _pay(order: PaymentOrder, staff: StaffView, at: datetime) -> None:
    items = [item for item in order.items if item.live]
    refs = [item.subject_ref for item in items]
    actor = f"staff:{staff.public_id}"
    if order.subject_kind == "claim_line" and order.subject_ref is not None:
        claims.settle_lines(claim_id=order.subject_ref, line_ids=refs, actor=actor, at=at)
    else:
        new_hires.mark_paid(line_ids=refs, at=at, actor=actor)
    entries = [_entry(order, item, at) for item in items]
    seal_payment(order, entries, at=at)
    order.status, order.paid_at, order.returned_at = "paid", at, at
    db.session.flush()
    db.session.add_all(entries)
    db.session.flush()


def _entry(order: PaymentOrder, item: PaymentItem, at: datetime) -> FundEntry:
    return FundEntry(
        fund=order.fund,
        policy_version=order.policy_version,
        order_id=order.id,
        claim_line_id=item.claim_line_id,
        item_id=item.id,
        amount_fen=item.amount_fen,
        at=at,
    )


def _fail(order: PaymentOrder, row: ReturnedOrder, at: datetime) -> None:
    order.status, order.failure_code, order.failure_text, order.returned_at = "failed", row.code, row.text, at
    end_items([order])


def _close(batch: PaymentBatch, at: datetime) -> None:
    """What came back so far; nothing out any more: the batch is done."""
    left = Counter(order.status for order in batch.orders)
    batch.paid_fen = sum(order.amount_fen for order in batch.orders if order.status == "paid")
    if not left["released"]:
        batch.status, batch.paid_at = "paid", at
    db.session.flush()


def _view(taken: BankReturn) -> ReturnView:
    batch: PaymentBatch = db.session.get_one(PaymentBatch, taken.batch_id)
    return ReturnView(
        return_id=taken.public_id,
        batch_id=batch.public_id,
        sha256=taken.sha256,
        paid_orders=taken.paid_orders,
        failed_orders=taken.failed_orders,
        paid_fen=taken.paid_fen,
        taken_by=people.staff_of_id(taken.taken_by_id).display_name,
        taken_at=taken.taken_at,
    )
