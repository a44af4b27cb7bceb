"""Asking the lists in force about people and enterprises: few queries for many people, one pure join."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping, Sequence
from datetime import date

from sqlalchemy import select

from backend.lists import rules
from backend.lists.importing import lists_in_force
from backend.lists.models import ListEntry, OfficeList
from backend.lists.rules import (
    ENTERPRISE_KINDS,
    PEOPLE_KINDS,
    Asked,
    Finding,
    ListInForce,
    ListRow,
    ListValues,
    PeopleKind,
    Source,
)
from config.database import db

_SUBJECTS_AT_ONCE = 500


def findings_for_people(people: Sequence[Asked], *, on: date, actions: ListValues) -> Mapping[str, tuple[Finding, ...]]:
    """What the lists in force say of these people on a local day, by each one's ``ref``; an empty tuple for whom they say
    nothing. ``actions`` is ``policy.lists``. Where no list of the insured was ever given, nobody is found uninsured."""
    lists = lists_in_force(*PEOPLE_KINDS)
    rows = _rows_of({asked.id_index for asked in people}, lists)
    return {
        asked.ref: rules.join_person(asked, rows.get(asked.id_index, ()), lists, on=on, actions=actions)
        for asked in people
    }


def findings_for_enterprise(*, uscc: str, on: date, actions: ListValues) -> tuple[Finding, ...]:
    """What the lists in force say of an enterprise on a local day: dispatch licence (A16), dishonesty."""
    rows = _rows_of({uscc}, lists_in_force(*ENTERPRISE_KINDS))
    return rules.join_enterprise(rows.get(uscc, ()), on=on, actions=actions)


def rows_of_people(kind: PeopleKind, id_indexes: Collection[str]) -> Mapping[str, Sequence[ListRow]]:
    """The rows of these people on the lists in force of one kind, whatever their period: who insured them and when, which
    other subsidy they got and how much. By blind index; people on no list are left out."""
    return _rows_of(id_indexes, lists_in_force(kind))


def has_list(kind: PeopleKind) -> bool:
    """Whether any office gave a list of this kind that is in force: only then does absence mean anything."""
    return bool(lists_in_force(kind))


def _rows_of(subjects: Collection[str], lists: Sequence[ListInForce]) -> dict[str, list[ListRow]]:
    found: dict[str, list[ListRow]] = defaultdict(list)
    if not lists or not subjects:
        return found
    for entry, source in _entries(sorted(subjects), {item.list_id: item for item in lists}):
        found[entry.subject].append(
            ListRow(
                source=source,
                subject=entry.subject,
                shown=entry.shown,
                uscc=entry.uscc,
                note=entry.note,
                amount_fen=entry.amount_fen,
                from_on=entry.from_on,
                until_on=entry.until_on,
            )
        )
    return found


def _entries(subjects: Sequence[str], lists: Mapping[object, ListInForce]) -> Iterator[tuple[ListEntry, Source]]:
    """Their rows, in the order of the lists and of the rows in them."""
    inner = db.session.execute(select(OfficeList.id, OfficeList.public_id).where(OfficeList.public_id.in_(list(lists))))
    heads = {row.id: lists[row.public_id] for row in inner}
    for begin in range(0, len(subjects), _SUBJECTS_AT_ONCE):
        some = subjects[begin : begin + _SUBJECTS_AT_ONCE]
        query = select(ListEntry).where(ListEntry.list_id.in_(heads), ListEntry.subject.in_(some))
        for entry in db.session.scalars(query.order_by(ListEntry.list_id, ListEntry.excel_row)):
            head = heads[entry.list_id]
            yield entry, Source(head.list_id, head.kind, head.office, head.as_of_on, entry.excel_row)
