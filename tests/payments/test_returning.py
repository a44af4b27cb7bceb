"""The bank's files: what goes out, what comes back, what is refused whole, and how a failed order is tried again."""

from __future__ import annotations

import csv
import hashlib
import io
from collections.abc import Callable

import pytest
from flask import Flask

from backend.audit import services as audit
from backend.claims import services as claims
from backend.credit_bank import services as credit_bank
from backend.payments import services as payments
from backend.payments.services import BatchView
from backend.registers import services as registers
from config.clock import FixedCalendar
from config.database import transaction
from config.errors import Conflict, Invalid
from tests.cast.claims import Class, Office, a_class, an_office, hours, learn, submitted_claim
from tests.cast.payments import ACCOUNT, a_batch, a_return, allotted, an_account, paid, payable, released, taken
from tests.cast.plans import a_person

Damage = Callable[[bytes, BatchView], bytes]


@pytest.fixture
def office(app: Flask) -> Office:
    made = an_office()
    allotted(made)
    return made


@pytest.fixture
def classes(office: Office) -> list[Class]:
    """Two enterprises with one person each: 444 and 518 yuan would be, 500 is the cap."""
    made = []
    for serial, count in ((1, 24), (2, 28)):
        group = a_class([a_person(serial)], office, serial=serial)
        learn(group.persons[0], group.class_id, hours(count))
        payable(submitted_claim(group.plan), office)
        made.append(group)
    return made


@pytest.fixture
def batch(classes: list[Class], office: Office) -> BatchView:
    return released(a_batch(office), office)


def resealed(rows: list[list[str]]) -> bytes:
    """Rows with a trailer that fits them, as a bank makes it."""
    return payments.sealed_file(rows, sum(int(row[3]) for row in rows[1:]))


def rows_of(content: bytes) -> list[list[str]]:
    return list(csv.reader(io.StringIO(content.decode())))[:-1]


def test_the_bank_file_says_whom_to_pay_what_and_proves_itself(batch: BatchView, office: Office) -> None:
    content = transaction(lambda: payments.order_file(batch_id=batch.batch_id, staff=office.cashier))
    rows = list(csv.reader(io.StringIO(content.decode())))
    assert rows[0] == ["H", "1", "ORDERS", "P202003-01", "2020-03-02"]
    assert rows[1][:6] == ["D", "1", "P202003-01-0001", "无锡第1机械有限公司", "中国工商银行无锡分行营业部", ACCOUNT]
    assert rows[1][6:] == ["44400", "职业技能提升行动专账资金", "在岗线上培训补贴"]
    body, _, last = content.rpartition(b"T,")
    assert last.decode().strip() == f"2,94400,{hashlib.sha256(body).hexdigest()}"
    assert transaction(lambda: payments.order_file(batch_id=batch.batch_id, staff=office.releaser)) == content
    seen = [entry.action for entry in audit.entries(subject=f"payment_batch:{batch.batch_id}")]
    assert seen.count("payment_batch.file_taken") == 2


def test_a_failed_order_pays_nothing_and_is_retried_with_the_corrected_account(
    batch: BatchView, office: Office, classes: list[Class], clock: FixedCalendar
) -> None:
    came_back = taken(batch, a_return(batch, order_0001="NAME_MISMATCH"), office)
    assert (came_back.paid_orders, came_back.failed_orders, came_back.paid_fen) == (1, 1, 50_000)
    done = payments.batch_view(batch.batch_id)
    assert (done.status, done.paid_fen, done.total_fen) == ("paid", 50_000, 94_400)
    failed = done.orders[0]
    assert (failed.status, failed.failure_words) == ("failed", "户名与账号不符")
    worker = classes[0].persons[0].worker_id
    assert credit_bank.balance(worker_id=worker).held_seconds == hours(24)
    assert registers.reconcile_payments().agrees
    (waiting,) = payments.queue()
    assert waiting.waits_for == "上次付款失败（户名与账号不符），等待企业更正账户"
    with pytest.raises(Conflict, match="NOTHING_TO_PAY"):
        transaction(lambda: payments.create_batch(staff=office.cashier))
    clock.advance(86_400)
    an_account(classes[0].enterprise, office, "6222021103009999888")
    again = paid(office)
    (order,) = again.orders
    assert (order.status, order.account_last4, order.retry_of) == ("paid", "9888", failed.number)
    assert credit_bank.balance(worker_id=worker).settled_seconds == hours(24)
    books = registers.reconcile_payments()
    assert books.agrees
    assert books.fund_entries_fen == 94_400
    orders = payments.orders_of_claim(claims.claims_of_enterprise(classes[0].enterprise.id)[0].claim_id)
    assert [one.status for one in orders] == ["failed", "paid"]


def test_after_the_bank_s_own_trouble_the_same_account_is_tried_again(batch: BatchView, office: Office) -> None:
    taken(batch, a_return(batch, order_0001="SYSTEM_ERROR", order_0002="LIMIT_EXCEEDED"), office)
    assert payments.batch_view(batch.batch_id).paid_fen == 0
    assert [row.waits_for for row in payments.queue()] == ["", ""]
    assert paid(office).paid_fen == 94_400


def test_orders_may_come_back_in_several_files(batch: BatchView, office: Office) -> None:
    taken(batch, a_return(batch, orders=batch.orders[:1]), office)
    assert (payments.batch_view(batch.batch_id).status, registers.reconcile_payments().agrees) == ("released", True)
    taken(batch, a_return(batch, orders=batch.orders[1:]), office)
    assert payments.batch_view(batch.batch_id).status == "paid"
    assert [one.paid_fen for one in payments.returns_of(batch.batch_id)] == [44_400, 50_000]


def unknown(content: bytes, batch: BatchView) -> bytes:
    rows = rows_of(content)
    rows[2][2] = "P202003-01-0009"
    return resealed(rows)


def doubled(content: bytes, batch: BatchView) -> bytes:
    rows = rows_of(content)
    return resealed([*rows, rows[2]])


def other_amount(content: bytes, batch: BatchView) -> bytes:
    rows = rows_of(content)
    rows[2][3] = "50001"
    return resealed(rows)


def other_code(content: bytes, batch: BatchView) -> bytes:
    rows = rows_of(content)
    rows[2][4:6] = ["FAILED", "NO_IDEA"]
    return resealed(rows)


def edited(content: bytes, batch: BatchView) -> bytes:
    return content.replace(b"PAID,,", b"FAILED,OTHER,", 1)


def cut(content: bytes, batch: BatchView) -> bytes:
    return content[: content.rfind(b"\r\nT,")]


def short_row(content: bytes, batch: BatchView) -> bytes:
    rows = rows_of(content)
    return payments.sealed_file([rows[0], rows[1], rows[2][:4]], 94_400)


def fraction(content: bytes, batch: BatchView) -> bytes:
    rows = rows_of(content)
    rows[2][3] = "500.00"
    return payments.sealed_file(rows, 94_400)


def orders_instead(content: bytes, batch: BatchView) -> bytes:
    return content.replace(b"RETURN", b"ORDERS", 1)


def half_quoted(content: bytes, batch: BatchView) -> bytes:
    return content.replace(b"PAID", b'"PAID', 1)


DAMAGES: list[tuple[Damage, str]] = [
    (unknown, "第3行：本批次没有付款单P202003-01-0009"),
    (doubled, "第4行：付款单P202003-01-0002重复出现"),
    (other_amount, "第3行：付款单P202003-01-0002的金额应为50000分，文件中为50001分"),
    (other_code, "第3行：失败代码“NO_IDEA”不在代码表中"),
    (edited, "第4行：校验值不符"),
    (cut, "第1行：文件应依次为"),
    (short_row, "第3行：R行应有7列，实有4列"),
    (fraction, "第3行：金额“500.00”应为以分为单位的整数"),
    (orders_instead, "第1行：不是版本1的回单文件"),
    (half_quoted, "不是有效的CSV"),
    (lambda content, batch: b"", "第1行：文件应依次为"),
    (lambda content, batch: content.decode().encode("gb18030") + "退".encode("gb18030"), "不是UTF-8编码"),
    (lambda content, batch: b"PK\x03\x04\x00" + content, "不是文本文件"),
    (lambda content, batch: b"R" * 5_000_001, "超过5 MB"),
]


def test_a_wrong_file_is_refused_whole_with_the_row_and_the_reason(batch: BatchView, office: Office) -> None:
    for damage, words in DAMAGES:
        content = damage(a_return(batch), batch)
        with pytest.raises(Invalid) as caught:
            taken(batch, content, office)
        assert caught.value.code == "RETURN_FILE_REFUSED"
        assert any(words in str(problem["detail"]) for problem in caught.value.errors), caught.value.errors
        assert payments.batch_view(batch.batch_id) == batch
    assert payments.returns_of(batch.batch_id) == []
    assert registers.reconcile_payments().fund_entries_fen == 0


def test_what_the_bank_said_once_it_does_not_say_otherwise(batch: BatchView, office: Office) -> None:
    taken(batch, a_return(batch, orders=batch.orders[:1]), office)
    with pytest.raises(Invalid) as caught:
        taken(batch, a_return(batch, order_0001="OTHER"), office)
    assert "“已付款”，不能再登记结果" in str(caught.value.errors[0]["detail"])


def test_a_file_of_another_batch_is_not_taken(batch: BatchView, office: Office) -> None:
    content = a_return(batch, order_0001="OTHER", order_0002="OTHER")
    taken(batch, content, office)
    other = released(a_batch(office), office)
    for wrong in (content, a_return(batch)):
        with pytest.raises(Conflict, match="RETURN_OF_OTHER_BATCH"):
            taken(other, wrong, office)
    assert payments.batch_view(other.batch_id) == other


def test_nothing_is_returned_of_a_batch_that_was_not_released(classes: list[Class], office: Office) -> None:
    made = a_batch(office)
    with pytest.raises(Invalid) as caught:
        taken(made, a_return(made), office)
    assert "“待放款”" in str(caught.value.errors[0]["detail"])
