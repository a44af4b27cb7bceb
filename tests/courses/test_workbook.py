"""The question workbook: the template can be imported, and every bad row has its reason."""

from __future__ import annotations

import io
from collections.abc import Sequence

import pytest
import xlsxwriter

from backend.courses import workbook
from backend.courses.rules import LIMITS, QuestionRow
from config.errors import Invalid
from courses import workbook as shipped


def a_workbook(*rows: Sequence[object], headings: Sequence[str] = workbook.HEADINGS) -> bytes:
    out = io.BytesIO()
    book = xlsxwriter.Workbook(out)
    sheet = book.add_worksheet()
    for number, row in enumerate([headings, *rows]):
        sheet.write_row(number, 0, row)
    book.close()
    return out.getvalue()


def read(*rows: Sequence[object]) -> tuple[QuestionRow, ...]:
    return workbook.read_questions(a_workbook(*rows), "questions.xlsx", LIMITS)


GOOD = ("单选", "触电时先做什么？", "拉人", "断电", "泼水", "", "", "", "B", "先断电。")


def test_the_template_is_a_good_workbook() -> None:
    rows = workbook.read_questions(workbook.questions_template(), "t.xlsx", LIMITS)
    assert [row.kind for row in rows] == ["single", "multiple", "true_false"]
    assert [row.answer for row in rows] == [("B",), ("A", "B", "D"), ("A",)]


def test_the_shipped_courses_use_the_same_headings() -> None:
    assert shipped.HEADINGS == workbook.HEADINGS


@pytest.mark.parametrize(
    ("answer", "letters"), [("a,d", ("A", "D")), ("ＡＤ", ("A", "D")), ("D A", ("A", "D")), ("A、D", ("A", "D"))]
)
def test_answers_as_people_type_them(answer: str, letters: tuple[str, ...]) -> None:
    row = ("多选", "哪些是防护用品？", "安全帽", "工作证", "饭卡", "手套", "", "", answer, "")
    assert read(row)[0].answer == letters


@pytest.mark.parametrize(
    ("answer", "letter"), [("对", "A"), ("√", "A"), (True, "A"), ("错", "B"), ("×", "B"), ("错误", "B")]
)
def test_true_and_false_as_people_type_them(answer: object, letter: str) -> None:
    row = ("判断题", "触电时先断电。", "", "", "", "", "", "", answer, "先断电。")
    assert read(row)[0] == QuestionRow("true_false", "触电时先断电。", ("正确", "错误"), (letter,), "先断电。")


def test_numbers_as_options_stay_as_typed() -> None:
    row = ("单选", "工伤认定申请时限（单位）是几日？", 15, 30, 60.5, "", "", "", "B", "")
    assert read(row)[0].options == ("15", "30", "60.5")


BAD: list[tuple[str, tuple[object, ...], str, str]] = [
    ("kind", ("问答", *GOOD[1:]), "QUESTION_KIND", "题型"),
    ("no stem", ("单选", "", *GOOD[2:]), "QUESTION_STEM", "题目"),
    ("long stem", ("单选", "长" * 501, *GOOD[2:]), "QUESTION_STEM", "题目"),
    ("one option", (*GOOD[:3], "", "", "", "", "", "A", ""), "QUESTION_OPTIONS", "选项A"),
    ("a gap", (*GOOD[:2], "拉人", "", "泼水", "", "", "", "A", ""), "QUESTION_OPTIONS", "选项B"),
    ("same options", (*GOOD[:2], "断电", "断电", "", "", "", "", "A", ""), "QUESTION_OPTIONS", "选项A"),
    ("long option", (*GOOD[:2], "断" * 201, "拉人", "", "", "", "", "A", ""), "QUESTION_OPTIONS", "选项A"),
    ("no answer", (*GOOD[:8], "", ""), "QUESTION_ANSWER", "答案"),
    ("answer beyond", (*GOOD[:8], "D", ""), "QUESTION_ANSWER", "答案"),
    ("two for single", (*GOOD[:8], "AB", ""), "QUESTION_ANSWER", "答案"),
    ("twice", ("多选", *GOOD[1:8], "AA", ""), "QUESTION_ANSWER", "答案"),
    ("one for multiple", ("多选", *GOOD[1:8], "A", ""), "QUESTION_ANSWER", "答案"),
    ("options for true/false", ("判断", *GOOD[1:8], "对", ""), "QUESTION_OPTIONS", "选项A"),
    ("neither true nor false", ("判断", GOOD[1], "", "", "", "", "", "", "可能", ""), "QUESTION_ANSWER", "答案"),
    ("long explanation", (*GOOD[:9], "长" * 501), "QUESTION_EXPLANATION", "解析"),
    ("repeated", ("单选", "触电时 先做什么？", *GOOD[2:]), "QUESTION_REPEATED", "题目"),
]


@pytest.mark.parametrize(("row", "code", "column"), [case[1:] for case in BAD], ids=[case[0] for case in BAD])
def test_a_bad_row_has_its_reason(row: tuple[object, ...], code: str, column: str) -> None:
    with pytest.raises(Invalid) as refused:
        read(GOOD, [""] * 10, row)
    assert refused.value.code == code
    assert [(error["file"], error["row"], error["field"]) for error in refused.value.errors] == [
        ("questions.xlsx", 4, column)
    ]


def test_all_bad_rows_are_named_together() -> None:
    with pytest.raises(Invalid) as refused:
        read(("问答", *GOOD[1:]), GOOD, (*GOOD[:8], "F", ""))
    assert [error["row"] for error in refused.value.errors] == [2, 4]
    assert "另有1处问题" in refused.value.detail


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (b"PK\x03\x04", "WORKBOOK_BROKEN"),
        (b"kind,stem", "WORKBOOK_NOT_XLSX"),
        (a_workbook(headings=["题目"]), "WORKBOOK_HEADINGS"),
        (a_workbook(), "WORKBOOK_EMPTY"),
    ],
)
def test_a_bad_file_is_refused_whole(data: bytes, code: str) -> None:
    with pytest.raises(Invalid) as refused:
        workbook.read_questions(data, "questions.xlsx", LIMITS)
    assert refused.value.code == code
