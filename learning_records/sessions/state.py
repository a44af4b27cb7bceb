"""What the counting rules remember of an open session, and its form as JSON.

The person's presence travels with the open session and is handed back when it closes, so that an unanswered check stops
counting in the next session too.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any, NamedTuple

from learning_records.sessions.coverage import append_stretch, length, union
from learning_records.sessions.rules import Chance, CountingRules, Interval, Span, Stretch

INTERVAL = "INTERVAL"  # a random stretch of counted time has passed
OUTAGE = "OUTAGE"  # the phone came back after more than a minute
PROOF = "PROOF"  # no check was due: a check-in or a quiz answer proved that the person is there

ISSUED = "ISSUED"
ISSUED_AGAIN = "ISSUED_AGAIN"
CONFIRMED = "CONFIRMED"
ANSWERED_LATE = "ANSWERED_LATE"
MISSED = "MISSED"
MISSED_AGAIN = "MISSED_AGAIN"
LEFT_OPEN = "LEFT_OPEN"


@dataclass(frozen=True)
class Check:
    """A presence check that is due. ``stopped``: it was not answered in time, nothing counts until it is.

    ``seen`` says that the phone was heard between ``due_ms`` and ``answer_by_ms``, so that it cannot have been away.
    """

    check_id: str
    cause: str
    due_ms: int
    answer_by_ms: int
    question: str | None = None
    expected: str | None = None
    seen: bool = False
    stopped: bool = False


@dataclass(frozen=True)
class Presence:
    """How long this person has counted since the last confirmation, when the next check falls due, and today's misses."""

    since_ms: int
    after_ms: int
    missed_day: int = 0
    misses: int = 0
    check: Check | None = None

    def to_json(self) -> list[Any]:
        """A compact list."""
        check = self.check
        packed = None if check is None else list(check.__dict__.values())
        return [self.since_ms, self.after_ms, self.missed_day, self.misses, packed]

    @classmethod
    def from_json(cls, data: list[Any]) -> Presence:
        """The presence of ``to_json``."""
        since_ms, after_ms, missed_day, misses, packed = data
        return cls(since_ms, after_ms, missed_day, misses, None if packed is None else Check(*packed))


def fresh_presence(rules: CountingRules, chance: Chance) -> Presence:
    """Just confirmed: the next check falls due after a new random stretch of counted time."""
    return Presence(0, chance.randint(rules.presence_after_min_ms, rules.presence_after_max_ms))


class CheckEvent(NamedTuple):
    """One thing that happened to a presence check, for the sealed record, and after how many of the session's beats."""

    check_id: str
    cause: str
    outcome: str
    at_ms: int
    answer_by_ms: int
    after_beats: int


class Before(NamedTuple):
    """What a session began with, for the sealed record: so that what it counted can be worked out again from it alone.

    Budget grows from ``from_ms`` on; ``unconfirmed_ms`` had counted since the last confirmation; ``check_waiting``: nothing
    counts until an answer.
    """

    from_ms: int
    unconfirmed_ms: int
    check_waiting: bool


class Given(NamedTuple):
    """Media of this lesson that an appeal gave back while the session was open, after how many of its beats."""

    after_beats: int
    media_from_ms: int
    media_to_ms: int


@dataclass(frozen=True)
class State:
    """An open session between two arrivals.

    ``cursor_ms`` is where coverage stands in the media. ``window_from_ms`` to ``arrived_ms`` is the real time not used yet
    (at most 32 s), the budget. ``seen_ms`` is when the phone was last heard, beats or answer. ``firm`` counted before the
    last confirmation, ``since`` after it, ``provisional`` waits for an answer. Every wall millisecond from opening to
    ``arrived_ms`` is in exactly one of these, in ``uncounted``, or still in the budget. ``beats`` is how many were judged.
    """

    media_ms: int
    earlier: tuple[Interval, ...]
    cursor_ms: int
    window_from_ms: int
    arrived_ms: int
    seen_ms: int
    presence: Presence
    before: Before
    firm: tuple[Stretch, ...] = ()
    since: tuple[Stretch, ...] = ()
    provisional: tuple[Stretch, ...] = ()
    uncounted: tuple[Span, ...] = ()
    checks: tuple[CheckEvent, ...] = ()
    given: tuple[Given, ...] = ()
    beats: int = 0

    @property
    def counted_ms(self) -> int:
        """What counts so far; provisional time does not yet."""
        return sum(item.ended_ms - item.started_ms for group in (self.firm, self.since) for item in group)

    @property
    def provisional_ms(self) -> int:
        """What would count if the presence check were answered."""
        return sum(item.ended_ms - item.started_ms for item in self.provisional)

    @property
    def covered(self) -> tuple[Interval, ...]:
        """The media covered, by earlier sessions, by this one, and by appeals meanwhile."""
        groups = (self.firm, self.since, self.provisional, self.given)
        media = [(item.media_from_ms, item.media_to_ms) for group in groups for item in group]
        return union([*self.earlier, *media])

    @property
    def covered_ms(self) -> int:
        """Its length."""
        return length(self.covered)

    def to_json(self) -> dict[str, Any]:
        """Lists and ints."""
        return {
            "cursor": self.cursor_ms,
            "window": [self.window_from_ms, self.arrived_ms, self.seen_ms],
            "presence": self.presence.to_json(),
            "firm": self.firm,
            "since": self.since,
            "provisional": self.provisional,
            "uncounted": self.uncounted,
            "checks": self.checks,
            "earlier": self.earlier,
            "media": self.media_ms,
            "before": self.before,
            "given": self.given,
            "beats": self.beats,
        }

    @classmethod
    def from_json(cls, data: dict[str, Any]) -> State:
        """The state of ``to_json``."""
        window_from_ms, arrived_ms, seen_ms = data["window"]
        return cls(
            data["media"],
            tuple(Interval(*item) for item in data["earlier"]),
            data["cursor"],
            window_from_ms,
            arrived_ms,
            seen_ms,
            Presence.from_json(data["presence"]),
            Before(*data["before"]),
            tuple(Stretch(*item) for item in data["firm"]),
            tuple(Stretch(*item) for item in data["since"]),
            tuple(Stretch(*item) for item in data["provisional"]),
            tuple(Span(*item) for item in data["uncounted"]),
            tuple(CheckEvent(*item) for item in data["checks"]),
            tuple(Given(*item) for item in data["given"]),
            data["beats"],
        )


def begin(*, media_ms: int, earlier: tuple[Interval, ...], resume_at_ms: int, at_ms: int, presence: Presence) -> State:
    """The state of a session that opens at ``at_ms``: no budget yet."""
    before = Before(at_ms, presence.since_ms, presence.check is not None)
    return State(media_ms, earlier, resume_at_ms, at_ms, at_ms, at_ms, presence, before)


def with_uncounted(state: State, *spans: Span) -> State:
    """The state with more time that did not count, in order and joined."""
    if not any(span.started_ms < span.ended_ms for span in spans):
        return state
    uncounted = list(state.uncounted)
    for span in spans:
        if span.started_ms >= span.ended_ms:
            continue
        if uncounted and uncounted[-1].code == span.code and uncounted[-1].ended_ms == span.started_ms:
            uncounted[-1] = Span(span.code, uncounted[-1].started_ms, span.ended_ms)
        else:
            uncounted.append(span)
    return replace(state, uncounted=tuple(uncounted))


def moved(target: tuple[Stretch, ...], *sources: tuple[Stretch, ...]) -> tuple[Stretch, ...]:
    """``target`` followed by the sources, joined where they go on without a break."""
    joined = list(target)
    for source in sources:
        for stretch in source:
            append_stretch(joined, stretch)
    return tuple(joined)
