"""Files that are not what they say, the workbook given back with reasons, and the empty template."""

from __future__ import annotations

import io
import re
import time
import zipfile
import zlib
from datetime import date
from pathlib import Path

import pytest
from openpyxl import Workbook, load_workbook
from openpyxl.worksheet.formula import ArrayFormula
from openpyxl.worksheet.worksheet import Worksheet

from backend.enterprises.services import annotated_workbook, check_roster, roster_template
from backend.enterprises.workbooks import DESK
from config.errors import Invalid
from tests.cast.enterprises import HEADINGS, MARCH, roster_row, roster_workbook, saved

MESSY = (Path(__file__).parents[1] / "data" / "roster-messy.xlsx").read_bytes()
SHEET = "xl/worksheets/sheet1.xml"


def _altered(part: str, old: bytes, new: bytes, *, workbook: bytes = MESSY) -> bytes:
    """The workbook with ``old`` replaced by ``new`` in one of its parts."""
    written = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(workbook)) as source, zipfile.ZipFile(written, "w", zipfile.ZIP_DEFLATED) as target:
        for name in source.namelist():
            content = source.read(name)
            if name == part:
                assert old in content
                content = content.replace(old, new, 1)
            target.writestr(name, content)
    return written.getvalue()


def _page(workbook: bytes) -> Worksheet:
    page = load_workbook(io.BytesIO(workbook)).active
    assert isinstance(page, Worksheet)
    return page


def _code(workbook: bytes) -> str:
    begun = time.monotonic()
    with pytest.raises(Invalid) as refusal:
        check_roster(workbook=workbook, on=MARCH)
    assert time.monotonic() - begun < 10
    return refusal.value.code


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b"", "WORKBOOK_NOT_XLSX"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(500), "WORKBOOK_NOT_XLSX"),  # .xls, or .xlsx with a password
        ("姓名,身份证号\n王小明,1\n".encode(), "WORKBOOK_NOT_XLSX"),
        (b"PK\x03\x04" + bytes(500), "WORKBOOK_BROKEN"),
        (MESSY[:4000], "WORKBOOK_BROKEN"),
        (MESSY[:2000] + bytes(100) + MESSY[2100:], "WORKBOOK_BROKEN"),
        (b"PK\x03\x04" + bytes(DESK.file_bytes), "WORKBOOK_TOO_LARGE"),
    ],
)
def test_what_is_no_workbook_is_refused(content: bytes, code: str) -> None:
    assert _code(content) == code


def test_a_zip_of_something_else_is_no_workbook() -> None:
    written = io.BytesIO()
    with zipfile.ZipFile(written, "w") as archive:
        archive.writestr("word/document.xml", "<w/>")
    assert _code(written.getvalue()) == "WORKBOOK_NOT_XLSX"


def test_a_zip_bomb_is_refused_by_what_comes_out_not_by_what_it_states() -> None:
    honest = _altered(SHEET, b"<sheetData>", b"<sheetData>" + b" " * 40_000_000)
    assert len(honest) < 100_000
    assert _code(honest) == "WORKBOOK_TOO_LARGE"
    stated = (40_000_000 + 10_328).to_bytes(4, "little")
    assert stated in honest
    assert _code(honest.replace(stated, (10_328).to_bytes(4, "little"))) == "WORKBOOK_TOO_LARGE"


def test_a_part_that_unpacks_to_another_size_than_stated_is_broken() -> None:
    stated = zlib.crc32(zipfile.ZipFile(io.BytesIO(MESSY)).read(SHEET)).to_bytes(4, "little")
    at = MESSY.rindex(stated)  # the central directory: checksum, packed size, size
    size = int.from_bytes(MESSY[at + 8 : at + 12], "little")
    assert _code(MESSY[: at + 8] + (size + 1).to_bytes(4, "little") + MESSY[at + 12 :]) == "WORKBOOK_BROKEN"


def test_a_cell_in_the_last_corner_costs_nothing() -> None:
    corner = b'<row r="1048576"><c r="XFD1048576"><v>1</v></c></row></sheetData>'
    report = check_roster(workbook=_altered(SHEET, b"</sheetData>", corner), on=MARCH)
    assert report.counts() == {"ok": 27, "flagged": 1, "refused": 12}


def test_a_row_beyond_the_sheet_is_not_waited_for() -> None:
    beyond = b'<row r="99999999999"><c r="A99999999999"><v>1</v></c></row></sheetData>'
    report = check_roster(workbook=_altered(SHEET, b"</sheetData>", beyond), on=MARCH)
    assert report.counts()["ok"] == 27


@pytest.mark.parametrize("reference", [b"A1:XFD1048576", b"A46:G100000"])
def test_a_merged_area_over_everything_is_refused(reference: bytes) -> None:
    assert _code(_altered(SHEET, b'<mergeCell ref="A1:G1"/>', b'<mergeCell ref="' + reference + b'"/>')) == (
        "WORKBOOK_TOO_LARGE"
    )


def test_a_formula_repeated_in_every_cell_is_refused() -> None:
    first = b'<row r="50"><c r="A50"><f t="shared" ref="A50:A5000" si="0">' + b"1+" * 4000 + b"1</f></c></row>"
    rest = b"".join(b'<row r="%d"><c r="A%d"><f t="shared" si="0"/></c></row>' % (row, row) for row in range(51, 5001))
    assert _code(_altered(SHEET, b"</sheetData>", first + rest + b"</sheetData>")) == "WORKBOOK_TOO_LARGE"


def test_entities_are_refused() -> None:
    bomb = b'<?xml version="1.0"?><!DOCTYPE w [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;&a;">]><worksheet'
    altered = _altered(SHEET, b"<worksheet", b"<worksheet")
    content = zipfile.ZipFile(io.BytesIO(altered)).read(SHEET)
    assert _code(_altered(SHEET, content, bomb + content.partition(b"<worksheet")[2])) == "WORKBOOK_BROKEN"


def test_too_many_rows_are_refused() -> None:
    assert _code(roster_workbook([["x"]] * 6_001)) == "WORKBOOK_TOO_MANY_ROWS"
    assert _code(roster_workbook([roster_row()] * 5_001)) == "ROSTER_TOO_LONG"


def test_formulas_are_read_as_text_and_never_believed() -> None:
    book = Workbook()
    page = book.active
    assert isinstance(page, Worksheet)
    page.append(list(HEADINGS))
    page.append(roster_row(name='=HYPERLINK("http://127.0.0.1/","王小明")'))
    page.append(roster_row(number="=B2"))
    page.append(roster_row())
    page["B4"] = ArrayFormula("B4", "=B2&B3")
    report = check_roster(workbook=saved(book), on=MARCH)
    assert [row.code for row in report.rows] == ["name_invalid", "id_number_length", "name_invalid"]
    assert report.rows[0].name == '=HYPERLINK("http://127.0.0.1/","王小明")'


def test_the_workbook_comes_back_with_a_reason_beside_each_refused_row() -> None:
    report = check_roster(workbook=MESSY, on=MARCH)
    before, after = _page(MESSY), _page(annotated_workbook(MESSY, report))
    assert after["H2"].value == "核对结果"
    reasons = {row: after.cell(row, 8).value for row in range(3, after.max_row + 1) if after.cell(row, 8).value}
    assert {row.excel_row for row in report.rows if row.verdict != "ok"} == set(reasons)
    assert str(reasons[12]) == "未收录：身份证号应为18位，现在是17位，请对照身份证重新填写。"
    assert str(reasons[36]).startswith("已收录，请留意：")
    for row in before.iter_rows():
        for cell in row:
            kept = after[cell.coordinate]
            assert (kept.value or None) == (cell.value or None)
            assert kept.data_type == cell.data_type or not cell.value
    assert after["B10"].data_type == "s"  # a text that begins with = is still a text
    assert after.merged_cells.ranges == before.merged_cells.ranges


def test_reasons_are_text_even_if_they_quote_a_formula() -> None:
    workbook = roster_workbook([roster_row(relation="=1+1"), roster_row(hired_on="=1+1")])
    page = _page(annotated_workbook(workbook, check_roster(workbook=workbook, on=MARCH)))
    assert [page.cell(row, 8).data_type for row in (3, 4)] == ["s", "s"]


def test_a_workbook_given_back_can_be_sent_again() -> None:
    once = annotated_workbook(MESSY, check_roster(workbook=MESSY, on=MARCH))
    report = check_roster(workbook=once, on=MARCH)
    assert report.rows == check_roster(workbook=MESSY, on=MARCH).rows
    mended = load_workbook(io.BytesIO(once))
    mended["花名册"]["E15"] = "劳动合同"
    again = saved(mended)
    page = _page(annotated_workbook(again, check_roster(workbook=again, on=MARCH)))
    assert page["H2"].value == "核对结果"
    assert page["I2"].value is None
    assert page["H15"].value is None
    assert page["H12"].value is not None


def test_the_template_keeps_numbers_as_text_and_offers_the_relations() -> None:
    page = load_workbook(io.BytesIO(roster_template()))["花名册"]
    assert [cell.value for cell in page[2]] == list(HEADINGS)
    assert page.column_dimensions["C"].width > 18
    (relations,) = [rule for rule in page.data_validations.dataValidation if rule.type == "list"]
    assert relations.formula1 == '"劳动合同,劳务派遣,平台从业"'
    assert str(relations.sqref) == "E3:E5002"
    with zipfile.ZipFile(io.BytesIO(roster_template())) as archive:
        styles, sheet = archive.read("xl/styles.xml").decode(), archive.read(SHEET).decode()
    (column,) = re.findall(r'<col min="3" max="3"[^>]* style="(\d+)"', sheet)
    formats = re.findall(r'<xf numFmtId="(\d+)"', styles.partition("<cellXfs")[2])
    assert formats[int(column)] == "49"  # the built-in text format


def test_a_filled_in_template_is_read() -> None:
    book = load_workbook(io.BytesIO(roster_template()))
    for column, value in enumerate(roster_row(), start=1):
        book["花名册"].cell(3, column).value = value
    report = check_roster(workbook=saved(book), on=date(2020, 3, 1))
    assert [(row.excel_row, row.verdict) for row in report.rows] == [(3, "ok")]


def test_an_empty_template_says_that_nobody_is_in_it() -> None:
    assert _code(roster_template()) == "ROSTER_EMPTY"
