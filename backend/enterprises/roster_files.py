"""The roster as a file: finding its table in a sheet, giving it back with reasons, and the empty template.

Columns are those of domain reference section 11.2 that an import needs; a desk's own words for them are understood.
"""

from __future__ import annotations

import io
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, cast

import xlsxwriter
from openpyxl import load_workbook
from openpyxl.cell.cell import Cell as BookCell
from openpyxl.styles import Alignment, Font, PatternFill
from openpyxl.utils import get_column_letter

from backend.enterprises.cells import Cell
from backend.enterprises.headings import HEADER_WITHIN_ROWS, columns_of, is_record
from backend.enterprises.rules import RELATION_WORDS
from backend.enterprises.workbooks import Sheet, inspect, read_sheets
from config.errors import Invalid

# The first word of each is the heading of our own template.
COLUMN_WORDS: dict[str, tuple[str, ...]] = {
    "serial": ("序号", "编号", "no", "no."),
    "name": ("姓名", "职工姓名", "员工姓名", "学员姓名", "人员姓名", "名字", "name"),
    "id_number": (
        "身份证号", "身份证号码", "公民身份号码", "居民身份证号", "居民身份证号码", "身份证", "证件号码", "证件号",
    ),
    "phone": ("手机号", "手机号码", "手机", "移动电话", "联系电话", "联系方式", "电话号码", "电话"),
    "relation": (
        "用工形式", "用工方式", "用工类型", "用工性质", "用工关系", "劳动关系", "人员类别", "人员性质", "员工类型",
    ),
    "hired_on": ("入职日期", "入职时间", "录用日期", "到岗日期", "到岗时间", "上岗日期", "进厂日期", "进厂时间"),
    "position": ("岗位(工种)", "岗位", "工种", "岗位工种", "岗位/工种", "工作岗位", "职位"),
}  # fmt: skip
REQUIRED = ("name", "id_number", "phone", "relation", "hired_on")
REASON_HEADING = "核对结果"
ROSTER_LIMIT = 5_000


@dataclass(frozen=True)
class RawRow:
    """One person's cells as they stand in the file."""

    excel_row: int
    name: Cell
    id_number: Cell
    phone: Cell
    relation: Cell
    hired_on: Cell
    position: Cell


@dataclass(frozen=True)
class RosterTable:
    """Where the table stands and what it holds, without totals, footers and empty lines."""

    sheet_name: str
    header_row: int
    rows: tuple[RawRow, ...]


def read_roster(workbook: bytes) -> RosterTable:
    """Find the roster in a workbook: the first sheet with a row of known headings, wherever the title ends.

    Raises Invalid ROSTER_HEADER_NOT_FOUND, ROSTER_COLUMNS_MISSING, ROSTER_EMPTY, ROSTER_TOO_LONG and those of
    ``workbooks.read_sheets``.
    """
    sheets = read_sheets(workbook)
    best: tuple[Sheet, int, dict[str, int]] | None = None
    for sheet in sheets:
        for number, cells in sheet.rows[:HEADER_WITHIN_ROWS]:
            columns = columns_of(cells, COLUMN_WORDS)
            if len(columns) > len(best[2] if best else ()):
                best = sheet, number, columns
    if best is None or len(best[2]) < 2 or not {"name", "id_number"} & best[2].keys():
        names = "、".join(f"“{sheet.name}”" for sheet in sheets[:5])
        raise Invalid(
            "ROSTER_HEADER_NOT_FOUND",
            f"在工作表{names}中没有找到花名册的表头（姓名、身份证号等列名），请使用花名册模板填写后再上传。",
        )
    sheet, header_row, columns = best
    missing = [COLUMN_WORDS[field][0] for field in REQUIRED if field not in columns]
    if missing:
        raise Invalid(
            "ROSTER_COLUMNS_MISSING",
            f"工作表“{sheet.name}”缺少这些列：{'、'.join(missing)}。请补上，或使用花名册模板填写后再上传。",
            errors=[{"field": name, "detail": "缺少这一列"} for name in missing],
        )
    rows = tuple(
        _raw(number, cells, columns)
        for number, cells in sheet.rows
        if number > header_row and is_record(cells, columns, COLUMN_WORDS)
    )
    if not rows:
        raise Invalid("ROSTER_EMPTY", f"工作表“{sheet.name}”的表头下面没有人员，请填写后再上传。")
    if len(rows) > ROSTER_LIMIT:
        raise Invalid("ROSTER_TOO_LONG", f"一次最多上传{ROSTER_LIMIT}人，现在有{len(rows)}人，请分成几个文件。")
    return RosterTable(sheet.name, header_row, rows)


def _raw(number: int, cells: Sequence[Cell], columns: dict[str, int]) -> RawRow:
    at = {field: cells[index] if index < len(cells) else None for field, index in columns.items()}
    return RawRow(
        excel_row=number,
        name=at["name"],
        id_number=at["id_number"],
        phone=at["phone"],
        relation=at["relation"],
        hired_on=at["hired_on"],
        position=at.get("position"),
    )


def with_reasons(workbook: bytes, *, sheet_name: str, header_row: int, reasons: dict[int, str]) -> bytes:
    """The same workbook with one more column: the reason beside each row in ``reasons`` (row number → text).

    A column of an earlier check is written over. Reasons are stored as text whatever they begin with.
    """
    inspect(workbook)
    book = load_workbook(io.BytesIO(workbook), keep_links=False)
    sheet = book[sheet_name]
    headings = [sheet.cell(header_row, column) for column in range(1, sheet.max_column + 1)]
    again = [cell.column for cell in headings if cell.value == REASON_HEADING]
    column = again[0] if again else max((cell.column for cell in headings if cell.value is not None), default=0) + 1
    for row in range(header_row + 1, sheet.max_row + 1) if again else ():
        if isinstance(old := sheet.cell(row, column), BookCell):
            old.value = None
    for row, text in {header_row: REASON_HEADING, **reasons}.items():
        cell = sheet.cell(row, column)
        if not isinstance(cell, BookCell):
            sheet.unmerge_cells(next(str(area) for area in sheet.merged_cells.ranges if cell.coordinate in area))
            cell = cast(BookCell, sheet.cell(row, column))
        cell.value = text
        cell.data_type = "s"
        cell.alignment = Alignment(wrap_text=True, vertical="top")
        cell.font = Font(bold=True) if row == header_row else Font(color="B42318")
        if row != header_row:
            cell.fill = PatternFill("solid", fgColor="FEF3F2")
    sheet.column_dimensions[get_column_letter(column)].width = 48
    written = io.BytesIO()
    book.save(written)
    return written.getvalue()


def template() -> bytes:
    """An empty roster: numbers kept as text (no 3.2E+17), a list to choose the relation from, dates checked on entry."""
    written = io.BytesIO()
    book = xlsxwriter.Workbook(written, {"in_memory": True})
    sheet = book.add_worksheet("花名册")
    title = book.add_format({"bold": True, "font_size": 16, "align": "center", "valign": "vcenter"})
    heading = book.add_format({"bold": True, "bg_color": "#E7F0FA", "border": 1, "align": "center"})
    text = book.add_format({"num_format": 49})  # the built-in text format, "@"
    day = book.add_format({"num_format": "yyyy-mm-dd"})
    headings = [words[0] for words in COLUMN_WORDS.values()]
    headings[-1] = "岗位（工种）"
    sheet.merge_range(0, 0, 0, len(headings) - 1, "线上职业培训人员花名册", title)
    sheet.set_row(0, 30)
    for column, (field, word) in enumerate(zip(COLUMN_WORDS, headings, strict=True)):
        sheet.write_string(1, column, word, heading)
        kept_as = {"id_number": text, "phone": text, "hired_on": day}.get(field)
        sheet.set_column(column, column, {"serial": 6, "id_number": 24}.get(field, 16), kept_as)
    sheet.freeze_panes(2, 0)
    column_of = {field: column for column, field in enumerate(COLUMN_WORDS)}
    for field, rule in _entry_rules().items():
        sheet.data_validation(2, column_of[field], ROSTER_LIMIT + 1, column_of[field], rule)
    notes = book.add_worksheet("填写说明")
    notes.set_column(0, 0, 90)
    for row, line in enumerate(_NOTES):
        notes.write_string(row, 0, line)
    book.close()
    return written.getvalue()


def _entry_rules() -> dict[str, dict[str, Any]]:
    return {
        "id_number": {
            "validate": "length",
            "criteria": "==",
            "value": 18,
            "error_title": "身份证号",
            "error_message": "请填写18位身份证号，最后一位是X时填X。",
        },
        "phone": {
            "validate": "length",
            "criteria": "==",
            "value": 11,
            "error_title": "手机号",
            "error_message": "请填写11位手机号。",
        },
        "relation": {
            "validate": "list",
            "source": [words[0] for words in RELATION_WORDS.values()],
            "error_title": "用工形式",
            "error_message": "请从下拉列表中选择。",
        },
        "hired_on": {
            "validate": "custom",
            "value": "=AND(ISNUMBER(F3),F3>=18264,F3<73051)",
            "error_title": "入职日期",
            "error_message": "请按2020-03-01的格式填写日期。",
        },
    }


_NOTES = (
    "1. 一人一行，填在“花名册”工作表，第3行开始；表头请不要改动。",
    "2. 身份证号、手机号两列已设为文本格式；从别处复制时请“选择性粘贴为数值”，不要粘贴公式。",
    "3. 用工形式从下拉列表选择：劳动合同；劳务派遣（被派遣到本企业工作的人员）；平台从业（通过本平台服务并获得报酬的人员）。",
    "4. 入职日期按2020-03-01的格式填写；平台从业人员填写开始在本平台接单的日期。",
    "5. 未满16周岁的人员不予收录；男满60周岁、女满55周岁的人员会标出，由审核人员核实。",
    "6. 上传后系统会在原表最后一列写明每一行没有收录的原因；改好后重新上传整张表即可，已收录的人员不会重复。",
)
