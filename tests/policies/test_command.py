"""``flask policies explain`` and ``check`` as a person at a terminal sees them; no app, no database."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from backend.policies import services
from commands.policies import policies
from tests.policies.conftest import FILE


def run(*arguments: str) -> Result:
    return CliRunner().invoke(policies, list(arguments))


def explain(*arguments: str) -> dict[str, Any]:
    result = run("explain", "--policy", "wuxi-2020-10", "--json", *arguments)
    assert result.exit_code == 0, result.output
    answer: dict[str, Any] = json.loads(result.output)
    return answer


def test_28_hours_as_json() -> None:
    answer = explain("--seconds", "75600", "--class-starts-on", "2020-03-09", "--claimed-on", "2020-09-30")
    assert list(answer) == ["eligible", "class_hours", "amount_fen", "steps"]
    assert (answer["eligible"], answer["class_hours"], answer["amount_fen"]) == (True, 28, 50000)
    keys = {"rule", "clause", "outcome", "sentence", "facts", "amount_fen"}
    assert {frozenset(step) for step in answer["steps"]} == {frozenset(keys)}
    assert {step["outcome"] for step in answer["steps"]} <= {"pass", "info"}


def test_41_minutes_short() -> None:
    answer = explain("--seconds", str(24 * 2700 - 41 * 60))
    assert (answer["eligible"], answer["class_hours"], answer["amount_fen"]) == (False, 23, 0)
    assert any("再学41分钟即可" in step["sentence"] for step in answer["steps"])


@pytest.mark.parametrize(
    "flags",
    [
        ("--quiz-failed",),
        ("--unfiled",),
        ("--no-check-in",),
        ("--enterprise-kind", "dispatch_company"),
        ("--relation", "platform_worker"),
        ("--class-starts-on", "2020-07-01"),
        ("--claimed-on", "2020-10-01"),
        ("--drawn-fen", "50000"),
    ],
)
def test_each_flag_can_stop_the_payment(flags: tuple[str, ...]) -> None:
    answer = explain("--seconds", "75600", *flags)
    assert (answer["eligible"], answer["amount_fen"]) == (False, 0)
    assert sum(step["outcome"] == "fail" for step in answer["steps"]) == 1


def test_the_rest_of_the_cap() -> None:
    assert explain("--seconds", "64800", "--drawn-fen", "44400")["amount_fen"] == 5600


def test_as_text() -> None:
    result = run("explain", "--policy", "wuxi-2020-10", "--seconds", "64800")
    assert result.exit_code == 0
    assert "24课时×18.50元＝444.00元" in result.output
    assert "结论：符合条件，24课时，444.00元" in result.output
    assert services.get("wuxi-2020-10").version in result.output


@pytest.mark.parametrize(
    "arguments",
    [
        ("--policy", "wuxi-2020-10"),
        ("--policy", "nowhere", "--seconds", "1"),
        ("--policy", "wuxi-2020-10", "--seconds", "-1"),
        ("--policy", "wuxi-2020-10", "--seconds", "1.5"),
        ("--policy", "wuxi-2020-10", "--seconds", "99999999999999999999"),
        ("--policy", "wuxi-2020-10", "--seconds", "1", "--drawn-fen", "x"),
        ("--policy", "wuxi-2020-10", "--seconds", "1", "--class-starts-on", "2020-02-30"),
        ("--policy", "wuxi-2020-10", "--seconds", "1", "--class-starts-on", "20200630"),
        ("--policy", "wuxi-2020-10", "--seconds", "1", "--claimed-on", "tomorrow"),
        ("--policy", "wuxi-2020-10", "--seconds", "1", "--claimed-on", "2020-W10-1"),
        ("--policy", "wuxi-2020-10", "--seconds", "1", "--claimed-on", "0001-01-01"),
        ("--policy", "wuxi-2020-10", "--seconds", "1", "--enterprise-kind", "bank"),
        ("--policy", "wuxi-2020-10", "--seconds", "1", "--relation", "friend"),
        ("--policy", "wuxi-2020-10", "--seconds", "1", "--rate", "2"),
    ],
)
def test_a_bad_flag_is_a_clear_error(arguments: tuple[str, ...]) -> None:
    result = run("explain", *arguments)
    assert result.exit_code == 2
    assert "Error:" in result.output
    assert "Traceback" not in result.output


def test_check_reads_every_file_in_place() -> None:
    result = run("check")
    assert result.exit_code == 0
    assert "锡人社办〔2020〕10号" in result.output


def test_check_names_what_is_wrong_in_a_file(tmp_path: Path) -> None:
    spoiled = tmp_path / "wuxi-2020-10.toml"
    spoiled.write_text(FILE.read_text(encoding="utf-8").replace("[subsidy.cap_fen]", "[subsidy.cap]"), encoding="utf-8")
    result = run("check", str(spoiled))
    assert result.exit_code == 1
    assert "subsidy.cap_fen：缺少这个键" in result.output
    assert "subsidy.cap：不认识的键" in result.output
    assert run("check", str(tmp_path / "absent.toml")).exit_code == 2


def test_check_shows_what_a_variant_changes() -> None:
    result = run("check")
    assert "江阴市：继承 wuxi-2020-10，不同之处：" in result.output
    assert "plan.reviewed_by（尾）：市高技能人才公共实训服务中心 → 江阴市人力资源和社会保障局" in result.output


def test_the_facts_under_a_step_and_its_money_are_said() -> None:
    result = run("explain", "--policy", "wuxi-2020-10", "--seconds", "75600", "--drawn-fen", "44400")
    assert "依据：课时数28，每课时金额（分）1850，条件全部满足：是 → 518.00元" in result.output
    assert "此前已核定（分）44400，还剩（分）5600 → 56.00元" in result.output
    cap = explain("--seconds", "75600", "--drawn-fen", "44400")["steps"][-1]
    assert cap["facts"] == {"cap_fen": 50000, "cap_scope": "person", "drawn_fen": 44400, "left_fen": 5600}
    assert (cap["clause"], cap["amount_fen"]) == ("二(二)", 5600)


@pytest.mark.parametrize(
    ("posted_on", "closes_on"),
    [
        ("2020-04-01", "2020-04-09"),
        ("2020-04-28", "2020-05-08"),
        ("2020-06-22", "2020-06-30"),
        ("2020-09-28", "2020-10-12"),
    ],
)
def test_when_a_notice_closes_needs_no_database(posted_on: str, closes_on: str) -> None:
    services.configure(policy_id="wuxi-2020-10")
    assert f"{closes_on} 24时届满" in run("notice-window", "--posted-on", posted_on).output
    answer = json.loads(run("notice-window", "--posted-on", posted_on, "--json", "--policy", "jiangyin").output)
    assert (answer["closes_on"], answer["counted"], answer["provisional"]) == (closes_on, "working", False)


def test_a_notice_beyond_the_calendar_is_provisional() -> None:
    result = run("notice-window", "--posted-on", "2090-03-03", "--policy", "wuxi-2020-10")
    assert "2090-03-10 24时届满；其中有尚未公布放假安排的日子" in result.output
    assert run("notice-window", "--posted-on", "tomorrow").exit_code == 2
    assert "没有编号为“x”的政策" in run("notice-window", "--posted-on", "2020-03-03", "--policy", "x").output


def test_diff_says_values_and_what_they_come_to(tmp_path: Path) -> None:
    path = tmp_path / "wuxi-2020-10.toml"
    text = FILE.read_text(encoding="utf-8")
    for before, after in (
        ("[class_hour.seconds]\nvalue = 2700", "[class_hour.seconds]\nvalue = 2400"),
        ('[claim.notice_days_are]\nvalue = "working"', '[claim.notice_days_are]\nvalue = "calendar"'),
        ('[subsidy.cap_scope]\nvalue = "person"', '[subsidy.cap_scope]\nvalue = "plan"'),
    ):
        assert before in text
        text = text.replace(before, after)
    path.write_text(text, encoding="utf-8")
    shown = run("diff", "wuxi-2020-10", str(path)).output
    assert "class_hour.seconds（二(二)）：2700 → 2400" in shown
    answer = json.loads(run("diff", "wuxi-2020-10", str(path), "--json").output)
    assert {value["key"] for value in answer["values"]} == {
        "class_hour.seconds",
        "claim.notice_days_are",
        "subsidy.cap_scope",
    }
    effects = {effect["figure"]: (effect["before"], effect["after"]) for effect in answer["effects"]}
    assert effects["最低课时合多少时间"] == ("18小时", "16小时")
    assert effects["学习960分钟的人"] == ("21课时，0.00元", "24课时，444.00元")
    assert effects["同一人在两家企业各学一个24课时的计划"] == ("500.00元", "888.00元")
    assert effects["2020年9月28日公示的届满日"] == ("2020年10月12日", "2020年10月3日")
    assert "最后申领日" not in effects


def test_diff_of_nothing_and_of_what_is_not_there() -> None:
    assert "0项不同" in run("diff", "wuxi-2020-10", "wuxi-2020-10").output
    assert "测算的金额和日期没有变化" in run("diff", "wuxi-2020-10", "jiangyin").output
    result = run("diff", "wuxi-2020-10", "nowhere")
    assert result.exit_code == 1
    assert "没有编号为“nowhere”的政策" in result.output
