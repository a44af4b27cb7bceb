"""Time that another platform recorded, counted within its own timestamps (counting.md, "imported"). Pure.

An interval says when something was played there and, where the platform knows it, which media. It counts the media that were
not covered before, never more than its own real time, and only real time of the person that counted nowhere else. So every
wall millisecond of an interval is in exactly one counted stretch or in one uncounted span with a reason.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from config.errors import Invalid
from learning_records.sessions.coverage import include, join_spans, length, pair, uncovered, union
from learning_records.sessions.reasons import AHEAD_OF_TIME, ALREADY_COUNTED, DAY_FULL, NOT_PLAYING, OVERLAP
from learning_records.sessions.rules import DAY_MS, Interval, Span, Stretch, day_start_ms, local_day

MOST_INTERVALS = 1_000
MOST_CLASS_HOURS = 24


class ImportedInterval(NamedTuple):
    """Played on another platform from ``started_ms`` to ``ended_ms`` (epoch ms), media as far as the platform knows them."""

    started_ms: int
    ended_ms: int
    media_from_ms: int | None = None
    media_to_ms: int | None = None


@dataclass(frozen=True)
class AttestedLimits:
    """How much of a day may be attested without intervals: the policy's class hour, and how many of them a local day."""

    class_hour_seconds: int = 2_700
    class_hours_a_day: int = 8

    @property
    def seconds_a_day(self) -> int:
        """The most that counts a local day, over all platforms."""
        return self.class_hour_seconds * self.class_hours_a_day


@dataclass(frozen=True)
class CountedIntervals:
    """What intervals brought: counted stretches and uncounted spans, and the wall time and media used up from now on."""

    stretches: tuple[Stretch, ...]
    spans: tuple[Span, ...]
    taken: tuple[Interval, ...]
    seen: tuple[Interval, ...]


def checked(intervals: Sequence[ImportedInterval], media_ms: int | None, tolerance_ms: int) -> list[ImportedInterval]:
    """The intervals in order of their beginning, media cut at the end of the lesson.

    Raises ``Invalid`` NO_INTERVALS, TOO_MANY_INTERVALS, TIME_REVERSED, INTERVAL_TOO_LONG (over a day), MEDIA_INCOMPLETE,
    MEDIA_REVERSED, MEDIA_BEYOND_END (over ``tolerance_ms``).
    """
    if not intervals:
        raise Invalid("NO_INTERVALS", "记录里没有起止时刻，请补充每一段学习的开始和结束时间。")
    if len(intervals) > MOST_INTERVALS:
        raise Invalid("TOO_MANY_INTERVALS", f"一条记录最多{MOST_INTERVALS}段学习，请分成几条记录提交。")
    if len({item.media_from_ms is None for item in intervals}) > 1:
        raise Invalid("MEDIA_INCOMPLETE", "一条记录里的各段要么都填写播放起止位置，要么都不填写。")
    return sorted((_checked(item, media_ms, tolerance_ms) for item in intervals), key=lambda item: item[:2])


def _checked(item: ImportedInterval, media_ms: int | None, tolerance_ms: int) -> ImportedInterval:
    started, ended, media_from, media_to = item
    if ended <= started:
        raise Invalid("TIME_REVERSED", "结束时间不晚于开始时间，请核对后重新提交。")
    if ended - started > DAY_MS:
        raise Invalid("INTERVAL_TOO_LONG", "一段学习超过了24小时，请按实际学习的起止时刻分段填写。")
    if media_from is None or media_to is None:
        if media_from is not None or media_to is not None:
            raise Invalid("MEDIA_INCOMPLETE", "播放的起点和终点要么都填写，要么都不填写。")
        return item
    if media_from < 0 or media_to < media_from:
        raise Invalid("MEDIA_REVERSED", "播放终点在起点之前，请核对后重新提交。")
    if media_ms is not None:
        if media_to > media_ms + tolerance_ms:
            raise Invalid("MEDIA_BEYOND_END", "播放位置超过了课程的时长，请核对课程时长后重新提交。")
        media_from, media_to = min(media_from, media_ms), min(media_to, media_ms)
    return ImportedInterval(started, ended, media_from, media_to)


def count_intervals(
    intervals: Iterable[ImportedInterval],
    *,
    taken: tuple[Interval, ...],
    seen: tuple[Interval, ...],
    rooms: Mapping[int, int],
    tolerance_ms: int,
) -> CountedIntervals:
    """Count checked intervals, each after the one before.

    ``taken``: the person's wall time that counted already; ``seen``: media of the lesson covered already; ``rooms``: how
    many ms of a local day may still count, where less than the free time of it. An interval with which newly covered media
    would run ahead of real time by more than the tolerance counts nothing, as a beat beyond its budget does; over intervals
    without a break in between what is ahead adds up.
    """
    stretches: list[Stretch] = []
    spans: list[Span] = []
    taken_now, seen_now, left = list(taken), list(seen), dict(rooms)
    ahead_ms = 0
    first_ms = before_ms = None
    for item in intervals:
        first_ms = item.started_ms if first_ms is None else first_ms
        ahead_ms, before_ms = ahead_ms if item.started_ms == before_ms else 0, item.ended_ms
        free = uncovered(taken_now, item.started_ms, item.ended_ms)
        spans += _spans(OVERLAP, uncovered(free, item.started_ms, item.ended_ms))
        free, beyond = within_rooms(free, left)
        spans += _spans(DAY_FULL, beyond)
        newly = [] if item.media_from_ms is None else uncovered(seen_now, item.media_from_ms, item.media_to_ms or 0)
        would_be = max(0, ahead_ms + length(newly) - (item.ended_ms - item.started_ms))
        if would_be > tolerance_ms:
            spans += _spans(AHEAD_OF_TIME, free)
            continue
        ahead_ms = would_be
        new, unused = _count_one(item, free, newly, first_ms)
        stretches += new
        spans += unused
        for day in left:
            left[day] -= sum(_within_day(day, part.started_ms, part.ended_ms) for part in new)
        for part in new:
            include(taken_now, part.started_ms, part.ended_ms)
            if item.media_from_ms is not None:
                include(seen_now, part.media_from_ms, part.media_to_ms)
    return CountedIntervals(tuple(sorted(stretches)), join_spans(spans), tuple(taken_now), tuple(seen_now))


def _count_one(
    item: ImportedInterval, free: list[Interval], newly: list[Interval], first_ms: int
) -> tuple[list[Stretch], list[Span]]:
    """The stretches of one interval in its free wall time, and why the rest of that time stays unused."""
    if item.media_from_ms is None or item.media_to_ms is None:
        # Without media the wall time itself counts; its place in the record stands where media would.
        return [Stretch(start, end, start - first_ms, end - first_ms) for start, end in free], []
    stretches = list(pair(free, newly, length(newly)))
    used = union((part.started_ms, part.ended_ms) for part in stretches)
    seen_ms = item.media_to_ms - item.media_from_ms - length(newly)
    spans: list[Span] = []
    for part in free:
        for start, end in uncovered(used, part.start, part.end):
            again = min(seen_ms, end - start)
            seen_ms -= again
            spans += [Span(ALREADY_COUNTED, start, start + again), Span(NOT_PLAYING, start + again, end)]
    return stretches, spans


def _within_day(day: int, start: int, end: int) -> int:
    """How much of [start, end) lies in a local day."""
    return max(0, min(end, day_start_ms(day + 1)) - max(start, day_start_ms(day)))


def within_rooms(free: Sequence[Interval], rooms: Mapping[int, int]) -> tuple[list[Interval], list[Interval]]:
    """Free wall time as far as its local days have room, from the earliest on, and the rest that is beyond it."""
    if not rooms:
        return list(free), []
    left = dict(rooms)
    fits: list[Interval] = []
    beyond: list[Interval] = []
    for start, end in free:
        while start < end:
            day = local_day(start)
            until = min(end, day_start_ms(day + 1))
            cut = min(until, start + max(0, left[day])) if day in left else until
            if day in left:
                left[day] -= cut - start
            fits.append(Interval(start, cut))
            beyond.append(Interval(cut, until))
            start = until
    return list(union(fits)), list(union(beyond))


def check_in_days(intervals: Sequence[ImportedInterval], checked_in_ms: int | None) -> dict[int, int]:
    """From which instant of each local day on the platform's own sign-in (签到) covers the intervals.

    What the platform stated covers its own local day. A platform that states none signed the person in with the first
    interval of each day: 签到注册 is the platform's, and it answers for it.
    """
    if checked_in_ms is not None:
        return {local_day(checked_in_ms): checked_in_ms}
    days: dict[int, int] = {}
    for item in intervals:
        for day in range(local_day(item.started_ms), local_day(item.ended_ms - 1) + 1):
            days[day] = min(days.get(day, item.ended_ms), max(item.started_ms, day_start_ms(day)))
    return days


def _spans(code: str, parts: Iterable[Interval]) -> list[Span]:
    return [Span(code, start, end) for start, end in parts]
