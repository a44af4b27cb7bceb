"""Interval arithmetic on half-open, sorted, disjoint intervals of milliseconds."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable, Sequence

from learning_records.sessions.rules import Interval, Span, Stretch


def union(intervals: Iterable[tuple[int, int]]) -> tuple[Interval, ...]:
    """Sorted and disjoint, touching ones joined, empty ones left out."""
    joined: list[Interval] = []
    for start, end in sorted(intervals):
        if start >= end:
            continue
        if joined and start <= joined[-1].end:
            if end > joined[-1].end:
                joined[-1] = Interval(joined[-1].start, end)
        else:
            joined.append(Interval(start, end))
    return tuple(joined)


def include(covered: list[Interval], start: int, end: int) -> None:
    """Add [start, end) to sorted, disjoint intervals in place, joined to what it touches."""
    if start >= end:
        return
    first = bisect_left(covered, start, key=lambda part: part.end)
    last = first
    while last < len(covered) and covered[last].start <= end:
        start, end = min(start, covered[last].start), max(end, covered[last].end)
        last += 1
    covered[first:last] = [Interval(start, end)]


def uncovered(covered: Sequence[tuple[int, int]], start: int, end: int) -> list[Interval]:
    """The parts of [start, end) that ``covered`` (sorted, disjoint) leaves out."""
    parts: list[Interval] = []
    index = bisect_left(covered, (start, start))
    if index and covered[index - 1][1] > start:
        start = covered[index - 1][1]
    while start < end:
        if index == len(covered) or covered[index][0] >= end:
            parts.append(Interval(start, end))
            break
        if covered[index][0] > start:
            parts.append(Interval(start, covered[index][0]))
        start = covered[index][1]
        index += 1
    return parts


def first_uncovered(covered: Sequence[tuple[int, int]], start: int, end: int) -> int:
    """The first instant from ``start`` on that is not covered; ``end`` when all of it is."""
    parts = uncovered(covered, start, end)
    return parts[0].start if parts else end


def length(intervals: Iterable[tuple[int, int]]) -> int:
    """The sum of the lengths."""
    return sum(end - start for start, end in intervals)


def pair(wall: Iterable[Interval], media: Iterable[Interval], limit_ms: int) -> tuple[Stretch, ...]:
    """Wall time set against media, both from the earliest on, at most ``limit_ms``, as long as both last."""
    stretches: list[Stretch] = []
    rest = [*reversed(list(media))]
    for start, end in wall:
        while start < end and rest and limit_ms > 0:
            part = rest.pop()
            size = min(end - start, part.end - part.start, limit_ms)
            append_stretch(stretches, Stretch(start, start + size, part.start, part.start + size))
            if part.start + size < part.end:
                rest.append(Interval(part.start + size, part.end))
            start, limit_ms = start + size, limit_ms - size
    return tuple(stretches)


def append_stretch(stretches: list[Stretch], stretch: Stretch) -> None:
    """Add a stretch at the end, joined to the last one where both wall time and media go on without a break."""
    if stretches:
        last = stretches[-1]
        if last.ended_ms == stretch.started_ms and last.media_to_ms == stretch.media_from_ms:
            stretches[-1] = Stretch(last.started_ms, stretch.ended_ms, last.media_from_ms, stretch.media_to_ms)
            return
    stretches.append(stretch)


def join_stretches(*groups: Iterable[Stretch]) -> tuple[Stretch, ...]:
    """All stretches in order of wall time, joined where they go on without a break."""
    joined: list[Stretch] = []
    for stretch in sorted(stretch for group in groups for stretch in group):
        append_stretch(joined, stretch)
    return tuple(joined)


def join_spans(spans: Iterable[Span]) -> tuple[Span, ...]:
    """Spans in order of wall time; touching ones with the same reason become one, empty ones are left out."""
    joined: list[Span] = []
    for span in sorted(spans, key=lambda item: (item.started_ms, item.ended_ms)):
        if span.started_ms >= span.ended_ms:
            continue
        if joined and joined[-1].code == span.code and joined[-1].ended_ms == span.started_ms:
            joined[-1] = Span(span.code, joined[-1].started_ms, span.ended_ms)
        else:
            joined.append(span)
    return tuple(joined)
