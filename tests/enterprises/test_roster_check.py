"""What the check says of a roster file, row by row, before anything is written."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from openpyxl import Workbook

from backend.enterprises.services import RowVerdict, check_roster
from commands.rosters import rosters
from config.errors import Invalid
from tests.cast.enterprises import HEADINGS, MARCH, id_number, roster_row, roster_workbook, saved

DATA = Path(__file__).parents[1] / "data"
EXPECTED = json.loads((DATA / "roster-messy.expected.json").read_text(encoding="utf-8"))
MESSY = DATA / "roster-messy.xlsx"


def _only(rows: list[list[Any]], on: date = MARCH) -> RowVerdict:
    (row,) = check_roster(workbook=roster_workbook(rows), on=on).rows
    return row


def _print(*arguments: str) -> Any:
    result = CliRunner().invoke(rosters, ["check", *arguments])
    assert result.exit_code == 0, result.output
    return json.loads(result.output)


def test_the_messy_roster_is_read_exactly_as_expected() -> None:
    assert _print(str(MESSY), "--on", "2020-03-01") == EXPECTED


def test_ages_are_as_of_the_day_given() -> None:
    def verdicts(on: str) -> dict[int, tuple[str, str | None]]:
        return {row["excel_row"]: (row["verdict"], row["code"]) for row in _print(str(MESSY), "--on", on)["rows"]}

    assert verdicts("2024-08-23")[6] == ("refused", "under_age")  # born 2008-08-24
    assert verdicts("2024-08-24")[6] == ("ok", None)
    assert verdicts("2003-08-08")[36] == ("ok", None)  # a woman born 1948-08-09
    assert verdicts("2003-08-09")[36] == ("flagged", "over_retirement_age")


def test_every_refused_or_flagged_row_says_why_in_chinese() -> None:
    for row in check_roster(workbook=MESSY.read_bytes(), on=MARCH).rows:
        assert bool(row.reason) == (row.verdict != "ok")


@pytest.mark.parametrize(
    ("born_on", "woman", "verdict", "code"),
    [
        (date(2004, 3, 1), False, "ok", None),  # 16 today
        (date(2004, 3, 2), False, "refused", "under_age"),
        (date(1960, 3, 1), False, "flagged", "over_retirement_age"),  # a man of 60 today
        (date(1960, 3, 2), False, "ok", None),
        (date(1965, 3, 1), True, "flagged", "over_retirement_age"),  # a woman of 55 today
        (date(1965, 3, 2), True, "ok", None),
        (date(1965, 3, 1), False, "ok", None),
    ],
)
def test_age_limits_to_the_day(born_on: date, woman: bool, verdict: str, code: str | None) -> None:
    row = _only([roster_row(number=id_number(3, born_on=born_on, woman=woman))])
    assert (row.verdict, row.code) == (verdict, code)


@pytest.mark.parametrize(
    "written",
    ["2019-06-01", "2019/6/1", "2019.06.01", "2019年6月1日", "2019年6月1号", "20190601", "２０１９年６月１日",
     "2019 年 6 月 1 日", "2019-06-01 00:00:00", 20190601, 43617, date(2019, 6, 1)],
)  # fmt: skip
def test_dates_as_offices_write_them(written: Any) -> None:
    assert _only([roster_row(hired_on=written)]).verdict == "ok"


@pytest.mark.parametrize(
    "written", ["2019-02-30", "19年6月1日", "2019年6月", "去年", "6/1/2019", 2019, "=TODAY()", True]
)
def test_what_is_no_date_is_refused(written: Any) -> None:
    assert _only([roster_row(hired_on=written)]).code == "date_invalid"


def test_hired_before_birth_is_no_date() -> None:
    assert _only([roster_row(hired_on="1989-12-31")]).code == "date_invalid"


@pytest.mark.parametrize(
    "phone", [13800000001, 13800000001.0, "+86 138-0000-0001", "8613800000001", "１３８０００００００１"]
)
def test_phones_as_offices_write_them(phone: Any) -> None:
    assert _only([roster_row(phone=phone)]).verdict == "ok"


@pytest.mark.parametrize(
    ("cells", "code"),
    [
        ({"name": ""}, "name_missing"),
        ({"name": "=1+1"}, "name_invalid"),
        ({"name": "王"}, "name_invalid"),
        ({"name": 12345}, "name_invalid"),
        ({"number": None}, "id_number_missing"),
        ({"number": 320200199001010013}, "id_number_lost_digits"),
        ({"number": "3.20211E+17"}, "id_number_lost_digits"),
        ({"number": "320200199001010012"}, "id_number_check_digit"),
        ({"number": "32020019900101001A"}, "id_number_characters"),
        ({"number": "990200199001010013"}, "id_number_province"),
        ({"number": "320200199013010013"}, "id_number_birth_date"),
        ({"number": "320200900101001"}, "id_number_length"),
        ({"phone": ""}, "phone_missing"),
        ({"phone": "0510-85012345"}, "phone_invalid"),
        ({"relation": ""}, "employment_missing"),
        ({"relation": "实习"}, "employment_unknown"),
        ({"hired_on": None}, "date_missing"),
        ({"position": "=cmd|'/c calc'!A1"}, "position_invalid"),
        ({"position": "工" * 51}, "position_invalid"),
    ],
)
def test_what_a_cell_can_be_refused_for(cells: dict[str, Any], code: str) -> None:
    row = _only([roster_row(**cells)])
    assert (row.verdict, row.code, row.id_number) == ("refused", code, None)


def test_a_refused_row_names_all_its_faults_at_once() -> None:
    row = _only([roster_row(name="", phone="1", relation="临时")])
    assert row.code == "name_missing"
    assert all(word in row.reason for word in ("姓名", "手机号", "用工形式"))


@pytest.mark.parametrize("name", ["䶮䶮", "赵堃", "𠮷野", "阿卜杜·热合曼", "阿卜杜•热合曼", " 张　三 ", "欧阳娜娜"])
def test_rare_and_long_names_are_names(name: str) -> None:
    assert _only([roster_row(name=name)]).verdict == "ok"


def test_the_first_good_row_of_a_person_counts() -> None:
    rows = [roster_row(phone="1"), roster_row(), roster_row(name="另一人")]
    report = check_roster(workbook=roster_workbook(rows), on=MARCH)
    assert [(row.verdict, row.code) for row in report.rows] == [
        ("refused", "phone_invalid"),
        ("ok", None),
        ("refused", "duplicate_in_roster"),
    ]
    assert "第4行" in report.rows[2].reason


def test_totals_footers_repeated_headings_and_blank_lines_are_no_people() -> None:
    rows = [
        [],
        roster_row(),
        list(HEADINGS),
        [2, None, None, None, None, None, None],
        [None, "本页小计", 1],
        ["合计", None, "=COUNTA(C3:C4)"],
        ["填报单位（盖章）：", None, "填表人：王五", None, "联系电话：", "0510-85012345"],
        ["注：本表一式两份"],
    ]
    report = check_roster(workbook=roster_workbook(rows), on=MARCH)
    assert [row.excel_row for row in report.rows] == [4]


def test_columns_may_be_called_otherwise_and_stand_elsewhere() -> None:
    headings = ["备注", "工种", "用工性质", "员工姓名*", "身份证号码（18位）", "入职时间", "联系电话"]
    row = ["", "电工", "派遣工", "王小明", "320200199001010013", "2019.6.1", "13800000001"]
    book = Workbook()
    cover = book.active
    assert cover is not None
    cover["A1"] = "填写说明：请在第二张表填写"
    page = book.create_sheet("2020年名单")
    for line in ([], ["某某公司线上培训人员"], ["单位：", "某某公司"], headings, row):
        page.append(line)
    report = check_roster(workbook=saved(book), on=MARCH)
    assert (report.sheet_name, report.header_row) == ("2020年名单", 4)
    assert [(row.excel_row, row.verdict) for row in report.rows] == [(5, "ok")]


@pytest.mark.parametrize(
    ("workbook", "code", "said"),
    [
        (roster_workbook([[1, 2, 3]], headings=["甲", "乙", "丙"], sheet="库存"), "ROSTER_HEADER_NOT_FOUND", "库存"),
        (roster_workbook([roster_row()], headings=["姓名", "身份证号"]), "ROSTER_COLUMNS_MISSING", "手机号"),
        (roster_workbook([]), "ROSTER_EMPTY", "没有人员"),
    ],
)  # fmt: skip
def test_a_sheet_without_a_roster_is_refused_with_what_to_do(workbook: bytes, code: str, said: str) -> None:
    with pytest.raises(Invalid) as refusal:
        check_roster(workbook=workbook, on=MARCH)
    assert refusal.value.code == code
    assert said in refusal.value.detail


def test_the_command_says_what_is_wrong_with_a_file_it_cannot_read(tmp_path: Path) -> None:
    path = tmp_path / "roster.xls"
    path.write_bytes(b"\xd0\xcf\x11\xe0" + bytes(600))
    result = CliRunner().invoke(rosters, ["check", str(path)])
    assert result.exit_code == 2
    assert "WORKBOOK_NOT_XLSX" in result.output
