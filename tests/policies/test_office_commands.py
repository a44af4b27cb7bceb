"""``flask policies calendar|keep|versions|diff`` on a database, as the office's people use them."""

from __future__ import annotations

from pathlib import Path

from click.testing import Result
from flask import Flask

from backend.policies import services
from config.database import transaction
from tests.cast import people as cast
from tests.policies.conftest import FILE


def run(app: Flask, *arguments: str) -> Result:
    return app.test_cli_runner().invoke(args=["policies", *arguments])


def test_a_day_is_corrected_and_moves_when_a_notice_closes(app: Flask) -> None:
    staff = cast.a_staff_member("bureau")
    day = ("calendar", "correct", "--day", "2020-10-09", "--as-kind", "holiday", "--reason", "市政府放假通知")
    done = run(app, *day, "--as", staff.username, "--password", cast.PASSWORD)
    assert "已更正：2020-10-09 为休息日" in done.output
    assert "2020-10-13 24时届满" in run(app, "notice-window", "--posted-on", "2020-09-28").output
    shown = run(app, "calendar", "show", "--from", "2020-10-08", "--days", "3").output
    assert "2020-10-08 周四 休息日（国家公布的日历）" in shown
    assert "2020-10-09 周五 休息日（本地更正）" in shown
    assert "2020-10-10 周六 工作日（国家公布的日历）" in shown
    assert f"更正：2020-10-09 为休息日，市政府放假通知，{staff.display_name}" in shown


def test_only_the_office_with_its_password_corrects_a_day(app: Flask) -> None:
    agent = cast.a_staff_member("agent")
    day = ("calendar", "correct", "--day", "2020-10-09", "--as-kind", "holiday", "--reason", "通知")
    refused = run(app, *day, "--as", agent.username, "--password", cast.PASSWORD)
    assert (refused.exit_code, "只有市高训中心和人社局" in refused.output) == (1, True)
    wrong = run(app, *day, "--as", agent.username, "--password", "not this one")
    assert (wrong.exit_code, "用户名或密码不对" in wrong.output) == (1, True)
    assert services.corrections() == {}


def test_versions_are_listed_and_compared(app: Flask, tmp_path: Path) -> None:
    policy = services.get("wuxi-2020-10")
    transaction(lambda: services.keep(policy))
    earlier = tmp_path / "wuxi-2020-10.toml"
    earlier.write_text(FILE.read_text(encoding="utf-8").replace("value = 1850", "value = 1800"), encoding="utf-8")
    kept = run(app, "keep", str(earlier)).output
    version = kept.removeprefix("已留存政策版本 ").strip().removesuffix("。")
    listed = run(app, "versions").output.splitlines()
    assert [line.split()[0] for line in listed] == [policy.version, version]
    assert [line.split()[-1] for line in listed] == ["现行", "已被替换"]
    shown = run(app, "diff", version, policy.version).output
    assert "subsidy.rate_fen_per_class_hour（二(二)）：1800 → 1850" in shown
    assert "学习1080分钟的人：24课时，432.00元 → 24课时，444.00元" in shown
