"""``flask evidence audit``: is everything still as it was sealed and signed, and if not, which row differs first."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import asdict
from typing import Any

import click
from flask.cli import with_appcontext
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, TextColumn, TimeRemainingColumn
from rich.progress import Progress as Bar
from sqlalchemy.exc import SQLAlchemyError

from backend.claims import services as claims
from backend.credit_bank import services as credit_bank
from backend.imports import services as imports
from backend.payments import services as payments
from backend.reviews import services as reviews
from backend.study import services as study
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
    RowSource(("quiz",), study.sealed_quizzes, study.count_sealed_quizzes, list_columns=sessions.LIST_COLUMNS),
    RowSource(("appeal",), study.sealed_appeals, study.count_sealed_appeals),
    RowSource(("import", "attested"), study.sealed_imports, study.count_sealed_imports),
    RowSource(("import_batch",), imports.sealed_rows, imports.count_sealed_rows),
    RowSource(("attachment",), attachments.sealed_rows, attachments.count_sealed_rows),
    RowSource(("transfer",), credit_bank.sealed_rows, credit_bank.count_sealed_rows, old_table="transfer"),
    RowSource(("claim",), claims.sealed_rows, claims.count_sealed_rows, old_table="subsidy_claim"),
    RowSource(("review",), reviews.sealed_rows, reviews.count_sealed_rows, old_table="review"),
    RowSource(("payment",), payments.sealed_rows, payments.count_sealed_rows, old_table="fund_entry"),
)
"""Every table of which records are sealed. A slice that seals decisions adds its line."""


def _books(advance: Callable[[int], None]) -> Iterator[tuple[str, str]]:
    yield from (("credit bank", problem) for problem in credit_bank.discrepancies())
    advance(1)


RECOUNTS = (
    Recount("attachment files", attachments.count_sealed_rows, attachments.problems_of_files),
    Recount("archive", lambda: len(archives.archives()), archives.problems_of_archives),
    Recount("destruction", lambda: 0, lambda _: retention.problems_of_destructions()),
    Recount("legal hold", holds.count_holds, holds.problems_of_holds),
    Recount("wall time", sessions.count_outside, sessions.outside_problems),
    Recount("banked time", study.count_banked, study.banking_problems),
    Recount("claim lines", claims.count_sealed_rows, claims.line_problems),
    Recount("decisions", reviews.count_decided, reviews.decision_problems),
    Recount("payments", claims.count_sealed_rows, payments.payment_problems),
    Recount("books", lambda: 1, _books),
)
"""What follows from those rows and is kept beside them."""


class _Watch:
    """Shows how far the audit came, on the error stream."""

    def __init__(self, bar: Bar) -> None:
        self._bar = bar
        self._task = bar.add_task("", total=None)

    def begin(self, total: int) -> None:
        self._bar.update(self._task, total=total)

    def advance(self, part: str, count: int) -> None:
        self._bar.update(self._task, description=part, advance=count)


@click.command("audit")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
@with_appcontext
def audit_command(as_json: bool) -> None:
    """Re-derive the log from the tables; hold tiles, checkpoints and every sealed row against it.

    Names the first row that differs. Exit 0 when all agrees, 1 when something differs, 2 when it could not be done.
    """
    columns = (TextColumn("{task.description:>18}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    try:
        with Bar(*columns, console=Console(stderr=True), transient=True) as bar:
            report = audit(sources=SOURCES, recounts=RECOUNTS, progress=_Watch(bar))
    except SQLAlchemyError as error:
        click.echo(
            f"无法核查：数据库读不出来（{type(error).__name__}: {error}）。请先运行 flask db upgrade heads。", err=True
        )
        raise SystemExit(UNUSABLE) from None
    click.echo(json.dumps(_plain(report), ensure_ascii=False, indent=2) if as_json else _text(report))
    if not report.agrees:
        raise SystemExit(DIFFERS)


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
