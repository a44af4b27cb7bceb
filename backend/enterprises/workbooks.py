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
from collections.abc import Iterable, Iterator
from contextlib import closing
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from pathlib import Path
from typing import Any, BinaryIO
from xml.parsers import expat

from openpyxl import load_workbook
from openpyxl.utils import range_boundaries
from openpyxl.worksheet.formula import ArrayFormula

from backend.enterprises.cells import Cell
from config.errors import Invalid

PART_LIMIT = 500
COLUMN_LIMIT = 60
AREA_LIMIT_CELLS = 200_000
FORMULA_LIMIT_CHARACTERS = 2_000_000
_LAST_ROW = 1_048_576
_CHUNK_BYTES = 256 * 1024


@dataclass(frozen=True)
class Limits:
    """How large a workbook may be: the file, all its parts unpacked, and the rows of a sheet that hold anything."""

    file_bytes: int
    unpacked_bytes: int
    rows: int


DESK = Limits(file_bytes=5_000_000, unpacked_bytes=30_000_000, rows=6_000)
"""A roster, a question pool: what a person fills in."""


@dataclass(frozen=True)
class Sheet:
    """A worksheet's rows that hold anything, each with its number as the spreadsheet shows it (from 1)."""

    name: str
    rows: tuple[tuple[int, tuple[Cell, ...]], ...]


@dataclass(frozen=True)
class Row:
    """One row that holds anything: its sheet's name, its number as the spreadsheet shows it, its cells."""

    sheet: str
    number: int
    cells: tuple[Cell, ...]


def read_sheets(workbook: bytes) -> list[Sheet]:
    """Every worksheet, in order; at most 60 columns of each. Raises Invalid WORKBOOK_NOT_XLSX, WORKBOOK_TOO_LARGE,
    WORKBOOK_BROKEN, WORKBOOK_TOO_MANY_ROWS."""
    inspect(workbook)
    book = _opened(io.BytesIO(workbook))
    with closing(book):
        return [
            Sheet(sheet.title, tuple((row.number, row.cells) for row in _rows(sheet, DESK)))
            for sheet in book.worksheets
        ]


def stream_rows(workbook: Path, limits: Limits) -> Iterator[Row]:
    """The rows of every worksheet, in order, one at a time. Call ``inspect`` on a file that nobody looked at yet.
    Raises as ``read_sheets``, in the middle too."""
    with workbook.open("rb") as file, closing(_opened(file)) as book:
        for sheet in book.worksheets:
            yield from _rows(sheet, limits)


def _opened(file: BinaryIO) -> Any:
    try:
        return load_workbook(file, read_only=True, keep_links=False)
    except Exception as error:  # a damaged part fails anywhere inside the library; the file is unreadable
        raise _broken() from error


def _rows(sheet: Any, limits: Limits) -> Iterator[Row]:
    kept = 0
    for number, values in enumerate(_values(sheet), start=1):
        if values.count(None) == len(values):  # a file may skip a million rows; do not look into each cell of them
            continue
        cells = tuple(_cell(value) for value in values)
        while cells and cells[-1] in (None, ""):
            cells = cells[:-1]
        if not cells:
            continue
        if kept == limits.rows:
            raise Invalid("WORKBOOK_TOO_MANY_ROWS", f"工作表“{sheet.title}”超过{limits.rows}行，请分成几个文件上传。")
        kept += 1
        yield Row(sheet.title, number, cells)


def _values(sheet: Any) -> Iterator[tuple[Any, ...]]:
    try:
        sheet.reset_dimensions()  # the size a file states about itself may be wrong
        yield from sheet.iter_rows(max_row=_LAST_ROW, max_col=COLUMN_LIMIT, values_only=True)
    except Exception as error:
        raise _broken() from error


def _cell(value: Any) -> Cell:
    if isinstance(value, ArrayFormula):
        value = value.text or "="
    if value is None or isinstance(value, (str, int, float, datetime, date, time, timedelta)):
        return value
    return "="  # a data-table formula


def inspect(workbook: bytes | Path, limits: Limits = DESK) -> int:
    """Refuse a file that is no workbook or would unpack to too much, before any library opens it; how many rows it says
    to have, for showing progress. Raises as read_sheets."""
    with io.BytesIO(workbook) if isinstance(workbook, bytes) else workbook.open("rb") as file:
        if file.seek(0, io.SEEK_END) > limits.file_bytes:
            raise Invalid(
                "WORKBOOK_TOO_LARGE", f"文件超过{limits.file_bytes // 1_000_000}MB，请删去图片或分成几个文件上传。"
            )
        file.seek(0)
        if file.read(4) != b"PK\x03\x04":
            raise Invalid(
                "WORKBOOK_NOT_XLSX", "这不是.xlsx文件。请用Excel或WPS打开，去掉打开密码，另存为“.xlsx”后再上传。"
            )
        census = _Census()
        has_workbook = False
        try:
            for name, part in _unpacked(file, limits):
                has_workbook = has_workbook or name == "xl/workbook.xml"
                if name.lower().endswith((".xml", ".rels")):
                    census.count(part)
                else:
                    for _ in part:
                        pass
        except (zipfile.BadZipFile, zlib.error, expat.ExpatError, ValueError, EOFError, NotImplementedError) as error:
            raise _broken() from error
    if not has_workbook:
        raise Invalid("WORKBOOK_NOT_XLSX", "这个文件里没有工作表，请用Excel或WPS另存为“.xlsx”后再上传。")
    return census.rows


def _broken() -> Invalid:
    return Invalid("WORKBOOK_BROKEN", "这个文件已损坏，无法读取。请用Excel或WPS打开，另存为“.xlsx”后再上传。")


def _unpacked(file: BinaryIO, limits: Limits) -> Iterator[tuple[str, Iterator[bytes]]]:
    """Each part's name and content, in pieces. The sizes a ZIP states about itself are not believed: the budget is on what
    comes out."""
    budget = limits.unpacked_bytes
    with zipfile.ZipFile(file) as archive:
        parts = archive.infolist()
        if len(parts) > PART_LIMIT:
            raise Invalid("WORKBOOK_TOO_LARGE", "文件里的内容太多，请把表格复制到一个新的工作簿再上传。")
        for part in parts:
            if part.flag_bits & 1 or part.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
                raise _broken()
            content = _Content(file, part, budget)
            yield part.filename, iter(content)
            if content.size != part.file_size:
                raise _broken()
            budget -= content.size


class _Content:
    """A part's content in pieces, until the budget is spent; ``size`` is what came out."""

    def __init__(self, file: BinaryIO, part: zipfile.ZipInfo, budget: int) -> None:
        self._file = file
        self._part = part
        self._budget = budget
        self.size = 0

    def __iter__(self) -> Iterator[bytes]:
        for piece in self._pieces():
            self.size += len(piece)
            if self.size > self._budget:
                raise Invalid(
                    "WORKBOOK_TOO_LARGE", "文件解压后过大，请删去多余的工作表和图片，只留要上传的表格再上传。"
                )
            yield piece

    def _pieces(self) -> Iterator[bytes]:
        inflate = zlib.decompressobj(-zlib.MAX_WBITS)
        for packed in self._packed():
            if self._part.compress_type == zipfile.ZIP_STORED:
                yield packed
                continue
            while packed:
                yield inflate.decompress(packed, _CHUNK_BYTES)
                packed = inflate.unconsumed_tail
        yield inflate.flush()

    def _packed(self) -> Iterator[bytes]:
        """The bytes as they stand in the file, from behind the part's own header."""
        self._file.seek(self._part.header_offset)
        header = self._file.read(30)
        if len(header) < 30 or header[:4] != b"PK\x03\x04":
            raise zipfile.BadZipFile("a part lies outside the file")
        self._file.seek(int.from_bytes(header[26:28], "little") + int.from_bytes(header[28:30], "little"), io.SEEK_CUR)
        left = self._part.compress_size
        while left and (piece := self._file.read(min(left, _CHUNK_BYTES))):
            left -= len(piece)
            yield piece


class _Census:
    """Counts over all XML parts what openpyxl would multiply: areas it walks cell by cell, formulas it repeats; and rows."""

    def __init__(self) -> None:
        self.area_cells = 0
        self.formulas = 0
        self.longest_formula = 0
        self.rows = 0
        self._length = 0

    def count(self, xml: Iterable[bytes]) -> None:
        self._parser = expat.ParserCreate(namespace_separator=" ")
        self._parser.StartDoctypeDeclHandler = self._doctype
        self._parser.StartElementHandler = self._start
        for piece in xml:
            self._parser.Parse(piece, False)
        self._parser.Parse(b"", True)

    def _doctype(self, *_: object) -> None:
        raise _broken()  # entities are declared there, and no spreadsheet program writes one

    def _start(self, tag: str, attributes: dict[str, str]) -> None:
        local = tag.rpartition(" ")[2]
        if local == "row":
            self.rows += 1
        elif local in ("mergeCell", "hyperlink") and (reference := attributes.get("ref")):
            left, top, right, bottom = (bound or 0 for bound in range_boundaries(reference))
            self.area_cells += (abs(right - left) + 1) * (abs(bottom - top) + 1)
            if self.area_cells > AREA_LIMIT_CELLS:
                raise Invalid("WORKBOOK_TOO_LARGE", "表格里合并的单元格范围过大，请取消合并后再上传。")
        elif local == "f":
            self.formulas += 1
            self._length = 0
            # Only within a formula: called for every cell of a large sheet they would cost most of the time.
            self._parser.CharacterDataHandler = self._text
            self._parser.EndElementHandler = self._end

    def _text(self, text: str) -> None:
        self._length += len(text)

    def _end(self, tag: str) -> None:
        self._parser.CharacterDataHandler = self._parser.EndElementHandler = None
        self.longest_formula = max(self.longest_formula, self._length)
        if self.formulas * self.longest_formula > FORMULA_LIMIT_CHARACTERS:
            raise Invalid("WORKBOOK_TOO_LARGE", "表格里的公式太多，请复制后“选择性粘贴为数值”再上传。")
