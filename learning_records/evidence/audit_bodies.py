"""Bodies as the audit reads them: as they lie there, because its walk through the log holds each against its entry already."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

from sqlalchemy import select, type_coerce

from config.database import UuidText, db
from learning_records.evidence.bodies import bodies_of
from learning_records.evidence.models import EvidenceRecord

RECORDS = select(
    EvidenceRecord.id,
    EvidenceRecord.kind,
    EvidenceRecord.subject,
    EvidenceRecord.body,
    EvidenceRecord.archive_id,
    EvidenceRecord.destruction_id,
)


def unchecked_body(record: Any) -> bytes:
    """The body of a row of ``RECORDS``, from its archive if it is in one. Empty once erased, or when the archive is lost."""
    if record.archive_id is None:
        return bytes(record.body)
    return bodies_of([record.id])[record.id].body


def unchecked_bodies(record_ids: Collection[int]) -> dict[int, bytes]:
    """The bodies of some records (at most some thousand) by their inner ids."""
    rows = db.session.execute(RECORDS.where(EvidenceRecord.id.in_(record_ids))).all()
    return {row.id: unchecked_body(row) for row in rows}


def public_ids_in_words(record_ids: Collection[int | None]) -> dict[int, str]:
    """The public ids of some records (at most some thousand) by their inner ids, as bodies cite them."""
    wanted = {record_id for record_id in record_ids if record_id is not None}
    query = select(EvidenceRecord.id, type_coerce(EvidenceRecord.public_id, UuidText()))
    return dict(db.session.execute(query.where(EvidenceRecord.id.in_(wanted))).all()) if wanted else {}


def public_id_of(record_id: int) -> str:
    """The public id of the record with that inner id."""
    return str(db.session.scalar(select(EvidenceRecord.public_id).where(EvidenceRecord.id == record_id)))
