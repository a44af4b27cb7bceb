"""How long evidence is kept, in local days and calendar months. Pure."""

from __future__ import annotations

import calendar
import re
from datetime import date, timedelta

from config.errors import Invalid

MONTHS_KEPT = 24
"""四.2: two years. The guards of the database hold every record that long, whatever a policy says."""

_MONTH = re.compile(r"(2\d{3})-(0[1-9]|1[0-2])")


def months_later(day: date, months: int) -> date:
    """The same day that many months later, or the last of that month where it has no such day."""
    years, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    return date(years, month + 1, min(day.day, calendar.monthrange(years, month + 1)[1]))


def over(since: date, months: int, *, today: date) -> bool:
    """Whether the last of so many months from ``since`` is over: that day itself is still kept."""
    return today > months_later(since, months)


def month_of(text: str) -> tuple[date, date]:
    """The first day of the month ``YYYY-MM`` and that of the next. Raises ``Invalid`` MONTH_INVALID."""
    found = _MONTH.fullmatch(text)
    if found is None:
        raise Invalid("MONTH_INVALID", f"“{text[:20]}”不是月份，请写成 2020-03 的样子。")
    first = date(int(found[1]), int(found[2]), 1)
    return first, months_later(first, 1)


def last_day_over(months: int, *, today: date) -> date:
    """The last day from which so many months are over."""
    day = months_later(today, -months)
    while not over(day, months, today=today):
        day -= timedelta(days=1)
    return day
