"""The papers the driver brings."""

import io
from pathlib import Path

import openpyxl
import xlsxwriter

from demo.documents import read_answers, roster
from demo.people import person


def test_a_roster_keeps_identity_numbers_as_text() -> None:
    sheet = openpyxl.load_workbook(io.BytesIO(roster([person(0), person(1)]))).worksheets[0]
    rows = list(sheet.iter_rows(values_only=True))

    assert rows[0][1:4] == ("姓名", "身份证号", "手机号")
    assert rows[1][2] == person(0).id_number
    assert len(rows) == 3


def test_the_author_knows_the_answers_from_the_workbook(tmp_path: Path) -> None:
    path = tmp_path / "questions.xlsx"
    book = xlsxwriter.Workbook(path)
    sheet = book.add_worksheet()
    sheet.write_row(0, 0, ("题型", "题目", "选项A", "选项B", "选项C", "答案", "解析"))
    sheet.write_row(1, 0, ("单选", "洗手多久？", "5秒", "20秒", "不洗", "B", ""))
    sheet.write_row(2, 0, ("多选", "上岗前？", "点检", "穿戴", "喝酒", "AB", ""))
    sheet.write_row(3, 0, ("判断", "可以带病上岗。", "", "", "", "错", ""))
    book.close()

    assert read_answers(path) == {
        "洗手多久？": frozenset({"20秒"}),
        "上岗前？": frozenset({"点检", "穿戴"}),
        "可以带病上岗。": frozenset({"错"}),
    }
