"""Working days of China, and the window of some days after one. Pure: what an office corrected is an argument.

Public holidays and make-up days are those of the published calendars, over which an office's corrections go. For years
whose calendar has not been published, Monday to Friday, and what was counted over them is provisional.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Literal

import chinese_calendar

from backend.policies.values import Policy

_SATURDAY = 5
Counted = Literal["working", "calendar"]


@dataclass(frozen=True)
class DayWindow:
    """The days that are counted, both included. ``provisional``: some lie where no calendar was published yet."""

    opens_on: date
    closes_on: date
    provisional: bool


@dataclass(frozen=True)
class DayKind:
    """Whether people work on a day, and who says so: a calendar, an office, or only the day of the week."""

    day: date
    working: bool
    said_by: Literal["calendar", "office", "weekday"]


def kind_of(day: date, corrections: Mapping[date, bool]) -> DayKind:
    """What kind of day it is; ``corrections`` (day -> is it a working day) go before everything."""
    if day in corrections:
        return DayKind(day, corrections[day], "office")
    try:
        return DayKind(day, bool(chinese_calendar.is_workday(day)), "calendar")
    except NotImplementedError:
        return DayKind(day, day.weekday() < _SATURDAY, "weekday")


def window_after(on: date, days: int, *, counted: Counted, corrections: Mapping[date, bool]) -> DayWindow:
    """The ``days`` days after ``on``, which is not counted itself; with ``days`` 0 it opens and closes on that day."""
    if days <= 0:
        return DayWindow(on, on, False)
    if counted == "calendar":
        return DayWindow(on + timedelta(days=1), on + timedelta(days=days), False)
    day, opens_on, provisional = on, None, False
    while days > 0:
        day += timedelta(days=1)
        kind = kind_of(day, corrections)
        provisional |= kind.said_by == "weekday"
        if kind.working:
            opens_on = opens_on or day
            days -= 1
    assert opens_on is not None
    return DayWindow(opens_on, day, provisional)


def notice_window(posted_on: date, policy: Policy, corrections: Mapping[date, bool]) -> DayWindow:
    """三: the days of public notice (公示) of what was posted on that day. It ends with the end of ``closes_on``."""
    claim = policy.claim
    before = posted_on - timedelta(days=1) if claim.notice_posting_day_counted else posted_on
    return window_after(before, claim.notice_days, counted=claim.notice_days_are, corrections=corrections)
