"""What is known of one person in one claim, and a rule's finding about it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any, Literal

Outcome = Literal["pass", "fail", "info"]
Fact = str | int | bool | None | tuple[str, ...]


@dataclass(frozen=True)
class ListFinding:
    """What an office's list says of one person (四.5). ``kind`` names the list; ``sentence`` says list, office, day and row."""

    kind: str
    refuses: bool
    sentence: str


@dataclass(frozen=True)
class PersonFacts:
    """One person in one claim. ``seconds`` are verified and claimable; ``drawn_fen`` is what the cap's scope already used up.

    ``starts_with_session``: ``class_starts_on`` is the day of the first session after filing, not the day that was planned.
    ``lesson_seconds`` (its sum is ``seconds``) matters only to policies that round lesson by lesson. ``None``: not known yet.
    ``certified``: a valid certificate of this class (三). ``list_findings``: a refusing one stops the payment, others inform.
    """

    seconds: int
    drawn_fen: int = 0
    class_starts_on: date | None = None
    starts_with_session: bool = False
    claimed_at: datetime | None = None
    enterprise_kind: str = "ordinary"
    relation: str = "contract"
    relation_proven: bool = True
    hired_on: date | None = None
    filed: bool = True
    checked_in: bool = True
    quiz_passed: bool = True
    certified: bool | None = None
    planned_class_hours: int | None = None
    plan_media_seconds: tuple[int, ...] | None = None
    lesson_seconds: tuple[int, ...] = ()
    list_findings: tuple[ListFinding, ...] = ()

    def to_dict(self) -> dict[str, Any]:
        """The facts as canonical JSON can hold them, so that a decision can be made again from what was stored."""
        return {
            **self.__dict__,
            "class_starts_on": iso(self.class_starts_on),
            "claimed_at": iso(self.claimed_at),
            "hired_on": iso(self.hired_on),
            "plan_media_seconds": None if self.plan_media_seconds is None else list(self.plan_media_seconds),
            "lesson_seconds": list(self.lesson_seconds),
            "list_findings": [finding.__dict__.copy() for finding in self.list_findings],
        }

    @classmethod
    def from_dict(cls, stored: Mapping[str, Any]) -> PersonFacts:
        """The facts that ``to_dict`` gave; what was not stored in earlier days is unknown, what is no fact is left out."""
        known: dict[str, Any] = {key: value for key, value in stored.items() if key in cls.__dataclass_fields__}
        for key in ("class_starts_on", "hired_on"):
            if known.get(key) is not None:
                known[key] = date.fromisoformat(known[key])
        if known.get("claimed_at") is not None:
            known["claimed_at"] = datetime.fromisoformat(known["claimed_at"])
        if known.get("plan_media_seconds") is not None:
            known["plan_media_seconds"] = tuple(known["plan_media_seconds"])
        known["lesson_seconds"] = tuple(known.get("lesson_seconds", ()))
        known["list_findings"] = tuple(ListFinding(**finding) for finding in known.get("list_findings", ()))
        return cls(**known)


@dataclass(frozen=True)
class Step:
    """One rule's finding: from ``facts`` (name -> value used) by ``rule`` and ``clause`` to its outcome, in a sentence.

    ``amount_fen``: the money that this step sets; None where it sets none.
    """

    rule: str
    clause: str
    outcome: Outcome
    sentence: str
    facts: Mapping[str, Fact] = field(default_factory=dict)
    amount_fen: int | None = None

    def to_dict(self) -> dict[str, Any]:
        """The step as canonical JSON can hold it."""
        return {
            "rule": self.rule,
            "clause": self.clause,
            "outcome": self.outcome,
            "sentence": self.sentence,
            "facts": {key: list(value) if isinstance(value, tuple) else value for key, value in self.facts.items()},
            "amount_fen": self.amount_fen,
        }


def refusing(findings: Iterable[ListFinding]) -> tuple[str, ...]:
    """The kinds of those lists that stop the payment."""
    return tuple(finding.kind for finding in findings if finding.refuses)


def iso(value: date | None) -> str | None:
    """ISO 8601, or None."""
    return None if value is None else value.isoformat()
