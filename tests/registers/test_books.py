"""Registers say what the books say, to the fen, on the page and in every file."""

from __future__ import annotations

import io
from datetime import date

import pypdfium2
import pytest
from flask import Flask
from python_calamine import CalamineWorkbook

from backend.registers import books, performance
from backend.registers.tables import Register, as_csv, as_pdf, as_workbook
from config import clock as house_clock
from config.errors import Invalid
from tests.cast.claims import Class, Office, a_class, an_office, approve_twice, hours, learn, submitted_claim
from tests.cast.people import PASSWORD, a_staff_member
from tests.cast.plans import a_person
from tests.console.browser import Browser, text_of

CLAIMED_FEN = 44_400 + 50_000


@pytest.fixture
def office(app: Flask) -> Office:
    return an_office()


@pytest.fixture
def group(office: Office) -> Class:
    """A class of three: 24 class hours, 28 class hours, and 10 that bring nothing."""
    persons = [a_person(serial) for serial in (1, 2, 3)]
    group = a_class(persons, office)
    for person, count in zip(persons, (24, 28, 10), strict=True):
        learn(person, group.class_id, hours(count))
    return group


def column(register: Register, heading: str) -> list[object]:
    place = [column.heading for column in register.columns].index(heading)
    return [row[place] for row in register.rows]


def test_the_registers_of_plans_and_claims(group: Class, office: Office) -> None:
    approve_twice(submitted_claim(group.plan), office)
    plans, claims = books.plans(), books.claims()
    assert column(plans, "备案号") == [group.plan.filing_number]
    assert column(plans, "名单人数") == [3]
    assert column(plans, "状态") == ["审核通过"]
    assert column(claims, "申领人数") == [2]
    assert column(claims, "申领金额（元）") == column(claims, "核定金额（元）") == [CLAIMED_FEN]
    assert column(claims, "已拨付（元）") == [0]
    assert claims.totals[0] == "合计1条"
    assert CLAIMED_FEN in claims.totals


def test_a_register_of_one_enterprise_shows_no_other(group: Class, office: Office) -> None:
    submitted_claim(group.plan)
    assert len(books.claims(enterprise_id=group.enterprise.id).rows) == 1
    for build in books.BOOKS.values():
        assert build(enterprise_id=group.enterprise.id + 1).rows == ()


def test_every_file_says_what_the_register_says(group: Class) -> None:
    submitted_claim(group.plan)
    register, at = books.claims(), house_clock.now()
    sheet = CalamineWorkbook.from_filelike(io.BytesIO(as_workbook(register, office="市高训中心", at=at)))
    cells = [cell for row in sheet.get_sheet_by_index(0).to_python() for cell in row]
    assert cells.count(CLAIMED_FEN / 100) == 4  # claimed and granted, in the row and in the foot
    text = as_csv(register).decode("utf-8-sig")
    assert text.splitlines()[0].startswith("提交,企业名称,")
    assert "944.00" in text
    printed = pypdfium2.PdfDocument(as_pdf(register, office="市高训中心", at=at))
    page = printed[0].get_textpage().get_text_range()
    assert "线上培训补贴申领审核台账" in page
    assert "944.00" in page
    assert "盖章处" in page


def test_performance_by_district_and_month(group: Class) -> None:
    found = performance.performance(by="district", starts_on=date(2020, 3, 1), ends_on=date(2020, 3, 31))
    figures = found[group.enterprise.district_code]
    assert (figures.joined, figures.learners, figures.tested, figures.passed) == (3, 3, 3, 3)
    assert figures.pass_percent == 100
    register = performance.performance_register(by="month", starts_on=date(2020, 2, 1), ends_on=date(2020, 3, 31))
    assert column(register, "月份") == ["2020-02", "2020-03"]
    assert column(register, "学习课时") == [0, figures.learned_seconds // hours(1)]
    assert column(register, "合格率（%）") == [None, 100]


def test_a_period_in_the_wrong_order_is_refused(app: Flask) -> None:
    with pytest.raises(Invalid) as refused:
        performance.performance(by="trade", starts_on=date(2020, 3, 2), ends_on=date(2020, 3, 1))
    assert refused.value.code == "PERIOD_INVALID"


def test_the_pages(app: Flask, group: Class) -> None:
    submitted_claim(group.plan)
    browser = Browser(app)
    browser.sign_in(a_staff_member("bureau").username, PASSWORD)
    for address in ("/registers/", "/registers/claims", "/registers/performance/district"):
        answer = browser.client.get(address)
        assert answer.status_code == 200, address
    assert "944.00" in text_of(browser.client.get("/registers/claims"))
    for ending in ("xlsx", "pdf", "csv"):
        assert browser.client.get(f"/registers/claims/file.{ending}").status_code == 200
        assert browser.client.get(f"/registers/performance/month/file.{ending}").status_code == 200
    wrong = browser.client.get("/registers/performance/trade?starts_on=x&ends_on=2020-03-01")
    assert wrong.status_code == 422
    assert browser.client.get("/registers/performance/trade/file.pdf?starts_on=x").status_code == 422
    assert browser.client.get("/registers/nothing").status_code == 404
