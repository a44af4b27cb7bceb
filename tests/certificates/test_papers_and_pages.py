"""The certificate as paper, on the public page, at the enterprise, at the office and on the phone."""

from __future__ import annotations

import io
import zipfile

import pypdfium2
import pytest
import zxingcpp
from flask import Flask

from backend.certificates.services import CertificateView
from backend.people import services as people
from config.database import transaction
from tests.cast import enterprises as companies
from tests.cast.certificates import an_earned_class, certified
from tests.cast.claims import Class, Office, an_office
from tests.console.browser import Browser, text_of
from tests.miniprogram_api.conftest import API


@pytest.fixture
def office(app: Flask) -> Office:
    return an_office()


@pytest.fixture
def group(office: Office) -> Class:
    return an_earned_class(office, people=2)


@pytest.fixture
def agent(app: Flask, group: Class) -> Browser:
    browser = Browser(app)
    browser.sign_in("agent.1", companies.PASSWORD)
    return browser


def _plan(group: Class) -> str:
    return f"/enterprise/{group.enterprise.public_id}/plans/{group.plan.plan_id}"


def _words(content: bytes) -> str:
    return "".join(pypdfium2.PdfDocument(content)[0].get_textpage().get_text_range().split())


def test_an_agent_issues_and_takes_the_papers(agent: Browser, group: Class, app: Flask) -> None:
    before = text_of(agent.get(f"{_plan(group)}/certificates"))
    assert "可以核发 2 人" in before
    assert "合格证书" in text_of(agent.get(_plan(group)))
    after = text_of(agent.post(f"{_plan(group)}/certificates"))
    assert "已核发 2 张合格证书" in after
    assert "锡线培证〔2020〕000002" in after
    packed = zipfile.ZipFile(io.BytesIO(agent.get(f"{_plan(group)}/certificates.zip").data))
    assert packed.namelist() == ["锡线培证〔2020〕000001-王小明.pdf", "锡线培证〔2020〕000002-李小红.pdf"]
    paper = packed.read(packed.namelist()[0])
    text = _words(paper)
    for part in ("培训合格证书", "王小明", "核定24课时", "结业测试100分", "盖章处", "无锡第1机械有限公司"):
        assert part in text
    assert group.persons[0].id_number not in text
    (code,) = zxingcpp.read_barcodes(pypdfium2.PdfDocument(paper)[0].render(scale=2).to_pil())
    page = Browser(app).get(code.text.removeprefix("http://127.0.0.1:8000"))
    assert page.status_code == 200
    shown = text_of(page)
    for part in ("证书有效", "锡线培证〔2020〕000001", "王小明", "24 课时", "100 分", group.plan.filing_number or ""):
        assert part in shown
    assert group.persons[0].id_number[-4:] not in shown


def test_the_public_finds_a_certificate_by_number_and_name(app: Flask, group: Class) -> None:
    certified(group)
    visitor = Browser(app)
    found = visitor.post("/public/certificates", {"number": "锡线培证[2020] 000001", "name": " 王小明 "})
    assert "证书有效" in text_of(found)
    for number, name in (("锡线培证〔2020〕000001", "李小红"), ("锡线培证〔2020〕009999", "王小明")):
        missed = visitor.post("/public/certificates", {"number": number, "name": name})
        assert missed.status_code == 404
        assert "没有找到这张证书" in text_of(missed)
    assert visitor.post("/public/certificates", {"number": "", "name": ""}).status_code == 422
    assert visitor.get(f"/public/certificates/{'0' * 32}").status_code == 404


def test_the_office_revokes_and_the_public_sees_it(app: Flask, group: Class) -> None:
    first: CertificateView = certified(group)[0]
    reviewer = Browser(app)
    reviewer.sign_in("reviewer", companies.PASSWORD)
    page = f"/reviewer/certificates/{first.certificate_id}"
    assert "王小明" in text_of(reviewer.get("/reviewer/certificates?number=锡线培证(2020)000001"))
    refused = reviewer.post(f"{page}/revoke", {"reason": "", "clause": "四.5"})
    assert refused.status_code == 422
    done = reviewer.post(f"{page}/revoke", {"reason": "代学", "clause": "四.5"})
    assert "已撤销" in text_of(done)
    shown = text_of(Browser(app).get(f"/public/certificates/{first.code}"))
    assert "证书已撤销，不再有效" in shown
    assert "代学" in shown
    again = reviewer.post(f"{page}/correct", {"name": "王晓明", "trade_code": "1", "reason": "笔误", "clause": "三"})
    assert again.status_code == 409


def test_a_worker_has_the_own_ones_on_the_phone(app: Flask, group: Class) -> None:
    first, second = certified(group)
    client = app.test_client()
    token = _token()
    answer = client.get(f"{API}/certificates", headers=token).json
    assert answer is not None
    items = answer["items"]
    assert [(item["number"], item["status"], item["class_hours"]) for item in items] == [(first.number, "valid", 24)]
    assert items[0]["check_url"].endswith(f"/public/certificates/{first.code}")
    paper = client.get(f"{API}/certificates/{first.certificate_id}/pdf", headers=token)
    assert "王小明" in _words(paper.data)
    assert client.get(f"{API}/certificates/{second.certificate_id}/pdf", headers=token).status_code == 404
    assert client.get(f"{API}/certificates").status_code == 401


def _token() -> dict[str, str]:
    """The first person's phone."""
    signed_in = transaction(lambda: people.sign_in_with_openid(openid="openid-person-1", device="phone"))
    return {"Authorization": f"Bearer {signed_in.token}"}
