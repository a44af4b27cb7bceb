"""The office's policy, the rules frozen from it, and which files there are."""

from __future__ import annotations

from datetime import datetime

import pytest

from backend.policies import services
from backend.policies.rules import Policy
from config import clock as house_clock
from config.errors import NotFound
from learning_records.sessions.rules import CountingRules


def test_the_counting_rules_are_those_of_the_counting_table(policy: Policy) -> None:
    rules = services.counting_rules(policy)
    assert rules == CountingRules(
        version=policy.version,
        beat_interval_seconds=10,
        gap_budget_ms=600_000,
        kept_budget_ms=32_000,
        ahead_tolerance_ms=5_000,
        outage_ms=60_000,
        presence_after_min_ms=300_000,
        presence_after_max_ms=900_000,
        presence_answer_ms=60_000,
        presence_question=0,
        idle_ms=900_000,
        session_limit_ms=14_400_000,
        complete_per_mille=980,
        batch_limit_beats=200,
        appeal_ms=86_400_000,
    )
    assert CountingRules.from_dict(rules.to_dict()) == rules


def test_the_quiz_rules(policy: Policy) -> None:
    rules = services.quiz_rules(policy)
    assert (rules.question_count, rules.time_limit_seconds, rules.pass_mark, rules.resits) == (20, 1200, 60, 2)


def test_the_current_policy_is_the_one_configured_and_only_in_force(clock: house_clock.FixedCalendar) -> None:
    services.configure(policy_id="wuxi-2020-10")
    assert services.current().id == "wuxi-2020-10"
    clock.set(datetime.fromisoformat("2020-01-25T23:59:59+08:00"))
    with pytest.raises(NotFound, match="POLICY_NOT_IN_FORCE"):
        services.current()
    clock.advance(1)
    assert services.current() is services.get("wuxi-2020-10")


def test_an_unknown_policy_is_not_found() -> None:
    with pytest.raises(NotFound, match="现有：jiangyin、wuxi-2020-10、yixing"):
        services.get("suzhou-2020-1")
    with pytest.raises(NotFound):
        services.get("../default")
