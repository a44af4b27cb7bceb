"""An agent's day through the pages: register, roster, plan, submit, claim, keys, report."""

from __future__ import annotations

import io
import json
import re
from pathlib import Path

import pytest
from flask import Flask
from openpyxl import load_workbook

from backend.enterprises.services import EnterpriseView
from backend.plans import services as plans
from tests.cast import claims as cast
from tests.cast import enterprises as companies
from tests.cast.files import a_modern_pdf
from tests.cast.plans import a_long_course, a_person, on_roster
from tests.console.browser import Browser, text_of

DATA = Path(__file__).parents[1] / "data"


@pytest.fixture
def enterprise(app: Flask) -> EnterpriseView:
    return companies.an_enterprise("无锡惠山机械有限公司", serial=1)


@pytest.fixture
def agent(app: Flask, enterprise: EnterpriseView) -> Browser:
    browser = Browser(app)
    browser.sign_in("agent.1", companies.PASSWORD)
    return browser


def upload(agent: Browser, path: str, workbook: bytes, **kwargs: object) -> object:
    return agent.post(path, {"workbook": (io.BytesIO(workbook), "花名册.xlsx")}, **kwargs)


def test_the_agent_of_one_enterprise_lands_on_its_overview(agent: Browser, enterprise: EnterpriseView) -> None:
    page = agent.get("/enterprise/")
    assert page.request.path == f"/enterprise/{enterprise.public_id}/"
    assert "导入花名册" in text_of(page)


def test_an_agent_without_enterprise_registers_one_and_a_failed_check_digit_is_confirmed(app: Flask) -> None:
    companies.an_agent("agent.new")
    browser = Browser(app)
    page = browser.sign_in("agent.new", companies.PASSWORD)
    assert "登记企业" in text_of(page)
    wrong = companies.uscc(7)[:-1] + ("0" if companies.uscc(7)[-1] != "0" else "1")
    fields = {"name": "无锡新区电子有限公司", "uscc": wrong, "kind": "ordinary", "business_scope": "电子元件"}
    refused = browser.post("/enterprise/register", fields)
    assert refused.status_code == 422
    assert "校验码" in text_of(refused)
    assert "无锡新区电子有限公司" in refused.get_data(as_text=True), "what was typed is kept"
    done = browser.post("/enterprise/register", {**fields, "uscc_confirmed": "yes"})
    assert done.status_code == 200
    assert "已登记" in text_of(done)


def test_the_messy_roster_is_previewed_marked_and_imported(agent: Browser, enterprise: EnterpriseView) -> None:
    workbook = (DATA / "roster-messy.xlsx").read_bytes()
    expected = json.loads((DATA / "roster-messy.expected.json").read_text(encoding="utf-8"))
    assert len(expected["rows"] if isinstance(expected, dict) else expected) == 40
    base = f"/enterprise/{enterprise.public_id}/roster"
    preview = agent.post(
        f"{base}/preview", {"workbook": (io.BytesIO(workbook), "r.xlsx")}, headers={"HX-Request": "true"}
    )
    assert "<html" not in preview.get_data(as_text=True)
    text = text_of(preview)
    assert "可导入 27" in text
    assert "需留意 1" in text
    assert "不能导入 12" in text
    assert "花名册还是空的" in text_of(agent.get(base)), "a preview writes nothing"
    marked = agent.post(f"{base}/annotated.xlsx", {"workbook": (io.BytesIO(workbook), "r.xlsx")})
    assert marked.headers["Content-Disposition"].startswith("attachment")
    assert load_workbook(io.BytesIO(marked.data)).sheetnames
    first = text_of(agent.post(base, {"workbook": (io.BytesIO(workbook), "r.xlsx")}))
    assert "新增 28 人" in first
    again = text_of(agent.post(base, {"workbook": (io.BytesIO(workbook), "r.xlsx")}))
    assert "新增 0 人" in again
    assert "28 人" in text_of(agent.get(base))


def test_a_file_that_is_no_workbook_is_refused_in_words(agent: Browser, enterprise: EnterpriseView) -> None:
    base = f"/enterprise/{enterprise.public_id}/roster"
    answer = agent.post(base, {"workbook": (io.BytesIO(b"not a workbook"), "r.xlsx")})
    assert answer.status_code == 422
    assert "请选择花名册文件" in text_of(agent.post(base))


def test_the_template_opens_and_names_its_columns(agent: Browser, enterprise: EnterpriseView) -> None:
    answer = agent.get(f"/enterprise/{enterprise.public_id}/roster/template.xlsx")
    values = [cell.value for row in load_workbook(io.BytesIO(answer.data)).worksheets[0].iter_rows() for cell in row]
    assert {"姓名", "身份证号", "手机号", "用工形式", "入职日期"} <= set(values)


def test_a_plan_is_drafted_checked_live_and_submitted(agent: Browser, enterprise: EnterpriseView) -> None:
    on_roster(enterprise, [a_person(1)])
    course = a_long_course()
    page = agent.post(f"/enterprise/{enterprise.public_id}/plans")
    assert "需补充" in text_of(page)
    edit = page.request.path
    fields = {
        "title": "安全技能<b>培训</b>班",
        "kind": "safety",
        "head_count": "1",
        "class_hours": "abc",
        "mode": "own",
        "platform": "无锡创课",
        "relevance": "机械加工岗位安全操作",
        "trade_code": "6-18-01-01",
        "affected": "yes",
        "course_ids": str(course.public_id),
        "starts_on": "2020-03-09",
        "ends_on": "2020-06-30",
    }
    refused = agent.post(edit, fields)
    assert refused.status_code == 422
    assert "应为 1 到 1000 的整数" in text_of(refused)
    assert 'value="abc"' in refused.get_data(as_text=True), "what was typed is kept"
    live = agent.post(edit, {**fields, "class_hours": "24"}, headers={"HX-Request": "true"})
    assert live.status_code == 200
    assert "<html" not in live.get_data(as_text=True)
    assert "班级里还没有人员" in text_of(live)
    entry = re.search(r'name="roster_entry_ids" value="([^"]+)"', agent.get(edit).get_data(as_text=True))
    assert entry is not None
    saved = agent.post(edit.replace("/edit", "/people"), {"roster_entry_ids": entry[1]})
    assert "参训名单已保存，共 1 人" in text_of(saved)
    for kind in ("business_licence", "training_scheme"):
        scan = {"document_kind": kind, "document": (io.BytesIO(a_modern_pdf()), "扫描件.pdf")}
        assert "已保存" in text_of(agent.post(edit.replace("/edit", "/documents"), scan))
    unsigned = agent.post(edit.replace("/edit", "/submit"), {"signer": "李经办"})
    assert unsigned.status_code == 422
    done = agent.post(edit.replace("/edit", "/submit"), {"signer": "李经办", "commitment": "yes"})
    assert done.status_code == 200
    assert "待审核" in text_of(done)
    assert "<b>培训</b>" not in done.get_data(as_text=True)
    [plan] = plans.plans_of_enterprise(enterprise.id)
    assert plan.status == "submitted"
    assert plan.commitment_signer == "李经办"
    closed = agent.post(edit, {**fields, "class_hours": "24"})
    assert closed.status_code == 409
    assert "正在审核" in text_of(closed)


def test_a_plan_that_is_not_ready_stays_a_draft_and_the_signature_falls_away(
    agent: Browser, enterprise: EnterpriseView
) -> None:
    page = agent.post(f"/enterprise/{enterprise.public_id}/plans")
    path = page.request.path.replace("/edit", "/submit")
    refused = agent.post(path, {"signer": "李经办", "commitment": "yes"})
    assert refused.status_code == 422
    assert "还不能备案" in text_of(refused)
    [plan] = plans.plans_of_enterprise(enterprise.id)
    assert (plan.status, plan.commitment_signer) == ("draft", None)


@pytest.mark.parametrize("days", ["from=0001-01-01", "to=9999-12-31", "from=x"])
def test_a_day_no_calendar_has_is_said_on_the_page(agent: Browser, enterprise: EnterpriseView, days: str) -> None:
    address = f"/enterprise/{enterprise.public_id}/hour-report"
    page = agent.get(f"{address}?{days}")
    assert page.status_code == 200
    assert "例如 2020-03-09" in text_of(page)
    assert agent.get(f"{address}.csv?{days}").status_code == 200


def test_the_class_code_is_a_picture(agent: Browser, enterprise: EnterpriseView) -> None:
    page = agent.post(f"/enterprise/{enterprise.public_id}/plans")
    picture = agent.get(page.request.path.replace("/edit", "/class-code.svg"))
    assert picture.mimetype == "image/svg+xml"
    assert picture.data.lstrip().startswith(b"<")


def test_a_key_is_shown_once_and_can_be_revoked(app: Flask, agent: Browser, enterprise: EnterpriseView) -> None:
    base = f"/enterprise/{enterprise.public_id}/api-keys"
    made = agent.post(base, {"name": "人事系统"})
    assert made.status_code == 201
    secret = re.search(r'id="secret">([^<]+)<', made.get_data(as_text=True))
    assert secret is not None
    headers = {"Authorization": f"Bearer {secret[1]}"}
    assert Browser(app).client.get("/api/v1/partner/hour-report", headers=headers).status_code == 200
    listed = agent.get(base)
    assert secret[1] not in listed.get_data(as_text=True)
    revoke = re.search(r'action="([^"]+/revoke)"', listed.get_data(as_text=True))
    assert revoke is not None
    assert "已停用" in text_of(agent.post(revoke[1]))
    assert Browser(app).client.get("/api/v1/partner/hour-report", headers=headers).status_code == 401
    blank = agent.post(base, {"name": " "})
    assert blank.status_code == 422


class TestClaim:
    """One class with somebody who is ready and somebody who is not."""

    @pytest.fixture
    def ready(self, app: Flask) -> cast.Class:
        made = cast.a_class([a_person(1), a_person(2, "张三丰")], cast.an_office())
        cast.learn(made.persons[0], made.class_id, cast.hours(24))
        cast.learn(made.persons[1], made.class_id, cast.hours(23))
        cast.certify(made.class_id)
        return made

    @pytest.fixture
    def browser(self, app: Flask, ready: cast.Class) -> Browser:
        browser = Browser(app)
        browser.sign_in("agent.1", companies.PASSWORD)
        return browser

    def test_the_preview_explains_each_person_and_submitting_twice_makes_one_claim(
        self, browser: Browser, ready: cast.Class
    ) -> None:
        base = f"/enterprise/{ready.enterprise.public_id}"
        path = f"{base}/plans/{ready.plan.plan_id}/claim"
        preview = browser.get(path)
        text = text_of(preview)
        assert "444.00 元" in text
        assert "再学45分钟" in text
        key = re.search(r'name="key" value="([^"]+)"', preview.get_data(as_text=True))
        assert key is not None
        first = browser.post(path, {"key": key[1]})
        second = browser.post(path, {"key": key[1]})
        assert first.request.path == second.request.path
        assert "待审核" in text_of(first)
        third = browser.post(path, {"key": "another-key-1"})
        assert third.status_code == 409
        assert "一个计划只能申领一次" in text_of(third)
        back = browser.post(first.request.path + "/withdraw", {"reason": "名单有误"})
        assert "已撤回" in text_of(back)

    def test_the_progress_board_says_who_is_behind(self, browser: Browser, ready: cast.Class) -> None:
        text = text_of(browser.get(f"/enterprise/{ready.enterprise.public_id}/plans/{ready.plan.plan_id}/progress"))
        assert "王*明" in text
        assert "45分" in text

    def test_the_hour_report_is_a_page_a_csv_and_a_workbook(self, browser: Browser, ready: cast.Class) -> None:
        base = f"/enterprise/{ready.enterprise.public_id}/hour-report"
        assert "18:00:00" in text_of(browser.get(base))
        table = browser.get(f"{base}.csv").data.decode("utf-8-sig").splitlines()
        assert table[0].startswith("姓名,身份证号,班级")
        assert sum("64800" in line for line in table) == 1
        book = load_workbook(io.BytesIO(browser.get(f"{base}.xlsx").data))
        assert [cell.value for cell in book.worksheets[0][1]][:3] == ["姓名", "身份证号", "班级"]
        assert "还没有学习记录" in text_of(browser.get(f"{base}?from=2021-01-01"))
        assert browser.get(f"{base}?from=nonsense").status_code == 200
