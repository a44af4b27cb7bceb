"""What an office says of single days, over the published calendars: read by everything that counts working days."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import select

from backend.audit import services as audit
from backend.people import services as people
from backend.people.services import StaffView
from backend.policies import working_days
from backend.policies.models import CalendarCorrection
from backend.policies.values import Policy
from backend.policies.working_days import Counted, DayWindow
from config import clock
from config.database import db
from config.errors import Invalid, NotAllowed

_OFFICE = ("reviewer", "second_reviewer", "bureau")


@dataclass(frozen=True)
class CorrectionView:
    """One correction; of several of a day the latest stands."""

    day: date
    working: bool
    reason: str
    corrected_by: str
    corrected_at: datetime


def correct_day(*, day: date, working: bool, reason: str, staff: StaffView) -> CorrectionView:
    """Say that people work, or do not, on ``day``. Deadlines that are already stored stay as they are.

    Raises ``NotAllowed`` CALENDAR_NOT_YOURS, ``Invalid`` CALENDAR_REASON_MISSING.
    """
    if staff.role not in _OFFICE:
        raise NotAllowed("CALENDAR_NOT_YOURS", "只有市高训中心和人社局的账号可以更正工作日历。")
    reason = reason.strip()
    if not reason:
        raise Invalid("CALENDAR_REASON_MISSING", "请写明更正的依据，例如放假通知的文号。")
    row = CalendarCorrection(day=day, working=working, reason=reason, staff_id=staff.id, corrected_at=clock.now())
    db.session.add(row)
    db.session.flush()
    audit.write(
        actor=f"staff:{staff.public_id}",
        action="calendar.corrected",
        subject=f"day:{day.isoformat()}",
        detail={"working": working, "reason": reason},
    )
    return CorrectionView(day, working, reason, staff.display_name, row.corrected_at)


def corrections(*, first: date | None = None) -> Mapping[date, bool]:
    """What stands of each corrected day (from ``first`` on): whether it is a working day."""
    query = select(CalendarCorrection.day, CalendarCorrection.working).order_by(CalendarCorrection.id)
    if first is not None:
        query = query.where(CalendarCorrection.day >= first)
    return {row.day: row.working for row in db.session.execute(query)}


def correction_list(*, first: date, last: date) -> list[CorrectionView]:
    """Every correction of those days, in the order in which they were made."""
    rows = db.session.scalars(
        select(CalendarCorrection).where(CalendarCorrection.day.between(first, last)).order_by(CalendarCorrection.id)
    )
    return [
        CorrectionView(
            row.day, row.working, row.reason, people.staff_of_id(row.staff_id).display_name, row.corrected_at
        )
        for row in rows
    ]


def window_after(on: date, days: int, counted: Counted) -> DayWindow:
    """The ``days`` working or calendar days after ``on``, which is not counted, with the office's corrections."""
    return working_days.window_after(on, days, counted=counted, corrections=corrections(first=on))


def working_days_after(on: date, days: int) -> date:
    """The ``days``-th working day after ``on``, which is not counted, with the office's corrections."""
    return window_after(on, days, "working").closes_on


def notice_window(posted_on: date, policy: Policy) -> DayWindow:
    """三: the days of public notice of what was posted on that day, with the office's corrections."""
    return working_days.notice_window(posted_on, policy, corrections(first=posted_on))
