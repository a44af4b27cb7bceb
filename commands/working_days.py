"""``flask policies notice-window`` and ``flask policies calendar …``: which days count, and what an office corrects."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from datetime import date, timedelta
from typing import Any

import click
from flask import has_app_context
from flask.cli import with_appcontext
from sqlalchemy.exc import OperationalError, ProgrammingError

from backend.people import services as people
from backend.policies import services
from backend.policies.working_days import DayWindow, kind_of, notice_window
from config.database import transaction
from config.errors import DomainError

_WEEKDAYS = "一二三四五六日"
_SAID_BY = {"calendar": "国家公布的日历", "office": "本地更正", "weekday": "暂按周一至周五"}


class Day(click.ParamType[date]):
    """A local date as in ISO 8601, for instance 2020-06-30."""

    name = "date"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> date:
        if isinstance(value, date):
            return value
        day = _day(str(value))
        if day is None:
            self.fail(f"“{value}”不是日期，请写成 2020-06-30 这样", param, ctx)
        return day


def _day(text: str) -> date | None:
    if not re.fullmatch(r"(19|20|21)[0-9]{2}-[0-9]{2}-[0-9]{2}", text):
        return None
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None


@click.command("notice-window")
@click.option(
    "--posted-on", required=True, type=Day(), help="Day on which the notice was posted on the bureau's website."
)
@click.option("--policy", "policy_id", help="Id of the policy; the office's own when left out.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
def window(posted_on: date, policy_id: str | None, as_json: bool) -> None:
    """When a public notice (三: 公示) ends that was posted on a day."""
    try:
        policy = services.get(policy_id) if policy_id else services.configured()
    except DomainError as error:
        raise click.ClickException(error.detail) from None
    found = notice_window(posted_on, policy, _corrections(posted_on))
    click.echo(
        _window_json(posted_on, found, policy.claim.notice_days_are) if as_json else _window_text(posted_on, found)
    )


def _corrections(first: date) -> Mapping[date, bool]:
    """What the office corrected; nothing, said aloud, where no database is at hand."""
    try:
        return services.corrections(first=first) if has_app_context() else {}
    except (OperationalError, ProgrammingError):
        click.echo("数据库尚未建立，没有计入本地对日历的更正。", err=True)
        return {}


def _window_json(posted_on: date, found: DayWindow, counted: str) -> str:
    shown = {
        "posted_on": posted_on.isoformat(),
        "opens_on": found.opens_on.isoformat(),
        "closes_on": found.closes_on.isoformat(),
        "counted": counted,
        "provisional": found.provisional,
    }
    return json.dumps(shown, ensure_ascii=False, indent=2)


def _window_text(posted_on: date, found: DayWindow) -> str:
    note = "；其中有尚未公布放假安排的日子，暂按周一至周五计算，公布后请核对" if found.provisional else ""
    return f"{posted_on}发布，自{found.opens_on}起计，{found.closes_on} 24时届满{note}。"


@click.group("calendar")
def calendar() -> None:
    """Working days: what the calendars say, and what the office corrects."""


@calendar.command("show")
@click.option("--from", "first", required=True, type=Day(), help="First day.")
@click.option("--days", default=14, type=click.IntRange(1, 366), help="How many days.")
@with_appcontext
def show(first: date, days: int) -> None:
    """Days, whether people work on them and who says so; then every correction made of them."""
    corrections = services.corrections(first=first)
    for offset in range(days):
        kind = kind_of(first + timedelta(days=offset), corrections)
        word = "工作日" if kind.working else "休息日"
        click.echo(f"{kind.day} 周{_WEEKDAYS[kind.day.weekday()]} {word}（{_SAID_BY[kind.said_by]}）")
    for made in services.correction_list(first=first, last=first + timedelta(days=days - 1)):
        word = "工作日" if made.working else "休息日"
        click.echo(
            f"更正：{made.day} 为{word}，{made.reason}，{made.corrected_by}，{made.corrected_at:%Y-%m-%d %H:%M}（UTC）"
        )


@calendar.command("correct")
@click.option("--day", "day", required=True, type=Day(), help="The day.")
@click.option("--as-kind", "kind", required=True, type=click.Choice(["working", "holiday"]), help="What it is.")
@click.option("--reason", required=True, help="The document it rests on.")
@click.option("--as", "username", required=True, help="User name of the staff account that does it.")
@click.option("--password", prompt="密码", hide_input=True, help="Asked for when left out.")
@with_appcontext
def correct(day: date, kind: str, reason: str, username: str, password: str) -> None:
    """Say what kind of day a day is. The latest word stands; deadlines already stored stay."""
    staff = transaction(lambda: people.check_password(username, password))
    if staff is None:
        raise click.ClickException("用户名或密码不对，或账号已锁定15分钟。")
    try:
        made = transaction(lambda: services.correct_day(day=day, working=kind == "working", reason=reason, staff=staff))
    except DomainError as error:
        raise click.ClickException(error.detail) from None
    click.echo(f"已更正：{made.day} 为{'工作日' if made.working else '休息日'}。已经定下的届满日不变。")


COMMANDS = (window, calendar)
