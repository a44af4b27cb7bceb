"""What a certificate asks for (四.2), who was employed when (A21), and when a class really started (A3)."""

from __future__ import annotations

from datetime import date, datetime

import pytest

from backend.policies.rules import Decision, PersonFacts, Policy, decide

HOUR = 2700


def step(decision: Decision, rule: str) -> tuple[str, str, str]:
    """(outcome, clause, sentence) of one step."""
    found = next(item for item in decision.steps if item.rule == rule)
    return found.outcome, found.clause, found.sentence


def test_under_80_percent_of_the_planned_hours_nothing_is_paid(policy: Policy) -> None:
    decision = decide(PersonFacts(seconds=24 * HOUR, planned_class_hours=40), policy)
    assert (decision.eligible, decision.amount_fen, decision.seconds_drawn) == (False, 0, 0)
    assert step(decision, "attendance") == (
        "fail",
        "四.2",
        "计划40课时，出勤率60%，不足80%；再学360分钟即可（合6小时）。",
    )
    assert [found.rule for found in decision.failed()] == ["attendance"]


def test_80_percent_to_the_second_is_enough(policy: Policy) -> None:
    enough = 32 * HOUR
    assert decide(PersonFacts(seconds=enough, planned_class_hours=40), policy).amount_fen == 50_000
    short = decide(PersonFacts(seconds=enough - 1, planned_class_hours=40), policy)
    assert short.amount_fen == 0
    assert step(short, "attendance")[2] == "计划40课时，出勤率79%，不足80%；再学1分钟即可。"


def test_what_is_enough_meets_both_minimums(policy: Policy) -> None:
    """A worker who is told "再学N分钟即可" is done after N minutes, not told another N."""
    for planned, seconds in ((40, 20 * HOUR), (28, 20 * HOUR), (30, 23 * HOUR + 60)):
        decision = decide(PersonFacts(seconds=seconds, planned_class_hours=planned), policy)
        said = {found.sentence.partition("；")[2] for found in decision.failed()}
        assert len(said) == 1
        minutes = int(said.pop().removeprefix("再学").partition("分钟")[0])
        assert decide(PersonFacts(seconds=seconds + minutes * 60, planned_class_hours=planned), policy).eligible


def test_more_than_planned_is_100_percent(policy: Policy) -> None:
    decision = decide(PersonFacts(seconds=30 * HOUR, planned_class_hours=24), policy)
    assert step(decision, "attendance") == ("pass", "四.2", "计划24课时，出勤率100%，不低于80%。")
    assert step(decide(PersonFacts(seconds=1), policy), "attendance")[0] == "info"


@pytest.mark.parametrize(("hired", "eligible"), [("2019-06-01", True), ("2020-03-09", True), ("2020-03-10", False)])
def test_who_was_hired_after_the_class_started_brings_nothing(policy: Policy, hired: str, eligible: bool) -> None:
    facts = PersonFacts(seconds=24 * HOUR, hired_on=date.fromisoformat(hired), class_starts_on=date(2020, 3, 9))
    decision = decide(facts, policy)
    assert decision.eligible is eligible
    if not eligible:
        assert step(decision, "relation") == (
            "fail",
            "二(二)",
            "入职日期2020年3月10日晚于开班日期，当日不是本企业在岗人员，不能申领；入职日期填错的，请在备案前更正花名册。",
        )


def test_a_class_that_really_began_after_the_window_is_told_why(policy: Policy) -> None:
    facts = PersonFacts(
        seconds=24 * HOUR,
        class_starts_on=date(2020, 7, 1),
        starts_with_session=True,
        claimed_at=datetime.fromisoformat("2020-09-01T09:00:00+08:00"),
    )
    outcome, _, sentence = step(decide(facts, policy), "policy_window")
    assert outcome == "fail"
    assert sentence.startswith("开班日期2020年7月1日（备案后第一次学习的日期）晚于2020年6月30日，不在政策期内")


def test_papers_that_must_be_kept_are_named(policy: Policy) -> None:
    facts = PersonFacts(seconds=24 * HOUR, enterprise_kind="platform_company", relation="platform_worker")
    assert step(decide(facts, policy), "relation")[2] == (
        "平台从业人员，属于补贴对象；平台协议和开班当月的结算记录须留存备查。"
    )
