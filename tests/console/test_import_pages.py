"""外部平台学习记录 at a browser: template, upload with the stamped paper, progress, result, download."""

from __future__ import annotations

import io
import re
from typing import Any

import pytest
from flask import Flask
from openpyxl import load_workbook
from werkzeug.test import TestResponse

from backend.imports import services as imports
from commands.imports import take_in_waiting_tables
from config.clock import FixedCalendar
from tests.cast import enterprises as companies
from tests.cast.imports import Room, a_record, a_room, a_small_batch, call, paper_picture, row, table
from tests.cast.plans import a_person
from tests.console.browser import Browser, text_of


@pytest.fixture
def room(app: Flask, clock: FixedCalendar) -> Room:
    """An approved class on 2 March; it is 10 March, in the evening, now."""
    made = a_room([a_person(1, "王小明"), a_person(2, "赵䶮")])
    clock.set("2020-03-10T20:00:00+08:00")
    return made


@pytest.fixture
def agent(app: Flask, room: Room) -> Browser:
    browser = Browser(app)
    browser.sign_in("agent.1", companies.PASSWORD)
    return browser


def _base(room: Room) -> str:
    return f"/enterprise/{room.enterprise.public_id}/imports"


def _send(agent: Browser, room: Room, content: bytes, **changes: Any) -> TestResponse:
    fields = {
        "plan_id": str(room.plan.plan_id),
        "platform": "kjcxchina",
        "table": (io.BytesIO(content), "技能强国.xlsx"),
        "papers": (io.BytesIO(paper_picture()), "盖章证明.png"),
        **changes,
    }
    return agent.post(_base(room), {name: value for name, value in fields.items() if value is not None})


def test_the_page_says_what_it_is_for_and_offers_platforms_and_filed_classes(agent: Browser, room: Room) -> None:
    text = text_of(agent.get(_base(room)))
    assert "通知一(二)" in text
    assert "同一个人同一段时间只计一次" in text
    assert "数控加工提升班" in text
    assert "技能强国-全国产业工人技能学习平台" in text
    assert "“无锡创课”微信小程序" not in text
    assert "还没有收到外部平台的学习记录" in text


def test_without_a_filed_plan_there_is_no_form(app: Flask, clock: FixedCalendar) -> None:
    room = a_room(filed=False)
    browser = Browser(app)
    browser.sign_in("agent.1", companies.PASSWORD)
    page = browser.get(_base(room))
    assert "还没有备案通过的培训计划" in text_of(page)
    assert 'name="table"' not in page.get_data(as_text=True)
    assert browser.get(f"{_base(room)}/template.xlsx?grade=imported&plan_id={room.plan.plan_id}").status_code == 422


@pytest.mark.parametrize(("grade", "heading"), [("imported", "开始时间"), ("attested", "课时")])
def test_the_template_names_the_courses_of_the_class(agent: Browser, room: Room, grade: str, heading: str) -> None:
    answer = agent.get(f"{_base(room)}/template.xlsx?grade={grade}&plan_id={room.plan.plan_id}")
    assert answer.status_code == 200
    book = load_workbook(io.BytesIO(answer.data))
    assert heading in [cell.value for cell in book["学习记录"][2]]
    assert [cell.value for cell in book["备案课程"]["A"]] == [room.course.title]


def test_a_table_is_uploaded_judged_and_given_back(agent: Browser, room: Room) -> None:
    content = table([row(room, 18), row(room, 19, course="没有备案的课程"), row(room, 20, started="上午")])
    page = _send(agent, room, content)
    assert page.status_code == 200
    address = page.request.path
    assert "表格已收到" in text_of(page)
    assert "正在逐行核对，已核对 0 行" in text_of(page)
    progress = agent.get(address, headers={"HX-Request": "true"})
    assert "<html" not in progress.get_data(as_text=True)
    assert "HX-Refresh" not in progress.headers
    take_in_waiting_tables()
    assert agent.get(address, headers={"HX-Request": "true"}).headers["HX-Refresh"] == "true"
    text = text_of(agent.get(address))
    assert "已收录 1 行" in text
    assert "未收录 2 行" in text
    assert "课程不在备案计划里 1 行" in text
    assert "F5：开始时间“上午”无法识别" in text
    assert "row-18" not in text
    assert "row-18" in text_of(agent.get(f"{address}?rows=all"))
    assert "王小明" not in text_of(agent.get(f"{address}?rows=all"))
    result = agent.get(f"{address}/result.xlsx")
    sheet = load_workbook(io.BytesIO(result.data)).active
    assert sheet is not None
    lines = [[cell.value for cell in line] for line in sheet.iter_rows()]
    assert lines[0][-4:] == ["结果", "原因", "计入秒数", "可申领秒数"]
    assert [line[-4] for line in lines[1:]] == ["已收录", "未收录", "未收录"]
    assert lines[1][2] == room.persons[0].id_number
    assert agent.get(f"{address}/result.csv").data.startswith(b"\xef\xbb\xbf")
    listed = text_of(agent.get(_base(room)))
    assert "技能强国.xlsx" in listed
    assert "已完成" in listed


def test_the_papers_come_back_as_they_were_handed_in(agent: Browser, room: Room) -> None:
    content = table([row(room, 18)])
    page = _send(agent, room, content)
    links = re.findall(r'href="([^"]+/papers/[^"]+)"', page.get_data(as_text=True))
    got = [agent.get(link) for link in links]
    assert {answer.data for answer in got} == {content, paper_picture()}
    assert all(answer.headers["Content-Disposition"].startswith("attachment") for answer in got)
    assert all(answer.headers["X-Content-Type-Options"] == "nosniff" for answer in got)
    foreign = links[0].rpartition("/")[0] + "/0171b6a4-0000-7000-8000-000000000000"
    assert agent.get(foreign).status_code == 404


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"papers": None}, "请选择平台盖章的证明材料"),
        ({"papers": (io.BytesIO(b"MZ" + bytes(200)), "证明.pdf")}, "盖章材料"),
        ({"table": None}, "请选择学习记录表格"),
        ({"table": (io.BytesIO(b"\x89PNG" + bytes(99)), "表.xlsx")}, "读不出表格"),
        ({"table": (io.BytesIO("姓名,电话\n王,1\n".encode()), "表.csv")}, "没有找到表头"),
        ({"table": (io.BytesIO(table([["x"]], headings=("姓名", "身份证号", "课程"))), "表.xlsx")}, "缺少这些列"),
        ({"platform": "wxck"}, "请选择平台"),
        ({"platform": "nobody"}, "请选择平台"),
        ({"plan_id": "x"}, "请选择班级"),
    ],
)
def test_what_is_wrong_with_an_upload_stands_on_the_page(
    agent: Browser, room: Room, changes: dict[str, Any], sentence: str
) -> None:
    page = _send(agent, room, table([row(room, 18)]), **changes)
    assert page.status_code in (422, 415)
    assert sentence in text_of(page)
    assert imports.batches_of_enterprise(room.enterprise.id) == []


def test_a_class_of_another_enterprise_cannot_be_chosen(agent: Browser, room: Room, clock: FixedCalendar) -> None:
    clock.set("2020-03-02T10:00:00+08:00")
    other = a_room([a_person(7, "孙丽")], serial=2)
    page = _send(agent, room, table([row(room, 18)]), plan_id=str(other.plan.plan_id))
    assert page.status_code == 422
    assert "请选择班级" in text_of(page)
    assert imports.batches_of_enterprise(other.enterprise.id) == []


def test_what_the_platform_sent_itself_stands_in_the_list_without_a_file(agent: Browser, room: Room) -> None:
    batch = call(room, a_record(room), a_record(room, course="别的"), signed=True).batch
    text = text_of(agent.get(_base(room)))
    assert "平台接口提交" in text
    page = agent.get(f"{_base(room)}/{batch.batch_id}")
    assert "平台接口，已签名" in text_of(page)
    assert "下载核对结果" not in text_of(page)
    assert agent.get(f"{_base(room)}/{batch.batch_id}/result.xlsx").status_code == 404


def test_a_long_list_of_refusals_comes_page_by_page(agent: Browser, room: Room) -> None:
    page = _send(agent, room, table([row(room, number, course="别的", id=f"r{number}") for number in range(60)]))
    take_in_waiting_tables()
    first = agent.get(page.request.path).get_data(as_text=True)
    following = re.search(r'href="([^"]+cursor=[^"]+)"', first)
    assert following is not None
    second = text_of(agent.get(following[1].replace("&amp;", "&")))
    assert "r0 " not in second
    assert "r59" in second


def test_the_reviewer_sees_what_the_platform_vouches_by(app: Flask, agent: Browser, room: Room) -> None:
    _send(agent, room, table([row(room, 18)]))
    take_in_waiting_tables()
    reviewer = Browser(app)
    reviewer.sign_in("reviewer-1", companies.PASSWORD)
    page = reviewer.get(f"/reviewer/plans/{room.plan.plan_id}")
    assert "外部平台学习记录 1 批" in text_of(page)
    assert "企业上传，收录 1 行，未收录 0 行" in text_of(page)
    links = re.findall(r'href="([^"]+/papers/[^"]+)"', page.get_data(as_text=True))
    assert paper_picture() in {reviewer.get(link).data for link in links}
    other = a_small_batch(room.enterprise, room.plan, room.persons)
    mixed = links[0].replace(links[0].split("/")[-3], str(other.batch_id))
    assert reviewer.get(mixed).status_code == 404, "a paper of another batch"
