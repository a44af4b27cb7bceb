"""A policy file is read whole or refused with every bad key named."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from backend.policies.reading import parse_policy, read_policy
from backend.policies.rules import Policy
from config.errors import Invalid
from tests.policies.conftest import FILE


def refused(data: dict[str, Any]) -> dict[str, str]:
    """The bad keys and what is said about them."""
    with pytest.raises(Invalid) as caught:
        parse_policy(data, name="spoiled.toml")
    assert caught.value.code == "POLICY_INVALID"
    assert "spoiled.toml" in caught.value.detail
    return {error["key"]: error["message"] for error in caught.value.errors}


def test_what_the_notice_says_is_marked_so(policy: Policy) -> None:
    said = {
        key: policy.entries[key].value for key, entry in policy.entries.items() if entry.default == "said by the notice"
    }
    assert said["subsidy.rate_fen_per_class_hour"] == 1850
    assert said["subsidy.cap_fen"] == 50000
    assert said["subsidy.minimum_class_hours"] == 24
    assert said["new_hire.amount_fen"] == 30000
    assert said["records.keep_years"] == 2
    assert said["claim.notice_days"] == 5
    for ours in ("class_hour.seconds", "subsidy.cap_scope", "window.level_one_response_on", "claim.notice_days_are"):
        assert policy.entries[ours].default is True


def test_every_value_has_its_clause_and_every_open_question_is_answered(policy: Policy) -> None:
    clauses = {entry.clause for entry in policy.entries.values()}
    assert clauses <= {"一(一)", "一(二)", "二(一)", "二(二)", "二(三)", "三", "四.1", "四.2", "四.5", "尾"}
    notes = "".join(entry.note for entry in policy.entries.values())
    assert [number for number in range(1, 45) if f"A{number}：" not in notes] == []


def test_unset_values_are_none(policy: Policy) -> None:
    assert policy.priority.epidemic_ended_on is None
    assert policy.effective.ends_on is None
    assert policy.subsidy.headcount_limit_percent is None


def test_unknown_and_missing_keys_are_named(data: dict[str, Any]) -> None:
    data["subsidy"]["rate"] = dict(data["subsidy"]["cap_fen"])
    data["subsidy"]["cap_fen"]["why"] = "?"
    data["colour"] = "red"
    del data["quiz"]["pass_mark"]
    del data["claim"]["last_day_on"]["clause"]
    del data["title"]
    assert refused(data) == {
        "subsidy.rate": "不认识的键",
        "subsidy.cap_fen.why": "不认识的键",
        "colour": "不认识的键",
        "quiz.pass_mark": "缺少这个键",
        "claim.last_day_on.clause": "缺少这个键",
        "title": "缺少这个键",
    }


@pytest.mark.parametrize(
    ("section", "key", "value"),
    [
        ("subsidy", "cap_fen", 500.0),
        ("subsidy", "cap_fen", "50000"),
        ("subsidy", "cap_fen", -1),
        ("subsidy", "cap_fen", True),
        ("subsidy", "cap_fen", "none"),
        ("subsidy", "cap_scope", "household"),
        ("window", "last_day_included", 1),
        ("window", "last_class_start_on", "2020-06-30"),
        ("priority", "epidemic_ended_on", ""),
        ("relation", "ordinary", "contract"),
        ("relation", "ordinary", [1]),
        ("window", "time_zone", ""),
    ],
)
def test_a_value_of_the_wrong_type_is_refused(data: dict[str, Any], section: str, key: str, value: object) -> None:
    data[section][key]["value"] = value
    assert list(refused(data)) == [f"{section}.{key}.value"]


@pytest.mark.parametrize(
    ("section", "key", "value"),
    [
        ("class_hour", "seconds", 0),
        ("credit", "class_hours_per_credit", 0),
        ("certificate", "attendance_percent", 101),
        ("counting", "presence_last_seconds", 299),
        ("window", "time_zone", "Asia/Wuxi"),
    ],
)
def test_values_that_cannot_be_meant_are_refused(data: dict[str, Any], section: str, key: str, value: object) -> None:
    data[section][key]["value"] = value
    assert list(refused(data)) == [f"{section}.{key}"]


def test_a_default_is_a_flag_or_said_by_the_notice(data: dict[str, Any]) -> None:
    data["subsidy"]["cap_fen"]["default"] = "perhaps"
    assert list(refused(data)) == ["subsidy.cap_fen.default"]


def test_the_version_follows_the_content(policy: Policy, variant: Callable[..., Policy]) -> None:
    assert policy.version == read_policy(FILE).version
    assert policy.version.startswith("wuxi-2020-10+")
    changed = variant(cap_fen=("subsidy", 60000))
    assert changed.version != policy.version
    assert changed.subsidy.cap_fen == 60000


def test_a_broken_or_misnamed_file_is_refused(tmp_path: Path) -> None:
    broken = tmp_path / "broken.toml"
    broken.write_text("id = ", encoding="utf-8")
    with pytest.raises(Invalid, match=r"broken\.toml 不是有效的 TOML"):
        read_policy(broken)
    other = tmp_path / "other.toml"
    other.write_bytes(FILE.read_bytes())
    with pytest.raises(Invalid, match="应与文件名一致"):
        read_policy(other)
