"""Who a row is about: by ID number on the enterprise's roster, in the class, joined with their own phone; many at once.

Nobody is made a worker by a row: an account belongs to a person who agreed to the privacy notice (PIPL art. 13) and said who
they are. Until then the row is refused with what to do, and the same row is welcome afterwards.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from backend.enterprises import services as enterprises
from backend.enterprises.services import RosterMatch
from backend.imports.rules import Fault, Row
from backend.people import services as people
from backend.plans import services as plans
from backend.plans.services import ClassView


@dataclass(frozen=True)
class Person:
    """A worker in the class."""

    worker_id: int
    person_ref: UUID


def match(rows: Sequence[Row], class_view: ClassView) -> dict[int, Person | Fault]:
    """The person of each row (at most 1,000), or why there is none, by the number of the row."""
    indexes = {row.id_number: people.id_number_index(row.id_number) for row in rows}
    found = enterprises.find_on_roster(enterprise_id=class_view.enterprise_id, id_number_indexes=set(indexes.values()))
    places = plans.places_in(
        class_id=class_view.class_id, roster_entry_ids={entry.entry_id for entry in found.values()}
    )
    refs = people.learner_refs(worker_id for worker_id in places.values() if worker_id is not None)
    registered: dict[int, str] = {}
    matched: dict[int, Person | Fault] = {}
    for row in rows:
        entry = found.get(indexes[row.id_number])
        worker_id = places.get(entry.entry_id) if entry else None
        if entry is None or worker_id is None:
            matched[row.number] = _missing(entry, entry is not None and entry.entry_id in places, class_view)
            continue
        if row.name != entry.name:
            if worker_id not in registered:
                registered[worker_id] = people.require_identified(worker_id).name
            if row.name != registered[worker_id]:
                matched[row.number] = Fault(
                    "NAME_DIFFERS", "姓名与花名册上这个身份证号的姓名不一致，请核对姓名和身份证号。"
                )
                continue
        matched[row.number] = Person(worker_id, refs[worker_id])
    return matched


def _missing(entry: RosterMatch | None, listed: bool, class_view: ClassView) -> Fault:
    if entry is None:
        return Fault(
            "UNKNOWN_PERSON",
            f"身份证号不在“{class_view.enterprise_name}”的花名册上。请核对号码；确是本企业职工的，请先补进花名册。",
        )
    if not listed:
        return Fault(
            "NOT_IN_CLASS", f"本人不在“{class_view.title}”的参训名单里；名单以备案的为准，增加人员须先办理备案变更。"
        )
    if entry.worker_id is None:
        return Fault(
            "UNKNOWN_PERSON",
            "本人还没有用手机登录无锡创课、完成实名登记，学时无处可存。请本人扫班级码加入班级，再把这一行重新提交。",
        )
    return Fault("NOT_IN_CLASS", f"本人还没有加入“{class_view.title}”。请本人扫班级码加入班级，再把这一行重新提交。")
