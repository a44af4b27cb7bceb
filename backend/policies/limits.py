"""Class hours of some seconds, and the last days of the notice (二(二), 三). Pure."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from backend.policies.values import Policy


def class_hours_of(lesson_seconds: Sequence[int], policy: Policy) -> int:
    """Class hours of these seconds, one item a lesson (二(二)). By default they are summed first and rounded down once."""
    unit = policy.class_hour.seconds
    if policy.class_hour.rounding == "floor_per_lesson":
        return sum(seconds // unit for seconds in lesson_seconds)
    if policy.class_hour.rounding == "nearest_per_lesson":
        return sum((2 * seconds + unit) // (2 * unit) for seconds in lesson_seconds)
    return sum(lesson_seconds) // unit


def attendance_seconds(planned_class_hours: int | None, policy: Policy) -> int:
    """Seconds of the planned class hours that a certificate asks for (四.2); 0 where nothing is planned yet."""
    wanted = (planned_class_hours or 0) * policy.class_hour.seconds * policy.certificate.attendance_percent
    return -(-wanted // 100)


def seconds_needed(planned_class_hours: int | None, policy: Policy) -> int:
    """Seconds that a worker of such a plan needs for the subsidy: the minimum of 二(二) and the attendance of 四.2."""
    minimum = policy.subsidy.minimum_class_hours * policy.class_hour.seconds
    return max(minimum, attendance_seconds(planned_class_hours, policy))


def last_class_start_on(policy: Policy) -> date:
    """The last day on which a class may start (二(二))."""
    last = policy.window.last_class_start_on
    return last if policy.window.last_day_included else last - timedelta(days=1)


def last_claim_on(policy: Policy) -> date:
    """The last local day on which a claim may be submitted (三)."""
    last = policy.claim.last_day_on
    return last if policy.claim.last_day_included else last - timedelta(days=1)


def claim_closes_at(policy: Policy) -> datetime:
    """The first instant at which a claim is too late: local midnight after the last day (三)."""
    return datetime.combine(last_claim_on(policy) + timedelta(days=1), time(0), ZoneInfo(policy.window.time_zone))
