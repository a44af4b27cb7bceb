"""``flask platforms …``: the directory of platforms, keys of their systems, and what their statements count."""

from __future__ import annotations

import json
from collections.abc import Callable
from contextlib import suppress
from datetime import date, datetime
from pathlib import Path
from typing import TypeVar

import click
from flask.cli import with_appcontext

from backend.imports import services as imports
from backend.people import services as people
from backend.platforms import services
from backend.platforms.services import Explained, Outcome
from backend.policies import services as policies
from commands.imports import end_signing_key, import_table, signing_key
from config import clock
from config.database import transaction
from config.errors import DomainError, Invalid

T = TypeVar("T")
_DAY = click.DateTime(["%Y-%m-%d"])
_FILE = click.Path(exists=True, dir_okay=False, path_type=Path)
_TERMINAL = "terminal"


class _Undone(Exception):
    """Ends the transaction of a dry run."""


def _told(work: Callable[[], T]) -> T:
    """Run ``work``; a refusal is told with everything it names, exit status 1."""
    try:
        return work()
    except DomainError as error:
        for entry in error.errors:
            place = " ".join(f"{name} {entry[name]}" for name in ("row", "line", "field") if name in entry)
            click.echo(f"{place}: {entry.get('detail', '')} [{entry.get('code', '')}]", err=True)
        raise click.ClickException(f"{error.detail} [{error.code}]") from error


@click.group("platforms")
def platforms() -> None:
    """Learning platforms: the directory (参考目录), keys, statements of their players, tables of their records."""


for command in (import_table, signing_key, end_signing_key):
    platforms.add_command(command)


@platforms.command("directory")
@click.option("--on", type=_DAY, help="Day for which the directory is asked; today if left out.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
@with_appcontext
def directory(on: datetime | None, as_json: bool) -> None:
    """Print the directory as it stood on a day."""
    day = on.date() if on else clock.today()
    first = _first_batch_on()
    listings = services.current_directory(on=day, first_batch_on=first)
    if as_json:
        rows = [{**item.__dict__, "other_names": list(item.other_names)} for item in listings]
        click.echo(json.dumps({"on": day.isoformat(), "platforms": rows}, ensure_ascii=False, indent=1))
        return
    for item in listings:
        address = "，".join(filter(None, (item.address, item.mobile_address))) or "（未给出网址）"
        click.echo(f"{item.code:<16} {item.name}  {services.KINDS[item.kind]}  {address}")
    for batch in services.batches(first_batch_on=first):
        click.echo(
            f"第{batch.number}批 {batch.published_on or '公布日期不详'} {len(batch.listings)}个平台 {batch.note}"
        )


def _first_batch_on() -> date | None:
    return policies.current().directory.first_batch_on


@platforms.command("publish")
@click.argument("file", type=_FILE)
@click.option("--on", type=_DAY, required=True, help="Day on which the batch is published.")
@click.option("--staff", required=True, help="User name of the bureau's account that publishes it.")
@click.option("--note", default="", help="What the batch says of itself, for instance its document number.")
@with_appcontext
def publish(file: Path, on: datetime, staff: str, note: str) -> None:
    """Publish FILE (.toml or .csv) as the next batch of the directory."""

    def work() -> services.BatchView:
        account = people.find_staff(staff)
        if account is None:
            raise Invalid("STAFF_UNKNOWN", f"没有用户名为“{staff}”的账号。")
        return services.publish_batch(
            listings=services.read_batch(file),
            published_on=on.date(),
            staff=account,
            note=note,
            first_batch_on=_first_batch_on(),
        )

    batch = _told(lambda: transaction(work))
    click.echo(f"第{batch.number}批已发布：{batch.published_on}，{len(batch.listings)}个平台")


@platforms.command("register")
@click.argument("code")
@click.option("--name", required=True, help="Name of the platform.")
@click.option("--kind", type=click.Choice(list(services.KINDS)), required=True, help="What sort of platform it is.")
@with_appcontext
def register(code: str, name: str, kind: str) -> None:
    """Make a platform known that is in no batch, so that its records can be taken in."""
    platform = _told(
        lambda: transaction(lambda: services.register_platform(code=code, name=name, kind=kind, actor=_TERMINAL))
    )
    click.echo(f"{platform.code} {platform.name}（{platform.public_id}）")


@platforms.command("key")
@click.argument("code")
@click.option("--name", required=True, help="Which system uses the key.")
@with_appcontext
def key(code: str, name: str) -> None:
    """Make an API key for the platform's own system; its secret is printed this once."""
    platform = _told(lambda: services.find_platform(code))
    _, secret = _told(
        lambda: transaction(
            lambda: people.create_api_key(subject_kind="platform", subject_id=platform.public_id, name=name)
        )
    )
    click.echo(secret)


@platforms.command("import")
@click.argument("file", type=_FILE)
@click.option("--platform", "code", help="Code of the platform that the statements come from.")
@click.option("--persons", type=_FILE, help="CSV: actor,name,id_number,class_code,course. Others are explained only.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
@click.option("--dry-run", is_flag=True, help="Say what would be stored and store nothing.")
@with_appcontext
def import_(file: Path, code: str | None, persons: Path | None, as_json: bool, dry_run: bool) -> None:
    """Count the xAPI video statements in FILE (.jsonl or .jsonl.gz), session by session, and store those of known persons."""
    if persons and not code:
        raise click.UsageError("--persons needs --platform")
    rules = policies.counting_rules(policies.current())
    read = _told(lambda: services.read_statements(file, now_ms=clock.epoch_ms(clock.now())))
    explained = services.explain_statements(read, rules)
    platform = _told(lambda: services.find_platform(code)) if code else None
    outcomes = [services.NOBODY] * len(explained.sessions)
    if platform and persons:
        known = _told(lambda: imports.read_persons(persons))
        outcomes = _told(lambda: _take_in(explained, platform, known, dry_run=dry_run))
    if as_json:
        click.echo(json.dumps(services.as_values(explained, outcomes), ensure_ascii=False, indent=1))
        return
    for line in services.as_text(explained, outcomes):
        click.echo(line)
    if dry_run:
        click.echo("试运行：没有存入任何内容")


def _take_in(
    explained: Explained,
    platform: services.PlatformView,
    persons: dict[str, imports.KnownPerson],
    *,
    dry_run: bool,
) -> list[Outcome]:
    outcomes: list[Outcome] = []

    def work() -> None:
        outcomes[:] = imports.take_in_sessions(
            platform_id=platform.public_id, sessions=explained.sessions, persons=persons, actor=_TERMINAL
        )
        if dry_run:
            raise _Undone

    with suppress(_Undone):
        transaction(work)
    return outcomes
