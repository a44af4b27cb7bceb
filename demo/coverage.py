"""Which parts of each lesson a person has earned already."""

from collections.abc import Iterable

Interval = tuple[int, int]


class Coverage:
    """Merged intervals of counted media, by lesson, in order."""

    def __init__(self) -> None:
        self._intervals: dict[str, list[Interval]] = {}

    def of(self, lesson: str) -> list[Interval]:
        return self._intervals.get(lesson, [])

    def add(self, lesson: str, start: int, stop: int) -> None:
        covered = self._intervals.setdefault(lesson, [])
        if covered and covered[-1][1] == start:  # the usual case: watching on
            covered[-1] = (covered[-1][0], stop)
        else:
            self._intervals[lesson] = merged([*covered, (start, stop)])

    def remove(self, lesson: str, start: int, stop: int) -> None:
        """Void media are uncovered again."""
        kept: list[Interval] = []
        for seen_from, seen_to in self.of(lesson):
            kept += [(seen_from, min(seen_to, start)), (max(seen_from, stop), seen_to)]
        self._intervals[lesson] = [(first, last) for first, last in kept if first < last]


def merged(intervals: Iterable[Interval]) -> list[Interval]:
    merged: list[Interval] = []
    for start, stop in sorted(intervals):
        if merged and start <= merged[-1][1]:
            merged[-1] = (merged[-1][0], max(stop, merged[-1][1]))
        else:
            merged.append((start, stop))
    return merged


def uncovered(start: int, stop: int, covered: Iterable[Interval]) -> list[Interval]:
    """The parts of (start, stop] that no covered interval holds; `covered` sorted by start."""
    fresh: list[Interval] = []
    for seen_from, seen_to in covered:
        if seen_to <= start:
            continue
        if seen_from >= stop:
            break
        if seen_from > start:
            fresh.append((start, seen_from))
        start = max(start, seen_to)
    if start < stop:
        fresh.append((start, stop))
    return fresh
