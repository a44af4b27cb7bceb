"""A small claim of real sessions, sealed as the desk seals it: deposits, holds, claim, two reviews, payment, settlements.

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
        for line in self.held():
            draws = self.draws(line)
            self.transfer(line["hold"], "hold", UUID(line["person"]), "claimable", "held", line["seconds"], draws=draws)

    def held(self) -> list[dict[str, Any]]:
        """The lines with money."""
        return [line for line in self.lines if line["hold"]]

    def draws(self, line: dict[str, Any]) -> list[list[Any]]:
        """What a line's hold draws, the oldest deposit first."""
        left, drawn = line["seconds"], []
        for key, seconds in self.deposits[UUID(line["person"])]:
            if left:
                drawn.append([key, min(seconds, left)])
                left -= min(seconds, left)
        return drawn

    def review(self, stage: str, verdict: str = "approve") -> None:
        """One of the two approvals."""
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

    def pay(self) -> None:
        """Settle every hold and pay."""
        for line in self.held():
            key = line["hold"].replace(":hold", ":settle")
            self.transfer(
                key,
                "settle",
                UUID(line["person"]),
                "held",
                "settled",
                line["seconds"],
                hold=line["hold"],
                draws=self.draws(line),
            )
        order = uuid4()
        body = {
            "batch": str(uuid4()),
            "order": str(order),
            "claim": str(self.id),
            "enterprise": str(uuid4()),
            "fund": "employment",
            "policy_version": "1",
            "amount_fen": sum(line["amount_fen"] for line in self.lines),
            "at_ms": epoch_ms(self.clock()),
            "created_by": str(uuid4()),
            "released_by": str(uuid4()),
            "lines": [
                {
                    "line": line["line"],
                    "amount_fen": line["amount_fen"],
                    "settle": line["hold"].replace(":hold", ":settle"),
                }
                for line in self.held()
            ],
        }
        self.seal("payment", body, f"payment:{order}")

    def bundle(self) -> bytes:
        """The claim's bundle."""
        return bundle_of(self.records, self.people, kind="claim", about=self.id)


def a_paid_claim(clock: FixedCalendar, forge: Forge = honest) -> Claim:
    """Two people: one with four class hours in two sessions, whose money the cap cuts; one with too few."""
    claim = Claim(clock, forge)
    claim.learn(2, 2)
    claim.learn(1)
    claim.submit()
    claim.review("first")
    claim.review("second")
    claim.pay()
    return claim
