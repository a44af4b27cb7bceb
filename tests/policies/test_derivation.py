"""A decision is a derivation: fact, rule, clause, amount; it can be stored and made again."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest

from backend.policies.rules import Decision, ListFinding, PersonFacts, Policy, Step, decide
from config.crypto import canonical_json

HOUR = 2700
PENSION = ListFinding("pension", True, "该人员在“养老待遇领取人员”名单（市社保中心，2020年6月30日，第7行）中。")
STUDENT = ListFinding("students", False, "该人员在“在校生”名单（市教育局，2020年6月30日，第3行）中。")


def step(decision: Decision, rule: str) -> Step:
    return next(item for item in decision.steps if item.rule == rule)


def test_the_chain_from_the_fact_to_the_amount_is_whole(policy: Policy) -> None:
    decision = decide(PersonFacts(seconds=28 * HOUR + 60, drawn_fen=44_400), policy)
    hours, amount, cap = decision.steps[-3:]
    assert hours.facts == {
        "seconds": 75_660,
        "class_hour_seconds": 2700,
        "rounding": "floor_once",
        "class_hours": 28,
        "rest_seconds": 60,
    }
    assert (amount.facts["rate_fen_per_class_hour"], amount.amount_fen) == (1850, 51_800)
    assert cap.facts == {"cap_fen": 50_000, "cap_scope": "person", "drawn_fen": 44_400, "left_fen": 5_600}
    assert (cap.clause, cap.amount_fen, decision.amount_fen) == ("二(二)", 5_600, 5_600)
    assert all(item.facts for item in decision.steps)
    assert [item.rule for item in decision.steps if item.amount_fen is not None] == ["amount", "cap"]


@pytest.mark.parametrize(
    "facts",
    [
        PersonFacts(seconds=0),
        PersonFacts(
            seconds=24 * HOUR,
            drawn_fen=5_600,
            class_starts_on=date(2020, 3, 9),
            starts_with_session=True,
            claimed_at=datetime(2020, 9, 30, 15, 59, 59, tzinfo=UTC),
            enterprise_kind="platform_company",
            relation="platform_worker",
            relation_proven=False,
            hired_on=date(2020, 1, 2),
            filed=False,
            checked_in=False,
            quiz_passed=False,
            certified=True,
            planned_class_hours=24,
            plan_media_seconds=(HOUR,) * 24,
            lesson_seconds=(HOUR,) * 24,
            list_findings=(PENSION, STUDENT),
        ),
    ],
)
def test_facts_are_stored_and_decided_again(policy: Policy, facts: PersonFacts) -> None:
    canonical_json(facts.to_dict())
    assert PersonFacts.from_dict(facts.to_dict()) == facts
    again = decide(PersonFacts.from_dict(facts.to_dict()), policy)
    assert canonical_json(again.to_dict()) == canonical_json(decide(facts, policy).to_dict())


def test_facts_stored_before_all_were_known_still_decide(policy: Policy) -> None:
    old = {"seconds": 24 * HOUR, "relation": "contract", "hired_on": "2020-01-02", "masked_name": "张*"}
    facts = PersonFacts.from_dict(old)
    assert (facts.certified, facts.hired_on, facts.lesson_seconds) == (None, date(2020, 1, 2), ())
    assert decide(facts, policy).amount_fen == 44_400


@pytest.mark.parametrize(
    ("certified", "outcome", "fen"), [(None, "info", 44_400), (True, "pass", 44_400), (False, "fail", 0)]
)
def test_a_claim_needs_the_certificate(policy: Policy, certified: bool | None, outcome: str, fen: int) -> None:
    decision = decide(PersonFacts(seconds=24 * HOUR, certified=certified), policy)
    found = step(decision, "certificate")
    assert (found.outcome, found.clause, decision.amount_fen) == (outcome, "三", fen)
    assert ("请企业在班级页面核发合格证书" in found.sentence) is (certified is False)


def test_a_list_refuses_or_informs(policy: Policy) -> None:
    informed = decide(PersonFacts(seconds=24 * HOUR, list_findings=(STUDENT,)), policy)
    assert (step(informed, "lists").outcome, informed.amount_fen) == ("info", 44_400)
    assert step(informed, "lists").sentence == STUDENT.sentence + "请审核人员核对，不影响测算金额。"
    refused = decide(PersonFacts(seconds=24 * HOUR, list_findings=(STUDENT, PENSION)), policy)
    found = step(refused, "lists")
    assert (found.outcome, found.clause, refused.amount_fen) == ("fail", "四.5", 0)
    assert found.facts == {"found_in": ("students", "pension"), "refusing": ("pension",)}
    assert "第7行" in found.sentence
