"""``flask policies keep|versions|diff|what-if``: versions that were used, what differs, and what a change would come to."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import asdict
from datetime import date
from pathlib import Path
from typing import Any, TypeVar

import click
from flask.cli import with_appcontext

from backend.policies import services
from backend.policies.differences import differences, effects
from backend.policies.reading import changed
from backend.policies.rules import Policy
from backend.policies.sentences import yuan
from backend.registers import what_if as trials
from backend.registers.what_if import WhatIf
from config.database import transaction
from config.errors import DomainError

T = TypeVar("T")
_SHOWN = 20


@click.command("keep")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@with_appcontext
def keep(file: Path) -> None:
    """Keep an earlier state of a policy file, for plans from before versions were kept."""
    click.echo(f"已留存政策版本 {_said(lambda: transaction(lambda: services.keep_file(file)))}。")


@click.command("versions")
@with_appcontext
def versions() -> None:
    """Every version that is kept, the oldest first, and whether its file still is that version."""
    in_place = {services.get(path.stem).version for path in services.files()}
    for kept in services.kept_versions():
        now = "现行" if kept.version in in_place else "已被替换"
        click.echo(f"{kept.version}  自{kept.kept_at:%Y-%m-%d}（UTC）  {now}")


@click.command("diff")
@click.argument("before")
@click.argument("after")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
def diff(before: str, after: str, as_json: bool) -> None:
    """Values that differ between two policies and what they come to. Each is an id, a kept version or a file."""
    old, new = _said(lambda: _policy(before)), _said(lambda: _policy(after))
    values, figures = differences(old, new), effects(old, new)
    if as_json:
        _print_json(
            {
                "before": old.version,
                "after": new.version,
                "values": [asdict(each) for each in values],
                "effects": [asdict(each) for each in figures],
            }
        )
        return
    click.echo(f"{old.version} → {new.version}：{len(values)}项不同。")
    for value in values:
        click.echo(f"{value.key}（{value.clause}）：{value.before} → {value.after}\n    {value.note}")
    if figures:
        click.echo("效果：")
    for figure in figures:
        click.echo(f"    {figure.figure}：{figure.before} → {figure.after}")
    if values and not figures:
        click.echo("测算的金额和日期没有变化。")


def _policy(named: str) -> Policy:
    path = Path(named)
    if path.suffix == ".toml" and path.is_file():
        return services.read(path)
    if "+" in named:
        return services.of_version(named.split("+")[0], named)
    return services.get(named)


@click.command("what-if")
@click.option("--set", "settings", multiple=True, help="section.key=value, as in the file; may be given again.")
@click.option("--policy", "policy_id", help="Id of the policy; the office's own when left out.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON with every line that would change.")
@with_appcontext
def what_if(settings: tuple[str, ...], policy_id: str | None, as_json: bool) -> None:
    """The whole book under changed values: people, class hours and yuan before and after. Changes nothing.

    For instance --set class_hour.seconds=2400 --set claim.notice_days_are=calendar.
    """
    wanted = dict(_pair(setting) for setting in settings)
    before = _said(lambda: services.get(policy_id) if policy_id else services.configured())
    after = _said(lambda: changed(before, wanted))
    found = trials.what_if(before=before, after=after)
    if as_json:
        difference = found.after.amount_fen - found.before.amount_fen
        _print_json({"policy": before.id, **asdict(found), "difference_fen": difference})
        return
    _print(found)


def _pair(setting: str) -> tuple[str, str]:
    key, equals, value = setting.partition("=")
    if not equals or key.count(".") != 1:
        raise click.BadParameter(f"“{setting}”应写成 class_hour.seconds=2400 这样", param_hint="--set")
    return key.strip(), value.strip()


def _print(found: WhatIf) -> None:
    for change in found.changes:
        click.echo(f"试算：{change.key}（{change.clause}）{change.before} → {change.after}")
    before, after = found.before, found.after
    signed = after.amount_fen - before.amount_fen
    click.echo(f"人数：{before.people} → {after.people}（{after.people - before.people:+d}）")
    click.echo(f"课时：{before.class_hours} → {after.class_hours}（{after.class_hours - before.class_hours:+d}）")
    sign = "-" if signed < 0 else "+"
    click.echo(f"金额：{yuan(before.amount_fen)} → {yuan(after.amount_fen)}（{sign}{yuan(abs(signed))}）")
    for line in found.lines[:_SHOWN]:
        click.echo(
            f"    {line.enterprise_name} {line.filing_number} {str(line.line_id)[-12:]}：{line.class_hours_before}课时"
            f"{yuan(line.amount_fen_before)} → {line.class_hours_after}课时{yuan(line.amount_fen_after)}；{line.why}"
        )
    if len(found.lines) > _SHOWN:
        click.echo(f"    另有{len(found.lines) - _SHOWN}人有变化，加 --json 查看全部。")
    for notice in found.notices:
        later = "晚" if notice.days_later > 0 else "早"
        click.echo(
            f"{notice.posted_on}发布的公示：{notice.closes_on_before} → {notice.closes_on_after}届满，"
            f"{later}{abs(notice.days_later)}天；涉及{notice.people}人{yuan(notice.amount_fen)}"
        )
    if found.one_sum:
        click.echo(f"其中{found.one_sum}人没有存下逐课时间，按合计时间测算。")


def _said(work: Callable[[], T]) -> T:
    try:
        return work()
    except DomainError as error:
        problems = "".join(f"\n    {problem.get('key')}：{problem.get('message')}" for problem in error.errors)
        raise click.ClickException(error.detail + problems) from None


def _print_json(value: Any) -> None:
    click.echo(json.dumps(value, ensure_ascii=False, indent=2, default=_plain))


def _plain(value: Any) -> str:
    return value.isoformat() if isinstance(value, date) else str(value)


COMMANDS = (keep, versions, diff, what_if)
