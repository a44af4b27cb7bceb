"""How much training is enough, and which entries of a log may be written."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

import pytest

import config
from backend.new_hires.training import TrainingFacts, check_entry, due_on, judge_training
from backend.policies.reading import read_policy
from backend.policies.rules import Policy
from config.errors import Invalid


@pytest.fixture(scope="module")
def policy() -> Policy:
    return read_policy(Path(config.__file__).parent / "policies" / "wuxi-2020-10.toml")


@pytest.mark.parametrize(("seconds", "enough"), [(8 * 2_700, True), (8 * 2_700 - 1, False), (0, False)])
def test_eight_class_hours_are_enough(policy: Policy, seconds: int, enough: bool) -> None:
    finding = judge_training(TrainingFacts("online", seconds, ("work_safety",), None), policy)
    assert (finding.enough, finding.needed_seconds) == (enough, 21_600)
    assert ("还差" in finding.sentences[0]) is not enough


def test_a_confirmed_content_without_an_entry_is_said_but_does_not_refuse(policy: Policy) -> None:
    facts = TrainingFacts("self_study", 30_000, ("work_safety", "epidemic_protection"), ("work_safety",))
    finding = judge_training(facts, policy)
    assert finding.enough
    assert finding.sentences[1] == "还没有记录的培训内容：疫情防护。"


def test_the_training_is_due_90_days_after_the_money(policy: Policy) -> None:
    assert due_on(date(2020, 4, 20), policy) == date(2020, 7, 19)


def entry(policy: Policy, **changes: Any) -> str:
    said: dict[str, Any] = {
        "trained_on": date(2020, 4, 8),
        "minutes": 90,
        "content": "work_safety",
        "words": " 学习机床安全操作 ",
        "today": date(2020, 4, 10),
        "hired_on": date(2020, 3, 2),
        "last_on": None,
        "allowed": ["work_safety"],
        "minutes_that_day": 0,
    }
    return check_entry(**{**said, **changes}, policy=policy)


def test_an_entry_says_what_was_learned(policy: Policy) -> None:
    assert entry(policy) == "学习机床安全操作"
    assert entry(policy, minutes=180, minutes_that_day=180)
    assert entry(policy, trained_on=date(2020, 4, 3))


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"trained_on": date(2020, 4, 11)}, "LOG_DAY_INVALID"),
        ({"trained_on": date(2020, 3, 1)}, "LOG_DAY_INVALID"),
        ({"last_on": date(2020, 4, 7)}, "LOG_DAY_INVALID"),
        ({"trained_on": date(2020, 4, 2)}, "LOG_TOO_LATE"),
        ({"minutes": 0}, "LOG_MINUTES_INVALID"),
        ({"minutes": 361}, "LOG_MINUTES_INVALID"),
        ({"minutes": 181, "minutes_that_day": 180}, "LOG_DAY_FULL"),
        ({"content": "epidemic_protection"}, "LOG_CONTENT_INVALID"),
        ({"words": "学习"}, "LOG_WORDS_INVALID"),
        ({"words": "学" * 501}, "LOG_WORDS_INVALID"),
    ],
)
def test_other_entries_are_refused(policy: Policy, changes: dict[str, Any], code: str) -> None:
    with pytest.raises(Invalid) as refused:
        entry(policy, **changes)
    assert refused.value.code == code
