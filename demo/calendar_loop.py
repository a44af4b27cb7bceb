"""Many phones over one calendar: every phone is a script that waits and calls; the loop steps the server's calendar.

A script is a generator. It yields a `Call` and gets its `Answer`, or yields a `Wait` and goes on at that instant. All
scripts that wait for the same instant act in the same tick; instants at which nobody acts are skipped.
"""

import heapq
from collections import deque
from collections.abc import Callable, Generator
from dataclasses import dataclass
from datetime import datetime, timedelta, timezone

from demo.wire import Answer, Broken, Call, Connection

SHANGHAI = timezone(timedelta(hours=8))


@dataclass(frozen=True)
class Wait:
    until: int


@dataclass(frozen=True)
class Asked:
    """A call on the connection of one device."""

    connection: Connection
    call: Call


Script = Generator[Asked | Wait, Answer | None, None]


def at(text: str) -> int:
    """'2020-03-03T09:00' in Wuxi → epoch milliseconds."""
    return int(datetime.fromisoformat(text).replace(tzinfo=SHANGHAI).timestamp()) * 1_000


def show(instant: int) -> str:
    return datetime.fromtimestamp(instant / 1_000, SHANGHAI).isoformat(timespec="seconds")


class Calendar:
    """The instant everybody is at. Only the loop moves it, and the server's with it.

    `step` moves the server to an instant, or to the first it can stand at after it, and says where it stands.
    """

    def __init__(self, now: int, step: Callable[[int], int]) -> None:
        self.now = now
        self._step = step

    def move(self, to: int) -> None:
        if to < self.now:
            raise Broken(f"the calendar cannot go back from {show(self.now)} to {show(to)}")
        if to > self.now:
            self.now = self._step(to)


@dataclass
class Progress:
    ticks: int = 0
    calls: int = 0


def run(
    calendar: Calendar,
    scripts: dict[str, Script],
    *,
    in_flight: int = 4,
    on_tick: Callable[[Progress, int], None] = lambda progress, now: None,
) -> Progress:
    """Run all scripts to their ends. A script that breaks off stops the run, its owner's name in the message."""
    waiting: list[tuple[int, int, str]] = []
    order = {name: place for place, name in enumerate(scripts)}
    progress = Progress()
    ready = deque(scripts)
    while ready or waiting:
        if not ready:
            calendar.move(waiting[0][0])
            progress.ticks += 1
            while waiting and waiting[0][0] <= calendar.now:
                ready.append(heapq.heappop(waiting)[2])
        for name, until in _tick(scripts, ready, progress, in_flight):
            heapq.heappush(waiting, (max(until, calendar.now), order[name], name))
        ready.clear()
        on_tick(progress, calendar.now)
    return progress


def _tick(scripts: dict[str, Script], ready: deque[str], progress: Progress, in_flight: int) -> list[tuple[str, int]]:
    """Let every ready script act until it waits or ends; returns (name, until) of those that wait."""
    flying: deque[tuple[str, Asked]] = deque()
    sleepers: list[tuple[str, int]] = []

    def go_on(name: str, answer: Answer | None) -> None:
        try:
            step = scripts[name].send(answer)
        except StopIteration:
            return
        except Broken as reason:
            raise Broken(f"{name}：{reason}") from reason
        if isinstance(step, Wait):
            sleepers.append((name, step.until))
        else:
            step.connection.send(step.call)
            progress.calls += 1
            flying.append((name, step))

    starters = deque(ready)
    while starters or flying:
        while starters and len(flying) < in_flight:
            go_on(starters.popleft(), None)
        if flying:
            name, asked = flying.popleft()
            go_on(name, asked.connection.receive())
    return sleepers
