"""A register (台账) as a table: what its columns are, its rows, its totals; and the table as XLSX, PDF or CSV."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path

from backend.papers import services as papers
from backend.papers.services import Cell, Column, Sheet
from config import clock

_PAPER = Path(__file__).with_name("papers") / "register.typ"
_RIGHT = ("int", "fen")


@dataclass(frozen=True)
class Register:
    """One register. A cell of a ``fen`` column is integer fen, of a ``date`` column a local date; names are masked."""

    key: str
    title: str
    columns: tuple[Column, ...]
    rows: tuple[tuple[Cell, ...], ...]
    totals: tuple[Cell, ...]
    notes: tuple[str, ...] = ()

    def shown(self, cell: Cell, column: Column) -> str:
        """A cell as a page or paper shows it."""
        return shown_cell(cell, column)


def shown_cell(cell: Cell, column: Column) -> str:
    """A cell as a page or paper shows it."""
    if cell is None:
        return ""
    if column.kind == "fen" and isinstance(cell, int):
        return papers.yuan(cell)
    return cell.isoformat() if isinstance(cell, date) else str(cell)


def totals(columns: tuple[Column, ...], rows: tuple[tuple[Cell, ...], ...]) -> tuple[Cell, ...]:
    """The foot of a register: 合计 with the number of rows, and the sum under each column of money."""
    foot: list[Cell] = [None] * len(columns)
    foot[0] = f"合计{len(rows)}条"
    for place, column in enumerate(columns):
        if column.kind == "fen":
            foot[place] = sum(cell for row in rows if isinstance(cell := row[place], int))
    return tuple(foot)


def make(
    key: str,
    title: str,
    columns: tuple[Column, ...],
    rows: tuple[tuple[Cell, ...], ...],
    notes: tuple[str, ...] = (),
) -> Register:
    """A register with its totals."""
    return Register(key, title, columns, rows, totals(columns, rows), notes)


def as_workbook(register: Register, *, office: str, at: datetime) -> bytes:
    """The register as XLSX."""
    return papers.workbook(
        [
            Sheet(
                name=register.title[:31],
                columns=register.columns,
                rows=register.rows,
                title_lines=(register.title, _made(office, at)),
                totals=register.totals,
                foot_lines=register.notes,
            )
        ]
    )


def as_csv(register: Register) -> bytes:
    """The register as CSV (UTF-8 with a byte order mark, so that Excel reads Chinese); money in yuan with two decimals."""
    rows = (
        [register.shown(cell, column) for cell, column in zip(row, register.columns, strict=True)]
        for row in register.rows
    )
    return papers.csv_text([column.heading for column in register.columns], rows).encode("utf-8-sig")


def as_pdf(register: Register, *, office: str, at: datetime) -> bytes:
    """The register as PDF, A4 across, heading on every page, a place for the seal at the end."""
    columns = register.columns
    return papers.pdf(
        _PAPER,
        {
            "title": register.title,
            "office": office,
            "made": _made(office, at),
            "widths": [column.width for column in columns],
            "headings": [column.heading for column in columns],
            "rows": [[register.shown(*pair) for pair in zip(row, columns, strict=True)] for row in register.rows],
            "totals": [register.shown(*pair) for pair in zip(register.totals, columns, strict=True)],
            "right": [place for place, column in enumerate(columns) if column.kind in _RIGHT],
            "notes": list(register.notes),
        },
    )


def _made(office: str, at: datetime) -> str:
    local = at.astimezone(clock.SHANGHAI)
    return f"{office} · 生成时间 {local:%Y-%m-%d %H:%M}"
