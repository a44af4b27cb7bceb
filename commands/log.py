"""``flask evidence restart-log | keep-checkpoint``: the ways out when the log refuses to go on. The README says when."""

from __future__ import annotations

from typing import TextIO

import click
from flask.cli import with_appcontext

from config.database import transaction
from config.errors import DomainError
from learning_records.evidence import log


@click.command("restart-log")
@click.option("--origin", required=True, help="The new log's name, which the settings have already (log_origin).")
@click.option("--reason", required=True, help="Why; it is sealed as the first entry of the new log.")
@click.option("--former", help="The former log's name, when the database has no checkpoint of it.")
@with_appcontext
def restart_log(origin: str, reason: str, former: str | None) -> None:
    """Begin a new log after entries that were signed for are lost for good (a restored backup)."""
    try:
        begun = transaction(lambda: log.restart(origin=origin, reason=reason, former=former))
        log.sequence()
    except DomainError as error:
        raise click.ClickException(error.detail) from None
    lost = begun.former_checkpoint
    click.echo(
        f"新日志 {origin} 从先前日志 {begun.former_origin} 的{begun.kept_size}条之后开始，存证 {begun.record.public_id}。"
    )
    click.echo("先前日志最后签名的检查点：" + (f"{lost.size}条，已写入新日志。" if lost else "没有找到。"))
    click.echo("新日志的验证公钥，请公布：")
    for vkey in log.verifier_keys():
        click.echo(f"  {vkey}")


@click.command("keep-checkpoint")
@click.argument("file", type=click.File("r", encoding="utf-8", errors="surrogateescape"))
@with_appcontext
def keep_checkpoint(file: TextIO) -> None:
    """Keep the checkpoint in FILE outside the database, when the kept one was lost: the newest that anybody has."""
    try:
        kept = transaction(lambda: log.keep_checkpoint(file.read()))
    except DomainError as error:
        raise click.ClickException(error.detail) from None
    click.echo(f"已保存：日志 {kept.origin}，{kept.size}条。")
