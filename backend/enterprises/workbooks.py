"""Opening a workbook (.xlsx) that somebody else made: bounded, streamed, formulas read as text and never evaluated.

An .xlsx file is a ZIP of XML parts, and a few kilobytes of it can ask for gigabytes: by compression, by one cell in the last
column of the last row, by a merged area over the whole sheet, by one shared formula in every cell. So every part is first
unpacked against a budget and looked through, and only then given to openpyxl, row by row. (calamine is faster but lays out a
sheet as a full rectangle: one cell at XFD1048576 ends the whole process. It also cannot tell a formula from its result.)
"""

from __future__ import annotations

import io
import zipfile
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any
from xml.parsers import expat

from openpyxl import load_workbook
from openpyxl.utils import range_boundaries
from openpyxl.worksheet.formula import ArrayFormula

from config.errors import Invalid

FILE_LIMIT_BYTES = 5_000_000
UNPACKED_LIMIT_BYTES = 30_000_000
PART_LIMIT = 500
ROW_LIMIT = 6_000
COLUMN_LIMIT = 60
AREA_LIMIT_CELLS = 200_000
FORMULA_LIMIT_CHARACTERS = 2_000_000
_LAST_ROW = 1_048_576

Cell = str | int | float | bool | datetime | date | time | timedelta | None


@dataclass(frozen=True)
class Sheet:
    """A worksheet's rows that hold anything, each with its number as the spreadsheet shows it (from 1)."""

    name: str
    rows: tuple[tuple[int, tuple[Cell, ...]], ...]


def read_sheets(workbook: bytes) -> list[Sheet]:
    """Every worksheet, in order; at most 60 columns of each. Raises Invalid WORKBOOK_NOT_XLSX, WORKBOOK_TOO_LARGE,
    WORKBOOK_BROKEN, WORKBOOK_TOO_MANY_ROWS."""
    inspect(workbook)
    try:
        book = load_workbook(io.BytesIO(workbook), read_only=True, keep_links=False)
        sheets = [_read_sheet(sheet) for sheet in book.worksheets]
        book.close()
    except Invalid:
        raise
    except (
        Exception
    ) as error:  # a damaged part fails anywhere inside the library; whatever it was, the file is unreadable
        raise _broken() from error
    return sheets


def _read_sheet(sheet: Any) -> Sheet:
    sheet.reset_dimensions()  # the size a file states about itself may be wrong
    rows: list[tuple[int, tuple[Cell, ...]]] = []
    for number, values in enumerate(
        sheet.iter_rows(max_row=_LAST_ROW, max_col=COLUMN_LIMIT, values_only=True), start=1
    ):
        if values.count(None) == len(values):  # a file may skip a million rows; do not look into each cell of them
            continue
        cells = tuple(_cell(value) for value in values)
        while cells and cells[-1] in (None, ""):
            cells = cells[:-1]
        if not cells:
            continue
        if len(rows) == ROW_LIMIT:
            raise Invalid("WORKBOOK_TOO_MANY_ROWS", f"工作表“{sheet.title}”超过{ROW_LIMIT}行，请分成几个文件上传。")
        rows.append((number, cells))
    return Sheet(sheet.title, tuple(rows))


def _cell(value: Any) -> Cell:
    if isinstance(value, ArrayFormula):
        value = value.text or "="
    if value is None or isinstance(value, (str, int, float, datetime, date, time, timedelta)):
        return value
    return "="  # a data-table formula


def inspect(workbook: bytes) -> None:
    """Refuse a file that is no workbook or would unpack to too much, before any library opens it. Raises as read_sheets."""
    if len(workbook) > FILE_LIMIT_BYTES:
        raise Invalid(
            "WORKBOOK_TOO_LARGE", f"文件超过{FILE_LIMIT_BYTES // 1_000_000}MB，请删去图片或分成几个文件上传。"
        )
    if not workbook.startswith(b"PK\x03\x04"):
        raise Invalid("WORKBOOK_NOT_XLSX", "这不是.xlsx文件。请用Excel或WPS打开，去掉打开密码，另存为“.xlsx”后再上传。")
    census = _Census()
    has_workbook = False
    try:
        for name, part in _unpacked(workbook):
            has_workbook = has_workbook or name == "xl/workbook.xml"
            if name.lower().endswith((".xml", ".rels")):
                census.count(part)
    except (zipfile.BadZipFile, zlib.error, expat.ExpatError, ValueError, EOFError, NotImplementedError) as error:
        raise _broken() from error
    if not has_workbook:
        raise Invalid("WORKBOOK_NOT_XLSX", "这个文件里没有工作表，请用Excel或WPS另存为“.xlsx”后再上传。")


def _broken() -> Invalid:
    return Invalid("WORKBOOK_BROKEN", "这个文件已损坏，无法读取。请用Excel或WPS打开，另存为“.xlsx”后再上传。")


def _unpacked(workbook: bytes) -> Iterator[tuple[str, bytes]]:
    """Each part's name and content. The sizes a ZIP states about itself are not believed: the budget is on what comes out."""
    budget = UNPACKED_LIMIT_BYTES
    with zipfile.ZipFile(io.BytesIO(workbook)) as archive:
        parts = archive.infolist()
        if len(parts) > PART_LIMIT:
            raise Invalid("WORKBOOK_TOO_LARGE", "文件里的内容太多，请把表格复制到一个新的工作簿再上传。")
        for part in parts:
            if part.flag_bits & 1 or part.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
                raise _broken()
            content = _inflate(workbook, part, budget)
            budget -= len(content)
            if budget < 0:
                raise Invalid(
                    "WORKBOOK_TOO_LARGE", "文件解压后过大，请删去多余的工作表和图片，只留要上传的表格再上传。"
                )
            if len(content) != part.file_size:
                raise _broken()
            yield part.filename, content


def _inflate(workbook: bytes, part: zipfile.ZipInfo, budget: int) -> bytes:
    """The part's bytes, at most ``budget + 1`` of them."""
    header = workbook[part.header_offset : part.header_offset + 30]
    if len(header) < 30 or header[:4] != b"PK\x03\x04":
        raise zipfile.BadZipFile("a part lies outside the file")
    start = part.header_offset + 30 + int.from_bytes(header[26:28], "little") + int.from_bytes(header[28:30], "little")
    packed = workbook[start : start + part.compress_size]
    if part.compress_type == zipfile.ZIP_STORED:
        return packed[: budget + 1]
    return zlib.decompressobj(-zlib.MAX_WBITS).decompress(packed, budget + 1)


class _Census:
    """Counts over all XML parts what openpyxl would multiply: areas it walks cell by cell, formulas it repeats."""

    def __init__(self) -> None:
        self.area_cells = 0
        self.formulas = 0
        self.longest_formula = 0
        self._in_formula = False
        self._length = 0

    def count(self, xml: bytes) -> None:
        parser = expat.ParserCreate(namespace_separator=" ")
        parser.StartDoctypeDeclHandler = self._doctype
        parser.StartElementHandler = self._start
        parser.EndElementHandler = self._end
        parser.CharacterDataHandler = self._text
        parser.Parse(xml, True)

    def _doctype(self, *_: object) -> None:
        raise _broken()  # entities are declared there, and no spreadsheet program writes one

    def _start(self, tag: str, attributes: dict[str, str]) -> None:
        local = tag.rpartition(" ")[2]
        if local in ("mergeCell", "hyperlink") and (reference := attributes.get("ref")):
            left, top, right, bottom = (bound or 0 for bound in range_boundaries(reference))
            self.area_cells += (abs(right - left) + 1) * (abs(bottom - top) + 1)
            if self.area_cells > AREA_LIMIT_CELLS:
                raise Invalid("WORKBOOK_TOO_LARGE", "表格里合并的单元格范围过大，请取消合并后再上传。")
        elif local == "f":
            self.formulas += 1
            self._in_formula, self._length = True, 0

    def _text(self, text: str) -> None:
        if self._in_formula:
            self._length += len(text)

    def _end(self, tag: str) -> None:
        if not self._in_formula:
            return
        self._in_formula = False
        self.longest_formula = max(self.longest_formula, self._length)
        if self.formulas * self.longest_formula > FORMULA_LIMIT_CHARACTERS:
            raise Invalid("WORKBOOK_TOO_LARGE", "表格里的公式太多，请复制后“选择性粘贴为数值”再上传。")
