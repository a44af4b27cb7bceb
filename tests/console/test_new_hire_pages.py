"""The advance for new hires in a browser: an agent applies, two people approve, the training is recorded and checked."""

from __future__ import annotations

import io
import re
from collections.abc import Sequence
from datetime import date
from typing import Any

import pytest
from flask import Flask

from backend.enterprises.services import EnterpriseView
from backend.new_hires import services as new_hires
from backend.new_hires.services import NewHireApplicationView
from config.clock import FixedCalendar
from tests.cast import enterprises as companies
from tests.cast import new_hires as cast
from tests.cast.files import a_pdf
from tests.cast.people import PASSWORD, a_staff_member
from tests.cast.plans import a_person
from tests.console.browser import Browser, text_of

HIRE = {
    "contract_on": "2020-03-02",
    "insured_on": "2020-03-02",
    "hire_registered": "yes",
    "form": "mentor",
    "contents": ["work_safety", "job_fitness"],
}


@pytest.fixture
def enterprise(app: Flask, clock: FixedCalendar) -> EnterpriseView:
    """With a mentor and two new hires on its roster."""
    clock.set("2020-04-10T09:00:00+08:00")
    made = companies.an_enterprise()
    cast.hired(made, [a_person(1, "张师傅")], on=date(2019, 6, 1))
    cast.hired(made, [a_person(2, "李小红"), a_person(3, "赵大伟")])
    return made


@pytest.fixture
def agent(app: Flask, enterprise: EnterpriseView) -> Browser:
    browser = Browser(app)
    browser.sign_in("agent.1", companies.PASSWORD)
    return browser


def home(enterprise: EnterpriseView) -> str:
    return f"/enterprise/{enterprise.public_id}/new-hires"


def the_application(enterprise: EnterpriseView) -> NewHireApplicationView:
    (made,) = new_hires.applications_of_enterprise(enterprise.id)
    return new_hires.application_view(made.application_id)


def people(enterprise: EnterpriseView, chosen: Sequence[int], **changes: Any) -> dict[str, Any]:
    entries = cast.entry_ids(enterprise)
    return HIRE | {"entries": [str(entries[number]) for number in chosen], "mentor": str(entries[0])} | changes


def test_an_agent_applies_and_two_people_approve(app: Flask, enterprise: EnterpriseView, agent: Browser) -> None:
    page = text_of(agent.post(home(enterprise)))
    assert "李*红" in page
    address = f"{home(enterprise)}/{the_application(enterprise).application_id}"
    assert not re.search(r'name="entries"[^>]*>[^<]*</span>张', agent.get(address).text), "hired before the window"
    page = text_of(agent.post(f"{address}/people", people(enterprise, [1, 2])))
    assert "600.00 元" in page
    assert "3月2日起参加社会保险" in page
    assert "请先上传社会保险参保证明" in text_of(agent.post(f"{address}/submit", {"promised": "yes"}))
    paper = {"paper": (io.BytesIO(a_pdf()), "参保证明.pdf")}
    assert "参保证明.pdf" in text_of(agent.post(f"{address}/papers", paper, content_type="multipart/form-data"))
    assert "请阅读并勾选承诺内容" in text_of(agent.post(f"{address}/submit"))
    assert "待审核" in text_of(agent.post(f"{address}/submit", {"promised": "yes"}))
    application = the_application(enterprise)
    reviewing = f"/reviewer/new-hires/{application.application_id}"
    first, second = Browser(app), Browser(app)
    first.sign_in(a_staff_member("reviewer").username, PASSWORD)
    second.sign_in(a_staff_member("second_reviewer").username, PASSWORD)
    assert "新录用职工2人" in text_of(first.get("/reviewer/"))
    dropping = f"{reviewing}/people/{application.lines[1].line_id}/drop"
    said = {"decision": "reject", "reason": "合同为续签。", "clause": "二(一)"}
    assert "未通过" in text_of(first.post(dropping, said))
    first.post(f"{reviewing}/decision", {"decision": "approve", "clause": "二(一)"})
    second.post(f"{reviewing}/decision", {"decision": "approve", "clause": "二(一)"})
    page = text_of(agent.get(address))
    assert "审核通过" in page
    assert "300.00 元" in page


def test_what_was_typed_stays_where_a_field_is_wrong(enterprise: EnterpriseView, agent: Browser) -> None:
    agent.post(home(enterprise))
    address = f"{home(enterprise)}/{the_application(enterprise).application_id}"
    answer = agent.post(
        f"{address}/people", people(enterprise, [1], form="mentor", mentor="", contract_on="2020-13-01")
    )
    assert answer.status_code == 422
    assert "请选择劳动合同签订日期" in text_of(answer)
    answer = agent.post(f"{address}/people", people(enterprise, [1], mentor=""))
    assert "师带徒请从花名册中选择带教师傅" in text_of(answer)
    answer = agent.post(f"{address}/papers", {"paper": (io.BytesIO(b"x"), "a.exe")}, content_type="multipart/form-data")
    assert answer.status_code == 422


def test_a_person_is_removed_and_the_application_withdrawn_and_copied(
    enterprise: EnterpriseView, agent: Browser
) -> None:
    draft = cast.a_draft(enterprise, form="online")
    address = f"{home(enterprise)}/{draft.application_id}"
    for line in draft.lines[:2]:
        agent.post(f"{address}/people/{line.line_id}/remove")
    assert the_application(enterprise).head_count == 1
    agent.post(f"{address}/submit", {"promised": "yes"})
    assert "已撤回" in text_of(agent.post(f"{address}/withdraw", {"reason": "填错了"}))
    assert "已按原名单新建一份" in text_of(agent.post(f"{address}/copy"))
    assert [item.status for item in new_hires.applications_of_enterprise(enterprise.id)] == ["draft", "withdrawn"]


@pytest.mark.parametrize("form", ["online", "self_study", "mentor"])
def test_each_form_of_training_has_its_page(
    app: Flask, clock: FixedCalendar, enterprise: EnterpriseView, agent: Browser, form: str
) -> None:
    mentor = cast.entry_ids(enterprise)[0]
    draft = cast.a_draft(enterprise, form=form, mentor_id=mentor if form == "mentor" else None)
    made = cast.approved(draft, a_staff_member("reviewer"), a_staff_member("second_reviewer"))
    line = cast.paid(made)[-1]
    address = f"{home(enterprise)}/{made.application_id}/people/{line.line_id}"
    assert {"online": "还没有线上学习记录", "self_study": "自主学了什么", "mentor": "代师傅记录"}[form] in text_of(
        agent.get(address)
    )
    log = {
        "key": "entry-0001",
        "trained_on": "2020-04-10",
        "minutes": "90",
        "content": "work_safety",
        "words": "学习机床安全",
    }
    answer = agent.post(f"{address}/logs", log)
    if form == "mentor":
        assert "待新职工确认" in text_of(answer)
        (entry,) = new_hires.training_of(line.line_id).logs
        assert "已撤回" in text_of(agent.post(f"{address}/logs/{entry.log_id}/take-back"))
    else:
        assert answer.status_code == 409
    clock.set("2020-07-10T09:00:00+08:00")
    reviewer = Browser(app)
    reviewer.sign_in(a_staff_member("reviewer").username, PASSWORD)
    assert "人到期未完成" in text_of(reviewer.get("/reviewer/"))
    person = f"/reviewer/new-hires/{made.application_id}/people/{line.line_id}"
    said = {"decision": "reject", "reason": "到期未组织岗前培训。", "clause": "二(一)"}
    assert "补贴转入追回" in text_of(reviewer.post(f"{person}/check", said))
    assert "未完成培训，应退回" in text_of(agent.get(address))
    assert len(new_hires.recoveries_due()) == 1
