"""What the audit is given and what it finds. Pure."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

from learning_records.sealed_rows import SealedRow

_LONGEST_VALUE = 120


@dataclass(frozen=True)
class Difference:
    """Something that is not as it was sealed or signed. ``row`` names it, ``sentence`` says it whole; ``found`` is what lies in
    the table (or the file), ``expected`` what was sealed, signed or follows from it."""

    part: str
    row: str
    field: str
    found: str | None
    expected: str | None
    sentence: str
    record_id: str | None = None


@dataclass(frozen=True)
class RowSource:
    """The rows of one slice and the kinds of record that are sealed of them: ``rows(after_id, limit)``, in the order of ids.

    ``old_table``: the table in which ``old_id`` of a row says whether it is older than sealing. ``list_columns`` name the items
    of lists in the body, so that a finding can say which beat. ``leave_archived``: what rows give up once their record is
    archived. ``every_record``: whether each record of these kinds has its row.
    """

    kinds: tuple[str, ...]
    rows: Callable[[int, int], Sequence[SealedRow]]
    count: Callable[[], int]
    old_table: str | None = None
    list_columns: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    leave_archived: tuple[str, ...] = ()
    every_record: bool = True

    @property
    def name(self) -> str:
        """What findings and progress call it."""
        return self.kinds[0]


@dataclass(frozen=True)
class Recount:
    """``count`` rows that follow from others: ``problems`` names each that does not add up and says what is wrong with it, and
    tells the callback it is given how many rows it has been through."""

    title: str
    count: Callable[[], int]
    problems: Callable[[Callable[[int], None]], Iterable[tuple[str, str]]]


class Progress(Protocol):
    """Who watches an audit: told how much there is and how far it came, in rows."""

    def begin(self, total: int) -> None: ...

    def advance(self, part: str, count: int) -> None: ...


@dataclass(frozen=True)
class AuditReport:
    """What was looked at and what differs: the first difference of each part, in the order in which they were found."""

    entries: int
    waiting: int
    erased: int
    archived: int
    checkpoints: int
    tree_size: int
    root: bytes
    rows: Mapping[str, int]
    before_sealing: Mapping[str, int]
    differences: tuple[Difference, ...]

    @property
    def agrees(self) -> bool:
        """Whether nothing differs."""
        return not self.differences


def shown(value: Any) -> str:
    """A value as a finding shows it."""
    text = (
        value if isinstance(value, str) else json.dumps(value, ensure_ascii=False, separators=(",", ":"), default=str)
    )
    return text if len(text) <= _LONGEST_VALUE else text[:_LONGEST_VALUE] + "…"


def first_difference(
    found: Any, sealed: Any, columns: Mapping[str, tuple[str, ...]], path: str = ""
) -> tuple[str, Any, Any] | None:
    """Where two canonical values first differ: the path to it and both values there; None when they are equal.

    Of objects only the names of ``found`` are compared, below the top all names.
    """
    if isinstance(found, Mapping) and isinstance(sealed, Mapping):
        names = list(found) if not path else sorted({*found, *sealed})
        for name in names:
            inner = f"{path}.{name}" if path else str(name)
            if name not in found or name not in sealed:
                return inner, found.get(name), sealed.get(name)
            if different := first_difference(found[name], sealed[name], columns, inner):
                return different
        return None
    if _is_list(found) and _is_list(sealed):
        named = columns.get(path.partition("[")[0], ())
        for place, (one, other) in enumerate(zip(found, sealed, strict=False)):
            inner = f"{path}.{named[place]}" if "[" in path and place < len(named) else f"{path}[{place}]"
            if different := first_difference(one, other, columns, inner):
                return different
        if len(found) != len(sealed):
            place = min(len(found), len(sealed))
            return f"{path}[{place}]", _item(found, place), _item(sealed, place)
        return None
    same = found == sealed and isinstance(found, bool) == isinstance(sealed, bool)
    return None if same else (path, found, sealed)


def _is_list(value: Any) -> bool:
    return isinstance(value, list | tuple)


def _item(values: Sequence[Any], place: int) -> Any:
    return values[place] if place < len(values) else None
