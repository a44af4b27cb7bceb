"""The reviewer's page of lists and the command: taking in, being refused row by row, withdrawing."""

from __future__ import annotations

import io
from pathlib import Path

from flask import Flask

from backend.lists import services as lists
from tests.cast.enterprises import id_number
from tests.cast.lists import a_list, a_workbook
from tests.cast.people import PASSWORD, a_staff_member
from tests.console.browser import Browser, text_of

WANG = id_number(1)


def a_browser(app: Flask) -> Browser:
    browser = Browser(app)
    browser.sign_in(a_staff_member("reviewer").username, PASSWORD)
    return browser


def upload(browser: Browser, workbook: bytes, **others: str) -> tuple[int, str]:
    form = {"kind": "pension", "office": "市社保中心", "as_of_on": "2020-02-29", **others}
    data = form | {"workbook": (io.BytesIO(workbook), "名单.xlsx"), "csrf_token": browser.token()}
    answer = browser.client.post("/reviewer/lists", data=data, content_type="multipart/form-data")
    return answer.status_code, text_of(answer)


def test_a_reviewer_takes_a_list_in_and_withdraws_it(app: Flask) -> None:
    browser = a_browser(app)
    assert upload(browser, a_workbook("pension", [["王", WANG, None, None]]))[0] == 302
    (taken,) = lists.all_lists()
    assert taken.file_name == "名单.xlsx"
    assert "市社保中心" in text_of(browser.get("/reviewer/lists"))
    shown = browser.post(f"/reviewer/lists/{taken.list_id}/withdraw", {"why": "发错了文件"})
    assert "名单已撤回" in text_of(shown)
    assert [view.state for view in lists.all_lists()] == ["withdrawn"]


def test_a_wrong_row_is_said_and_nothing_typed_is_lost(app: Flask) -> None:
    browser = a_browser(app)
    status, page = upload(browser, a_workbook("pension", [["王", "320200199001010014", None, None]]))
    assert status == 422
    assert "第3行" in page
    assert "市社保中心" in page
    assert lists.all_lists() == []
    assert upload(browser, b"", office="", kind="all")[0] == 422


def test_a_template_is_handed_out_and_an_unknown_one_is_not(app: Flask) -> None:
    browser = a_browser(app)
    assert browser.get("/reviewer/lists/templates/students.xlsx").data[:2] == b"PK"
    assert browser.get("/reviewer/lists/templates/others.xlsx").status_code == 422


def test_a_list_comes_in_at_the_terminal(app: Flask, tmp_path: Path) -> None:
    file = tmp_path / "养老.xlsx"
    file.write_bytes(a_workbook("pension", [["王", WANG, None, None]]))
    who = ["--as", a_staff_member("bureau").username, "--password"]
    arguments = ["lists", "import", "pension", str(file), "--office", "市社保中心", "--as-of", "2020-02-29"]
    runner = app.test_cli_runner()
    refused = runner.invoke(args=[*arguments, *who, "wrong password"])
    assert refused.exit_code == 1
    done = runner.invoke(args=[*arguments, *who, PASSWORD])
    assert done.exit_code == 0, done.output
    (taken,) = lists.all_lists()
    assert "在用" in runner.invoke(args=["lists", "show"]).output
    withdrawn = runner.invoke(args=["lists", "withdraw", str(taken.list_id), "--why", "发错了文件", *who, PASSWORD])
    assert withdrawn.exit_code == 0
    assert lists.all_lists()[0].state == "withdrawn"


def test_a_refused_list_names_its_rows_at_the_terminal(app: Flask, tmp_path: Path) -> None:
    file = tmp_path / "list.xlsx"
    file.write_bytes(a_workbook("students", [[WANG, "昨天", None, "江南大学"]]))
    who = ["--as", a_staff_member("bureau").username, "--password", PASSWORD]
    arguments = ["lists", "import", "students", str(file), "--office", "教育局", "--as-of", "2020-02-29", *who]
    refused = app.test_cli_runner().invoke(args=arguments)
    assert refused.exit_code == 1
    assert "第3行：入学日期“昨天”不是有效日期" in refused.output


def test_the_job_forgets_by_the_policy(app: Flask) -> None:
    a_list("pension", [["王", WANG, None, None]])
    assert app.test_cli_runner().invoke(args=["jobs", "--once"]).exit_code == 0
    assert [view.state for view in lists.all_lists()] == ["in_force"]
