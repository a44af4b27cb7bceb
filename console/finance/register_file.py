"""The register of payments as a workbook: one row a person, money as numbers with two decimals, totals at the foot."""

from __future__ import annotations

import io
from decimal import Decimal

import xlsxwriter

from backend.registers.services import PaymentRegister
from console import words

_HEADINGS = (
    ("序号", 6),
    ("拨付时间", 18),
    ("企业名称", 32),
    ("备案号", 22),
    ("姓名", 10),
    ("核定课时", 10),
    ("补贴金额（元）", 14),
    ("资金来源", 26),
    ("政策版本", 24),
    ("付款单号", 38),
)


def workbook(register: PaymentRegister) -> bytes:
    """The XLSX bytes. Texts are stored as texts, whatever they begin with."""
    written = io.BytesIO()
    book = xlsxwriter.Workbook(written, {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False})
    sheet = book.add_worksheet("资金发放台账")
    heading = book.add_format({"bold": True, "bg_color": "#E6F0F4", "border": 1})
    money = book.add_format({"num_format": "#,##0.00"})
    bold_money = book.add_format({"num_format": "#,##0.00", "bold": True})
    bold = book.add_format({"bold": True})
    for column, (title, width) in enumerate(_HEADINGS):
        sheet.set_column(column, column, width)
        sheet.write_string(0, column, title, heading)
    for number, row in enumerate(register.rows, start=1):
        sheet.write_number(number, 0, number)
        sheet.write_string(number, 1, words.moment(row.paid_at))
        sheet.write_string(number, 2, row.enterprise_name)
        sheet.write_string(number, 3, row.filing_number)
        sheet.write_string(number, 4, row.masked_name)
        sheet.write_number(number, 5, row.class_hours)
        sheet.write_number(number, 6, Decimal(row.amount_fen) / 100, money)
        sheet.write_string(number, 7, row.fund)
        sheet.write_string(number, 8, row.policy_version)
        sheet.write_string(number, 9, str(row.order_id))
    foot = len(register.rows) + 1
    sheet.write_string(foot, 0, "合计", bold)
    sheet.write_string(foot, 4, f"{register.people} 人", bold)
    sheet.write_number(foot, 5, register.class_hours, bold)
    sheet.write_number(foot, 6, Decimal(register.total_fen) / 100, bold_money)
    sheet.freeze_panes(1, 0)
    book.close()
    return written.getvalue()
