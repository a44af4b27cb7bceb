"""What one person's facts come to under a policy: class hours, money, credits and priority. Pure.

The notice is 锡人社办〔2020〕10号; clause numbers are its own.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import date, datetime, time, timedelta
from typing import Any, Literal
from zoneinfo import ZoneInfo

from backend.policies import sentences
from backend.policies.values import Entry, Policy
from config.errors import Invalid

__all__ = [
    "Decision",
    "Entry",
    "PersonFacts",
    "Policy",
    "Priority",
    "Step",
    "claim_closes_at",
    "class_hours_of",
    "credits_of",
    "decide",
    "last_claim_on",
    "last_class_start_on",
    "priority",
]

Outcome = Literal["pass", "fail", "info"]


@dataclass(frozen=True)
class PersonFacts:
    """One person in one claim. ``seconds`` are verified and claimable; ``drawn_fen`` is what the cap's scope already used up.

    ``lesson_seconds`` (its sum is ``seconds``) matters only to policies that round lesson by lesson. ``None``: not known yet.
    """

    seconds: int
    drawn_fen: int = 0
    class_starts_on: date | None = None
    claimed_at: datetime | None = None
    enterprise_kind: str = "ordinary"
    relation: str = "contract"
    relation_proven: bool = True
    filed: bool = True
    checked_in: bool = True
    quiz_passed: bool = True
    plan_media_seconds: tuple[int, ...] | None = None
    lesson_seconds: tuple[int, ...] = ()


@dataclass(frozen=True)
class Step:
    """One rule's finding, with the clause it rests on."""

    rule: str
    clause: str
    outcome: Outcome
    sentence: str


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
        """The decision as JSON can hold it."""
        return asdict(self) | {"steps": [asdict(step) for step in self.steps]}

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


def class_hours_of(lesson_seconds: Sequence[int], policy: Policy) -> int:
    """Class hours of these seconds, one item a lesson (二(二)). By default they are summed first and rounded down once."""
    unit = policy.class_hour.seconds
    if policy.class_hour.rounding == "floor_per_lesson":
        return sum(seconds // unit for seconds in lesson_seconds)
    if policy.class_hour.rounding == "nearest_per_lesson":
        return sum((2 * seconds + unit) // (2 * unit) for seconds in lesson_seconds)
    return sum(lesson_seconds) // unit


def credits_of(seconds: int, policy: Policy) -> int:
    """Whole credits of the learned seconds (二(三)); the exchange rate is the policy's demonstration rule."""
    return class_hours_of([seconds], policy) // policy.credit.class_hours_per_credit


def last_class_start_on(policy: Policy) -> date:
    """The last day on which a class may start (二(二))."""
    last = policy.window.last_class_start_on
    return last if policy.window.last_day_included else last - timedelta(days=1)


def last_claim_on(policy: Policy) -> date:
    """The last local day on which a claim may be submitted (三)."""
    last = policy.claim.last_day_on
    return last if policy.claim.last_day_included else last - timedelta(days=1)


def claim_closes_at(policy: Policy) -> datetime:
    """The first instant at which a claim is too late: local midnight after the last day (三)."""
    return datetime.combine(last_claim_on(policy) + timedelta(days=1), time(0), ZoneInfo(policy.window.time_zone))


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
    conditions = [
        _window(facts, policy),
        _enterprise(facts, policy),
        _relation(facts, policy),
        _filing(facts, policy),
        _check_in(facts, policy),
        _plan_hours(facts, policy),
        _person_hours(facts, hours, policy),
        _quiz(facts, policy),
        _deadline(facts, policy),
    ]
    left = max(policy.subsidy.cap_fen - facts.drawn_fen, 0)
    met = all(step.outcome != "fail" for step in conditions)
    eligible = met and left > 0
    uncapped = hours * policy.subsidy.rate_fen_per_class_hour
    amount = min(uncapped, left) if eligible else 0
    money = [
        _class_hours(facts, hours, left, eligible, policy),
        Step(
            "amount",
            policy.clause("subsidy.rate_fen_per_class_hour"),
            "info",
            sentences.amount(hours, policy.subsidy.rate_fen_per_class_hour, uncapped, met),
        ),
        Step(
            "cap",
            policy.clause("subsidy.cap_fen"),
            "fail" if left == 0 else "pass" if eligible else "info",
            sentences.cap(policy.subsidy.cap_fen, facts.drawn_fen, left, amount, eligible),
        ),
    ]
    drawn = hours * policy.class_hour.seconds if amount else 0
    return Decision(amount > 0, hours, amount, (*conditions, *money), min(drawn, facts.seconds), policy.version)


def _check(facts: PersonFacts) -> None:
    if facts.seconds < 0 or facts.drawn_fen < 0 or any(seconds < 0 for seconds in facts.lesson_seconds):
        raise Invalid("FACTS_INVALID", "学习秒数和已核定金额不能小于0。")
    if facts.lesson_seconds and sum(facts.lesson_seconds) != facts.seconds:
        raise Invalid("FACTS_INVALID", "各课秒数之和与总秒数不一致。")
    if facts.enterprise_kind not in sentences.ENTERPRISE_KINDS or facts.relation not in sentences.RELATIONS:
        raise Invalid("FACTS_INVALID", f"不认识的企业类型或用工形式：{facts.enterprise_kind}、{facts.relation}。")


def _outcome(good: bool) -> Outcome:
    return "pass" if good else "fail"


def _window(facts: PersonFacts, policy: Policy) -> Step:
    first, last = policy.window.level_one_response_on, last_class_start_on(policy)
    starts_on = facts.class_starts_on
    outcome: Outcome = "info" if starts_on is None else _outcome(first <= starts_on <= last)
    clause = policy.clause("window.last_class_start_on")
    return Step("policy_window", clause, outcome, sentences.window(starts_on, first, last))


def _enterprise(facts: PersonFacts, policy: Policy) -> Step:
    excluded = facts.enterprise_kind in policy.enterprise.excluded_kinds
    sentence = sentences.enterprise_kind(facts.enterprise_kind, excluded)
    return Step("enterprise_kind", policy.clause("enterprise.excluded_kinds"), _outcome(not excluded), sentence)


def _relation(facts: PersonFacts, policy: Policy) -> Step:
    platform = facts.enterprise_kind == "platform_company"
    key = "relation.platform_company" if platform else "relation.ordinary"
    covered = facts.relation in (policy.relation.platform_company if platform else policy.relation.ordinary)
    if facts.enterprise_kind == "dispatch_company" and facts.relation == "dispatched_in":
        covered = covered and policy.relation.dispatched_claimant == "dispatch_company"
    sentence = sentences.relation(facts.relation, facts.enterprise_kind, covered, facts.relation_proven)
    return Step("relation", policy.clause(key), _outcome(covered and facts.relation_proven), sentence)


def _filing(facts: PersonFacts, policy: Policy) -> Step:
    good = facts.filed or not policy.plan.filed_before_training
    return Step("filing", policy.clause("plan.filed_before_training"), _outcome(good), sentences.filing(facts.filed))


def _check_in(facts: PersonFacts, policy: Policy) -> Step:
    required = policy.claim.check_in_required
    sentence = sentences.check_in(facts.checked_in, required)
    return Step(
        "check_in", policy.clause("claim.check_in_required"), _outcome(facts.checked_in or not required), sentence
    )


def _plan_hours(facts: PersonFacts, policy: Policy) -> Step:
    """Clause 二(二) puts 24 class hours on the training: by default on the plan's media and on each person."""
    minimum, unit = policy.subsidy.minimum_class_hours, policy.class_hour.seconds
    clause = policy.clause("subsidy.minimum_class_hours")
    if facts.plan_media_seconds is None:
        return Step("plan_hours", clause, "info", sentences.plan_hours(None, minimum, 0))
    hours = class_hours_of(facts.plan_media_seconds, policy)
    missing = _missing(sum(facts.plan_media_seconds), hours, minimum, unit)
    applies = policy.subsidy.minimum_applies_to in ("plan_and_person", "plan")
    return Step(
        "plan_hours", clause, _outcome(missing == 0 or not applies), sentences.plan_hours(hours, minimum, missing)
    )


def _person_hours(facts: PersonFacts, hours: int, policy: Policy) -> Step:
    minimum = policy.subsidy.minimum_class_hours
    missing = _missing(facts.seconds, hours, minimum, policy.class_hour.seconds)
    applies = policy.subsidy.minimum_applies_to in ("plan_and_person", "person")
    sentence = sentences.person_hours(facts.seconds, hours, minimum, missing)
    return Step("hours", policy.clause("subsidy.minimum_class_hours"), _outcome(missing == 0 or not applies), sentence)


def _missing(seconds: int, hours: int, minimum: int, unit: int) -> int:
    """Seconds still missing to the minimum; where lessons are rounded one by one, whole class hours."""
    if hours >= minimum:
        return 0
    missing = minimum * unit - seconds
    return missing if missing > 0 else (minimum - hours) * unit


def _quiz(facts: PersonFacts, policy: Policy) -> Step:
    required = policy.quiz.required
    sentence = sentences.quiz(facts.quiz_passed, required, policy.quiz.pass_mark)
    return Step("quiz", policy.clause("quiz.required"), _outcome(facts.quiz_passed or not required), sentence)


def _deadline(facts: PersonFacts, policy: Policy) -> Step:
    closes_at, last = claim_closes_at(policy), last_claim_on(policy)
    clause = policy.clause("claim.last_day_on")
    if facts.claimed_at is None:
        return Step("claim_deadline", clause, "info", sentences.deadline(None, last, True))
    in_time = facts.claimed_at < closes_at
    claimed_on = facts.claimed_at.astimezone(closes_at.tzinfo).date()
    return Step("claim_deadline", clause, _outcome(in_time), sentences.deadline(claimed_on, last, in_time))


def _class_hours(facts: PersonFacts, hours: int, left_fen: int, eligible: bool, policy: Policy) -> Step:
    unit, rate = policy.class_hour.seconds, policy.subsidy.rate_fen_per_class_hour
    rest = max(facts.seconds - hours * unit, 0)
    gain = min((hours + 1) * rate, left_fen) - min(hours * rate, left_fen) if eligible else 0
    sentence = sentences.class_hours(hours, rest, unit - rest % unit, gain)
    return Step("class_hours", policy.clause("class_hour.rounding"), "info", sentence)
