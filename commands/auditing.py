"""Running an audit at the terminal, and what there is to audit on the records floor; ``commands/audit.py`` adds the desk."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict
from typing import Any

import click
from flask.cli import with_appcontext
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, TextColumn, TimeRemainingColumn
from rich.progress import Progress as Bar
from sqlalchemy.exc import SQLAlchemyError

from learning_records.evidence import archives, attachments, holds, retention
from learning_records.evidence.audit import AuditReport, Recount, RowSource, audit
from learning_records.sessions import sealed as sessions

DIFFERS, UNUSABLE = 1, 2

SOURCES = (
    RowSource(
        ("session",),
        sessions.sealed_rows,
        sessions.count_sealed_rows,
        list_columns=sessions.LIST_COLUMNS,
        leave_archived=sessions.LEAVE_ARCHIVED,
    ),
    RowSource(("attachment",), attachments.sealed_rows, attachments.count_sealed_rows),
)
"""Tables of the records floor of which records are sealed."""

RECOUNTS = (
    Recount("attachment files", attachments.count_sealed_rows, attachments.problems_of_files),
    Recount("archive", lambda: len(archives.archives()), archives.problems_of_archives),
    Recount("destruction", lambda: 0, lambda _: retention.problems_of_destructions()),
    Recount("legal hold", holds.count_holds, holds.problems_of_holds),
    Recount("wall time", sessions.count_outside, sessions.outside_problems),
)
"""What is kept beside them and follows from them."""


class _Watch:
    """Shows how far the audit came, on the error stream."""

    def __init__(self, bar: Bar) -> None:
        self._bar = bar
        self._task = bar.add_task("", total=None)

    def begin(self, total: int) -> None:
        self._bar.update(self._task, total=total)

    def advance(self, part: str, count: int) -> None:
        self._bar.update(self._task, description=part, advance=count)


def run(sources: Sequence[RowSource], recounts: Sequence[Recount], *, as_json: bool) -> None:
    """Audit and print. Exit 0 when all agrees, 1 when something differs, 2 when it could not be done."""
    columns = (TextColumn("{task.description:>18}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    try:
        with Bar(*columns, console=Console(stderr=True), transient=True) as bar:
            report = audit(sources=sources, recounts=recounts, progress=_Watch(bar))
    except SQLAlchemyError as error:
        click.echo(
            f"无法核查：数据库读不出来（{type(error).__name__}: {error}）。请先运行 flask db upgrade heads。", err=True
        )
        raise SystemExit(UNUSABLE) from None
    click.echo(json.dumps(_plain(report), ensure_ascii=False, indent=2) if as_json else _text(report))
    if not report.agrees:
        raise SystemExit(DIFFERS)


@click.command("audit")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
@with_appcontext
def audit_records(as_json: bool) -> None:
    """Re-derive the log from the tables; hold tiles, checkpoints and every sealed row of the records floor against it.

    Names the first row that differs. Exit 0 when all agrees, 1 when something differs, 2 when it could not be done.
    """
    run(SOURCES, RECOUNTS, as_json=as_json)


def _plain(report: AuditReport) -> dict[str, Any]:
    return asdict(report) | {
        "agrees": report.agrees,
        "root": report.root.hex(),
        "differences": [asdict(difference) for difference in report.differences],
    }


def _text(report: AuditReport) -> str:
    lines = [
        f"日志 {report.entries} 条（待入日志 {report.waiting}，正文已归档 {report.archived}，已销毁 {report.erased}），"
        f"签名的检查点 {report.checkpoints} 个。",
        f"树 {report.tree_size} 条，根 {report.root.hex()}。",
        "逐行核对：" + "，".join(f"{name} {count}" for name, count in report.rows.items()) + "。",
    ]
    if report.before_sealing:
        told = "，".join(f"{name} {count}" for name, count in report.before_sealing.items())
        lines.append(f"存证开始之前的行（before sealing began）：{told}。")
    if report.agrees:
        return "\n".join([*lines, "全部一致。"])
    first, *others = report.differences
    lines.append(f"第一处不符：{first.sentence}")
    if others:
        lines += ["其他部分的第一处：", *(f"  {other.sentence}" for other in others)]
    return "\n".join(lines)
