"""``flask rosters …``: what an import would say about a roster file. Writes nothing and needs no database."""

from __future__ import annotations

import json
from datetime import datetime
from pathlib import Path

import click

from backend.enterprises import services
from config import clock
from config.errors import DomainError


@click.group("rosters")
def rosters() -> None:
    """Rosters: check a file before it is imported."""


@rosters.command("check")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--on", type=click.DateTime(["%Y-%m-%d"]), help="Day for which ages are counted; today if left out.")
def check(file: Path, on: datetime | None) -> None:
    """Print the verdict of every row of FILE (.xlsx) as JSON. ID numbers are printed in full."""
    day = on.date() if on else clock.today()
    try:
        report = services.check_roster(workbook=file.read_bytes(), on=day)
    except DomainError as error:
        raise click.BadParameter(f"{error.detail} [{error.code}]", param_hint="FILE") from error
    rows = [
        {
            "excel_row": row.excel_row,
            "name": row.name,
            "verdict": row.verdict,
            "code": row.code,
            "id_number": row.id_number,
        }
        for row in report.rows
    ]
    click.echo(json.dumps({"on": day.isoformat(), "rows": rows, **report.counts()}, ensure_ascii=False, indent=1))
