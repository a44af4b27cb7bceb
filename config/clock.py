"""Time: the calendar the rules live by, and the real clock for tokens and limits.

``now()`` is the calendar (UTC, aware). It is the machine's clock unless ``configure`` was given another source: tests set
it, and the demonstration's calendar starts on 2020-03-02. ``real_now()`` is always the machine's clock.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from datetime import time as time_of_day
from zoneinfo import ZoneInfo

SHANGHAI = ZoneInfo("Asia/Shanghai")


def real_now() -> datetime:
    """The machine's clock, UTC."""
    return datetime.now(UTC)


_source: Callable[[], datetime] = real_now


def configure(source: Callable[[], datetime] = real_now) -> None:
    """Choose where the calendar comes from. Called by ``app.py`` and by tests."""
    global _source
    _source = source


def now() -> datetime:
    """The calendar's present instant, UTC."""
    return _source().astimezone(UTC)


def local_date(instant: datetime) -> date:
    """The day in Wuxi at that instant."""
    return instant.astimezone(SHANGHAI).date()


def today() -> date:
    """The calendar's present day in Wuxi."""
    return local_date(now())


def start_of_day(day: date) -> datetime:
    """Local midnight at which ``day`` begins, as a UTC instant."""
    return datetime.combine(day, time_of_day(0), SHANGHAI).astimezone(UTC)


def midnight_after(instant: datetime) -> datetime:
    """The next local midnight strictly after ``instant``, as a UTC instant."""
    return start_of_day(local_date(instant) + timedelta(days=1))


def epoch_ms(instant: datetime) -> int:
    """Milliseconds since 1970, floored; exact for aware datetimes of microsecond resolution."""
    return (instant - datetime(1970, 1, 1, tzinfo=UTC)) // timedelta(milliseconds=1)


def from_epoch_ms(value: int) -> datetime:
    """The UTC instant of ``value`` milliseconds since 1970."""
    return datetime(1970, 1, 1, tzinfo=UTC) + timedelta(milliseconds=value)


class SteppedCalendar:
    """A calendar some way off the real clock, which can be moved forward, never back.

    It runs with real time until ``stop`` is called; from then on it moves only by ``advance``.
    """

    def __init__(self, starts_at: datetime) -> None:
        self._offset = starts_at - real_now()
        self._stands_at: datetime | None = None

    def __call__(self) -> datetime:
        return self._stands_at or real_now() + self._offset

    def stop(self) -> datetime:
        """Stand still at the next whole second, so that a driver that steps the calendar can work out every figure."""
        at = self()
        self._stands_at = at if at.microsecond == 0 else at.replace(microsecond=0) + timedelta(seconds=1)
        return self._stands_at

    def run(self) -> datetime:
        """Go on with real time from the present instant."""
        at = self()
        self._offset = at - real_now()
        self._stands_at = None
        return at

    def advance(self, seconds: int) -> datetime:
        """Move forward by ``seconds`` (0 or more) and return the new present instant."""
        if seconds < 0:
            raise ValueError("a calendar only moves forward")
        if self._stands_at is not None:
            self._stands_at += timedelta(seconds=seconds)
        else:
            self._offset += timedelta(seconds=seconds)
        return self()


class FixedCalendar:
    """A calendar that stands still until it is set or advanced: time as an argument, for tests and exact drivers."""

    def __init__(self, at: datetime) -> None:
        self._at = at.astimezone(UTC)

    def __call__(self) -> datetime:
        return self._at

    def set(self, at: datetime | str) -> datetime:
        """Set to an aware instant or to an ISO 8601 text with an offset."""
        instant = datetime.fromisoformat(at) if isinstance(at, str) else at
        if instant.tzinfo is None:
            raise ValueError("an instant needs its offset, for instance 2020-03-02T09:00:00+08:00")
        self._at = instant.astimezone(UTC)
        return self._at

    def advance(self, seconds: float) -> datetime:
        """Move by ``seconds`` and return the new present instant."""
        self._at += timedelta(seconds=seconds)
        return self._at
