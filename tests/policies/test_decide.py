"""Worked figures of the notice: hours to money, cap, window, deadline, kinds and relations."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import date, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from backend.policies.reading import read_policy
from backend.policies.rules import Decision, PersonFacts, Policy, claim_closes_at, class_hours_of, decide
from config.errors import Invalid
from tests.policies.conftest import FILE

HOUR = 2700
NOTICE = read_policy(FILE)


def step(decision: Decision, rule: str) -> tuple[str, str]:
    """(outcome, sentence) of one step."""
    found = next(item for item in decision.steps if item.rule == rule)
    return found.outcome, found.sentence


def amount(policy: Policy, hours: int, drawn_fen: int = 0) -> int:
    return decide(PersonFacts(seconds=hours * HOUR, drawn_fen=drawn_fen), policy).amount_fen


def test_money_per_person(policy: Policy) -> None:
    expected = {24: 44400, 25: 46250, 26: 48100, 27: 49950, 28: 50000, 30: 50000, 40: 50000, 48: 50000}
    assert {hours: amount(policy, hours) for hours in expected} == expected
    assert {amount(policy, hours) for hours in range(24)} == {0}


def test_a_first_claim_has_one_of_six_amounts(policy: Policy) -> None:
    amounts = {amount(policy, hours) for hours in range(200)}
    assert amounts == {0, 44400, 46250, 48100, 49950, 50000}


def test_a_roster_of_eight(policy: Policy) -> None:
    decisions = [decide(PersonFacts(seconds=h * HOUR), policy) for h in (23, 24, 24, 25, 27, 28, 30, 36)]
    assert sum(decision.amount_fen for decision in decisions) == 335000
    assert sum(decision.eligible for decision in decisions) == 7


def test_two_plans_of_24_hours_share_one_cap(policy: Policy) -> None:
    first = amount(policy, 24)
    second = amount(policy, 24, drawn_fen=first)
    assert (first, second) == (44400, 5600)


def test_a_used_up_cap_pays_nothing_and_draws_no_hours(policy: Policy) -> None:
    decision = decide(PersonFacts(seconds=30 * HOUR, drawn_fen=50000), policy)
    assert (decision.eligible, decision.amount_fen, decision.seconds_drawn) == (False, 0, 0)
    assert step(decision, "cap") == (
        "fail",
        "每人最高500.00元，此前已核定500.00元，额度已经用完，本次不再发放；学时仍留在学分银行。",
    )


def test_the_28th_hour_is_worth_half_a_yuan(policy: Policy) -> None:
    decision = decide(PersonFacts(seconds=27 * HOUR + 1), policy)
    assert step(decision, "class_hours")[1] == (
        "各次学习的秒数相加后只取整一次，认定27课时，零头1秒留在学分银行；再学45分钟可到28课时，多得0.50元。"
    )
    capped = decide(PersonFacts(seconds=28 * HOUR), policy)
    assert step(capped, "amount")[1] == "28课时×18.50元＝518.00元。"
    assert step(capped, "cap")[1] == "每人最高500.00元，此前没有核定过；本次核定500.00元。"
    assert capped.seconds_drawn == 28 * HOUR


@pytest.mark.parametrize(
    ("seconds", "minutes"),
    [(24 * HOUR - 2460, 41), (24 * HOUR - 2401, 41), (24 * HOUR - 1, 1), (23 * HOUR, 45)],
)
def test_short_of_24_hours_the_missing_minutes_are_said(policy: Policy, seconds: int, minutes: int) -> None:
    decision = decide(PersonFacts(seconds=seconds), policy)
    outcome, sentence = step(decision, "hours")
    assert (outcome, decision.eligible, decision.amount_fen) == ("fail", False, 0)
    assert sentence.endswith(f"再学{minutes}分钟即可。")
    assert decide(PersonFacts(seconds=seconds + minutes * 60), policy).eligible


def test_much_that_is_missing_is_also_said_in_hours(policy: Policy) -> None:
    assert step(decide(PersonFacts(seconds=0), policy), "hours")[1].endswith("再学1080分钟即可（合18小时）。")


def test_lessons_of_44_50_sum_first_and_round_once(
    policy: Policy, variant: Callable[..., Policy], data: dict[str, object]
) -> None:
    lessons = (44 * 60 + 50,) * 24
    assert class_hours_of(lessons, policy) == 23
    facts = PersonFacts(seconds=sum(lessons), lesson_seconds=lessons, plan_media_seconds=lessons)
    decision = decide(facts, policy)
    assert (decision.class_hours, decision.amount_fen) == (23, 0)
    assert step(decision, "plan_hours") == ("fail", "培训计划的课件合计23课时，不足24课时；再补4分钟课件即可。")
    assert step(decision, "hours")[1] == "已核实学习17小时56分，折23课时，不足24课时；再学4分钟即可。"
    each = variant(rounding=("class_hour", "floor_per_lesson"))
    assert (class_hours_of(lessons, each), decide(facts, each).amount_fen) == (0, 0)
    nearest = variant(rounding=("class_hour", "nearest_per_lesson"))
    assert (class_hours_of(lessons, nearest), decide(facts, nearest).amount_fen) == (24, 44400)


@pytest.mark.parametrize(("unit_minutes", "minutes"), [(40, 960), (45, 1080), (50, 1200), (60, 1440)])
def test_24_hours_in_minutes(variant: Callable[..., Policy], unit_minutes: int, minutes: int) -> None:
    policy = variant(seconds=("class_hour", unit_minutes * 60))
    assert decide(PersonFacts(seconds=minutes * 60), policy).eligible
    assert not decide(PersonFacts(seconds=minutes * 60 - 1), policy).eligible


def test_the_window_of_the_class_start(policy: Policy) -> None:
    def start(on: str) -> tuple[bool, str]:
        decision = decide(PersonFacts(seconds=24 * HOUR, class_starts_on=date.fromisoformat(on)), policy)
        return decision.eligible, step(decision, "policy_window")[0]

    assert start("2020-06-30") == (True, "pass")
    assert start("2020-07-01") == (False, "fail")
    assert start("2020-01-26") == (True, "pass")
    assert start("2020-01-25") == (False, "fail")


def test_the_claim_deadline_is_an_instant(policy: Policy) -> None:
    def claim(at: str) -> bool:
        facts = PersonFacts(seconds=24 * HOUR, claimed_at=datetime.fromisoformat(at))
        return decide(facts, policy).eligible

    assert claim_closes_at(policy) == datetime.fromisoformat("2020-09-30T16:00:00+00:00")
    assert claim("2020-09-30T23:59:59+08:00")
    assert claim("2020-09-30T15:59:59+00:00")
    assert not claim("2020-10-01T00:00:00+08:00")
    assert not claim("2020-09-30T16:00:00+00:00")


def test_the_last_days_can_be_read_as_excluded(variant: Callable[..., Policy]) -> None:
    policy = variant(last_day_included=("claim", False))
    assert claim_closes_at(policy) == datetime.fromisoformat("2020-09-30T00:00:00+08:00")
    policy = variant(last_day_included=("window", False))
    assert not decide(PersonFacts(seconds=24 * HOUR, class_starts_on=date(2020, 6, 30)), policy).eligible


@pytest.mark.parametrize(
    ("kind", "relation", "eligible"),
    [
        ("ordinary", "contract", True),
        ("ordinary", "dispatched_in", True),
        ("ordinary", "platform_worker", False),
        ("platform_company", "contract", True),
        ("platform_company", "dispatched_in", True),
        ("platform_company", "platform_worker", True),
        ("dispatch_company", "contract", False),
        ("dispatch_company", "dispatched_in", False),
        ("dispatch_company", "platform_worker", False),
    ],
)
def test_who_may_claim_for_whom(policy: Policy, kind: str, relation: str, eligible: bool) -> None:
    decision = decide(PersonFacts(seconds=24 * HOUR, enterprise_kind=kind, relation=relation), policy)
    assert decision.eligible is eligible


def test_a_dispatched_or_platform_worker_needs_its_proof(policy: Policy) -> None:
    facts = PersonFacts(seconds=24 * HOUR, relation="dispatched_in", relation_proven=False)
    assert step(decide(facts, policy), "relation") == (
        "fail",
        "在本企业工作的劳务派遣人员，缺少派遣协议；补交派遣协议即可。",
    )
    facts = replace(facts, enterprise_kind="platform_company", relation="platform_worker")
    assert not decide(facts, policy).eligible
    assert decide(replace(facts, relation_proven=True), policy).eligible


@pytest.mark.parametrize(
    ("facts", "rule", "words"),
    [
        (PersonFacts(seconds=28 * HOUR, filed=False), "filing", "备案"),
        (PersonFacts(seconds=28 * HOUR, checked_in=False), "check_in", "签到"),
        (PersonFacts(seconds=28 * HOUR, quiz_passed=False), "quiz", "补考达到60分即可"),
    ],
)
def test_each_missing_condition_stops_the_payment_and_is_named(
    policy: Policy, facts: PersonFacts, rule: str, words: str
) -> None:
    decision = decide(facts, policy)
    assert (decision.eligible, decision.class_hours, decision.amount_fen) == (False, 28, 0)
    assert [item.rule for item in decision.failed()] == [rule]
    assert words in step(decision, rule)[1]
    assert step(decision, "amount")[1] == "28课时×18.50元＝518.00元；上面的条件没有全部满足，本次不发放。"


def test_the_steps_come_in_order_with_their_clauses(policy: Policy) -> None:
    decision = decide(PersonFacts(seconds=24 * HOUR), policy)
    assert [(item.rule, item.clause) for item in decision.steps] == [
        ("policy_window", "二(二)"),
        ("enterprise_kind", "二(二)"),
        ("relation", "二(二)"),
        ("filing", "三"),
        ("check_in", "四.2"),
        ("plan_hours", "二(二)"),
        ("hours", "二(二)"),
        ("attendance", "四.2"),
        ("quiz", "四.2"),
        ("certificate", "三"),
        ("lists", "四.5"),
        ("claim_deadline", "三"),
        ("class_hours", "二(二)"),
        ("amount", "二(二)"),
        ("cap", "二(二)"),
    ]
    assert decision.policy_version == policy.version


@pytest.mark.parametrize(
    "facts",
    [
        PersonFacts(seconds=-1),
        PersonFacts(seconds=1, drawn_fen=-1),
        PersonFacts(seconds=1, enterprise_kind="bank"),
        PersonFacts(seconds=1, relation="friend"),
        PersonFacts(seconds=5, lesson_seconds=(1, 2)),
    ],
)
def test_impossible_facts_are_refused(policy: Policy, facts: PersonFacts) -> None:
    with pytest.raises(Invalid, match="FACTS_INVALID"):
        decide(facts, policy)


@given(
    seconds=st.integers(0, 400_000),
    drawn=st.integers(0, 60_000),
    flags=st.tuples(st.booleans(), st.booleans(), st.booleans()),
)
def test_money_never_passes_rate_or_cap_and_more_study_never_pays_less(
    seconds: int, drawn: int, flags: tuple[bool, bool, bool]
) -> None:
    filed, checked_in, passed = flags
    facts = PersonFacts(seconds=seconds, drawn_fen=drawn, filed=filed, checked_in=checked_in, quiz_passed=passed)
    decision = decide(facts, NOTICE)
    assert 0 <= decision.amount_fen <= max(0, 50000 - drawn)
    assert decision.amount_fen <= decision.class_hours * 1850
    assert decision.class_hours == seconds // HOUR
    assert decision.eligible is (decision.amount_fen > 0)
    assert decision.seconds_drawn == (decision.class_hours * HOUR if decision.eligible else 0)
    more = decide(replace(facts, seconds=seconds + HOUR), NOTICE)
    assert more.amount_fen >= decision.amount_fen
    assert (decision.amount_fen == 0) or all(flags)


def test_a_new_hire_can_bring_both_subsidies(policy: Policy) -> None:
    """二(一) beside 二(二): 300 and 500 yuan, where the policy lets both stand (A15)."""
    assert policy.new_hire.together_with_on_job
    assert policy.new_hire.amount_fen + amount(policy, 28) == 80000
