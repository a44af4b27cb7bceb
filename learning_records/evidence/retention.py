"""The end of evidence: bodies erased when their two years are over, with a certificate (销毁证明) that is sealed itself.

What remains of an erased record is its entry in the log, so its leaf and every proof hold for good. Who may destroy, and when
which evidence is due, is the desk's to say; that nothing goes before its time or under a hold is the database's.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import compress
from typing import Any
from uuid import UUID

from sqlalchemy import func, select, update

from config import clock
from config.crypto import canonical_json, sha256_hex
from config.database import db, new_public_id
from config.errors import Conflict, NotFound
from learning_records.evidence import attachments, holds
from learning_records.evidence.attachment_models import Attachment
from learning_records.evidence.bodies import in_groups
from learning_records.evidence.keeping_rules import MONTHS_KEPT, over
from learning_records.evidence.models import EvidenceEntry, EvidenceRecord
from learning_records.evidence.record_guards import KEPT_KINDS
from learning_records.evidence.retention_models import Destruction
from learning_records.evidence.rules import SALT_BYTES
from learning_records.evidence.services import RecordView, get_record, seal
from learning_records.retention_sql import LEARNING_KINDS

KIND = "destruction"
MOST_RECORDS = 20_000
"""Of one destruction: its certificate names each."""


@dataclass(frozen=True)
class Gathered:
    """Living records of some kinds that share context and person: how many, and when the first and last were sealed."""

    context_ref: UUID | None
    person_ref: UUID | None
    records: int
    first_sealed_at: datetime
    last_sealed_at: datetime


@dataclass(frozen=True)
class Certificate:
    """销毁证明. ``body`` is the sealed record of the destruction: who, why, by what clause, when, and every record by its id,
    kind, leaf hash, place in the log and time of sealing, with the SHA-256 over that list; nothing of what was erased."""

    certificate_id: UUID
    record: RecordView
    files_removed_at: datetime | None

    @property
    def body(self) -> dict[str, Any]:
        """What was sealed."""
        return self.record.body


def gathered(kinds: Collection[str]) -> list[Gathered]:
    """What living evidence of these kinds there is, by context and person."""
    groups = EvidenceRecord.context_ref, EvidenceRecord.person_ref
    query = (
        select(*groups, func.count(), func.min(EvidenceRecord.sealed_at), func.max(EvidenceRecord.sealed_at))
        .where(EvidenceRecord.kind.in_(set(kinds)), EvidenceRecord.destruction_id.is_(None))
        .group_by(*groups)
    )
    return [Gathered(*row) for row in db.session.execute(query)]


def living_records(
    kinds: Collection[str], *, context_ref: UUID | None, person_ref: UUID | None = None
) -> list[tuple[int, UUID | None]]:
    """(inner id, person) of the living records of a context, or of a person outside every context, the oldest first."""
    query = (
        select(EvidenceRecord.id, EvidenceRecord.person_ref)
        .where(
            EvidenceRecord.kind.in_(set(kinds)),
            EvidenceRecord.destruction_id.is_(None),
            EvidenceRecord.context_ref == context_ref,
        )
        .order_by(EvidenceRecord.id)
    )
    if context_ref is None:
        query = query.where(EvidenceRecord.person_ref == person_ref)
    return [(row.id, row.person_ref) for row in db.session.execute(query)]


def destroy(
    *,
    record_ids: Collection[int],
    clause: str,
    reason: str,
    proposed_by: str,
    approved_by: str,
) -> Certificate:
    """Erase body and salt of these records for good and seal the certificate that lists them. Names of attached files go
    too; the files themselves go by ``remove_files`` after the commit. Proposer and approver are two persons.

    Raises ``Conflict`` DESTRUCTION_TOO_LARGE, RECORDS_GONE (unknown or erased already), RECORDS_NOT_DESTROYABLE (they tell how
    others were kept), RECORDS_NOT_SIGNED, RECORDS_TOO_YOUNG, RECORDS_ON_HOLD; nothing is erased then.
    """
    ids = sorted(set(record_ids))
    rows = _destroyable(ids)
    public_id = new_public_id()
    listed = [
        [str(row.public_id), row.kind, row.leaf_hash, row.log_index, clock.epoch_ms(row.sealed_at)] for row in rows
    ]
    sealed_ms = [item[4] for item in listed]
    sealed = seal(
        kind=KIND,
        subject=f"{KIND}:{public_id}",
        body={
            "destruction": str(public_id),
            "clause": clause,
            "reason": reason,
            "proposed_by": proposed_by,
            "approved_by": approved_by,
            "counts": dict(Counter(row.kind for row in rows)),
            "first_ms": min(sealed_ms),
            "last_ms": max(sealed_ms),
            "records": listed,
            "list_sha256": sha256_hex(canonical_json(listed)),
            "files": sorted(_files(ids)),
        },
    )
    row = Destruction(
        public_id=public_id,
        clause=clause,
        reason=reason,
        proposed_by=proposed_by,
        approved_by=approved_by,
        destroyed_at=get_record(record_id=sealed.record_id).sealed_at,
        record_count=len(ids),
        evidence_record_id=sealed.record_id,
    )
    db.session.add(row)
    db.session.flush()
    for some in in_groups(ids):
        erased = {"body": b"", "salt": bytes(SALT_BYTES), "destruction_id": row.id}
        erasing = update(EvidenceRecord).where(EvidenceRecord.id.in_(some)).values(**erased)
        db.session.execute(erasing.execution_options(synchronize_session=False))
        attachments.forget(record_ids=some)
    return certificate(certificate_id=public_id)


def emptied(record_ids: Collection[int]) -> set[tuple[UUID, UUID | None]]:
    """(person, context) of these records where nothing the person learned there is left, and no hold keeps the rest."""
    pairs: set[tuple[UUID, UUID | None]] = set()
    for some in in_groups(sorted(set(record_ids))):
        query = select(EvidenceRecord.person_ref, EvidenceRecord.context_ref).distinct()
        query = query.where(EvidenceRecord.id.in_(some), EvidenceRecord.person_ref.is_not(None))
        pairs.update((row.person_ref, row.context_ref) for row in db.session.execute(query))
    held = holds.standing()
    return {pair for pair in pairs if not held.keeps(*pair) and not _left(*pair)}


def _left(person_ref: UUID, context_ref: UUID | None) -> bool:
    living = select(EvidenceRecord.id).where(
        EvidenceRecord.person_ref == person_ref,
        EvidenceRecord.context_ref == context_ref,
        EvidenceRecord.kind.in_(LEARNING_KINDS),
        EvidenceRecord.destruction_id.is_(None),
    )
    return db.session.scalar(living.limit(1)) is not None


def certificate(*, certificate_id: UUID) -> Certificate:
    """One certificate. Raises ``NotFound`` CERTIFICATE_NOT_FOUND."""
    row = db.session.scalar(
        select(Destruction).where(Destruction.public_id == certificate_id).execution_options(populate_existing=True)
    )
    if row is None:
        raise NotFound("CERTIFICATE_NOT_FOUND", "没有这个编号的销毁证明，请核对后再试。")
    return Certificate(row.public_id, get_record(record_id=row.evidence_record_id), row.files_removed_at)


def files_to_remove() -> list[UUID]:
    """The certificates of destructions of which the attached files have not been removed yet, the oldest first."""
    query = select(Destruction.public_id).where(Destruction.files_removed_at.is_(None)).order_by(Destruction.id)
    return list(db.session.scalars(query))


def remove_files(*, certificate_id: UUID) -> int:
    """Remove the files of a destruction that no other attachment needs, and say that it was done; how many went. In a
    transaction of its own after that of ``destroy``, again if that was cut off."""
    found = certificate(certificate_id=certificate_id)
    removed = attachments.remove_files(sha256s=found.body["files"])
    row = db.session.scalars(select(Destruction).where(Destruction.public_id == certificate_id)).one()
    if row.files_removed_at is None:
        row.files_removed_at = clock.now()
        db.session.flush()
    return removed


def problems_of_destructions(advance: Callable[[int], None] = lambda _: None) -> Iterator[tuple[str, str]]:
    """(``destruction <public id>``, what is wrong) of every destruction whose certificate is not what was sealed, or lists
    other records than were erased; for the audit. ``advance`` is told 1 for each looked at."""
    ids = db.session.execute(select(Destruction.id, Destruction.public_id).order_by(Destruction.id)).all()
    for inner_id, public_id in ids:
        problem = _problem_of(inner_id, certificate(certificate_id=public_id))
        if problem:
            yield f"{KIND} {public_id}", problem
        advance(1)


def _problem_of(inner_id: int, found: Certificate) -> str:
    if not found.record.intact:
        return "; ".join(found.record.problems)
    row = db.session.get_one(Destruction, inner_id)
    names = ("clause", "reason", "proposed_by", "approved_by")
    if any(found.body[name] != getattr(row, name) for name in names) or found.body["destruction"] != str(row.public_id):
        return "its row is not what was sealed"
    erased = db.session.execute(
        select(EvidenceRecord.public_id, EvidenceEntry.leaf_hash)
        .join(EvidenceEntry, EvidenceEntry.record_id == EvidenceRecord.id)
        .where(EvidenceRecord.destruction_id == inner_id)
    )
    listed = {(item[0], item[2]) for item in found.body["records"]}
    if listed != {(str(record.public_id), record.leaf_hash) for record in erased}:
        return "it lists other records than were erased"
    return (
        "" if found.body["list_sha256"] == sha256_hex(canonical_json(found.body["records"])) else "its list was changed"
    )


def _destroyable(ids: Sequence[int]) -> list[Any]:
    if not 0 < len(ids) <= MOST_RECORDS:
        raise Conflict("DESTRUCTION_TOO_LARGE", f"一次销毁1到{MOST_RECORDS}份记录，请分批提出。")
    rows: list[Any] = []
    for some in in_groups(ids):
        query = select(
            EvidenceRecord.id,
            EvidenceRecord.public_id,
            EvidenceRecord.kind,
            EvidenceRecord.sealed_at,
            EvidenceRecord.person_ref,
            EvidenceRecord.context_ref,
            EvidenceRecord.destruction_id,
            EvidenceEntry.leaf_hash,
            EvidenceEntry.log_index,
        ).join(EvidenceEntry, EvidenceEntry.record_id == EvidenceRecord.id)
        rows += db.session.execute(
            query.where(EvidenceRecord.id.in_(some)).order_by(EvidenceRecord.id).with_for_update(of=EvidenceRecord)
        ).all()
    if len(rows) != len(ids) or any(row.destruction_id is not None for row in rows):
        raise Conflict("RECORDS_GONE", "清单里有记录已被销毁或不存在，请重新提出。")
    today, held = clock.today(), holds.standing()
    for code, why, wrong in (
        ("RECORDS_NOT_DESTROYABLE", "是归档、销毁或保留的凭据，永久保存", [row.kind in KEPT_KINDS for row in rows]),
        ("RECORDS_NOT_SIGNED", "还没有进入签名日志", [row.log_index is None for row in rows]),
        (
            "RECORDS_TOO_YOUNG",
            "存证未满两年",
            [not over(clock.local_date(row.sealed_at), MONTHS_KEPT, today=today) for row in rows],
        ),
        ("RECORDS_ON_HOLD", "正在依法保留", [held.keeps(row.person_ref, row.context_ref) for row in rows]),
    ):
        found = [{"record_id": str(row.public_id)} for row in compress(rows, wrong)]
        if found:
            raise Conflict(code, f"清单里有{len(found)}份记录{why}，没有销毁任何记录。", errors=found[:20])
    return rows


def _files(ids: Sequence[int]) -> set[str]:
    found: set[str] = set()
    for some in in_groups(ids):
        found.update(db.session.scalars(select(Attachment.sha256).where(Attachment.record_id.in_(some))))
    return found
