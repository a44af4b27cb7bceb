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
