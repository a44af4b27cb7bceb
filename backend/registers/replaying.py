"""Every payment worked out again from the evidence log alone. Pure: records come in as the log has them, differences go out.

What is followed: deposits make lots, a hold draws from them, a claim's line is worth its class hours within what its person's
cap has left, an adjustment lowers it, two persons approve, a notice runs out, a settlement uses the hold up, a payment pays
exactly that. No table of the desk is asked.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

KINDS = ("transfer", "claim", "adjustment", "review", "notice", "redating", "payment")
"""The kinds of records that a replay reads."""

Body = Mapping[str, Any]
_DEPOSITS = ("deposit", "allowance", "appeal")


@dataclass(frozen=True)
class Difference:
    """One figure that is not what follows from the log: where, which, what follows, what is said instead."""

    record: str
    figure: str
    expected: object
    found: object

    def __str__(self) -> str:
        return f"{self.record}：{self.figure}应为{self.expected}，记录为{self.found}"


@dataclass
class _Hold:
    amount: int
    draws: list[tuple[str, int]]
    end: str = ""


@dataclass
class _Line:
    claim: str
    person: str
    cap_key: tuple[str, str, str]
    seconds: int
    amount_fen: int
    hold: str | None
    paid_by: str = ""
    settle: str = ""


@dataclass
class _Claim:
    rate_fen: int
    class_hour_seconds: int
    approvals: set[str] = field(default_factory=set)


@dataclass(frozen=True)
class Replayed:
    """A payment as the log has it: its order and the fen of each line, both by public id."""

    order: str
    amount_fen: int
    lines: Mapping[str, int]


class Replay:
    """Takes records one by one; ``payments`` grows with what was paid."""

    def __init__(self) -> None:
        self.payments: dict[str, Replayed] = {}
        self._lots: dict[str, int] = {}
        self._transfers: dict[str, Body] = {}
        self._holds: dict[str, _Hold] = {}
        self._claims: dict[str, _Claim] = {}
        self._lines: dict[str, _Line] = {}
        self._of_cap: dict[tuple[str, str, str], list[_Line]] = defaultdict(list)
        self._closes_ms: dict[str, int] = {}
        self._noticed: dict[str, str] = {}

    def feed(self, subject: str, kind: str, body: Body) -> Iterator[Difference]:
        """The next record of the log and what is wrong with it. Other kinds than ``KINDS`` are not looked at."""
        if kind in KINDS:
            for figure, expected, found in getattr(self, f"_{kind}")(body, subject.partition(":")[2]):
                if expected != found:
                    yield Difference(subject, figure, expected, found)

    def finish(self) -> Iterator[Difference]:
        """After the last record: every second that was used up was paid for, and every payment used up its seconds."""
        for key, line in self._lines.items():
            hold = self._holds.get(line.hold or "")
            used_up = hold is not None and hold.end == "settle"
            if used_up != bool(line.paid_by):
                yield Difference(f"line:{key}", "学时核销与付款", "一致", "已核销未付款" if used_up else "已付款未核销")
                continue
            settled = self._transfers.get(line.settle)
            said = (line.hold, line.seconds) if line.paid_by else None
            found = None if settled is None else (settled["hold"], settled["amount_seconds"])
            if said != found:
                yield Difference(f"line:{key}", "核销的冻结和秒数", said, found)

    def _transfer(self, body: Body, key: str) -> Iterator[tuple[str, object, object]]:
        move, amount = body["transfer"], body["amount_seconds"]
        self._transfers[key] = body
        if move in _DEPOSITS:
            if body["to"] == "claimable":
                self._lots[key] = amount
            return
        draws = [(str(lot), int(seconds)) for lot, seconds in body["draws"]]
        if move == "hold":
            yield "冻结取自存入的秒数", amount, sum(seconds for _, seconds in draws)
            self._holds[key] = _Hold(amount, draws)
            for lot, seconds in draws:
                yield from self._draw(lot, seconds)
        elif move in ("settle", "release"):
            hold = self._holds.get(str(body["hold"]))
            yield "所处理的冻结", True, hold is not None and not hold.end
            if hold is not None:
                yield "秒数", hold.amount, amount
                hold.end = move
                if move == "release":
                    for lot, seconds in hold.draws:
                        self._lots[lot] = self._lots.get(lot, 0) + seconds
        elif body["from"] == "settled":
            for lot, seconds in draws:
                self._lots[lot] = self._lots.get(lot, 0) + seconds
        elif body["from"] == "claimable":
            for lot, seconds in draws:
                yield from self._draw(lot, seconds)

    def _draw(self, lot: str, seconds: int) -> Iterator[tuple[str, object, object]]:
        left = self._lots.get(lot, 0)
        yield f"{lot} 足够支取", True, left >= seconds
        self._lots[lot] = left - seconds

    def _claim(self, body: Body, key: str) -> Iterator[tuple[str, object, object]]:
        rates = body["rates"]
        claim = self._claims[key] = _Claim(rates["rate_fen"], rates["class_hour_seconds"])
        total = 0
        for said in body["lines"]:
            cap_key = (said["person"], body["policy_id"], said["cap_ref"])
            left = max(
                said["cap_fen"] - sum(line.amount_fen for line in self._of_cap[cap_key] if self._is_live(line)), 0
            )
            hours = said["class_hours"]
            due = min(hours * claim.rate_fen, left) if said["eligible"] else 0
            yield f"{said['line']} 金额", due, said["amount_fen"]
            if said["amount_fen"]:
                used = min(hours * claim.class_hour_seconds, said["claimable_seconds"])
                yield f"{said['line']} 支取秒数", used, said["seconds"]
                line = _Line(key, said["person"], cap_key, said["seconds"], said["amount_fen"], said["hold"])
                self._lines[said["line"]] = line
                self._of_cap[cap_key].append(line)
            total += said["amount_fen"]
        yield "合计", total, body["total_fen"]

    def _is_live(self, line: _Line) -> bool:
        """Whether a line still uses up its person's cap: its seconds were not given back."""
        hold = self._holds.get(line.hold or "")
        return line.hold is not None and (hold is None or hold.end != "release")

    def _adjustment(self, body: Body, key: str) -> Iterator[tuple[str, object, object]]:
        line = self._lines.get(body["line"])
        yield "所核减的申领人员", True, line is not None
        if line is None:
            return
        claim = self._claims[line.claim]
        yield "核减前金额", line.amount_fen, body["from_fen"]
        yield "核减后低于核减前", True, body["amount_fen"] < line.amount_fen
        yield "核减后不超过课时应得", True, body["amount_fen"] <= body["class_hours"] * claim.rate_fen
        yield "审核前核减", True, not claim.approvals
        line.seconds, line.amount_fen, line.hold = body["seconds"], body["amount_fen"], body["hold"]

    def _review(self, body: Body, key: str) -> Iterator[tuple[str, object, object]]:
        claim = self._claims.get(body["subject_id"])
        if body["subject_kind"] == "claim" and claim is not None:
            if body["verdict"] == "approve":
                yield "两人审核", True, body["staff"] not in claim.approvals
                claim.approvals.add(body["staff"])
            else:
                claim.approvals.clear()

    def _notice(self, body: Body, key: str) -> Iterator[tuple[str, object, object]]:
        self._closes_ms[key] = body["closes_ms"]
        for said in body["lines"]:
            line = self._lines.get(said["line"])
            yield f"{said['line']} 公示金额", line.amount_fen if line else None, said["amount_fen"]
            self._noticed[said["line"]] = key

    def _redating(self, body: Body, key: str) -> Iterator[tuple[str, object, object]]:
        yield "原届满时刻", self._closes_ms.get(body["notice"]), body["from_closes_ms"]
        self._closes_ms[body["notice"]] = body["closes_ms"]

    def _payment(self, body: Body, key: str) -> Iterator[tuple[str, object, object]]:
        lines = {str(said["line"]): int(said["amount_fen"]) for said in body["lines"]}
        yield "付款单金额", sum(lines.values()), body["amount_fen"]
        self.payments[key] = Replayed(key, body["amount_fen"], lines)
        for said in body["lines"] if body["claim"] is not None else ():
            yield from self._paid_line(body, key, said)

    def _paid_line(self, body: Body, key: str, said: Body) -> Iterator[tuple[str, object, object]]:
        name, line = said["line"], self._lines.get(said["line"])
        yield f"{name} 有申领", True, line is not None and line.claim == body["claim"]
        if line is None:
            return
        yield f"{name} 金额", line.amount_fen, said["amount_fen"]
        yield f"{name} 只付一次", "", line.paid_by
        yield f"{name} 经两人审核", True, len(self._claims[line.claim].approvals) >= 2
        closes_ms = self._closes_ms.get(self._noticed.get(name, ""))
        yield f"{name} 公示期满后付款", True, closes_ms is not None and closes_ms <= body["at_ms"]
        line.paid_by, line.settle = key, said["settle"]
