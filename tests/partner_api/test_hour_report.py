"""What an enterprise's HR system pulls: verified seconds per worker and lesson, and the evidence behind them."""

from __future__ import annotations

import csv
import io
from typing import Any
from uuid import UUID

import pytest
from openpyxl import load_workbook

from backend.courses.services import CourseView
from backend.credit_bank import services as credit_bank
from backend.study import reports
from config.clock import FixedCalendar
from config.database import transaction
from learning_records.evidence import services as evidence
from tests.cast.plans import a_person
from tests.partner_api.conftest import Ask, School, a_school, passes_quiz, studies
from wire.sheets import csv_chunks, harmless


def _rows(ask: Ask, key: str, query: str = "") -> list[dict[str, Any]]:
    """All pages."""
    rows: list[dict[str, Any]] = []
    cursor = ""
    while True:
        page = ask(key, "GET", f"/hour-report?format=json{query}{cursor}").get_json()
        rows += page["items"]
        if page["next_cursor"] is None:
            return rows
        cursor = f"&cursor={page['next_cursor']}"


def _csv(content: bytes) -> list[list[str]]:
    return list(csv.reader(io.StringIO(content.decode("utf-8-sig"))))


def test_a_row_for_each_worker_and_lesson_with_the_evidence_behind_it(
    ask: Ask, ours: School, course: CourseView, clock: FixedCalendar
) -> None:
    first, second = course.lessons[:2]
    seconds = studies(clock, ours.persons[0], ours.class_id, first)
    again = studies(clock, ours.persons[0], ours.class_id, first, beats=6)
    assert seconds > 0
    assert again > 0
    other = studies(clock, ours.persons[1], ours.class_id, second)
    rows = _rows(ask, ours.key)
    assert [(row["masked_name"], row["lesson_title"], row["learned_seconds"]) for row in rows] == [
        ("王*明", first.title, seconds + again),
        ("赵*", second.title, other),
    ]
    assert [row["claimable_seconds"] for row in rows] == [seconds + again, other]
    assert rows[0]["masked_id_number"] == f"3202**********{ours.persons[0].id_number[-4:]}"
    assert (rows[0]["first_on"], rows[0]["last_on"], rows[0]["class_id"]) == (
        "2020-03-02",
        "2020-03-02",
        str(ours.class_id),
    )
    assert [len(row["evidence"]) for row in rows] == [2, 1]
    for reference in rows[0]["evidence"]:
        record = evidence.trace(record_public_id=UUID(reference["record_id"]))
        assert record.intact
        assert (record.leaf_hash, record.body["lesson"]["ref"]) == (reference["leaf_hash"], str(first.public_id))


def test_one_enterprise_never_sees_a_row_of_another(
    ask: Ask, ours: School, theirs: School, course: CourseView, clock: FixedCalendar
) -> None:
    studies(clock, ours.persons[0], ours.class_id, course.lessons[0])
    studies(clock, theirs.persons[0], theirs.class_id, course.lessons[0])
    assert {row["masked_name"] for row in _rows(ask, ours.key)} == {"王*明"}
    assert {row["masked_name"] for row in _rows(ask, theirs.key)} == {"孙*"}
    cursor = "&cursor=djE6MA"  # v1:0, from the very first row of the house
    assert {row["class_id"] for row in _rows(ask, theirs.key, cursor)} == {str(theirs.class_id)}
    for form in ("csv", "xlsx"):
        content = ask(theirs.key, "GET", f"/hour-report?format={form}").data
        assert str(ours.class_id).encode() not in content


def test_what_one_person_learns_for_two_enterprises_stays_apart(
    ask: Ask, ours: School, course: CourseView, clock: FixedCalendar
) -> None:
    both = ours.persons[0]
    second = a_school(7, "无锡丙电子有限公司", course, (both,))
    here = studies(clock, both, ours.class_id, course.lessons[0])
    there = studies(clock, both, second.class_id, course.lessons[1], beats=5)
    assert [row["learned_seconds"] for row in _rows(ask, ours.key)] == [here]
    assert [row["learned_seconds"] for row in _rows(ask, second.key)] == [there]


def test_a_quiz_is_a_row_of_its_own(ask: Ask, ours: School) -> None:
    passes_quiz(ours.persons[0], ours.class_id, 600)
    (row,) = _rows(ask, ours.key)
    assert (row["lesson_id"], row["lesson_title"], row["claimable_seconds"], row["learned_seconds"]) == (
        None,
        "结业测试",
        600,
        0,
    )


def test_reversed_seconds_are_gone_from_the_report(ask: Ask, ours: School) -> None:
    passes_quiz(ours.persons[0], ours.class_id, 600)
    (line,) = credit_bank.statement(worker_id=ours.persons[0].worker_id)
    transaction(
        lambda: credit_bank.reverse(transfer_key=line.key, key="finding:1:1", reason="代考", source="检查结果1")
    )
    assert _rows(ask, ours.key) == []


def test_days_may_be_chosen_and_are_days_in_wuxi(
    ask: Ask, ours: School, course: CourseView, clock: FixedCalendar
) -> None:
    clock.set("2020-03-03T00:10:00+08:00")  # still 2 March in UTC
    studies(clock, ours.persons[0], ours.class_id, course.lessons[0])
    clock.set("2020-03-04T09:00:00+08:00")
    studies(clock, ours.persons[0], ours.class_id, course.lessons[1])
    assert [row["first_on"] for row in _rows(ask, ours.key)] == ["2020-03-03", "2020-03-04"]
    assert [row["first_on"] for row in _rows(ask, ours.key, "&from=2020-03-03&to=2020-03-03")] == ["2020-03-03"]
    assert [row["first_on"] for row in _rows(ask, ours.key, "&from=2020-03-04")] == ["2020-03-04"]
    assert _rows(ask, ours.key, "&to=2020-03-02") == []


def test_pages_hold_every_row_once(
    ask: Ask, course: CourseView, clock: FixedCalendar, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reports, "WORKERS_A_PAGE", 2)
    persons = tuple(a_person(serial, "周" + "甲乙丙丁戊"[serial - 20]) for serial in range(20, 25))
    school = a_school(9, "无锡丁物流有限公司", course, persons)
    for person in persons:
        passes_quiz(person, school.class_id, 60)
    page = ask(school.key, "GET", "/hour-report").get_json()
    assert len(page["items"]) == 2
    assert page["next_cursor"]
    assert len({row["roster_entry_id"] for row in _rows(ask, school.key)}) == 5
    assert len(_csv(ask(school.key, "GET", "/hour-report?format=csv").data)) == 1 + 5


def test_csv_and_xlsx_say_the_same_as_json(ask: Ask, ours: School, course: CourseView, clock: FixedCalendar) -> None:
    studies(clock, ours.persons[0], ours.class_id, course.lessons[0])
    (row,) = _rows(ask, ours.key)
    answer = ask(ours.key, "GET", "/hour-report?format=csv")
    assert answer.is_streamed
    assert answer.content_type == "text/csv; charset=utf-8"
    assert answer.data.startswith(b"\xef\xbb\xbf")
    headings, cells = _csv(answer.data)
    as_csv = dict(zip(headings, cells, strict=True))
    assert (as_csv["姓名"], as_csv["课程内容"], as_csv["计入学分秒数"], as_csv["存证编号"]) == (
        row["masked_name"],
        row["lesson_title"],
        str(row["learned_seconds"]),
        row["evidence"][0]["record_id"],
    )
    workbook = ask(ours.key, "GET", "/hour-report?format=xlsx")
    assert workbook.is_streamed
    sheet = load_workbook(io.BytesIO(workbook.data)).active
    assert sheet is not None
    as_xlsx = [[cell.value for cell in line] for line in sheet.iter_rows()]
    assert as_xlsx[0] == headings
    assert [str(value) for value in as_xlsx[1]] == cells


def test_a_title_that_is_a_formula_runs_nowhere(ask: Ask, course: CourseView) -> None:
    formula = '=HYPERLINK("http://127.0.0.1/","x")'
    school = a_school(8, "无锡戊电商有限公司", course, (a_person(5),), title=formula)
    passes_quiz(school.persons[0], school.class_id, 60)
    assert _rows(ask, school.key)[0]["class_title"] == formula
    assert _csv(ask(school.key, "GET", "/hour-report?format=csv").data)[1][2] == "'" + formula
    sheet = load_workbook(io.BytesIO(ask(school.key, "GET", "/hour-report?format=xlsx").data)).active
    assert sheet is not None
    assert (sheet["C2"].value, sheet["C2"].data_type) == (formula, "s")


@pytest.mark.parametrize("text", ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", "  =1", "＝1+1"])
def test_texts_a_spreadsheet_would_run_get_an_apostrophe(text: str) -> None:
    assert harmless(text) == "'" + text


@pytest.mark.parametrize("value", ["王小明", "2020-03-02", "1=1", -5, ""])
def test_other_values_stay_as_they_are(value: str | int) -> None:
    assert harmless(value) == value


def test_csv_comes_in_pieces() -> None:
    chunks = list(csv_chunks(["数"], ([number] for number in range(1000))))
    assert len(chunks) == 6
    assert len(_csv(b"".join(chunks))) == 1001


@pytest.mark.parametrize(
    ("query", "code"),
    [
        ("cursor=nonsense", "CURSOR_INVALID"),
        ("cursor=djI6MQ", "CURSOR_INVALID"),
        ("format=pdf", "INVALID_BODY"),
        ("from=2020-13-01", "INVALID_BODY"),
        ("from=0001-01-01", "INVALID_BODY"),
        ("to=9999-12-31", "INVALID_BODY"),
        ("from=2020-03-02&to=2020-03-01", "INVALID_BODY"),
        ("enterprise_id=1", "INVALID_BODY"),
    ],
)
def test_a_query_that_cannot_be_right_is_refused(ask: Ask, ours: School, query: str, code: str) -> None:
    answer = ask(ours.key, "GET", f"/hour-report?{query}")
    problem = answer.get_json()
    assert (answer.status_code, problem["code"]) == (422, code)
    assert all(not error["detail"].isascii() for error in problem["errors"]), problem
