"""Who works for an enterprise: importing a roster, giving it back with reasons, binding a row to the worker who joins."""

import uuid
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date
from typing import Any, cast

from sqlalchemy import select

from backend.audit import services as audit
from backend.enterprises import roster_files
from backend.enterprises.models import Enterprise, RosterEntry
from backend.enterprises.registration import lock
from backend.enterprises.rosters import RosterPerson, RowVerdict, counts, judge
from backend.enterprises.rules import Relation
from backend.people import services as people
from backend.people.rules import ERASED, mask_id_number, mask_name, mask_phone
from config import clock, crypto
from config.database import db
from config.errors import NotFound

NAME, _ID_NUMBER, _PHONE = "roster_name", "roster_id_number", "roster_phone"
_AT_ONCE = 1_000


@dataclass(frozen=True)
class RosterReport:
    """What became of a roster file: every row's verdict, and how many people were added, changed, or stood already so.
    The three are 0 where nothing was written (``check_roster``)."""

    on: date
    sheet_name: str
    header_row: int
    rows: tuple[RowVerdict, ...]
    created: int = 0
    updated: int = 0
    unchanged: int = 0

    def counts(self) -> dict[str, int]:
        """Rows of each verdict: ok, flagged, refused."""
        return counts(self.rows)


@dataclass(frozen=True)
class RosterEntryView:
    """A roster row in masks. ``flags`` maps a stable code to its Chinese sentence; ``worker_id`` is None until joined."""

    id: int
    public_id: uuid.UUID
    enterprise_id: int
    masked_name: str
    masked_id_number: str
    masked_phone: str
    relation: Relation
    hired_on: date
    position: str
    flags: dict[str, Any]
    worker_id: int | None


@dataclass(frozen=True)
class RosterIdentity:
    """A roster row's person in the clear, for papers that must name them; the reader is audited by its caller."""

    name: str
    id_number: str
    phone: str


def check_roster(*, workbook: bytes, on: date) -> RosterReport:
    """Judge a roster file and write nothing; needs no database. Ages are as of ``on``.

    Raises Invalid ROSTER_HEADER_NOT_FOUND, ROSTER_COLUMNS_MISSING, ROSTER_EMPTY, ROSTER_TOO_LONG, WORKBOOK_NOT_XLSX,
    WORKBOOK_TOO_LARGE, WORKBOOK_BROKEN, WORKBOOK_TOO_MANY_ROWS.
    """
    return _judged(workbook, on)[0]


def import_roster(*, enterprise_id: int, workbook: bytes, on: date, staff_id: int | None = None) -> RosterReport:
    """Judge a roster file and keep its accepted rows: new people are added, known ones updated, the same file again changes
    nothing. A refused row stops no other. Nobody is removed. ``staff_id`` is the agent who sent it, for the audit trail.

    Raises NotFound ENTERPRISE_UNKNOWN and what ``check_roster`` raises.
    """
    report, accepted = _judged(workbook, on)
    enterprise = lock(enterprise_id)
    known = {
        entry.id_number_index: entry
        for entry in db.session.scalars(select(RosterEntry).where(RosterEntry.enterprise_id == enterprise.id))
    }
    actor = _actor(staff_id)
    created = updated = 0
    for person in accepted:
        index = people.id_number_index(person.id_number.number)
        if (entry := known.get(index)) is None:
            db.session.add(_new_entry(enterprise, person, index))
            created += 1
        elif changed := _update(entry, person):
            audit.write(
                actor=actor,
                action="roster_entry.updated",
                subject=f"roster_entry:{entry.public_id}",
                detail={"changed": changed, "relation": entry.relation},
            )
            updated += 1
    db.session.flush()
    if created or updated:
        audit.write(
            actor=actor,
            action="roster.imported",
            subject=f"enterprise:{enterprise.public_id}",
            detail={
                "file_sha256": crypto.sha256_hex(workbook),
                "created": created,
                "updated": updated,
                **report.counts(),
            },
        )
    unchanged = len(accepted) - created - updated
    return RosterReport(report.on, report.sheet_name, report.header_row, report.rows, created, updated, unchanged)


def annotated_workbook(workbook: bytes, report: RosterReport) -> bytes:
    """The same workbook, with the reason beside each refused or flagged row in one more column."""
    labels = {"refused": "未收录：", "flagged": "已收录，请留意："}
    reasons = {row.excel_row: labels[row.verdict] + row.reason for row in report.rows if row.verdict in labels}
    return roster_files.with_reasons(
        workbook, sheet_name=report.sheet_name, header_row=report.header_row, reasons=reasons
    )


def roster_template() -> bytes:
    """An empty roster workbook to fill in: ID numbers and phones kept as text, the relation chosen from a list."""
    return roster_files.template()


def roster(enterprise_id: int) -> list[RosterEntryView]:
    """The enterprise's people in the order they were first imported, but for rows whose time is over."""
    query = select(RosterEntry).where(RosterEntry.enterprise_id == enterprise_id, RosterEntry.erased_at.is_(None))
    query = query.order_by(RosterEntry.id)
    return [_view(entry) for entry in db.session.scalars(query)]


def roster_entries(entry_ids: Iterable[int]) -> dict[int, RosterEntryView]:
    """Some roster rows by their inner ids."""
    query = select(RosterEntry).where(RosterEntry.id.in_(list(entry_ids)))
    return {entry.id: _view(entry) for entry in db.session.scalars(query)}


def roster_entry_of(*, enterprise_id: int, public_id: uuid.UUID) -> RosterEntryView:
    """A row of this enterprise's roster. Raises NotFound ROSTER_ENTRY_UNKNOWN."""
    query = select(RosterEntry).where(RosterEntry.enterprise_id == enterprise_id, RosterEntry.public_id == public_id)
    entry = db.session.scalar(query)
    if entry is None:
        raise NotFound("ROSTER_ENTRY_UNKNOWN", "花名册中没有这个人，请刷新后再试。")
    return _view(entry)


def roster_identity(entry_id: int) -> RosterIdentity:
    """The person of a roster row in the clear, as far as it is still kept. Raises NotFound ROSTER_ENTRY_UNKNOWN."""
    entry = db.session.get(RosterEntry, entry_id)
    if entry is None:
        raise NotFound("ROSTER_ENTRY_UNKNOWN", "花名册中没有这个人，请刷新后再试。")
    return _identity(entry)


def roster_identities(entry_ids: Iterable[int]) -> dict[int, RosterIdentity]:
    """Many at once, by the row's id, for one paper that names them all."""
    wanted = list(entry_ids)
    found: dict[int, RosterIdentity] = {}
    for start in range(0, len(wanted), _AT_ONCE):
        query = select(RosterEntry).where(RosterEntry.id.in_(wanted[start : start + _AT_ONCE]))
        found.update((entry.id, _identity(entry)) for entry in db.session.scalars(query))
    return found


def _identity(entry: RosterEntry) -> RosterIdentity:
    return RosterIdentity(
        _shown(entry.name_encrypted, NAME),
        _shown(entry.id_number_encrypted, _ID_NUMBER),
        _shown(entry.phone_encrypted, _PHONE),
    )


def bind_worker(*, enterprise_id: int, worker_id: int) -> RosterEntryView | None:
    """Tie the worker to the roster row with the same ID number; None if this enterprise has none. Another name in the
    roster than on the worker's account is flagged (``name_differs``).

    Raises NotAllowed CONSENT_REQUIRED, IDENTITY_REQUIRED; NotFound WORKER_UNKNOWN.
    """
    identity = people.require_identified(worker_id)
    query = select(RosterEntry).where(
        RosterEntry.enterprise_id == enterprise_id, RosterEntry.id_number_index == identity.id_number_index
    )
    entry = db.session.scalar(query)
    if entry is None:
        return None
    if entry.worker_id != worker_id:
        entry.worker_id = worker_id
        _compare_names(entry, identity.name)
        entry.updated_at = clock.now()
        db.session.flush()
        worker = people.worker_view(worker_id)
        audit.write(
            actor=f"worker:{worker.public_id}",
            action="roster_entry.bound",
            subject=f"roster_entry:{entry.public_id}",
            detail={"name_differs": "name_differs" in entry.flags},
        )
    return _view(entry)


def _judged(workbook: bytes, on: date) -> tuple[RosterReport, list[RosterPerson]]:
    table = roster_files.read_roster(workbook)
    verdicts, accepted = judge(table.rows, on=on)
    return RosterReport(on, table.sheet_name, table.header_row, tuple(verdicts)), accepted


def _new_entry(enterprise: Enterprise, person: RosterPerson, index: str) -> RosterEntry:
    return RosterEntry(
        enterprise_id=enterprise.id,
        id_number_index=index,
        name_encrypted=crypto.encrypt(person.name, purpose=NAME),
        id_number_encrypted=crypto.encrypt(person.id_number.number, purpose=_ID_NUMBER),
        phone_encrypted=crypto.encrypt(person.phone, purpose=_PHONE),
        relation=person.relation,
        hired_on=person.hired_on,
        position=person.position,
        flags={flag.code: flag.reason for flag in person.flags},
        worker_id=None,
        created_at=clock.now(),
        updated_at=clock.now(),
    )


def _update(entry: RosterEntry, person: RosterPerson) -> list[str]:
    """Write what differs and name those fields. Flags are of the day of the check, so a later day alone changes nothing."""
    changed = []
    if crypto.decrypt(entry.name_encrypted, purpose=NAME) != person.name:
        entry.name_encrypted = crypto.encrypt(person.name, purpose=NAME)
        if entry.worker_id is not None:
            _compare_names(entry, people.require_identified(entry.worker_id).name)
        changed.append("name")
    if _shown(entry.phone_encrypted, _PHONE) != person.phone:
        entry.phone_encrypted = crypto.encrypt(person.phone, purpose=_PHONE)
        changed.append("phone")
    if entry.relation != person.relation:
        entry.relation = person.relation
        changed.append("relation")
    if entry.hired_on != person.hired_on:
        entry.hired_on = person.hired_on
        changed.append("hired_on")
    if entry.position != person.position:
        entry.position = person.position
        changed.append("position")
    if added := {flag.code: flag.reason for flag in person.flags if flag.code not in entry.flags}:
        entry.flags = {**entry.flags, **added}
        changed.append("flags")
    if changed:
        entry.updated_at = clock.now()
    return changed


def _compare_names(entry: RosterEntry, registered_name: str) -> None:
    """Flag a roster name that is not the one the worker registered, and take the flag back once it is."""
    flags = {code: reason for code, reason in entry.flags.items() if code != "name_differs"}
    if crypto.decrypt(entry.name_encrypted, purpose=NAME) != registered_name:
        flags["name_differs"] = "花名册上的姓名与本人实名登记的姓名不一致，由审核人员核实。"
    entry.flags = flags


def _actor(staff_id: int | None) -> str:
    return "system" if staff_id is None else f"staff:{people.staff_of_id(staff_id).public_id}"


def _shown(ciphertext: bytes, purpose: str, mask: Callable[[str], str] = str) -> str:
    """The field, masked if asked; words that say so once its time was over."""
    return mask(crypto.decrypt(ciphertext, purpose=purpose)) if ciphertext else ERASED


def _view(entry: RosterEntry) -> RosterEntryView:
    return RosterEntryView(
        id=entry.id,
        public_id=entry.public_id,
        enterprise_id=entry.enterprise_id,
        masked_name=_shown(entry.name_encrypted, NAME, mask_name),
        masked_id_number=_shown(entry.id_number_encrypted, _ID_NUMBER, mask_id_number),
        masked_phone=_shown(entry.phone_encrypted, _PHONE, mask_phone),
        relation=cast(Relation, entry.relation),
        hired_on=entry.hired_on,
        position=entry.position,
        flags=dict(entry.flags),
        worker_id=entry.worker_id,
    )
