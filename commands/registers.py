"""``flask registers …``: every payment again from the evidence log, and registers as files."""

from __future__ import annotations

import json
from pathlib import Path

import click
from flask import current_app
from flask.cli import with_appcontext
from rich.console import Console
from rich.progress import Progress

from backend.papers.services import yuan
from backend.registers import books, tables
from backend.registers.replay import count_records, replay
from config import clock
from learning_records.evidence import log


@click.group("registers")
def registers() -> None:
    """Registers of the books: replay the payments, write registers to files."""


@registers.command("replay")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
@with_appcontext
def replay_command(as_json: bool) -> None:
    """Work out every payment again from the evidence log; name the first difference.

    Exit 0 when the books say what follows from the log, 1 when something differs.
    """
    log.catch_up()
    with Progress(console=Console(stderr=True), transient=True) as progress:
        task = progress.add_task("replay", total=count_records())
        report = replay(lambda count: progress.advance(task, count))
    if as_json:
        facts = {
            "agrees": report.agrees,
            "records": report.records,
            "payments": report.payments,
            "lines": report.lines,
            "paid_fen": report.paid_fen,
            "difference": None if report.difference is None else str(report.difference),
        }
        click.echo(json.dumps(facts, ensure_ascii=False))
    else:
        click.echo(
            f"重算 {report.records} 条存证：{report.payments} 笔付款，{report.lines} 人次，{yuan(report.paid_fen)} 元。"
        )
        click.echo("与账目一致。" if report.agrees else f"第一处不符：{report.difference}")
    raise SystemExit(0 if report.agrees else 1)


@registers.command("write")
@click.argument("key", type=click.Choice(list(books.BOOKS)))
@click.argument("target", type=click.Path(dir_okay=False, path_type=Path))
@with_appcontext
def write_command(key: str, target: Path) -> None:
    """Write a register to TARGET; its ending says how: .xlsx, .pdf or .csv."""
    office, at, register = current_app.config["SETTINGS"].office_contact, clock.now(), books.BOOKS[key]()
    made = {
        ".xlsx": lambda: tables.as_workbook(register, office=office, at=at),
        ".pdf": lambda: tables.as_pdf(register, office=office, at=at),
        ".csv": lambda: tables.as_csv(register),
    }
    if target.suffix not in made:
        raise click.BadParameter("文件名应以 .xlsx、.pdf 或 .csv 结尾。")
    target.write_bytes(made[target.suffix]())
    click.echo(f"{register.title}：{len(register.rows)} 条，已写入 {target}")
