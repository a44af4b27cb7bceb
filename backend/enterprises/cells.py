"""What a cell of somebody else's table means: texts, ID numbers, days and times of day as people and Excel write them. Pure.

Imported by this slice's rosters and, through ``services``, by whoever reads another table of people.
"""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, time, timedelta, timezone, tzinfo

from backend.people.rules import IdNumber, check_id_number
from config.errors import Invalid

Cell = str | int | float | bool | datetime | date | time | timedelta | None

# Excel keeps 15 significant digits of a number; the other three of an ID number are gone for good.
_EXACT_DIGITS = 15
_SCIENTIFIC = re.compile(r"\d(\.\d+)?[Ee]\+?1[67]")
_FULL_WIDTH = {code: code - 0xFEE0 for code in range(0xFF01, 0xFF5F)} | {0x3000: 0x20}
_DAY_ZERO = date(1899, 12, 30)  # day 0 of a spreadsheet's calendar, as counted from March 1900 on
_SERIAL_DAYS = range(18_264, 73_051)  # 1950-01-01 to 2099-12-31 as a spreadsheet counts days
_DAY_TEXT = r"(\d{4})(?:年|[-/.])(\d{1,2})(?:月|[-/.])(\d{1,2})[日号]?"
_DAY = re.compile(rf"{_DAY_TEXT}(?:T?00:00(?::00)?)?")
_TIME_TEXT = r"(\d{1,2})[:时](\d{1,2})(?:[:分](?:(\d{1,2})(?:\.(\d{1,6}))?秒?)?)?"
_MOMENT = re.compile(rf"{_DAY_TEXT}(?:[T ]|(?<=[日号])){_TIME_TEXT}(Z|[+-]\d\d:?\d\d)?")
_MS_A_DAY = 86_400_000


def text_of(cell: Cell) -> str:
    """The cell as a person reads it: whole numbers without a decimal point, no spaces around."""
    if isinstance(cell, float) and cell.is_integer():
        cell = int(cell)
    return "" if cell is None else str(cell).strip()


def plain(text: str) -> str:
    """Full-width letters, digits and marks as plain ones."""
    return text.translate(_FULL_WIDTH)


def id_number_of(cell: Cell, *, on: date) -> IdNumber:
    """The ID number in a cell, of somebody born by that day. Raises Invalid id_number_missing, id_number_lost_digits and
    what ``check_id_number`` raises."""
    text = text_of(cell)
    if not text:
        raise Invalid("id_number_missing", "没有填身份证号。")
    is_number = isinstance(cell, (int, float)) and len(text) > _EXACT_DIGITS
    if is_number or _SCIENTIFIC.fullmatch(text):
        raise Invalid(
            "id_number_lost_digits",
            "身份证号被当作数字保存，末几位已丢失。请先把这一列设为“文本”格式，再对照身份证重新填写。",
        )
    return check_id_number(text, on=on)


def day_of(cell: Cell) -> date | None:
    """A date cell, a day number, 20190327, or a text such as 2019年12月7日, 2019-06-01, 2020/1/14, 2019.05.30."""
    if isinstance(cell, datetime):
        return cell.date()
    if isinstance(cell, date):
        return cell
    text = plain(text_of(cell))
    if re.fullmatch(r"[0-9]{5}", text) and int(text) in _SERIAL_DAYS:
        return _DAY_ZERO + timedelta(days=int(text))
    if re.fullmatch(r"[0-9]{8}", text):
        text = f"{text[:4]}-{text[4:6]}-{text[6:]}"
    found = _DAY.fullmatch("".join(text.split()))
    try:
        return date(*(int(part) for part in found.groups())) if found else None
    except ValueError:
        return None


def moment_of(cell: Cell, *, local: tzinfo) -> datetime | None:
    """A date-and-time cell, a day number with its fraction, or a text such as 2020-03-05 09:30, 2020/3/5 9:30:15,
    2020年3月5日9时30分, 2020-03-05T09:30:15+08:00. Aware; what names no offset is ``local`` time."""
    if isinstance(cell, datetime):
        return cell if cell.tzinfo else _to_the_ms(cell).replace(tzinfo=local)
    if isinstance(cell, float) and _SERIAL_DAYS.start <= cell < _SERIAL_DAYS.stop:
        midnight = datetime.combine(_DAY_ZERO + timedelta(days=int(cell)), time(0), local)
        return midnight + timedelta(milliseconds=round(cell % 1 * _MS_A_DAY))
    found = _MOMENT.fullmatch(" ".join(plain(text_of(cell)).split()))
    if found is None:
        return None
    year, month, day, hour, minute, second, fraction, offset = found.groups()
    try:
        there = _offset_of(offset) if offset else local
        at = datetime(int(year), int(month), int(day), int(hour), int(minute), int(second or 0), tzinfo=there)
    except ValueError:
        return None
    return at + timedelta(microseconds=int((fraction or "0").ljust(6, "0")))


def _to_the_ms(at: datetime) -> datetime:
    """A spreadsheet's fractions of a day come out some microseconds off."""
    return at.replace(microsecond=0) + timedelta(milliseconds=round(at.microsecond / 1000))


def _offset_of(text: str) -> tzinfo:
    if text == "Z":
        return UTC
    sign = -1 if text[0] == "-" else 1
    digits = text[1:].replace(":", "")
    return timezone(sign * timedelta(hours=int(digits[:2]), minutes=int(digits[2:])))
