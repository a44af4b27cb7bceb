"""An empty workbook for each kind of list: number columns as text, dates checked on entry."""

from __future__ import annotations

import io

import xlsxwriter

from backend.lists.reading import COLUMNS, REQUIRED, kind_of
from backend.lists.rules import KIND_WORDS


def template(kind: str) -> bytes:
    """The empty workbook of a kind; headings that must be filled end in a star. Raises Invalid LIST_KIND_UNKNOWN."""
    checked = kind_of(kind)
    written = io.BytesIO()
    book = xlsxwriter.Workbook(written, {"in_memory": True})
    sheet = book.add_worksheet("名单")
    title = book.add_format({"bold": True, "font_size": 16, "align": "center", "valign": "vcenter"})
    heading = book.add_format({"bold": True, "bg_color": "#E7F0FA", "border": 1, "align": "center"})
    text = book.add_format({"num_format": 49})  # the built-in text format, "@"
    day = book.add_format({"num_format": "yyyy-mm-dd"})
    columns = COLUMNS[checked]
    sheet.merge_range(0, 0, 0, len(columns) - 1, KIND_WORDS[checked], title)
    sheet.set_row(0, 30)
    for column, (field, words) in enumerate(columns.items()):
        sheet.write_string(1, column, words[0] + ("*" if field in REQUIRED[checked] else ""), heading)
        kept_as = {"from_on": day, "until_on": day, "serial": None, "amount_fen": None}.get(field, text)
        sheet.set_column(column, column, {"serial": 6, "from_on": 16, "until_on": 16}.get(field, 26), kept_as)
    sheet.freeze_panes(2, 0)
    notes = book.add_worksheet("填写说明")
    notes.set_column(0, 0, 90)
    for row, line in enumerate(_NOTES):
        notes.write_string(row, 0, line)
    book.close()
    return written.getvalue()


_NOTES = (
    "1. 一行一人（或一家企业），填在“名单”工作表，第3行开始；带*的列必填，表头请不要改动。",
    "2. 身份证号、统一社会信用代码为文本；从别处复制时请“选择性粘贴为数值”，不要粘贴公式。",
    "3. 日期按2020-03-01的格式填写；起始日期不填表示一直在列，截止日期不填表示至今仍在列。",
    "4. 有一行不对，整份名单都不收录，并逐行说明原因；改好后重新上传整份即可。",
    "5. 系统只保存身份证号的密文摘要和首尾几位，不保存姓名。",
)
