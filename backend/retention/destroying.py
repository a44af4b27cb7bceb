"""Which evidence is due, and destroying it: one person proposes, another approves, a certificate says what went."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from sqlalchemy import select

from backend.audit import services as audit
from backend.people import services as people
from backend.people.services import StaffView
from backend.policies import services as policies
from backend.retention import rules
from backend.retention.holding import name_of
from backend.retention.models import APPROVED, PROPOSED, DestructionProposal
from backend.retention.reports import Unit, units
from backend.retention.rules import UnitKind
from config import clock
from config.crypto import canonical_json, sha256_hex
from config.database import db, locked
from config.errors import Conflict, NotFound
from learning_records import keeping
from learning_records.evidence import holds as record_holds
from learning_records.evidence import retention
from learning_records.evidence.holds import Standing
from learning_records.evidence.retention import MOST_RECORDS


@dataclass(frozen=True)
class DueUnit:
    """A class (or a person's own learning) with its clock. ``waits_for`` are Chinese words for what keeps everything; ``held``
    says that a legal hold keeps all of it, or the part of some people."""

    kind: UnitKind
    ref: UUID
    title: str
    enterprise: str
    records: int
    last_session_on: date | None
    last_payment_on: date | None
    kept_until: date
    waits_for: tuple[str, ...]
    held: str
    is_due: bool


@dataclass(frozen=True)
class ProposalView:
    """A proposal, and the certificate it became once another person approved."""

    proposal_id: UUID
    status: str
    units: int
    records: int
    clause: str
    reason: str
    proposed_by: str
    proposed_at: datetime
    approved_by: str | None
    certificate_id: UUID | None


@dataclass(frozen=True)
class CertificateView:
    """销毁证明: what was sealed, with the names of both persons, and where the seal stands in the log."""

    certificate_id: UUID
    clause: str
    reason: str
    proposed_by: str
    approved_by: str
    destroyed_at: datetime
    counts: dict[str, int]
    first_at: datetime
    last_at: datetime
    records: tuple[tuple[str, str, str, int, datetime], ...]
    list_sha256: str
    files: tuple[str, ...]
    files_removed_at: datetime | None
    record_id: UUID
    leaf_hash: str
    log_index: int | None
    intact: bool


def due() -> list[DueUnit]:
    """Every class and person of whom evidence is kept, with their clocks; the longest due first. Nothing is changed."""
    held = record_holds.standing()
    found = [_due(unit, held) for unit in _living_units()]
    return sorted(found, key=lambda unit: (unit.kept_until, str(unit.ref)))


def propose(*, staff: StaffView, reason: str, only: Collection[UUID] = ()) -> ProposalView:
    """Propose to destroy what is due, the longest due first (or ``only`` these classes and persons), as much as one
    certificate names. What a hold keeps is left out.

    Raises ``NotAllowed`` RETENTION_ROLE_REQUIRED; ``Invalid`` REASON_REQUIRED; ``Conflict`` NOTHING_DUE.
    """
    rules.require_role(staff.role)
    said = rules.checked_reason(reason)
    held = record_holds.standing()
    chosen = [unit for unit in _living_units() if _due(unit, held).is_due and (not only or unit.ref in only)]
    chosen.sort(key=lambda unit: (_kept_until(unit), str(unit.ref)))
    ids, taken = _first_ids(chosen, held)
    if not ids:
        raise Conflict("NOTHING_DUE", "没有到期可以销毁的台账资料。请用 flask retention due 查看各班级的保存期限。")
    row = DestructionProposal(
        status=PROPOSED,
        units=[[unit.kind, str(unit.ref)] for unit in taken],
        record_count=len(ids),
        list_sha256=_hash(ids),
        clause=policies.current().clause("records.keep_years"),
        reason=said,
        proposed_by_id=staff.id,
        proposed_at=clock.now(),
    )
    db.session.add(row)
    db.session.flush()
    _audit(staff, "destruction.proposed", row)
    return _view(row)


def approve(*, staff: StaffView, proposal_id: UUID) -> ProposalView:
    """Destroy what another person proposed, if it is still what is due: bodies, beats, devices and names of files for good.
    The files themselves go by ``keeping.remove_files`` after the commit. Approving again changes nothing.

    Raises ``NotFound`` PROPOSAL_NOT_FOUND; ``NotAllowed`` RETENTION_ROLE_REQUIRED, SECOND_PERSON_REQUIRED; ``Conflict``
    DESTRUCTION_CHANGED and those of ``keeping.destroy``.
    """
    rules.require_role(staff.role)
    row: DestructionProposal | None = db.session.scalar(
        locked(select(DestructionProposal).where(DestructionProposal.public_id == proposal_id))
    )
    if row is None:
        raise NotFound("PROPOSAL_NOT_FOUND", "没有找到这份销毁清单，请核对编号。")
    rules.require_other_person(proposer_id=row.proposed_by_id, approver_id=staff.id)
    if row.status == APPROVED:
        return _view(row)
    held, living = record_holds.standing(), {(unit.kind, unit.ref): unit for unit in _living_units()}
    proposed = [living[kind, UUID(ref)] for kind, ref in row.units if (kind, UUID(ref)) in living]
    ids, _ = _first_ids([unit for unit in proposed if _due(unit, held).is_due], held)
    rules.require_unchanged(proposed=row.list_sha256, found=_hash(ids))
    certificate_id = keeping.destroy(
        record_ids=ids,
        clause=row.clause,
        reason=row.reason,
        proposed_by=f"staff:{people.staff_of_id(row.proposed_by_id).public_id}",
        approved_by=f"staff:{staff.public_id}",
    ).certificate_id
    row.approved_by_id, row.approved_at, row.certificate_id = staff.id, clock.now(), certificate_id
    row.status = APPROVED
    db.session.flush()
    _audit(staff, "destruction.approved", row)
    return _view(row)


def proposals() -> list[ProposalView]:
    """All proposals, the newest first."""
    return [
        _view(row) for row in db.session.scalars(select(DestructionProposal).order_by(DestructionProposal.id.desc()))
    ]


def certificate(*, certificate_id: UUID) -> CertificateView:
    """A certificate of destruction. Raises ``NotFound`` CERTIFICATE_NOT_FOUND."""
    found = retention.certificate(certificate_id=certificate_id)
    said, record = found.body, found.record
    return CertificateView(
        certificate_id=certificate_id,
        clause=said["clause"],
        reason=said["reason"],
        proposed_by=name_of(said["proposed_by"]),
        approved_by=name_of(said["approved_by"]),
        destroyed_at=record.sealed_at,
        counts=dict(said["counts"]),
        first_at=clock.from_epoch_ms(said["first_ms"]),
        last_at=clock.from_epoch_ms(said["last_ms"]),
        records=tuple((*item[:4], clock.from_epoch_ms(item[4])) for item in said["records"]),
        list_sha256=said["list_sha256"],
        files=tuple(said["files"]),
        files_removed_at=found.files_removed_at,
        record_id=record.public_id,
        leaf_hash=record.leaf_hash,
        log_index=record.log_index,
        intact=record.intact,
    )


def _living_units() -> list[Unit]:
    return units(retention.gathered(policies.current().records.destroyed_kinds))


def _kept_until(unit: Unit) -> date:
    kept = policies.current().records
    return rules.kept_until(unit.facts, years=kept.keep_years, kept_from=kept.kept_from)


def _due(unit: Unit, held: Standing) -> DueUnit:
    kept_until, waits_for = _kept_until(unit), rules.reasons_to_wait(unit.facts)
    all_held = held.everything or unit.ref in held.contexts or unit.persons <= held.persons
    return DueUnit(
        kind=unit.kind,
        ref=unit.ref,
        title=unit.title,
        enterprise=unit.enterprise,
        records=unit.records,
        last_session_on=unit.facts.last_session_on,
        last_payment_on=unit.facts.last_payment_on,
        kept_until=kept_until,
        waits_for=waits_for,
        held="全部" if all_held else "部分人员" if unit.persons & held.persons else "",
        is_due=not waits_for and not all_held and clock.today() > kept_until,
    )


def _record_ids(unit: Unit, held: Standing) -> list[int]:
    """What of a unit may go. While somebody of a class is held, what the class shares (papers, files) stays too."""
    kinds = policies.current().records.destroyed_kinds
    shared_stays = bool(unit.persons & held.persons)
    found: list[int] = []
    for context in unit.contexts:
        records = retention.living_records(
            kinds, context_ref=context, person_ref=unit.ref if unit.kind == "person" else None
        )
        found += [
            record_id
            for record_id, person in records
            if not held.keeps(person, context) and not (shared_stays and person is None)
        ]
    return sorted(found)


def _first_ids(chosen: Iterable[Unit], held: Standing) -> tuple[list[int], list[Unit]]:
    """The records of these units in order, as many as one certificate names, and the units they are of."""
    ids: list[int] = []
    taken: list[Unit] = []
    for unit in chosen:
        of_unit = _record_ids(unit, held)
        if of_unit and len(ids) < MOST_RECORDS:
            ids += of_unit
            taken.append(unit)
    return ids[:MOST_RECORDS], taken


def _hash(record_ids: Sequence[int]) -> str:
    return sha256_hex(canonical_json(sorted(record_ids)))


def _audit(staff: StaffView, action: str, row: DestructionProposal) -> None:
    audit.write(
        actor=f"staff:{staff.public_id}",
        action=action,
        subject=f"destruction_proposal:{row.public_id}",
        detail={
            "records": row.record_count,
            "list_sha256": row.list_sha256,
            "certificate": str(row.certificate_id) if row.certificate_id else None,
        },
    )


def _view(row: DestructionProposal) -> ProposalView:
    return ProposalView(
        proposal_id=row.public_id,
        status=row.status,
        units=len(row.units),
        records=row.record_count,
        clause=row.clause,
        reason=row.reason,
        proposed_by=people.staff_of_id(row.proposed_by_id).display_name,
        proposed_at=row.proposed_at,
        approved_by=None if row.approved_by_id is None else people.staff_of_id(row.approved_by_id).display_name,
        certificate_id=row.certificate_id,
    )
