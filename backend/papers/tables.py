"""Tables as files: workbooks with typed cells, and CSV. No text of anybody's can become a formula."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any, Literal

import xlsxwriter

Kind = Literal["text", "int", "fen", "date"]
Cell = str | int | date | None
_STARTS_A_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")
_FORMATS: dict[Kind, dict[str, str]] = {
    "text": {"num_format": "@"},
    "int": {"num_format": "0"},
    "fen": {"num_format": "#,##0.00"},
    "date": {"num_format": "yyyy-mm-dd"},
}
_MADE_AT = datetime(2020, 1, 1, tzinfo=UTC).replace(tzinfo=None)  # the same rows, the same bytes


@dataclass(frozen=True)
class Column:
    """One column. ``kind``: text, int, fen (integer fen, shown as yuan with two decimals) or date; width in characters."""

    heading: str
    width: int = 14
    kind: Kind = "text"


@dataclass(frozen=True)
class Sheet:
    """One worksheet: title lines (the first is set large), headings, rows, a row of totals, lines at the foot."""

    name: str
    columns: Sequence[Column]
    rows: Iterable[Sequence[Cell]]
    title_lines: Sequence[str] = ()
    totals: Sequence[Cell] = ()
    foot_lines: Sequence[str] = ()


def workbook(sheets: Sequence[Sheet]) -> bytes:
    """The XLSX bytes, the same for the same rows. A text is stored as a text, whatever it begins with; None is an empty
    cell; in a column of another kind a text stays a text. Rows are taken one by one, so a generator needs little memory."""
    written = io.BytesIO()
    book = xlsxwriter.Workbook(
        written, {"constant_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
    )
    book.set_properties({"created": _MADE_AT})
    formats = {kind: book.add_format(look) for kind, look in _FORMATS.items()}
    bold = {kind: book.add_format({**look, "bold": True, "top": 1}) for kind, look in _FORMATS.items()}
    heading = book.add_format(
        {"bold": True, "bg_color": "#EEF2F5", "border": 1, "text_wrap": True, "valign": "vcenter"}
    )
    title = book.add_format({"bold": True, "font_size": 14})
    plain = book.add_format({})
    for given in sheets:
        sheet = book.add_worksheet(given.name)
        for place, column in enumerate(given.columns):
            sheet.set_column(place, place, column.width)
        line = 0
        for number, text in enumerate(given.title_lines):
            sheet.write_string(line, 0, text, plain if number else title)
            line += 1
        for place, column in enumerate(given.columns):
            sheet.write_string(line, place, column.heading, heading)
        line += 1
        sheet.freeze_panes(line, 0)
        for row in given.rows:
            _write_row(sheet, line, given.columns, row, formats)
            line += 1
        if given.totals:
            _write_row(sheet, line, given.columns, given.totals, bold)
            line += 1
        for text in given.foot_lines:
            sheet.write_string(line, 0, text, plain)
            line += 1
    book.close()
    return written.getvalue()


def csv_text(headings: Sequence[str], rows: Iterable[Sequence[Cell]]) -> str:
    """RFC 4180. Encode with ``utf-8-sig``, or Excel shows Chinese as rubbish."""
    text = io.StringIO()
    writer = csv.writer(text)
    writer.writerow([harmless(heading) for heading in headings])
    for row in rows:
        writer.writerow(["" if cell is None else harmless(cell) if isinstance(cell, str) else cell for cell in row])
    return text.getvalue()


def harmless(text: str) -> str:
    """A text that a spreadsheet would run as a formula gets an apostrophe in front (OWASP, CSV injection)."""
    return "'" + text if text.lstrip(" ").startswith(_STARTS_A_FORMULA) else text


def _write_row(sheet: Any, line: int, columns: Sequence[Column], row: Sequence[Cell], formats: dict[Kind, Any]) -> None:
    if len(row) != len(columns):
        raise ValueError(f"a row of {len(row)} cells under {len(columns)} headings")
    for place, (column, cell) in enumerate(zip(columns, row, strict=True)):
        look = formats[column.kind]
        if cell is None:
            continue
        if isinstance(cell, str):
            sheet.write_string(line, place, cell, formats["text"])
        elif isinstance(cell, date):
            sheet.write_datetime(line, place, cell, look)
        else:
            sheet.write_number(line, place, Decimal(cell) / 100 if column.kind == "fen" else cell, look)
