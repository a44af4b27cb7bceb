"""Tables as files for Excel: CSV and XLSX, streamed, with texts that Excel must never run as a formula."""

import csv
import io
import tempfile
from collections.abc import Iterable, Iterator, Sequence

import xlsxwriter

from backend.papers import services as papers

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
CSV = "text/csv"
_CHUNK_BYTES = 64 * 1024
_ROWS_A_CHUNK = 200

Value = str | int


def harmless(value: Value) -> Value:
    """A text that a spreadsheet would run as a formula gets an apostrophe in front (OWASP, CSV injection)."""
    return papers.harmless(value) if isinstance(value, str) else value


def csv_chunks(headings: Sequence[str], rows: Iterable[Sequence[Value]]) -> Iterator[bytes]:
    """UTF-8 with a byte-order mark, without which Excel shows Chinese as rubbish; RFC 4180."""
    text = io.StringIO()
    writer = csv.writer(text)
    text.write("\ufeff")
    writer.writerow(headings)
    for number, row in enumerate(rows, start=1):
        writer.writerow([harmless(value) for value in row])
        if number % _ROWS_A_CHUNK == 0:
            yield _emptied(text)
    yield _emptied(text)


def _emptied(text: io.StringIO) -> bytes:
    written = text.getvalue().encode()
    text.seek(0)
    text.truncate()
    return written


def xlsx_chunks(sheet_name: str, headings: Sequence[str], rows: Iterable[Sequence[Value]]) -> Iterator[bytes]:
    """One worksheet, written row by row to a temporary file and sent from there. Texts are stored as texts: an .xlsx says
    of each cell what it is, so nothing needs an apostrophe."""
    with tempfile.TemporaryFile() as file:
        book = xlsxwriter.Workbook(file, {"constant_memory": True})
        sheet = book.add_worksheet(sheet_name)
        bold = book.add_format({"bold": True})
        sheet.set_column(0, len(headings) - 1, 18)
        sheet.freeze_panes(1, 0)
        for column, heading in enumerate(headings):
            sheet.write_string(0, column, heading, bold)
        for number, row in enumerate(rows, start=1):
            for column, value in enumerate(row):
                if isinstance(value, str):
                    sheet.write_string(number, column, value)
                else:
                    sheet.write_number(number, column, value)
        book.close()
        file.seek(0)
        while chunk := file.read(_CHUNK_BYTES):
            yield chunk
