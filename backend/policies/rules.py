"""What one person's facts come to under a policy: class hours, money, credits and priority. Pure.

The notice is 锡人社办〔2020〕10号; clause numbers are its own.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any

from backend.policies import sentences
from backend.policies.conditions import conditions
from backend.policies.facts import Fact, ListFinding, PersonFacts, Step
from backend.policies.limits import (
    attendance_seconds,
    claim_closes_at,
    class_hours_of,
    last_claim_on,
    last_class_start_on,
    seconds_needed,
)
from backend.policies.values import Entry, Policy
from config.errors import Invalid

__all__ = [
    "Decision",
    "Entry",
    "ListFinding",
    "PersonFacts",
    "Policy",
    "Priority",
    "Step",
    "attendance_seconds",
    "claim_closes_at",
    "class_hours_of",
    "credits_of",
    "decide",
    "last_claim_on",
    "last_class_start_on",
    "priority",
    "seconds_needed",
]


@dataclass(frozen=True)
class Decision:
    """What one person brings in one claim, and why. ``seconds_drawn`` are whole class hours, 0 when nothing is paid."""

    eligible: bool
    class_hours: int
    amount_fen: int
    steps: tuple[Step, ...]
    seconds_drawn: int
    policy_version: str

    def to_dict(self) -> dict[str, Any]:
        """The whole derivation as canonical JSON can hold it: facts, rule, clause and amount of every step."""
        return {**self.__dict__, "steps": [step.to_dict() for step in self.steps]}

    def failed(self) -> tuple[Step, ...]:
        """The steps that stand in the way."""
        return tuple(step for step in self.steps if step.outcome == "fail")


@dataclass(frozen=True)
class Priority:
    """二(三): whether a worker goes first at a training center, and until when (``None``: no end was declared)."""

    has_priority: bool
    priority_until: date | None
    class_hours: int
    credits: int
    clause: str
    sentence: str


def credits_of(seconds: int, policy: Policy) -> int:
    """Whole credits of the learned seconds (二(三)); the exchange rate is the policy's demonstration rule."""
    return class_hours_of([seconds], policy) // policy.credit.class_hours_per_credit


def priority(learned_seconds: int, policy: Policy, on: date) -> Priority:
    """Priority of a worker with ``learned_seconds`` on that day: within one year after the epidemic ended (二(三))."""
    ended = policy.priority.epidemic_ended_on
    until = _years_later(ended, policy.priority.years_after_epidemic) if ended else None
    hours = class_hours_of([learned_seconds], policy)
    expired = until is not None and on > until
    has = hours >= policy.priority.minimum_class_hours and not expired
    return Priority(
        has_priority=has,
        priority_until=until,
        class_hours=hours,
        credits=credits_of(learned_seconds, policy),
        clause=policy.clause("priority.years_after_epidemic"),
        sentence=sentences.priority(has, hours, policy.priority.minimum_class_hours, until, expired),
    )


def _years_later(on: date, years: int) -> date:
    try:
        return on.replace(year=on.year + years)
    except ValueError:  # 29 February
        return date(on.year + years, 2, 28)


def decide(facts: PersonFacts, policy: Policy) -> Decision:
    """One person's decision, step by step: who and when (二(二), 三), learning (四.2), hours, then money.

    Raises ``Invalid`` FACTS_INVALID for amounts below zero and kinds or relations the notice does not know.
    """
    _check(facts)
    lessons = facts.lesson_seconds or (facts.seconds,)
    hours = class_hours_of(lessons, policy)
    found = conditions(facts, hours, policy)
    left = max(policy.subsidy.cap_fen - facts.drawn_fen, 0)
    met = all(step.outcome != "fail" for step in found)
    eligible = met and left > 0
    amount = min(hours * policy.subsidy.rate_fen_per_class_hour, left) if eligible else 0
    money = (
        _class_hours(facts, hours, left, eligible, policy),
        _amount(hours, met, policy),
        _cap(facts, left, amount, eligible, policy),
    )
    drawn = hours * policy.class_hour.seconds if amount else 0
    return Decision(amount > 0, hours, amount, (*found, *money), min(drawn, facts.seconds), policy.version)


def _check(facts: PersonFacts) -> None:
    if facts.planned_class_hours is not None and facts.planned_class_hours < 1:
        raise Invalid("FACTS_INVALID", "计划课时必须大于0。")
    if facts.seconds < 0 or facts.drawn_fen < 0 or any(seconds < 0 for seconds in facts.lesson_seconds):
        raise Invalid("FACTS_INVALID", "学习秒数和已核定金额不能小于0。")
    if facts.lesson_seconds and sum(facts.lesson_seconds) != facts.seconds:
        raise Invalid("FACTS_INVALID", "各课秒数之和与总秒数不一致。")
    if facts.enterprise_kind not in sentences.ENTERPRISE_KINDS or facts.relation not in sentences.RELATIONS:
        raise Invalid("FACTS_INVALID", f"不认识的企业类型或用工形式：{facts.enterprise_kind}、{facts.relation}。")


def _class_hours(facts: PersonFacts, hours: int, left_fen: int, eligible: bool, policy: Policy) -> Step:
    unit, rate = policy.class_hour.seconds, policy.subsidy.rate_fen_per_class_hour
    rest = max(facts.seconds - hours * unit, 0)
    gain = min((hours + 1) * rate, left_fen) - min(hours * rate, left_fen) if eligible else 0
    sentence = sentences.class_hours(hours, rest, unit - rest % unit, gain, policy.class_hour.rounding)
    used: dict[str, Fact] = {
        "seconds": facts.seconds,
        "class_hour_seconds": unit,
        "rounding": policy.class_hour.rounding,
        "class_hours": hours,
        "rest_seconds": rest,
    }
    return Step("class_hours", policy.clause("class_hour.rounding"), "info", sentence, used)


def _amount(hours: int, met: bool, policy: Policy) -> Step:
    """Rate times class hours, before the cap."""
    rate = policy.subsidy.rate_fen_per_class_hour
    sentence = sentences.amount(hours, rate, hours * rate, met)
    used: dict[str, Fact] = {"class_hours": hours, "rate_fen_per_class_hour": rate, "conditions_met": met}
    clause = policy.clause("subsidy.rate_fen_per_class_hour")
    return Step("amount", clause, "info", sentence, used, amount_fen=hours * rate)


def _cap(facts: PersonFacts, left_fen: int, amount_fen: int, eligible: bool, policy: Policy) -> Step:
    """What is granted in the end."""
    cap = policy.subsidy.cap_fen
    return Step(
        "cap",
        policy.clause("subsidy.cap_fen"),
        "fail" if left_fen == 0 else "pass" if eligible else "info",
        sentences.cap(cap, facts.drawn_fen, left_fen, amount_fen, eligible),
        {"cap_fen": cap, "cap_scope": policy.subsidy.cap_scope, "drawn_fen": facts.drawn_fen, "left_fen": left_fen},
        amount_fen=amount_fen,
    )
