"""A batch of the directory as a file: TOML with one ``[[platform]]`` a row, or CSV with the same names as its heading."""

from __future__ import annotations

import csv
import io
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from backend.platforms.rules import MOST_ENTRIES, Listing
from config.errors import Invalid

MOST_BYTES = 1_000_000
_FIELDS = ("code", "name", "kind", "other_names", "address", "mobile_address", "withdrawn")
_REQUIRED = ("code", "name", "kind")
_YES, _NO = ("true", "是", "1"), ("false", "否", "0", "")


def read_batch(path: Path) -> list[Listing]:
    """The rows of a file, read strictly; whether they are sound is seen when they are published.

    Raises ``Invalid`` BATCH_UNREADABLE, with the row of each fault.
    """
    if path.stat().st_size > MOST_BYTES:
        raise Invalid("BATCH_UNREADABLE", f"文件超过{MOST_BYTES // 1000}KB，不像一批平台目录。")
    try:
        text = path.read_bytes().decode("utf-8-sig")
        rows = _toml_rows(text) if path.suffix.lower() == ".toml" else _csv_rows(text)
    except (UnicodeDecodeError, tomllib.TOMLDecodeError, csv.Error, RecursionError) as error:
        raise Invalid("BATCH_UNREADABLE", "文件读不出来，请用UTF-8编码的TOML或CSV。") from error
    if not 1 <= len(rows) <= MOST_ENTRIES:
        raise Invalid("BATCH_UNREADABLE", f"一批应有1至{MOST_ENTRIES}个平台。")
    problems = [problem for number, row in enumerate(rows, start=1) for problem in _problems(number, row)]
    if problems:
        raise Invalid("BATCH_UNREADABLE", f"文件有{len(problems)}处格式问题，改正后再发布。", errors=problems)
    return [_listing(row) for row in rows]


def _toml_rows(text: str) -> list[Mapping[str, Any]]:
    whole = tomllib.loads(text)
    rows = whole.get("platform")
    if set(whole) != {"platform"} or not isinstance(rows, list) or not all(isinstance(row, dict) for row in rows):
        raise Invalid("BATCH_UNREADABLE", "TOML文件里只应有 [[platform]]，每个平台一段。")
    return rows


def _csv_rows(text: str) -> list[Mapping[str, Any]]:
    """Empty cells are left out; other names stand between semicolons."""
    reader = csv.DictReader(io.StringIO(text, newline=""), restkey="", restval="")
    rows: list[Mapping[str, Any]] = []
    for cells in reader:
        row: dict[str, Any] = {name.strip(): cell for name, cell in cells.items() if cell}
        row = {name: cell.strip() if isinstance(cell, str) else cell for name, cell in row.items()}
        names = str(row.pop("other_names", "")).replace("；", ";").split(";")
        row["other_names"] = [name.strip() for name in names if name.strip()]
        withdrawn = str(row.pop("withdrawn", "")).lower()
        row["withdrawn"] = withdrawn in _YES if withdrawn in (*_YES, *_NO) else withdrawn
        rows.append(row)
    return rows


def _problems(number: int, row: Mapping[str, Any]) -> list[dict[str, Any]]:
    said = [f"没有“{name}”这一项。" for name in row if name not in _FIELDS]
    said += [f"缺少“{name}”。" for name in _REQUIRED if not row.get(name)]
    for name in ("code", "name", "kind", "address", "mobile_address"):
        if not isinstance(row.get(name, ""), str):
            said.append(f"“{name}”应为文字。")
    names = row.get("other_names", [])
    if not isinstance(names, list) or not all(isinstance(item, str) for item in names):
        said.append("“other_names”应为文字列表。")
    if not isinstance(row.get("withdrawn", False), bool):
        said.append("“withdrawn”应为 true 或 false。")
    return [{"row": number, "code": "ROW_INVALID", "detail": detail} for detail in said]


def _listing(row: Mapping[str, Any]) -> Listing:
    return Listing(
        code=row["code"].strip(),
        name=" ".join(row["name"].split()),
        kind=row["kind"].strip(),
        other_names=tuple(row.get("other_names", ())),
        address=(row.get("address") or "").strip() or None,
        mobile_address=(row.get("mobile_address") or "").strip() or None,
        withdrawn=row.get("withdrawn", False),
    )
