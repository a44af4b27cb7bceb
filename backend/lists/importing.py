"""Taking lists in, withdrawing and forgetting them, and which there are."""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from pathlib import Path
from uuid import UUID

from sqlalchemy import delete, insert, select

from backend.audit import services as audit
from backend.lists import rules
from backend.lists.models import ListEntry, OfficeList
from backend.lists.reading import ListTable, ReadRow, kind_of
from backend.lists.rules import KIND_WORDS, Kind, ListInForce
from backend.people.services import StaffView
from config import clock
from config.database import db, locked
from config.errors import Conflict, Invalid, NotAllowed, NotFound

MAY_IMPORT = ("reviewer", "second_reviewer", "bureau")
OFFICE_LENGTH, WHY_LENGTH, FILE_NAME_LENGTH = 50, 500, 120
_ROWS_AT_ONCE = 2_000


@dataclass(frozen=True)
class ListView:
    """A list: who gave it, for which day, how many rows; ``state`` is in_force, superseded (a newer one is there), withdrawn or
    forgotten (its rows are gone)."""

    list_id: UUID
    kind: Kind
    office: str
    as_of_on: date
    file_name: str
    sha256: str
    row_count: int
    taken_at: datetime
    withdrawn_why: str | None
    state: str


def import_list(*, table: ListTable, office: str, as_of_on: date, file_name: str, staff: StaffView) -> ListView:
    """Take in a list that ``read_list`` found good. From now on it is the one asked of this kind and office.

    Raises NotAllowed LIST_ROLE_REQUIRED; Invalid LIST_OFFICE_INVALID, LIST_DAY_IN_FUTURE; Conflict LIST_OLDER (one of a later
    day is there), LIST_TAKEN_ALREADY (the same file is the one in force).
    """
    _require(staff)
    checked_office = _office(office)
    if as_of_on > clock.today():
        raise Invalid("LIST_DAY_IN_FUTURE", f"名单的截止日期{as_of_on.isoformat()}还没有到，请核对。")
    rows = [row for row in _rows(table.kind) if row.office == checked_office]
    for item in rules.in_force([_head(row) for row in rows if _can_be_asked(row)]):
        same = next(row for row in rows if row.public_id == item.list_id)
        if item.as_of_on > as_of_on:
            raise Conflict(
                "LIST_OLDER",
                f"{checked_office}已有截至{item.as_of_on.isoformat()}的{KIND_WORDS[table.kind]}，比这份新。",
            )
        if (same.sha256, same.as_of_on) == (table.sha256, as_of_on):
            raise Conflict("LIST_TAKEN_ALREADY", "这份名单已经收录过，内容没有变化。")
    taken = OfficeList(
        kind=table.kind,
        office=checked_office,
        as_of_on=as_of_on,
        file_name=_file_name(file_name),
        sha256=table.sha256,
        row_count=len(table.rows),
        taken_by_id=staff.id,
        taken_at=clock.now(),
    )
    db.session.add(taken)
    db.session.flush()
    for begin in range(0, len(table.rows), _ROWS_AT_ONCE):
        some = table.rows[begin : begin + _ROWS_AT_ONCE]
        db.session.execute(insert(ListEntry), [_values(row, taken.id) for row in some])
    _write(taken, staff, "list.imported", rows=taken.row_count, as_of_on=as_of_on.isoformat(), sha256=taken.sha256)
    return _view(taken, {taken.public_id})


def withdraw_list(*, list_id: UUID, why: str, staff: StaffView) -> ListView:
    """A list taken in by mistake is asked no more; the one before it counts again. Withdrawing twice changes nothing.

    Raises NotAllowed LIST_ROLE_REQUIRED, NotFound LIST_UNKNOWN, Invalid LIST_WHY_INVALID.
    """
    _require(staff)
    why = why.strip()
    if not 2 <= len(why) <= WHY_LENGTH:
        raise Invalid("LIST_WHY_INVALID", f"请写明撤回的原因，2至{WHY_LENGTH}个字。")
    found: OfficeList | None = db.session.scalar(locked(select(OfficeList).where(OfficeList.public_id == list_id)))
    if found is None:
        raise NotFound("LIST_UNKNOWN", "没有找到这份名单，请刷新页面。")
    if found.withdrawn_at is None:
        found.withdrawn_at, found.withdrawn_by_id, found.withdrawn_why = clock.now(), staff.id, why
        db.session.flush()
        _write(found, staff, "list.withdrawn", why=why)
    return _view(found, set())


def all_lists() -> list[ListView]:
    """Every list ever taken in, the newest first."""
    rows = _rows()
    current = {item.list_id for item in rules.in_force([_head(row) for row in rows if _can_be_asked(row)])}
    return [_view(row, current) for row in reversed(rows)]


def lists_in_force(*kinds: Kind) -> list[ListInForce]:
    """The list asked of each kind and office; of these kinds only, if any are named."""
    heads = [_head(row) for row in _rows(*kinds) if _can_be_asked(row)]
    return rules.in_force(heads)


def forget_superseded(*, kept_days: int, limit: int = 5) -> int:
    """Job: remove the rows of lists that have been replaced or withdrawn for ``kept_days``; how many lists were forgotten.

    The list itself stays with its file's digest, so that whoever holds the file can prove what it said.
    """
    rows = _rows()
    current = {item.list_id for item in rules.in_force([_head(row) for row in rows if _can_be_asked(row)])}
    before = clock.now() - timedelta(days=kept_days)
    due = [row for row in rows if row.forgotten_at is None and row.public_id not in current]
    due = [row for row in due if _replaced_at(row, rows) <= before][:limit]
    for row in due:
        row.forgotten_at = clock.now()
        db.session.flush()
        db.session.execute(delete(ListEntry).where(ListEntry.list_id == row.id))
        audit.write(
            actor="job", action="list.forgotten", subject=f"list:{row.public_id}", detail={"rows": row.row_count}
        )
    return len(due)


def _replaced_at(row: OfficeList, rows: list[OfficeList]) -> datetime:
    """When it was last of use: withdrawn, or a newer one of its kind and office taken in."""
    if row.withdrawn_at is not None:
        return row.withdrawn_at
    newer = [
        other.taken_at
        for other in rows
        if (other.kind, other.office) == (row.kind, row.office)
        and _can_be_asked(other)
        and (other.as_of_on, other.id) > (row.as_of_on, row.id)
    ]
    return min(newer)


def _rows(*kinds: Kind) -> list[OfficeList]:
    query = select(OfficeList).order_by(OfficeList.id)
    return list(db.session.scalars(query.where(OfficeList.kind.in_(kinds)) if kinds else query))


def _can_be_asked(row: OfficeList) -> bool:
    return row.withdrawn_at is None and row.forgotten_at is None


def _head(row: OfficeList) -> ListInForce:
    return ListInForce(row.public_id, kind_of(row.kind), row.office, row.as_of_on)


def _values(row: ReadRow, list_id: int) -> dict[str, object]:
    names = ("excel_row", "subject", "shown", "uscc", "note", "amount_fen", "from_on", "until_on")
    return {"list_id": list_id, **{name: getattr(row, name) for name in names}}


def _require(staff: StaffView) -> None:
    if staff.role not in MAY_IMPORT:
        raise NotAllowed("LIST_ROLE_REQUIRED", "只有审核员和人社局账号可以办理名单，请换用对应账号登录。")


def _office(text: str) -> str:
    office = "".join(unicodedata.normalize("NFKC", text).split())
    if not 2 <= len(office) <= OFFICE_LENGTH or not office.isprintable():
        raise Invalid("LIST_OFFICE_INVALID", f"请填写提供名单的单位，2至{OFFICE_LENGTH}个字。")
    return office


def _file_name(text: str) -> str:
    name = "".join(letter for letter in Path(text.replace("\\", "/")).name if letter.isprintable()).strip()
    return name[-FILE_NAME_LENGTH:] or "名单.xlsx"


def _write(row: OfficeList, staff: StaffView, action: str, **detail: str | int) -> None:
    named = {"kind": row.kind, "office": row.office, **detail}
    audit.write(actor=f"staff:{staff.public_id}", action=action, subject=f"list:{row.public_id}", detail=named)


def _view(row: OfficeList, current: set[UUID]) -> ListView:
    if row.withdrawn_at is not None:
        state = "withdrawn"
    elif row.forgotten_at is not None:
        state = "forgotten"
    else:
        state = "in_force" if row.public_id in current else "superseded"
    return ListView(
        list_id=row.public_id,
        kind=kind_of(row.kind),
        office=row.office,
        as_of_on=row.as_of_on,
        file_name=row.file_name,
        sha256=row.sha256,
        row_count=row.row_count,
        taken_at=row.taken_at,
        withdrawn_why=row.withdrawn_why,
        state=state,
    )
