"""``flask lists …``: take in, show and withdraw lists of other offices; lists of a whole city come this way."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from uuid import UUID

import click
from flask.cli import with_appcontext
from rich.console import Console
from rich.table import Table

from backend.lists import services
from backend.lists.services import KIND_WORDS
from backend.people import services as people
from backend.people.services import StaffView
from backend.policies import services as policies
from config import clock
from config.database import transaction
from config.errors import DomainError

STATE_WORDS = {"in_force": "在用", "superseded": "已被新名单替代", "withdrawn": "已撤回", "forgotten": "逐行内容已删除"}
_KIND = click.Choice(list(KIND_WORDS))
_AS = click.option("--as", "username", required=True, help="User name of the staff account that does it.")
_PASSWORD = click.option("--password", prompt="密码", hide_input=True, help="Asked for when left out.")


def forget_superseded() -> int:
    """Job: remove the rows of lists that were replaced or withdrawn longer ago than the policy keeps them."""
    return services.forget_superseded(kept_days=policies.current().lists.superseded_kept_days)


@click.group("lists")
def lists() -> None:
    """Lists of other offices: insured, pensioners, students, civil servants, subsidies, dispatch licences, dishonest."""


@lists.command("import")
@click.argument("kind", type=_KIND)
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--office", required=True, help="Who gave the list.")
@click.option("--as-of", required=True, type=click.DateTime(["%Y-%m-%d"]), help="The day it describes.")
@_AS
@_PASSWORD
@with_appcontext
def import_command(kind: str, file: Path, office: str, as_of: datetime, username: str, password: str) -> None:
    """Take in FILE (.xlsx), whole or not at all."""
    try:
        staff = _staff(username, password)
        table = services.read_list(kind=kind, workbook=file, on=clock.today(), limits=services.COMMAND_LIMITS)
        taken = transaction(
            lambda: services.import_list(
                table=table, office=office, as_of_on=as_of.date(), file_name=file.name, staff=staff
            )
        )
    except DomainError as error:
        for row in error.errors:
            click.echo(row.get("detail"), err=True)
        raise click.ClickException(f"{error.detail} [{error.code}]") from None
    click.echo(
        f"已收录{KIND_WORDS[taken.kind]}{taken.row_count}行，截至{taken.as_of_on.isoformat()}，编号{taken.list_id}。"
    )


@lists.command("show")
@with_appcontext
def show_command() -> None:
    """Every list, the newest first."""
    shown = Table("名单", "提供单位", "截至", "行数", "状态", "编号")
    for view in services.all_lists():
        state = STATE_WORDS[view.state]
        day = view.as_of_on.isoformat()
        shown.add_row(KIND_WORDS[view.kind], view.office, day, str(view.row_count), state, str(view.list_id))
    Console().print(shown)


@lists.command("template")
@click.argument("kind", type=_KIND)
@click.argument("file", type=click.Path(dir_okay=False, path_type=Path))
def template_command(kind: str, file: Path) -> None:
    """Write the empty workbook of a kind to FILE."""
    file.write_bytes(services.template(kind))


@lists.command("withdraw")
@click.argument("list_id", type=click.UUID)
@click.option("--why", required=True)
@_AS
@_PASSWORD
@with_appcontext
def withdraw_command(list_id: UUID, why: str, username: str, password: str) -> None:
    """A list taken in by mistake is asked no more."""
    staff = _staff(username, password)
    try:
        transaction(lambda: services.withdraw_list(list_id=list_id, why=why, staff=staff))
    except DomainError as error:
        raise click.ClickException(f"{error.detail} [{error.code}]") from None
    click.echo("已撤回。")


def _staff(username: str, password: str) -> StaffView:
    found = transaction(lambda: people.check_password(username, password))
    if found is None:
        raise click.ClickException("用户名或密码不对，或账号已锁定15分钟。")
    return found
