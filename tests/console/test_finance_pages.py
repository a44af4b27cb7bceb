"""The cashiers' pages, from the fund to the bank's answer and to money asked back."""

from __future__ import annotations

import io
import re

import pytest
from flask import Flask
from openpyxl import load_workbook

from backend.claims import services as claims
from backend.payments import services as payments
from backend.payments.services import BatchView
from backend.registers import services as registers
from tests.cast import claims as cast
from tests.cast.enterprises import PASSWORD
from tests.cast.payments import FUND, a_return, payable
from tests.cast.plans import a_person
from tests.console.browser import Browser, text_of

_DECISION = re.compile(r"/finance/fund/allotments/[0-9a-f-]+/decision")


@pytest.fixture
def group(app: Flask) -> cast.Class:
    """A class of two whose claim of 500 and 444 yuan is payable."""
    office = cast.an_office()
    made = cast.a_class([a_person(1), a_person(2, "张三丰")], office)
    cast.learn(made.persons[0], made.class_id, cast.hours(28))
    cast.learn(made.persons[1], made.class_id, cast.hours(24))
    payable(cast.submitted_claim(made.plan), office)
    return made


@pytest.fixture
def maker(app: Flask, group: cast.Class) -> Browser:
    return at_desk(app, "cashier")


@pytest.fixture
def second(app: Flask, group: cast.Class) -> Browser:
    return at_desk(app, "releaser")


def at_desk(app: Flask, username: str) -> Browser:
    browser = Browser(app)
    assert browser.sign_in(username, PASSWORD).status_code == 200
    return browser


def fill_fund(maker: Browser, second: Browser, amount: str = "1,000.00") -> None:
    fields = {"fund": FUND, "amount": amount, "document": "锡财社〔2020〕12号", "note": ""}
    page = maker.post("/finance/fund/allotments", fields).get_data(as_text=True)
    path = _DECISION.findall(page)[0]
    assert maker.post(path, {"decision": "confirm"}).status_code == 403
    assert "预算已入账" in text_of(second.post(path, {"decision": "confirm"}))


def newest() -> BatchView:
    return payments.batch_view(payments.batches()[0].batch_id)


def pay_all(maker: Browser, second: Browser) -> None:
    fill_fund(maker, second)
    made = maker.post("/finance/batches")
    second.post(f"{made.request.path}/release")
    upload(maker, made.request.path, a_return(newest()))


def upload(browser: Browser, path: str, content: bytes) -> str:
    file = (io.BytesIO(content), "return.csv")
    return text_of(browser.post(f"{path}/returns", {"return_file": file}, content_type="multipart/form-data"))


def test_one_makes_the_batch_another_releases_and_the_bank_s_return_pays(maker: Browser, second: Browser) -> None:
    assert "资金不足，按提交时间排队" in text_of(maker.get("/finance/"))
    assert maker.post("/finance/batches").status_code == 409
    fill_fund(maker, second)
    assert "可编入批次" in text_of(maker.get("/finance/"))
    made = maker.post("/finance/batches")
    path = made.request.path
    assert path.startswith("/finance/batches/")
    own = maker.post(f"{path}/release")
    assert own.status_code == 403
    assert "两个人" in text_of(own)
    assert maker.post(f"{path}/bank-file").status_code == 409
    assert "已确认放款" in text_of(second.post(f"{path}/release"))
    file = maker.post(f"{path}/bank-file")
    assert file.mimetype == "text/csv"
    assert file.data.startswith(b"H,1,ORDERS,P202003-01,")
    content = a_return(newest())
    refused = upload(maker, path, content[:-10])
    assert "回单文件有误，整份未登记" in refused
    assert "校验值不符" in refused
    assert "付款成功 1 笔，失败 0 笔" in upload(maker, path, content)
    assert "这份回单此前已登记，没有变化" in upload(maker, path, content)
    register = text_of(maker.get("/finance/register"))
    assert "账账相符" in register
    assert "944.00 元" in register
    book = load_workbook(io.BytesIO(maker.get("/registers/payments/file.xlsx").data))
    cells = [cell for row in book.worksheets[0].iter_rows(values_only=True) for cell in row]
    assert {500, 444, 944} <= set(cells)


def test_a_batch_is_taken_back_before_it_goes_out(maker: Browser, second: Browser) -> None:
    fill_fund(maker, second)
    made = maker.post("/finance/batches")
    assert "批次已作废" in text_of(maker.post(f"{made.request.path}/cancel"))
    assert second.post(f"{made.request.path}/release").status_code == 409
    assert "可编入批次" in text_of(maker.get("/finance/"))


def test_money_is_asked_back_by_two_and_comes_back(maker: Browser, second: Browser, group: cast.Class) -> None:
    pay_all(maker, second)
    claim = claims.claims_of_enterprise(group.enterprise.id)[0]
    line = next(one for one in claims.claim_view(claim.claim_id).lines if one.granted_fen == 44_400)
    path = f"/finance/recoveries/lines/{line.line_id}"
    assert path in maker.get("/finance/register").get_data(as_text=True)
    assert "444.00 元" in text_of(maker.get(path))
    typed = {"amount": "四百", "reason": "抽查发现未实际参加培训。", "clause": "四.5"}
    wrong = maker.post(path, typed)
    assert wrong.status_code == 422
    assert "最多两位小数" in text_of(wrong)
    assert "抽查发现未实际参加培训。" in text_of(wrong)
    asked = maker.post(path, {**typed, "amount": "400.5"})
    page = asked.request.path
    assert "400.50 元" in text_of(asked)
    decision = {"decision": "approve", "reason": "", "clause": "四.5"}
    assert maker.post(f"{page}/decision", decision).status_code == 403
    assert "待退回" in text_of(second.post(f"{page}/decision", decision))
    receipt = {"amount": "400.50", "received_on": "2020-03-02", "voucher": "20200302-000123"}
    done = text_of(maker.post(f"{page}/receipts", receipt))
    assert "已登记退回 400.50 元" in done
    assert "已退回" in done
    assert maker.post(f"{page}/receipts", receipt).status_code == 409
    assert "ZH2020-0001" in text_of(maker.get("/finance/recoveries"))
    assert registers.reconcile_payments().agrees


def test_what_nobody_paid_has_no_page(maker: Browser) -> None:
    strange = "018f0000-0000-7000-8000-000000000000"
    for path in (f"recoveries/lines/{strange}", f"recoveries/{strange}", f"batches/{strange}"):
        assert maker.get(f"/finance/{path}").status_code == 404
