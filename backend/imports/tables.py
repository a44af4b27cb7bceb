"""A platform's table as a file: found in an .xlsx or .csv of whatever layout, read row by row within bounds of its own."""

from __future__ import annotations

import codecs
import csv
import itertools
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Literal

from openpyxl.utils import get_column_letter

from backend.enterprises import services as enterprises
from backend.enterprises.services import Cell, Limits
from backend.imports.reading import RawRow
from backend.imports.rules import ATTESTED, IMPORTED, Grade
from config.errors import Invalid

Kind = Literal["xlsx", "csv"]

LIMITS = Limits(file_bytes=40_000_000, unpacked_bytes=600_000_000, rows=200_000)
_CHUNK_BYTES = 256 * 1024
_LONGEST_CELL = 10_000
_MOST_COLUMNS = 60

# The first word of each is the heading of our own template.
COLUMN_WORDS: dict[str, tuple[str, ...]] = {
    "external_id": ("平台记录编号", "记录编号", "学习记录编号", "流水号", "记录号", "记录id", "id"),
    "name": ("姓名", "学员姓名", "职工姓名", "员工姓名", "名字", "name"),
    "id_number": (
        "身份证号", "身份证号码", "公民身份号码", "居民身份证号", "居民身份证号码", "身份证", "证件号码", "证件号",
    ),
    "course": ("课程", "课程名称", "课程名", "培训课程"),
    "lesson": ("课节", "课节名称", "课次", "小节", "章节", "章节名称", "视频名称"),
    "started": ("开始时间", "开始学习时间", "学习开始时间", "起始时间"),
    "ended": ("结束时间", "结束学习时间", "学习结束时间", "终止时间"),
    "media_from": ("播放起点", "播放起点(秒)", "起始位置", "起始位置(秒)"),
    "media_to": ("播放终点", "播放终点(秒)", "结束位置", "结束位置(秒)"),
    "media": ("课件时长", "课件时长(秒)", "视频时长", "视频时长(秒)", "总时长", "总时长(秒)"),
    "checked_in": ("签到时间", "签到时刻"),
    "day": ("日期", "学习日期", "培训日期"),
    "hours": ("课时", "课时数", "学时", "学时数"),
}  # fmt: skip
_PERSON = ("name", "id_number", "course")
REQUIRED: Mapping[Grade, tuple[str, ...]] = {
    IMPORTED: ("external_id", *_PERSON, "lesson", "started", "ended"),
    ATTESTED: (*_PERSON, "day", "hours"),
}
FIELDS: Mapping[Grade, tuple[str, ...]] = {
    IMPORTED: (*REQUIRED[IMPORTED], "media_from", "media_to", "media", "checked_in"),
    ATTESTED: ("external_id", *REQUIRED[ATTESTED]),
}


@dataclass(frozen=True)
class Line:
    """A line that holds anything: sheet, number as the spreadsheet shows it (from 1), cells."""

    sheet: str
    number: int
    cells: Sequence[Cell]


@dataclass(frozen=True)
class Table:
    """Where the table stands in a file and what its rows say. ``rows_expected`` is for showing progress."""

    kind: Kind
    grade: Grade
    sheet: str
    header_row: int
    headings: tuple[str, ...]
    columns: Mapping[str, int]
    rows_expected: int

    def layout(self) -> dict[str, Any]:
        """Where the table stands, to be kept; see ``table_of``."""
        return {name: value for name, value in asdict(self).items() if name != "rows_expected"}


def table_of(layout: Mapping[str, Any]) -> Table:
    """The table of a kept layout."""
    return Table(**{**layout, "headings": tuple(layout["headings"]), "rows_expected": 0})


def find_table(path: Path) -> Table:
    """Look the whole file through and find the table in it: the first row of known headings that has all a kind needs.

    Raises ``Invalid`` IMPORT_HEADER_NOT_FOUND, IMPORT_COLUMNS_MISSING, IMPORT_EMPTY, TABLE_NOT_READABLE,
    TABLE_TOO_LARGE and those of ``enterprises.inspect``.
    """
    with path.open("rb") as file:
        kind: Kind = "xlsx" if file.read(4) == b"PK\x03\x04" else "csv"
    lines_in_file = enterprises.inspect(path, LIMITS) if kind == "xlsx" else _inspect_csv(path)
    best: tuple[int, Line, dict[str, int], Grade] | None = None
    for _, lines in itertools.groupby(_lines(path, kind), key=lambda line: line.sheet):
        for line in itertools.islice(lines, enterprises.HEADER_WITHIN_ROWS):
            columns = enterprises.columns_of(line.cells, COLUMN_WORDS)
            grade = _grade_of(columns)
            fit = len(columns.keys() & set(REQUIRED[grade])) - len(REQUIRED[grade])
            if best is None or (fit, len(columns)) > (best[0], len(best[2])):
                best = fit, line, columns, grade
        if best is not None and best[0] == 0:
            break
    if best is None or not {"name", "id_number"} <= best[2].keys():
        raise Invalid(
            "IMPORT_HEADER_NOT_FOUND",
            "没有找到表头（姓名、身份证号、课程等列名）。请下载模板填写，或让平台按模板的列名导出后再上传。",
        )
    _, line, columns, grade = best
    if missing := [COLUMN_WORDS[field][0] for field in REQUIRED[grade] if field not in columns]:
        raise Invalid(
            "IMPORT_COLUMNS_MISSING",
            f"表格缺少这些列：{'、'.join(missing)}。请补上后再上传，列名可参照模板。",
            errors=[{"field": name, "detail": "缺少这一列"} for name in missing],
        )
    headings = tuple(enterprises.text_of(cell) for cell in line.cells)
    table = Table(kind, grade, line.sheet, line.number, headings, columns, max(0, lines_in_file - line.number))
    if next(raw_rows(path, table), None) is None:
        raise Invalid("IMPORT_EMPTY", "表头下面没有记录，请填写后再上传。")
    return table


def _grade_of(columns: Mapping[str, int]) -> Grade:
    """Which kind a heading row fits better; a day and its class hours are the attested kind."""
    fits = {grade: len(columns.keys() & set(needed)) / len(needed) for grade, needed in REQUIRED.items()}
    return IMPORTED if fits[IMPORTED] >= fits[ATTESTED] else ATTESTED


def raw_rows(path: Path, table: Table) -> Iterator[RawRow]:
    """The records below the headings, one at a time. Raises as ``enterprises.stream_rows``, in the middle too."""
    for line in table_lines(path, table):
        if enterprises.is_record(line.cells, table.columns, COLUMN_WORDS):
            yield _raw(line, table.columns)


def table_lines(path: Path, table: Table) -> Iterator[Line]:
    """Every line below the headings, records or not."""
    for line in _lines(path, table.kind):
        if line.sheet == table.sheet and line.number > table.header_row:
            yield line


def _raw(line: Line, columns: Mapping[str, int]) -> RawRow:
    cells = {field: line.cells[index] if index < len(line.cells) else None for field, index in columns.items()}
    places = {field: f"{_letter(index)}{line.number}" for field, index in columns.items()}
    return RawRow(line.number, cells, places)


_LETTERS = [get_column_letter(index) for index in range(1, _MOST_COLUMNS + 1)]


def _letter(index: int) -> str:
    return _LETTERS[index]


def _lines(path: Path, kind: Kind) -> Iterable[Line]:
    if kind == "xlsx":
        return (Line(row.sheet, row.number, row.cells) for row in enterprises.stream_rows(path, LIMITS))
    return _csv_lines(path)


def _csv_lines(path: Path) -> Iterator[Line]:
    """A CSV as Excel or WPS saves it: UTF-8, or GB18030 where it is not; numbered by rows, as a spreadsheet shows it."""
    with path.open("r", encoding=_encoding_of(path), newline="") as file:
        kept = 0
        rows = csv.reader(file, strict=True)
        try:
            for number, cells in enumerate(rows, start=1):
                if not any(cell.strip() for cell in cells):
                    continue
                if kept == LIMITS.rows:
                    raise Invalid("WORKBOOK_TOO_MANY_ROWS", f"表格超过{LIMITS.rows}行，请分成几个文件上传。")
                if any(len(cell) > _LONGEST_CELL for cell in cells):
                    raise _unreadable()
                kept += 1
                yield Line("", number, cells[:_MOST_COLUMNS])
        except (csv.Error, UnicodeError) as error:
            raise _unreadable() from error


def _inspect_csv(path: Path) -> int:
    """How many lines it has that hold anything. Raises as ``find_table``."""
    if path.stat().st_size > LIMITS.file_bytes:
        raise Invalid("TABLE_TOO_LARGE", f"文件超过{LIMITS.file_bytes // 1_000_000}MB，请分成几个文件上传。")
    return sum(1 for _ in _csv_lines(path))


def _encoding_of(path: Path) -> str:
    for encoding in ("utf-8-sig", "gb18030"):
        decoder = codecs.getincrementaldecoder(encoding)()
        try:
            with path.open("rb") as file:
                while piece := file.read(_CHUNK_BYTES):
                    if b"\0" in piece:
                        raise _unreadable()
                    decoder.decode(piece)
            decoder.decode(b"", final=True)
        except UnicodeDecodeError:
            continue
        return encoding
    raise _unreadable()


def _unreadable() -> Invalid:
    return Invalid("TABLE_NOT_READABLE", "这个文件读不出表格。请用Excel或WPS打开，另存为“.xlsx”或“CSV UTF-8”后再上传。")
