"""Credits and priority of clause 二(三)."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date

from backend.policies.rules import Policy, credits_of, priority

HOUR = 2700


def test_sixteen_class_hours_are_one_credit(policy: Policy) -> None:
    assert [credits_of(hours * HOUR, policy) for hours in (0, 15, 16, 31, 32, 48)] == [0, 0, 1, 1, 2, 3]
    assert credits_of(16 * HOUR - 1, policy) == 0


def test_priority_is_open_ended_until_an_end_is_declared(policy: Policy) -> None:
    found = priority(28 * HOUR, policy, date(2026, 1, 1))
    assert (found.has_priority, found.priority_until, found.class_hours, found.credits) == (True, None, 28, 1)
    assert found.clause == "二(三)"


def test_priority_ends_one_year_after_the_epidemic(variant: Callable[..., Policy]) -> None:
    policy = variant(epidemic_ended_on=("priority", date(2023, 1, 8)))
    last = priority(HOUR, policy, date(2024, 1, 8))
    assert (last.has_priority, last.priority_until) == (True, date(2024, 1, 8))
    late = priority(HOUR, policy, date(2024, 1, 9))
    assert late.has_priority is False
    assert late.sentence == "优先实训资格已于2024年1月8日到期。"


def test_a_year_from_29_february_ends_on_the_28th(variant: Callable[..., Policy]) -> None:
    policy = variant(epidemic_ended_on=("priority", date(2024, 2, 29)))
    assert priority(HOUR, policy, date(2024, 3, 1)).priority_until == date(2025, 2, 28)


def test_priority_needs_one_class_hour(policy: Policy) -> None:
    assert not priority(HOUR - 1, policy, date(2020, 7, 1)).has_priority
    assert priority(HOUR, policy, date(2020, 7, 1)).has_priority
