"""From the notice's end to the bank's return file: accounts, the fund, batches, and a bank that plays its own part.

The bank reads the order file by its published format, checks its control total, refuses one payment at the first batch and
pays all at the second.
"""

import csv
import hashlib
import io
import re
from dataclasses import dataclass

from demo.browser import Browser, Page
from demo.desk import CASHIER, REVIEWER, SECOND_CASHIER, Agent, done, fen, sign_in
from demo.wire import Broken

FIRST_ACCOUNT, SECOND_ACCOUNT = "6222021103001234567", "6222021103007654321"
BUDGET_YUAN = "1000000.00"
CLOSED = "ACCOUNT_CLOSED"


@dataclass(frozen=True)
class Order:
    """One row of the order file."""

    number: str
    payee: str
    account: str
    amount_fen: int


@dataclass(frozen=True)
class Paid:
    """What came of paying: the fen that batches, orders and the register say, and how many orders failed and were retried."""

    batch_fen: int
    orders_fen: int
    register_fen: int
    failed: int
    retried_to: str
    replay: str


def name_account(base_url: str, agent: Agent, number: str) -> None:
    """The agent names an account in the enterprise's name; a reviewer confirms it."""
    page = done(agent.browser.open(agent.home + "bank-account"), "打开银行账户")
    form = page.form("holder_name", "bank_name", "number")
    done(
        agent.browser.submit(page, form, {"bank_name": "中国工商银行无锡分行营业部", "number": number}), "填报银行账户"
    )
    browser, queue = sign_in(base_url, REVIEWER)
    page = done(browser.open(queue.link(href="/bank-accounts/")), "打开银行账户审核")
    form = page.form("reason", action="/decision")
    done(browser.submit(page, form, {"reason": "与开户许可证一致。"}, button="approve"), "确认银行账户")


def fill_fund(base_url: str) -> None:
    """One cashier enters the budget, the other confirms it."""
    first, _ = sign_in(base_url, CASHIER)
    page = done(first.open("/finance/fund"), "打开专账")
    values = {"amount": BUDGET_YUAN, "document": "锡财社〔2020〕12号"}
    done(first.submit(page, page.form("amount", "document", action="/allotments"), values), "登记预算")
    second, _ = sign_in(base_url, SECOND_CASHIER)
    page = done(second.open("/finance/fund"), "打开专账")
    done(second.submit(page, page.form(action="/decision"), button="confirm"), "确认预算")


def pay(base_url: str, agents: list[Agent]) -> Paid:
    """Two batches: the bank refuses the first order of the first, its enterprise names another account, the second pays."""
    cashier, _ = sign_in(base_url, CASHIER)
    batch, orders = _release(base_url, cashier)
    refused = orders[0]
    first_fen = _take(cashier, batch, orders, refused=refused.number)
    owner = next((agent for agent in agents if refused.payee in agent.browser.open(agent.home).text), None)
    if owner is None:
        raise Broken(f"没有户名为 {refused.payee} 的企业")
    name_account(base_url, owner, SECOND_ACCOUNT)
    batch, again = _release(base_url, cashier)
    if [(order.payee, order.amount_fen) for order in again] != [(refused.payee, refused.amount_fen)]:
        raise Broken(f"重付的应是 {refused}，实为 {again}")
    second_fen = _take(cashier, batch, again)
    register = done(cashier.open("/finance/register"), "打开资金台账")
    return Paid(
        batch_fen=first_fen + second_fen,
        orders_fen=sum(order.amount_fen for order in orders[1:] + again),
        register_fen=sum(_column(register, "金额")),
        failed=1,
        retried_to=again[0].account,
        replay=_replay(cashier),
    )


def _release(base_url: str, cashier: Browser) -> tuple[Page, list[Order]]:
    """A batch of everything due, released by the second person, and its order file."""
    page = done(cashier.open("/finance/"), "打开拨付")
    batch = done(cashier.submit(page, page.form(action="/batches")), "编批")
    other, _ = sign_in(base_url, SECOND_CASHIER)
    seen = done(other.open(batch.url), "打开批次")
    done(other.submit(seen, seen.form(action="/release")), "确认放款")
    batch = done(cashier.open(batch.url), "打开批次")
    file = done(cashier.submit(batch, batch.form(action="/bank-file")), "下载银行文件")
    return batch, read_orders(file.answer.content)


def read_orders(content: bytes) -> list[Order]:
    """The rows of an order file, after its count, total and control value were checked as a bank would."""
    rows = list(csv.reader(io.StringIO(content.decode(), newline="")))
    body = content[: content.rstrip().rfind(b"\n") + 1]
    orders = [Order(row[2], row[3], row[5], int(row[6])) for row in rows if row[0] == "D"]
    said = ["T", str(len(orders)), str(sum(order.amount_fen for order in orders)), hashlib.sha256(body).hexdigest()]
    if rows[-1] != said:
        raise Broken(f"银行文件的合计行应为 {said}，实为 {rows[-1]}")
    return orders


def _take(cashier: Browser, batch: Page, orders: list[Order], *, refused: str = "") -> int:
    """The bank's answer is uploaded; the fen that the batch's page shows as paid."""
    number = re.search(r"P\d{6}-\d{2}", batch.text)
    if number is None:
        raise Broken(f"批次页面上没有批次号：{batch.summary()}")
    content = return_file(number.group(0), orders, refused)
    form = batch.form("return_file", action="/returns")
    page = done(cashier.submit(batch, form, files={"return_file": ("回单.csv", content)}), "上传银行回单")
    again = done(cashier.open(batch.url), "打开批次")
    repeated = cashier.submit(
        again, batch.form("return_file", action="/returns"), files={"return_file": ("回单.csv", content)}
    )
    if "没有变化" not in repeated.text:
        raise Broken(f"同一份回单再次上传：{repeated.summary()}")
    paid = re.search(r"已付款 ([\d,]+\.\d\d) 元", page.text)
    if paid is None:
        raise Broken(f"批次页面上没有已付金额：{page.summary()}")
    return fen(paid.group(1))


def return_file(batch: str, orders: list[Order], refused: str) -> bytes:
    """What the bank returns: every order paid, but the refused one."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\r\n")
    writer.writerow(["H", "1", "RETURN", batch, "2020-04-01"])
    for place, order in enumerate(orders, start=1):
        outcome = ["FAILED", CLOSED, "收款账户已销户"] if order.number == refused else ["PAID", "", ""]
        writer.writerow(["R", place, order.number, order.amount_fen, *outcome])
    body = text.getvalue().encode()
    total = sum(order.amount_fen for order in orders)
    return body + f"T,{len(orders)},{total},{hashlib.sha256(body).hexdigest()}\r\n".encode()


def _replay(cashier: Browser) -> str:
    """What working out every payment again from the evidence log comes to, in the page's words."""
    page = done(cashier.open("/registers/"), "打开台账")
    page = done(cashier.submit(page, page.form(action="/replay")), "从存证重算付款")
    found = re.search(r"重算结果与账目一致 重算 \d+ 条存证：(\d+ 笔付款，\d+ 人次，[\d,.]+ 元)", page.text)
    return found.group(1) if found else page.text[:400]


def _column(page: Page, heading: str) -> list[int]:
    """The amounts below a heading, over all tables of the page; the foot is not counted."""
    found = []
    for table in page.tables:
        if table and any(heading in text for text in table[0]):
            place = next(place for place, text in enumerate(table[0]) if heading in text)
            rows = [row for row in table[1:] if len(row) == len(table[0]) and not row[0].startswith("合计")]
            found += [fen(row[place].removesuffix(" 元")) for row in rows]
    return found
