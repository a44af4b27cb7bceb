"""Papers say what was handed over, the same on every machine, and never run a text as code."""

from __future__ import annotations

import io
from datetime import date
from pathlib import Path

import pypdfium2
import pytest
import zxingcpp
from python_calamine import CalamineWorkbook

from backend.papers.services import Column, Sheet, capital_yuan, csv_text, pdf, qr_svg, workbook, yuan

SAMPLE = Path(__file__).parents[2] / "backend" / "papers" / "sample.typ"
ADDRESS = "https://example.test/public/certificates/4f6c"
DATA = {
    "title": "培训补贴人员花名册",
    "office": "市高技能人才公共实训服务中心",
    "footer": "编号 1",
    "fields": [["企业名称", "#import *股份* $x$ @a <b>有限公司"], ["经办人", "𬭎㐂"]],
    "rows": [[str(number), "王*明", "444.00"] for number in range(1, 61)],
    "total": "26,640.00",
}


def test_a_paper_prints_its_data_and_its_pages() -> None:
    printed = pypdfium2.PdfDocument(pdf(SAMPLE, DATA, pictures={"qr": qr_svg(ADDRESS)}))
    pages = [page.get_textpage().get_text_range() for page in printed]
    assert len(pages) == 2
    assert "#import *股份* $x$ @a <b>有限公司" in pages[0]
    assert "𬭎㐂" in pages[0]
    assert all(f"第 {number} 页，共 2 页" in page for number, page in enumerate(pages, start=1))
    assert all("金额（元）" in page for page in pages)
    assert "盖章处" in pages[1]


def test_the_code_on_a_paper_can_be_scanned() -> None:
    printed = pypdfium2.PdfDocument(pdf(SAMPLE, DATA, pictures={"qr": qr_svg(ADDRESS)}))
    seen = zxingcpp.read_barcodes(printed[1].render(scale=2).to_pil())
    assert [code.text for code in seen] == [ADDRESS]


def test_the_same_data_is_the_same_paper() -> None:
    assert pdf(SAMPLE, DATA, pictures={"qr": qr_svg("a")}) == pdf(SAMPLE, DATA, pictures={"qr": qr_svg("a")})


@pytest.mark.parametrize(
    ("fen", "words"),
    [
        (0, "零元整"),
        (1, "壹分"),
        (50, "伍角"),
        (335000, "叁仟叁佰伍拾元整"),
        (46250, "肆佰陆拾贰元伍角"),
        (49950, "肆佰玖拾玖元伍角"),
        (32504, "叁佰贰拾伍元零肆分"),
        (168032, "壹仟陆佰捌拾元叁角贰分"),
        (1640902, "壹万陆仟肆佰零玖元零贰分"),
        (10700053, "壹拾万柒仟元伍角叁分"),
        (100100, "壹仟零壹元整"),
        (1000001000, "壹仟万零壹拾元整"),
        (100000000001, "壹拾亿元零壹分"),
        (10000000100000, "壹仟亿零壹仟元整"),
        (2000050000, "贰仟万零伍佰元整"),
        (10001000100, "壹亿零壹万零壹元整"),
    ],
)
def test_amounts_in_words(fen: int, words: str) -> None:
    assert capital_yuan(fen) == words


def test_an_amount_below_zero_is_no_amount() -> None:
    with pytest.raises(ValueError, match="no amount"):
        capital_yuan(-1)


def test_amounts_in_figures() -> None:
    assert [yuan(fen) for fen in (0, 5, 335000, -46250)] == ["0.00", "0.05", "3,350.00", "-462.50"]


def test_a_workbook_keeps_texts_as_texts_and_money_as_numbers() -> None:
    sheet = Sheet(
        name="花名册",
        columns=[
            Column("姓名", 10),
            Column("课时", kind="int"),
            Column("金额（元）", kind="fen"),
            Column("日期", kind="date"),
        ],
        rows=[["=HYPERLINK(1)", 24, 44400, date(2020, 3, 1)], ["王*明", None, 46250, "未定"]],
        title_lines=["培训补贴人员花名册", "填报单位：甲公司"],
        totals=["合计", 24, 90650, None],
    )
    rows = CalamineWorkbook.from_filelike(io.BytesIO(workbook([sheet]))).get_sheet_by_index(0).to_python()
    assert rows[0][0] == "培训补贴人员花名册"
    assert rows[2] == ["姓名", "课时", "金额（元）", "日期"]
    assert rows[3] == ["=HYPERLINK(1)", 24.0, 444.0, date(2020, 3, 1)]
    assert rows[4] == ["王*明", "", 462.5, "未定"]
    assert rows[5][:3] == ["合计", 24.0, 906.5]
    assert workbook([sheet]) == workbook([sheet])


def test_a_csv_never_starts_a_formula() -> None:
    text = csv_text(["姓名", "数"], [["=1+1", -3], ["@a", 2], ["a,b", None]])
    assert text == "姓名,数\r\n'=1+1,-3\r\n'@a,2\r\n\"a,b\",\r\n"
