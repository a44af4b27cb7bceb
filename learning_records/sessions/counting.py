"""How a batch of beats becomes counted time: the budget of real time, the coverage of media, the reasons.

Real time bounds everything. The budget is the stretch of the person's wall time that was not used yet: when a batch
arrives it grows by the gap since the last arrival (at most 600 s), counted media use it from its earliest part, and at most
32 s stay afterwards. So counted pieces of a person never overlap in wall time, and every piece knows its wall time.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from learning_records.sessions.coverage import append_stretch, first_uncovered, length, uncovered, union
from learning_records.sessions.presence import leave_open, place, settle_check
from learning_records.sessions.reasons import (
    AHEAD_OF_TIME,
    ALREADY_COUNTED,
    CHECK_UNANSWERED,
    COUNTED_ELSEWHERE,
    GAP_TOO_LONG,
    NOT_PLAYING,
    SESSION_ENDED,
)
from learning_records.sessions.rules import Chance, CountingRules, Interval, Span, Stretch, Verdict, split_at
from learning_records.sessions.state import Before, State, with_uncounted


@dataclass(frozen=True)
class Judgement:
    """What ``judge_batch`` found: the state after it, a verdict for each beat, and the batch's reasons with their ms.

    ``resume_at_ms`` is where the phone should go back to when a beat was ahead of time, else None.
    """

    state: State
    verdicts: tuple[Verdict, ...]
    reasons: dict[str, int]
    resume_at_ms: int | None


def judge_batch(state: State, positions: Sequence[int], now_ms: int, rules: CountingRules, chance: Chance) -> Judgement:
    """Judge the beats (their positions, in order) that arrive at ``now_ms`` in one batch.

    counting.md, "budget", "counted", "after an outage", "presence". ``chance`` is used only when a check falls due.
    """
    now_ms = max(now_ms, state.arrived_ms)
    before = len(state.uncounted), state.uncounted[-1:]
    state = settle_check(state, now_ms, rules)
    stopped = state.presence.check is not None and state.presence.check.stopped
    away = now_ms - state.seen_ms > rules.outage_ms
    state = _grow_budget(state, now_ms, rules)
    covering = _Covering(state, now_ms, stopped, rules)
    verdicts = tuple(covering.judge(position) for position in positions)
    leftover_from = now_ms if stopped else max(covering.window_from, now_ms - rules.kept_budget_ms)
    state = with_uncounted(state, Span(covering.leftover_code(), covering.window_from, leftover_from))
    state = replace(
        state,
        cursor_ms=covering.cursor,
        window_from_ms=leftover_from,
        arrived_ms=now_ms,
        seen_ms=now_ms,
        beats=state.beats + len(positions),
    )
    resume_at = None
    if AHEAD_OF_TIME in covering.codes or (stopped and CHECK_UNANSWERED in covering.codes):
        resume_at = first_uncovered(covering.covered, covering.cursor, state.media_ms)
    if positions:
        state = place(state, covering.stretches, now_ms, away, rules, chance)
    return Judgement(state, verdicts, _new_reasons(before, state, covering.codes), resume_at)


def _grow_budget(state: State, now_ms: int, rules: CountingRules) -> State:
    """Let the budget reach to now; of a gap over 600 s the earliest part of the unused time is dropped."""
    kept = state.arrived_ms - state.window_from_ms
    earliest = now_ms - kept - min(now_ms - state.arrived_ms, rules.gap_budget_ms)
    state = with_uncounted(state, Span(GAP_TOO_LONG, state.window_from_ms, earliest))
    return replace(state, window_from_ms=max(state.window_from_ms, earliest))


def _new_reasons(before: tuple[int, tuple[Span, ...]], state: State, codes: dict[str, None]) -> dict[str, int]:
    """Milliseconds that this batch lost, by code; 0 for a beat's code that has not cost real time yet."""
    count, last = before
    reasons = dict.fromkeys(codes, 0)
    for index, span in enumerate(state.uncounted[max(0, count - 1) :], start=max(0, count - 1)):
        lost = span.ended_ms - span.started_ms
        if index == count - 1:  # the last span of before may have grown
            lost -= last[0].ended_ms - last[0].started_ms
        if lost:
            reasons[span.code] = reasons.get(span.code, 0) + lost
    return reasons


class _Covering:
    """One batch's walk over the media: cursor, budget and coverage while its beats are judged."""

    def __init__(self, state: State, now_ms: int, stopped: bool, rules: CountingRules) -> None:
        self.cursor = state.cursor_ms
        self.window_from = state.window_from_ms
        self.covered: list[Interval] = list(state.covered)
        self.stretches: list[Stretch] = []
        self.codes: dict[str, None] = {}
        self._media_ms = state.media_ms
        self._now_ms = now_ms
        self._stopped = stopped
        self._tolerance_ms = rules.ahead_tolerance_ms

    def judge(self, position: int) -> Verdict:
        """Judge one beat: it claims the newly covered media between the cursor and its position."""
        position = min(position, self._media_ms)
        if position <= self.cursor:
            self.cursor = position
            return Verdict(0, 0, "")
        if self._stopped:
            return self._refused(CHECK_UNANSWERED)
        parts = uncovered(self.covered, self.cursor, position)
        newly = length(parts)
        if newly == 0:
            self.cursor = position
            return self._refused(ALREADY_COUNTED)
        budget = self._now_ms - self.window_from
        if newly - budget > self._tolerance_ms:
            return self._refused(AHEAD_OF_TIME)
        return self._cover(parts, position, budget)

    def _cover(self, parts: list[Interval], position: int, budget: int) -> Verdict:
        started = self.window_from
        for part in parts:
            size = min(part.end - part.start, budget)
            if size == 0:
                break
            end = part.start + size
            append_stretch(self.stretches, Stretch(self.window_from, self.window_from + size, part.start, end))
            self._add_covered(Interval(part.start, end))
            self.window_from += size
            budget -= size
            self.cursor = end
            if end < part.end:
                break
        else:
            self.cursor = position
        counted = self.window_from - started
        return Verdict(started if counted else 0, counted, "")

    def _add_covered(self, part: Interval) -> None:
        if self.covered and self.covered[-1].end == part.start:  # the usual case: watching on
            self.covered[-1] = Interval(self.covered[-1].start, part.end)
        else:
            self.covered = list(union([*self.covered, part]))

    def _refused(self, code: str) -> Verdict:
        self.codes[code] = None
        return Verdict(0, 0, code)

    def leftover_code(self) -> str:
        """Why real time of this batch stays unused."""
        if self._stopped:
            return CHECK_UNANSWERED
        for code in (AHEAD_OF_TIME, ALREADY_COUNTED):
            if code in self.codes:
                return code
        return NOT_PLAYING


def end(state: State, now_ms: int) -> State:
    """The state of a session that closes: a waiting check voids provisional time, the rest of the budget lapses.

    ``now_ms`` is when it is closed; the wall time up to the last arrival is accounted for, later time is nobody's.
    """
    state = leave_open(state, now_ms)
    code = SESSION_ENDED if state.presence.check is None else CHECK_UNANSWERED
    state = with_uncounted(state, Span(code, state.window_from_ms, state.arrived_ms))
    return replace(state, window_from_ms=state.arrived_ms)


def forgo(state: State, until_ms: int) -> State:
    """Give up the unused real time before ``until_ms``: it counts elsewhere, in a quiz or on another platform."""
    if until_ms <= state.window_from_ms:
        return state
    state = with_uncounted(state, Span(COUNTED_ELSEWHERE, state.window_from_ms, until_ms))
    return replace(state, window_from_ms=until_ms, arrived_ms=max(state.arrived_ms, until_ms))


def day_is_over(state: State, midnight_ms: int) -> bool:
    """Whether all real time before midnight is decided, so that the session can be split there.

    While a presence check is unanswered, or unused real time reaches back over midnight, the split waits: what was honest
    before midnight is not lost to it.
    """
    return state.window_from_ms >= midnight_ms and not state.provisional


def split_day(state: State, midnight_ms: int) -> tuple[State, State]:
    """The day's part of a session, and the part that goes on after midnight. Only when ``day_is_over``.

    What the first part counted is earlier coverage for the second. The checks up to now belong to the beats of the first.
    """
    firm = [split_at(item, midnight_ms) for item in state.firm]
    since = [split_at(item, midnight_ms) for item in state.since]
    older = replace(
        state,
        firm=tuple(old for old, _ in firm if old),
        since=tuple(old for old, _ in since if old),
        uncounted=_cut(state.uncounted, 0, midnight_ms),
    )
    newer = replace(
        state,
        earlier=older.covered,
        firm=tuple(new for _, new in firm if new),
        since=tuple(new for _, new in since if new),
        uncounted=_cut(state.uncounted, midnight_ms, state.arrived_ms),
        checks=tuple(event._replace(after_beats=0) for event in state.checks if event.at_ms >= midnight_ms),
        before=Before(midnight_ms, state.presence.since_ms, state.presence.check is not None),
        given=(),
        beats=0,
    )
    return older, newer


def _cut(spans: Sequence[Span], from_ms: int, to_ms: int) -> tuple[Span, ...]:
    cut = [Span(item.code, max(item.started_ms, from_ms), min(item.ended_ms, to_ms)) for item in spans]
    return tuple(item for item in cut if item.started_ms < item.ended_ms)
