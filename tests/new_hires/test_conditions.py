"""Who brings the advance of 二(一): worked figures of the notice and of 锡人社发〔2020〕5号."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import pytest

import config
from backend.new_hires.conditions import NewHireDecision, NewHireFacts, decide, stable_on
from backend.new_hires.rules import Particulars
from backend.policies.reading import read_policy
from backend.policies.rules import ListFinding, Policy

GIVEN = Particulars(
    contract_on=date(2020, 3, 2),
    contract_renewed=False,
    hire_registered=True,
    insured_on=date(2020, 3, 2),
    left_on=None,
    other_subsidy_fen=0,
    form="online",
    contents=("work_safety",),
)
FACTS = NewHireFacts(
    on=date(2020, 4, 10),
    enterprise_kind="ordinary",
    affected=True,
    relation="contract",
    hired_on=date(2020, 3, 2),
    particulars=GIVEN,
)


@pytest.fixture(scope="module")
def policy() -> Policy:
    return read_policy(Path(config.__file__).parent / "policies" / "wuxi-2020-10.toml")


def changed(policy: Policy, **values: Any) -> Policy:
    return replace(policy, new_hire=replace(policy.new_hire, **values))


def failed(decision: NewHireDecision) -> list[str]:
    return [step.rule for step in decision.steps if step.outcome == "fail"]


def test_a_new_hire_brings_300_yuan_and_every_step_says_its_clause(policy: Policy) -> None:
    decision = decide(FACTS, policy)
    assert (decision.eligible, decision.amount_fen) == (True, 30_000)
    assert failed(decision) == []
    assert {step.clause for step in decision.steps} == {"二(一)"}
    assert decision.steps[-1].amount_fen == 30_000
    assert decision.to_dict()["steps"][-1]["sentence"] == "每人300元。"


@pytest.mark.parametrize(
    ("hired", "full"),
    [
        (date(2020, 1, 31), date(2020, 2, 29)),
        (date(2020, 1, 29), date(2020, 2, 29)),
        (date(2020, 1, 28), date(2020, 2, 28)),
        (date(2020, 3, 31), date(2020, 4, 30)),
        (date(2020, 12, 31), date(2021, 1, 31)),
        (date(2021, 1, 31), date(2021, 2, 28)),
    ],
)
def test_a_month_is_full_on_the_same_day_or_on_the_last(policy: Policy, hired: date, full: date) -> None:
    assert stable_on(hired, None, policy) == full


def test_other_ways_to_count_the_month(policy: Policy) -> None:
    days = changed(policy, month_counts_as="30_days")
    assert stable_on(date(2020, 1, 31), None, days) == date(2020, 3, 1)
    months = changed(policy, month_counts_as="two_insured_months")
    assert stable_on(date(2020, 2, 10), date(2020, 2, 10), months) == date(2020, 3, 31)
    assert stable_on(date(2020, 2, 10), date(2020, 3, 1), months) == date(2020, 4, 30)


@pytest.mark.parametrize(("on", "good"), [(date(2020, 2, 28), False), (date(2020, 2, 29), True)])
def test_hired_on_31_january_the_month_is_full_on_29_february(policy: Policy, on: date, good: bool) -> None:
    given = replace(GIVEN, contract_on=date(2020, 1, 31), insured_on=date(2020, 2, 1))
    decision = decide(replace(FACTS, on=on, hired_on=date(2020, 1, 31), particulars=given), policy)
    assert decision.eligible is good
    if not good:
        assert failed(decision) == ["stable"]
        assert "到2020年2月29日才满一个月，还差1天" in "".join(step.sentence for step in decision.steps)


@pytest.mark.parametrize(
    ("hired", "good"),
    [
        (date(2020, 1, 25), False),
        (date(2020, 1, 26), True),
        (date(2020, 6, 30), True),
        (date(2020, 7, 1), False),
    ],
)
def test_hired_between_level_one_day_and_30_june(policy: Policy, hired: date, good: bool) -> None:
    given = replace(GIVEN, contract_on=hired, insured_on=hired)
    decision = decide(replace(FACTS, on=date(2020, 9, 1), hired_on=hired, particulars=given), policy)
    assert failed(decision) == ([] if good else ["window"])


def test_a_policy_may_want_the_month_inside_the_window(policy: Policy) -> None:
    given = replace(GIVEN, contract_on=date(2020, 6, 10), insured_on=date(2020, 6, 10))
    facts = replace(FACTS, on=date(2020, 9, 1), hired_on=date(2020, 6, 10), particulars=given)
    assert decide(facts, policy).eligible
    assert failed(decide(facts, changed(policy, window_means="month_complete_in_window"))) == ["window"]


@pytest.mark.parametrize(("on", "good"), [(date(2020, 9, 30), True), (date(2020, 10, 1), False)])
def test_the_last_day_of_application_is_included(policy: Policy, on: date, good: bool) -> None:
    assert failed(decide(replace(FACTS, on=on), policy)) == ([] if good else ["deadline"])


@pytest.mark.parametrize(
    ("change", "rule"),
    [
        ({"contract_renewed": True}, "contract"),
        ({"contract_on": None}, "contract"),
        ({"hire_registered": False}, "hire_registration"),
        ({"insured_on": None}, "insurance"),
        ({"insured_on": date(2020, 4, 3)}, "insurance"),
        ({"left_on": date(2020, 4, 1)}, "stable"),
        ({"contents": ()}, "training"),
        ({"form": "mentor"}, "training"),
        ({"other_subsidy_fen": 30_000}, "amount"),
    ],
)
def test_what_is_said_of_the_person_decides(policy: Policy, change: dict[str, Any], rule: str) -> None:
    decision = decide(replace(FACTS, particulars=replace(GIVEN, **change)), policy)
    assert failed(decision) == [rule]
    assert (decision.eligible, decision.amount_fen) == (False, 0)


def test_who_left_after_the_month_was_stably_employed(policy: Policy) -> None:
    assert decide(replace(FACTS, particulars=replace(GIVEN, left_on=date(2020, 4, 2))), policy).eligible


@pytest.mark.parametrize(
    ("change", "rule"),
    [
        ({"affected": False}, "affected"),
        ({"relation": "dispatched_in"}, "relation"),
        ({"relation": "platform_worker"}, "relation"),
        ({"elsewhere": True}, "once"),
        ({"list_findings": (ListFinding("dishonest", True, "在失信企业名单上。"),)}, "list_dishonest"),
    ],
)
def test_what_the_house_knows_decides(policy: Policy, change: dict[str, Any], rule: str) -> None:
    assert failed(decide(replace(FACTS, **change), policy)) == [rule]


def test_a_dispatch_company_may_apply_for_its_own_people(policy: Policy) -> None:
    """二(一) says 本市各类企业, without the exception of 二(二); a policy may exclude it."""
    facts = replace(FACTS, enterprise_kind="dispatch_company")
    assert decide(facts, policy).eligible
    assert failed(decide(facts, changed(policy, excluded_kinds=("dispatch_company",)))) == ["enterprise_kind"]


def test_the_higher_subsidy_applies_and_the_difference_is_topped_up(policy: Policy) -> None:
    decision = decide(replace(FACTS, particulars=replace(GIVEN, other_subsidy_fen=12_050)), policy)
    assert (decision.eligible, decision.amount_fen) == (True, 17_950)
    assert decision.steps[-1].sentence == "每人300元，已享受以工代训补贴120.50元，就高不重复，补差额179.50元。"
    exclusive = changed(policy, other_subsidy="exclusive")
    assert not decide(replace(FACTS, particulars=replace(GIVEN, other_subsidy_fen=1)), exclusive).eligible


def test_a_list_of_other_subsidies_outweighs_a_smaller_word(policy: Policy) -> None:
    facts = replace(FACTS, subsidy_by_list=(10_000, "市就业中心名单第3行"))
    assert decide(facts, policy).amount_fen == 20_000
    assert "市就业中心名单第3行" in decide(facts, policy).steps[-1].sentence
    said = replace(facts, particulars=replace(GIVEN, other_subsidy_fen=15_000))
    assert decide(said, policy).amount_fen == 15_000


def test_a_list_of_the_insured_replaces_the_word_and_the_paper(policy: Policy) -> None:
    assert decide(FACTS, policy).proof_needed
    facts = replace(FACTS, insured_by_list=(date(2020, 3, 2), "市社保中心名单第9行"))
    decision = decide(replace(facts, particulars=replace(GIVEN, insured_on=None)), policy)
    assert (decision.eligible, decision.proof_needed) == (True, False)


def test_a_class_of_on_job_training_is_said_and_may_exclude(policy: Policy) -> None:
    facts = replace(FACTS, in_class=True)
    decision = decide(facts, policy)
    assert decision.eligible
    assert "同一段学习时间不重复使用" in "".join(step.sentence for step in decision.steps)
    assert failed(decide(facts, changed(policy, together_with_on_job=False))) == ["on_job"]
