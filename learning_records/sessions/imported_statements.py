"""From what a video player of another platform stated to intervals that count. Pure.

An ``Observation`` is one statement of a player, free of the format it came in. Those of a playing session are put in order of
their timestamps; media played between a start and the next observation make an interval, as far as the player itself lists
them as played. Whatever lies between, and every statement that leads to no interval, is named with a reason.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Literal

from learning_records.sessions.coverage import join_spans, uncovered, union
from learning_records.sessions.imported import ImportedInterval, count_intervals
from learning_records.sessions.reasons import (
    GAP_TOO_LONG,
    NO_END,
    NO_POSITION,
    NOT_CONFIRMED,
    NOT_PLAYING,
    OPENED_ONLY,
    POSITION_BACK,
    REPEATED,
    REPEATED_OTHERWISE,
    WHILE_STOPPED,
)
from learning_records.sessions.rules import CountingRules, Interval, Span, Stretch

Verb = Literal["initialized", "played", "paused", "seeked", "interacted", "completed", "terminated"]
_AT_ONE_INSTANT: tuple[Verb, ...] = (
    "initialized",
    "completed",
    "interacted",
    "paused",
    "seeked",
    "played",
    "terminated",
)
_STOPS: frozenset[Verb] = frozenset({"initialized", "paused", "terminated"})
_JITTER_MS = 1_000  # players round the position they state now and then


@dataclass(frozen=True, slots=True)
class Observation:
    """One statement of a player. ``position_ms``: where the video stood (before a seek); ``target_ms``: where a seek went.

    ``segments``: all media that the player lists as played in the session up to now; None where it lists none.
    """

    statement: str
    person: str
    session: str
    lesson: str
    verb: Verb
    at_ms: int
    position_ms: int | None = None
    target_ms: int | None = None
    media_ms: int | None = None
    segments: tuple[Interval, ...] | None = None


@dataclass(frozen=True)
class PlayedSession:
    """One playing session of one person, and what of it can count.

    ``intervals`` are what the statements prove, ``spans`` the wall time between them with its reason. ``used`` are the
    statements that bound an interval, ``unused`` all others with the reason. ``open_end``: the video still played at the
    last statement, and nobody knows for how long.
    """

    person: str
    session: str
    lesson: str
    started_ms: int
    ended_ms: int
    media_ms: int | None
    intervals: tuple[ImportedInterval, ...]
    spans: tuple[Span, ...]
    used: tuple[str, ...]
    unused: tuple[tuple[str, str], ...]
    open_end: bool


@dataclass(frozen=True)
class CountedSession:
    """A playing session with what counted. Every wall ms of it is in a stretch or in exactly one span."""

    played: PlayedSession
    stretches: tuple[Stretch, ...]
    spans: tuple[Span, ...]

    @property
    def counted_ms(self) -> int:
        """Its counted time."""
        return sum(stretch.ended_ms - stretch.started_ms for stretch in self.stretches)


def count_statements(
    observations: Iterable[Observation], rules: CountingRules
) -> tuple[list[CountedSession], list[tuple[str, str]]]:
    """What the statements count by themselves, for people of whom nothing else is known; and the statements sent twice.

    Sessions of one person share the person's wall time and, lesson by lesson, the covered media: the earlier counts.
    """
    sessions, repeated = sessions_of(observations, rules)
    taken: dict[str, tuple[Interval, ...]] = {}
    seen: dict[tuple[str, str], tuple[Interval, ...]] = {}
    counted = []
    for item in sessions:
        lesson = item.person, item.lesson
        brought = count_intervals(
            item.intervals,
            taken=taken.get(item.person, ()),
            seen=seen.get(lesson, ()),
            rooms={},
            tolerance_ms=rules.ahead_tolerance_ms,
        )
        taken[item.person], seen[lesson] = brought.taken, brought.seen
        counted.append(CountedSession(item, brought.stretches, join_spans([*item.spans, *brought.spans])))
    return counted, repeated


def sessions_of(
    observations: Iterable[Observation], rules: CountingRules
) -> tuple[list[PlayedSession], list[tuple[str, str]]]:
    """The playing sessions in the order in which they began, and statements that came twice, with the reason."""
    known: dict[str, Observation] = {}
    repeated: list[tuple[str, str]] = []
    groups: dict[tuple[str, str, str], list[Observation]] = {}
    for item in observations:
        if item.statement in known:
            same = known[item.statement] == item
            repeated.append((item.statement, REPEATED if same else REPEATED_OTHERWISE))
            continue
        known[item.statement] = item
        groups.setdefault((item.person, item.session, item.lesson), []).append(item)
    sessions = [_session(sorted(group, key=_turn), rules) for group in groups.values()]
    return sorted(sessions, key=lambda item: (item.started_ms, item.person, item.session, item.lesson)), repeated


def _turn(item: Observation) -> tuple[int, int, str]:
    """By timestamp; of one instant a player pauses, seeks and plays on. So it does not matter how statements arrive."""
    return item.at_ms, _AT_ONE_INSTANT.index(item.verb), item.statement


def _session(ordered: Sequence[Observation], rules: CountingRules) -> PlayedSession:
    first, last = ordered[0], ordered[-1]
    media_ms = max((item.media_ms for item in ordered if item.media_ms is not None), default=None)
    walk = _Walk(media_ms, rules.session_limit_ms)
    for item, confirmed in zip(ordered, _confirmed(ordered), strict=True):
        walk.take(item, confirmed)
    if walk.plays:
        walk.unused[last.statement] = NO_END
    return PlayedSession(
        person=first.person,
        session=first.session,
        lesson=first.lesson,
        started_ms=first.at_ms,
        ended_ms=last.at_ms,
        media_ms=media_ms,
        intervals=tuple(walk.intervals),
        spans=join_spans(walk.spans),
        used=tuple(item.statement for item in ordered if item.statement in walk.used),
        unused=tuple(
            (item.statement, walk.unused[item.statement]) for item in ordered if item.statement not in walk.used
        ),
        open_end=walk.plays,
    )


def _confirmed(ordered: Sequence[Observation]) -> list[tuple[Interval, ...] | None]:
    """For each observation what the player listed as played, there or the next time, at last the last time it did.

    None throughout a session in which it lists nothing: then positions alone tell what was played.
    """
    following = next((item.segments for item in reversed(ordered) if item.segments is not None), None)
    lists: list[tuple[Interval, ...] | None] = []
    for item in reversed(ordered):
        following = item.segments if item.segments is not None else following
        lists.append(following)
    return lists[::-1]


@dataclass
class _Walk:
    """The walk through one session's observations: whether the video plays, since when and from where."""

    media_ms: int | None
    longest_ms: int
    intervals: list[ImportedInterval] = field(default_factory=list)
    spans: list[Span] = field(default_factory=list)
    used: set[str] = field(default_factory=set)
    unused: dict[str, str] = field(default_factory=dict)
    _last: Observation | None = None
    _from_ms: int | None = None  # where the video played on from at the last observation; None while it stands

    def take(self, item: Observation, confirmed: tuple[Interval, ...] | None) -> None:
        """Close the stretch since the last observation and see whether the video plays on."""
        playing = self.plays
        self.unused[item.statement] = OPENED_ONLY if item.verb == "initialized" else WHILE_STOPPED
        if self._last is not None:
            code = self._stretch(self._last, item, confirmed) if playing else NOT_PLAYING
            if code is None:
                self.used |= {self._last.statement, item.statement}
            else:
                self.spans.append(Span(code, self._last.at_ms, item.at_ms))
                if playing:
                    self.unused[self._last.statement] = self.unused[item.statement] = code
        self._last = item
        if item.verb in _STOPS or not (playing or item.verb == "played"):
            self._from_ms = None
        else:
            self._from_ms = self._within(item.target_ms if item.verb == "seeked" else item.position_ms)

    @property
    def plays(self) -> bool:
        """Whether the video plays on after the last observation."""
        return self._from_ms is not None

    def _within(self, position_ms: int | None) -> int | None:
        if position_ms is None or self.media_ms is None:
            return position_ms
        return min(position_ms, self.media_ms)

    def _stretch(self, last: Observation, item: Observation, confirmed: tuple[Interval, ...] | None) -> str | None:
        """Add the intervals of one stretch; the reason when there is none."""
        start, end = self._from_ms, self._within(item.position_ms)
        assert start is not None
        if item.verb == "initialized":
            return NO_END
        if end is None:
            return NO_POSITION
        if item.at_ms - last.at_ms > self.longest_ms:
            return GAP_TOO_LONG
        if end < start - _JITTER_MS:
            return POSITION_BACK
        if item.at_ms == last.at_ms or end <= start:
            return NOT_PLAYING
        parts = [Interval(start, end)] if confirmed is None else _common(start, end, confirmed)
        if not parts:
            return NOT_CONFIRMED
        at_ms = last.at_ms
        for part in parts:
            until = item.at_ms if part is parts[-1] else min(item.at_ms, at_ms + part.end - part.start)
            if at_ms < until:
                self.intervals.append(ImportedInterval(at_ms, until, part.start, part.end))
            at_ms = until
        return None


def _common(start: int, end: int, segments: tuple[Interval, ...]) -> list[Interval]:
    """The parts of [start, end) that are in ``segments``."""
    listed = union(segments)
    return uncovered(union(uncovered(listed, start, end)), start, end)
