"""An auditor who has a sealed session and nothing else: counts it again from its beats and checks, by counting.md.

Written apart from the rules of the house, plain rather than quick; it shares no code with them.
"""

from __future__ import annotations

from typing import Any

Stretch = tuple[int, int, int, int]  # wall from, to; media from, to


class Auditor:
    """Walks through one sealed session."""

    def __init__(self, body: dict[str, Any]) -> None:
        self.body, self.rules = body, body["rules"]
        before = body["before"]
        self.window = self.arrived = before["from_ms"]
        self.unconfirmed = before["unconfirmed_ms"]
        self.stopped = before["check_waiting"]
        self.asked = False
        self.taken = [tuple(item) for item in before["covered"]]
        self.kept: list[Stretch] = []
        self.since: list[Stretch] = []
        self.waiting: list[Stretch] = []
        self.elsewhere = [(start, end) for code, start, end in body["uncounted"] if code == "COUNTED_ELSEWHERE"]
        self.cursor = self._first_gap()

    def _first_gap(self) -> int:
        at = 0
        for start, end in sorted(self.taken):
            if start > at:
                break
            at = max(at, end)
        return min(at, int(self.body["lesson"]["media_ms"]))

    def _gaps(self, start: int, end: int) -> list[tuple[int, int]]:
        mine = [(item[2], item[3]) for group in (self.kept, self.since, self.waiting) for item in group]
        gaps = []
        for taken_from, taken_to in sorted([*self.taken, *mine]):
            if taken_from > start:
                gaps.append((start, min(taken_from, end)))
            start = max(start, taken_to)
            if start >= end:
                break
        gaps.append((start, end))
        return [(one, two) for one, two in gaps if one < two]

    def counted_ms(self) -> int:
        """What the session counts; a session that midnight ended counts up to midnight."""
        beats, events = self.body["beats"], list(self.body["checks"])
        given = list(self.body["given"])
        done = 0
        for last in self.body["batches"]:
            while events and events[0][5] <= done and events[0][2] not in ("ISSUED", "ISSUED_AGAIN"):
                self._event(events.pop(0))
            while given and given[0][0] <= done:
                self.taken.append(tuple(given.pop(0)[1:]))
            batch = beats[done:last]
            done = last
            asked_now = bool(events) and events[0][5] == last and events[0][2] in ("ISSUED", "ISSUED_AGAIN")
            cause = events.pop(0)[1] if asked_now else ""
            self._batch(batch, cause)
        for event in events:
            self._event(event)
        pieces = [*self.kept, *self.since]
        if self.body["close_reason"] == "MIDNIGHT":
            midnight = self.body["closed_ms"]
            return sum(max(0, min(item[1], midnight) - item[0]) for item in pieces)
        return sum(item[1] - item[0] for item in pieces)

    def _event(self, event: list[Any]) -> None:
        outcome, at = event[2], event[3]
        if outcome in ("MISSED", "MISSED_AGAIN"):
            self._void(everything=outcome == "MISSED_AGAIN")
            self.stopped, self.asked = True, False
        elif outcome == "LEFT_OPEN":
            self._void(everything=False)
        else:
            if outcome == "ANSWERED_LATE":
                self.window = self.arrived = max(at, self.arrived)
            self.kept += self.since + self.waiting
            self.since, self.waiting, self.unconfirmed = [], [], 0
            self.stopped = self.asked = False

    def _void(self, *, everything: bool) -> None:
        voided = (self.since if everything else []) + self.waiting
        if voided:
            self.cursor = min(self.cursor, voided[0][2])
        self.waiting = []
        if everything:
            self.since, self.unconfirmed = [], 0

    def _batch(self, batch: list[list[Any]], cause: str) -> None:
        now = max(batch[0][2], self.arrived)
        for start, end in self.elsewhere:
            if start <= self.window < end <= now:
                self.window, self.arrived = end, max(self.arrived, end)
        gap = min(now - self.arrived, self.rules["gap_budget_ms"])
        self.window = max(self.window, now - gap - (self.arrived - self.window))
        new: list[Stretch] = []
        for _, position, *_ in batch:
            new += self._beat(min(position, self.body["lesson"]["media_ms"]), now, new)
        self.arrived = now
        self.window = now if self.stopped else max(self.window, now - self.rules["kept_budget_ms"])
        if self.stopped:
            return
        if self.asked or cause == "OUTAGE":
            self.waiting += new
        else:
            self._count(new)
        self.asked = self.asked or bool(cause)

    def _beat(self, position: int, now: int, new: list[Stretch]) -> list[Stretch]:
        if position <= self.cursor or self.stopped:
            self.cursor = min(position, self.cursor)
            return []
        self.waiting += new  # only to be seen as taken
        gaps = self._gaps(self.cursor, position)
        del self.waiting[len(self.waiting) - len(new) :]
        budget = now - self.window
        if sum(end - start for start, end in gaps) - budget > self.rules["ahead_tolerance_ms"]:
            return []
        made = []
        for start, end in gaps:
            size = min(end - start, now - self.window)
            if size:
                made.append((self.window, self.window + size, start, start + size))
                self.window += size
                self.cursor = start + size
            if start + size < end:
                return made
        self.cursor = position
        return made

    def _count(self, new: list[Stretch]) -> None:
        for start, end, media_from, media_to in new:
            room = max(0, self.rules["presence_after_max_ms"] - self.unconfirmed)
            size = min(room, end - start)
            if size:
                self.since.append((start, start + size, media_from, media_from + size))
            if size < end - start:
                self.waiting.append((start + size, end, media_from + size, media_to))
            self.unconfirmed += size
