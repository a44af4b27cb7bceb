"""A small claim of real sessions, sealed as the desk seals it: deposits, certificates, holds, claim, cuts, two reviews, the
public notice, payments, settlements, money claimed back.

``forge`` may change any body just before it is sealed: what an operator could do who has the keys and writes the records.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID, uuid4

from config.clock import FixedCalendar, epoch_ms
from learning_records.evidence import services as evidence
from learning_records.evidence.services import SealedRecord
from learning_records.sessions import services
from tests.learning_records.phones import Phone, call, lesson
from tests.learning_records.verify.bundled import bundle_of

HOUR = 60  # seconds of a class hour here, so that a claim is small
RATES = {"rate_fen": 1850, "class_hour_seconds": HOUR, "minimum_class_hours": 2, "cap_fen": 6000}
Forge = Callable[[str, dict[str, Any]], None]


def honest(kind: str, body: dict[str, Any]) -> None:
    """Changes nothing."""


@dataclass
class Claim:
    """A claim of one class on its way from beats to money."""

    clock: FixedCalendar
    forge: Forge = honest
    context: UUID = field(default_factory=uuid4)
    id: UUID = field(default_factory=uuid4)
    people: list[UUID] = field(default_factory=list)
    records: list[UUID] = field(default_factory=list)
    deposits: dict[UUID, list[tuple[str, int]]] = field(default_factory=dict)
    lines: list[dict[str, Any]] = field(default_factory=list)
    granted: dict[str, dict[str, Any]] = field(default_factory=dict)
    notice_id: UUID = field(default_factory=uuid4)
    orders: list[UUID] = field(default_factory=list)

    def seal(self, kind: str, body: dict[str, Any], subject: str) -> SealedRecord:
        """Seal a body, forged if it shall be."""
        self.forge(kind, body)
        record = call(lambda: evidence.seal(kind=kind, body=body, subject=subject))
        self.records.append(record.public_id)
        return record

    def learn(self, *minutes: int, of: int = 30) -> UUID:
        """Somebody checks in and watches sessions of so many minutes of a lesson; each is sealed and deposited."""
        phone = Phone(self.clock, context=self.context, batch=5)
        phone.check_in()
        self.people.append(phone.person)
        facts = lesson(of)
        for length in minutes:
            phone.open(facts)
            phone.play(length * 60)
            phone.close()
            (closed,) = call(lambda: services.closed_unsealed(person_ref=phone.person))
            record = self.seal("session", dict(closed.facts), f"session:{closed.session_id}")
            self._mark(closed.session_id, record)
            seconds = {"learned": closed.learned_seconds, "claimable": closed.checked_in_seconds}
            self._deposit("deposit", f"session:{closed.session_id}", phone.person, seconds, record)
            rest = {"learned": closed.allowance_seconds, "claimable": closed.allowance_checked_in_seconds}
            self._deposit("allowance", f"allowance:{closed.session_id}", phone.person, rest, record)
        return phone.person

    def _deposit(self, kind: str, name: str, person: UUID, uses: dict[str, int], record: SealedRecord) -> None:
        for use, seconds in uses.items():
            if seconds:
                key = f"{name}:{use}"
                self.transfer(key, kind, person, "issued", use, seconds, evidence=str(record.public_id))
                if use == "claimable":
                    self.deposits.setdefault(person, []).append((key, seconds))

    @staticmethod
    def _mark(session_id: UUID, record: SealedRecord) -> None:
        call(lambda: services.mark_sealed(session_id=session_id, evidence_record_id=record.record_id))

    def transfer(
        self, key: str, kind: str, person: UUID, source: str, target: str, seconds: int, **more: Any
    ) -> SealedRecord:
        """Seal a transfer."""
        body: dict[str, Any] = {
            "key": key,
            "transfer": kind,
            "person": str(person),
            "from": source,
            "to": target,
            "amount_seconds": seconds,
            "context": str(self.context),
            "evidence": None,
            "hold": None,
            "reverses": None,
            "reason": "",
            "source": "",
            "at_ms": epoch_ms(self.clock()),
            "draws": [],
        }
        return self.seal("transfer", body | more, f"transfer:{key}")

    def certify(self, person: UUID, **says: Any) -> None:
        """Issue a certificate to somebody."""
        certificate = uuid4()
        body = {
            "certificate": str(certificate),
            "number": "锡线培证〔2020〕000001",
            "code_sha256": "0" * 64,
            "person": str(person),
            "class": str(self.context),
            "name_index": "0" * 64,
            "says": {"score": 90, "pass_mark": 60, "class_hours": 4, "attendance_percent": 100} | says,
            "issued_by": "system",
            "replaces": None,
            "at_ms": epoch_ms(self.clock()),
        }
        self.seal("certificate", body, f"certificate:{certificate}")

    def submit(self) -> None:
        """The claim with a line a person, and the holds."""
        for person in self.people:
            has = sum(seconds for _, seconds in self.deposits[person])
            hours = has // HOUR
            amount = min(hours * 1850, 6000) if hours >= 2 else 0
            line_id = uuid4()
            self.lines.append(
                {
                    "line": str(line_id),
                    "person": str(person),
                    "class": str(self.context),
                    "class_hours": hours,
                    "seconds": hours * HOUR if amount else 0,
                    "claimable_seconds": has,
                    "drawn_fen": 0,
                    "cap_fen": 6000,
                    "cap_ref": "person",
                    "amount_fen": amount,
                    "eligible": amount > 0,
                    "hold": f"claim:{self.id}:{line_id}:hold" if amount else None,
                    "decision_sha256": "0" * 64,
                }
            )
        body = {
            "claim": str(self.id),
            "plan": str(uuid4()),
            "enterprise": str(uuid4()),
            "filing_number": "锡创课备2020-0001",
            "policy_id": "wuxi-2020-10",
            "policy_version": "1",
            "claimed_on": "2020-03-02",
            "at_ms": epoch_ms(self.clock()),
            "total_fen": sum(line["amount_fen"] for line in self.lines),
            "rates": dict(RATES),
            "lines": [dict(line) for line in self.lines],
        }
        self.seal("claim", body, f"claim:{self.id}")
        self.granted = {
            line["line"]: {name: line[name] for name in ("class_hours", "seconds", "amount_fen", "hold")}
            for line in self.held()
        }
        for line in self.held():
            draws = self.draws(line)
            self.transfer(line["hold"], "hold", UUID(line["person"]), "claimable", "held", line["seconds"], draws=draws)

    def held(self) -> list[dict[str, Any]]:
        """The lines with money."""
        return [line for line in self.lines if line["hold"]]

    def draws(self, line: dict[str, Any], seconds: int | None = None) -> list[list[Any]]:
        """What a line's hold draws, the oldest deposit first."""
        left: int = self.granted[line["line"]]["seconds"] if seconds is None else seconds
        drawn: list[list[Any]] = []
        for key, seconds in self.deposits[UUID(line["person"])]:
            if left:
                drawn.append([key, min(seconds, left)])
                left -= min(seconds, left)
        return drawn

    def adjust(self, line: dict[str, Any], class_hours: int, *, amount_fen: int | None = None) -> None:
        """Cut a person: seal it, release what was held, hold the rest under a key of its own."""
        before, cut = self.granted[line["line"]], uuid4()
        amount = min(class_hours * 1850, 6000) if amount_fen is None else amount_fen
        after = {
            "class_hours": class_hours,
            "seconds": class_hours * HOUR if amount else 0,
            "amount_fen": amount,
            "hold": f"claim:{self.id}:{line['line']}:1:hold" if amount else None,
        }
        body = {
            "adjustment": str(cut),
            "claim": str(self.id),
            "line": line["line"],
            "person": line["person"],
            "from_fen": before["amount_fen"],
            **after,
            "reason": "抽查发现部分时段由他人代学。",
            "clause": "四.5",
            "staff": str(uuid4()),
            "at_ms": epoch_ms(self.clock()),
        }
        self.seal("adjustment", body, f"adjustment:{cut}")
        self.release(line)
        self.granted[line["line"]] = after
        if amount:
            draws = self.draws(line)
            person = UUID(line["person"])
            self.transfer(str(after["hold"]), "hold", person, "claimable", "held", class_hours * HOUR, draws=draws)

    def release(self, line: dict[str, Any]) -> None:
        """Give a person back what is held for the line."""
        granted = self.granted[line["line"]]
        key = f"{granted['hold'].removesuffix('hold')}release"
        draws, person = self.draws(line), UUID(line["person"])
        seconds = granted["seconds"]
        self.transfer(key, "release", person, "held", "claimable", seconds, hold=granted["hold"], draws=draws)

    def review(self, stage: str, verdict: str = "approve") -> None:
        """A decision of one of the two who approve."""
        body = {
            "subject_kind": "claim",
            "subject_id": str(self.id),
            "stage": stage,
            "verdict": verdict,
            "reason": "材料齐全，符合要求。",
            "clause": "三",
            "staff": str(uuid4()),
            "at_ms": epoch_ms(self.clock()),
        }
        self.seal("review", body, f"review:{uuid4()}")

    def post(self) -> None:
        """Post the notice; it ends a week later, which is when this returns."""
        entries = [
            {"claim": str(self.id), "line": name, "class_hours": left["class_hours"], "amount_fen": left["amount_fen"]}
            for name, left in self.granted.items()
            if left["amount_fen"]
        ]
        entries.append({"claim": str(uuid4()), "line": str(uuid4()), "class_hours": 24, "amount_fen": 44_400})
        body = {
            "year": 2020,
            "number": 1,
            "people": len(entries),
            "total_fen": sum(int(str(entry["amount_fen"])) for entry in entries),
            "entries_sha256": "0" * 64,
            "posted_on": "2020-03-09",
            "url": "http://hrss.wuxi.gov.cn/1.html",
            "opens_on": "2020-03-10",
            "closes_ms": epoch_ms(self.clock()) + 7 * 86_400_000,
            "provisional": False,
            "lines": entries,
        }
        self.seal("notice", body, f"notice:{self.notice_id}")
        self.clock.advance(7 * 86_400)

    def redate(self, days: int) -> None:
        """Move the end of the notice."""
        at = epoch_ms(self.clock())
        body = {
            "notice": str(self.notice_id),
            "from_closes_ms": at,
            "closes_on": "2020-03-17",
            "closes_ms": at + days * 86_400_000,
            "provisional": False,
            "at_ms": at,
        }
        self.seal("redating", body, f"redating:{uuid4()}")

    def pay(self, *lines: dict[str, Any]) -> None:
        """Settle and pay these lines in one order, or everything granted."""
        chosen = [line for line in lines or self.held() if self.granted[line["line"]]["amount_fen"]]
        for line in chosen:
            granted, person = self.granted[line["line"]], UUID(line["person"])
            seconds, draws = granted["seconds"], self.draws(line)
            key = self._settle(line)
            self.transfer(key, "settle", person, "held", "settled", seconds, hold=granted["hold"], draws=draws)
        order = uuid4()
        body = {
            "batch": str(uuid4()),
            "order": str(order),
            "claim": str(self.id),
            "enterprise": str(uuid4()),
            "fund": "employment",
            "policy_version": "1",
            "amount_fen": sum(self.granted[line["line"]]["amount_fen"] for line in chosen),
            "at_ms": epoch_ms(self.clock()),
            "created_by": str(uuid4()),
            "released_by": str(uuid4()),
            "lines": [
                {
                    "line": line["line"],
                    "amount_fen": self.granted[line["line"]]["amount_fen"],
                    "settle": self._settle(line),
                }
                for line in chosen
            ],
        }
        self.seal("payment", body, f"payment:{order}")
        self.orders.append(order)

    def _settle(self, line: dict[str, Any]) -> str:
        return f"claim:{self.id}:{line['line']}:settle"

    def recover(self, line: dict[str, Any], amount_fen: int, *, received_fen: int) -> None:
        """Claim money of the first order back; some of it comes."""
        recovery = uuid4()
        body = {
            "recovery": str(recovery),
            "number": "锡线培追〔2020〕1号",
            "order": str(self.orders[0]),
            "line": line["line"],
            "amount_fen": amount_fen,
            "proposed_by": str(uuid4()),
            "demanded_by": str(uuid4()),
        }
        self.seal("recovery", body, f"recovery:{recovery}")
        receipt = uuid4()
        came = {"receipt": str(receipt), "recovery": str(recovery), "amount_fen": received_fen}
        self.seal("recovery_receipt", came, f"recovery_receipt:{receipt}")

    def bundle(self) -> bytes:
        """The claim's bundle."""
        return bundle_of(self.records, self.people, kind="claim", about=self.id)


def a_paid_claim(clock: FixedCalendar, forge: Forge = honest) -> Claim:
    """Two people: one with four class hours in two sessions, whose money the cap cuts; one with too few."""
    claim = Claim(clock, forge)
    claim.certify(claim.learn(2, 2))
    claim.learn(1)
    claim.submit()
    claim.review("first")
    claim.review("second")
    claim.post()
    claim.pay()
    return claim


def a_claim_with_history(clock: FixedCalendar, forge: Forge = honest) -> Claim:
    """Three people: the second reviewer asked the first again, who cut one to three class hours and another to nothing; the
    first was paid, then the one who was cut, a day after the notice was moved; part of the first one's money came back."""
    claim = Claim(clock, forge)
    for minutes in (2, 4, 3):
        claim.certify(claim.learn(minutes))
    claim.submit()
    first, second, third = claim.held()
    claim.review("first")
    claim.review("second", "return")
    claim.adjust(second, 3)
    claim.adjust(third, 0)
    claim.review("first")
    claim.review("second")
    claim.post()
    claim.redate(1)
    clock.advance(86_400)
    claim.pay(first)
    clock.advance(86_400)
    claim.pay(second)
    claim.recover(first, 1_850, received_fen=1_000)
    return claim
