"""Finding the table in a sheet that people fill in: its row of headings, and which lines below are records of it. Pure.

``words`` gives for each field the headings it may have, the plainest first. Imported by this slice's rosters and, through
``services``, by whoever reads another table of people.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping, Sequence

from backend.enterprises.cells import Cell

HEADER_WITHIN_ROWS = 30
_FEWEST_ID_DIGITS = 15
_TOTALS = ("合计", "总计", "共计", "小计", "总人数", "人数合计", "合计人数", "本页合计", "本页小计")
_FOOTERS = (
    "填报单位", "填报人", "填报日期", "填表人", "填表日期", "填表单位", "制表人", "制表日期", "经办人", "负责人", "单位负责人",
    "联系人", "联系电话", "审核", "审批", "单位盖章", "(盖章)", "单位(", "备注", "注:", "说明", "填写说明", "合计金额",
)  # fmt: skip

Words = Mapping[str, tuple[str, ...]]


def columns_of(cells: Sequence[Cell], words: Words) -> dict[str, int]:
    """Which field stands in which column. Where two columns fit one field, the plainer heading wins."""
    found: dict[str, tuple[int, int]] = {}
    for index, cell in enumerate(cells):
        heading = heading_of(cell)
        shorter = heading.partition("(")[0]
        for field, known in words.items():
            word = heading if heading in known else shorter
            if word in known and known.index(word) < found.get(field, (len(known), 0))[0]:
                found[field] = (known.index(word), index)
    return {field: index for field, (_, index) in found.items()}


def heading_of(cell: Cell) -> str:
    """A heading without spaces, stars and colons, in small plain letters; empty for what is no text."""
    if not isinstance(cell, str):
        return ""
    return "".join(unicodedata.normalize("NFKC", cell).split()).strip("*:").lower()


def is_record(cells: Sequence[Cell], columns: Mapping[str, int], words: Words) -> bool:
    """Not a line with a running number alone, a total, a footer, or the headings again on the next printed page."""
    filled = {
        field: cells[index] for field, index in columns.items() if index < len(cells) and not is_blank(cells[index])
    }
    if not filled.keys() - {"serial"}:
        return False
    if len(filled) > 1 and all(heading_of(cell) in words[field] for field, cell in filled.items()):
        return False
    first = next((heading_of(cell) for cell in cells if isinstance(cell, str) and not is_blank(cell)), "")
    if first not in _TOTALS and not first.startswith(_FOOTERS):
        return True
    return sum(character.isdigit() for character in str(filled.get("id_number", ""))) >= _FEWEST_ID_DIGITS


def is_blank(cell: Cell) -> bool:
    """Whether nobody would see anything in it."""
    return cell is None or (isinstance(cell, str) and not cell.strip())
