"""Sealing records and reading them back. Nothing here changes or deletes; the database would refuse it."""

from __future__ import annotations

import json
import secrets
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import insert, select

from config import clock
from config.crypto import canonical_json
from config.database import db, new_public_id
from config.errors import NotFound
from learning_records.evidence.bodies import Erasure, bodies_of, erasure_of, select_stored, stored_body
from learning_records.evidence.models import EvidenceEntry, EvidenceRecord
from learning_records.evidence.rules import SALT_BYTES, SUITE, commitment, entry_of, leaf_hash

__all__ = [
    "Draft",
    "Erasure",
    "RecordView",
    "SealedRecord",
    "bodies_of",
    "get_record",
    "public_ids",
    "seal",
    "seal_all",
    "trace",
]


@dataclass(frozen=True)
class SealedRecord:
    """What a deposit cites. ``leaf_hash`` is 64 hexadecimal digits."""

    record_id: int
    public_id: UUID
    leaf_hash: str


@dataclass(frozen=True)
class RecordView:
    """A sealed record with its body, the entry that commits to it, and whether the two fit. ``log_index`` is None for the
    second or two until the sequencer has taken the entry into the log. Of an ``erased`` record body and salt are empty: entry,
    leaf and proof still hold."""

    record_id: int
    public_id: UUID
    suite: str
    kind: str
    salt: bytes
    body: dict[str, Any]
    canonical_body: bytes
    sealed_at: datetime
    entry: bytes
    leaf_hash: str
    log_index: int | None
    problems: tuple[str, ...]
    erased: Erasure | None = None

    @property
    def intact(self) -> bool:
        """Whether body, entry and leaf hash belong together."""
        return not self.problems


@dataclass(frozen=True)
class Draft:
    """A record to be sealed. ``body`` holds strings, ints, booleans, null, lists and string-keyed objects.

    ``subject`` names what it is about, once a kind, so that the row it speaks of can be held against it later;
    ``person_ref`` and ``context_ref`` are the pseudonyms by which evidence is gathered.
    """

    kind: str
    body: Mapping[str, Any]
    subject: str | None = None
    person_ref: UUID | None = None
    context_ref: UUID | None = None


def seal(
    *,
    kind: str,
    body: Mapping[str, Any],
    subject: str | None = None,
    person_ref: UUID | None = None,
    context_ref: UUID | None = None,
) -> SealedRecord:
    """Store ``body`` as a canonical record and append its entry. Raises as ``seal_all``."""
    return seal_all([Draft(kind, body, subject, person_ref, context_ref)])[0]


def seal_all(drafts: Sequence[Draft]) -> list[SealedRecord]:
    """Store each body as a canonical record and append its entry, in the order given.

    Raises ``TypeError`` or ``ValueError`` for what has no canonical form or makes too long an entry, and
    ``sqlalchemy.exc.IntegrityError`` for a second record of the same kind and subject; nothing is stored then.
    """
    sealed_at = clock.now()
    records: list[dict[str, Any]] = []
    entries = []
    for draft in drafts:
        canonical = canonical_json({"kind": draft.kind, "suite": SUITE, **draft.body})
        salt = secrets.token_bytes(SALT_BYTES)
        entry = entry_of(draft.kind, commitment(salt, canonical))
        entries.append(entry)
        records.append(
            {
                "public_id": new_public_id(),
                "suite": SUITE,
                "kind": draft.kind,
                "salt": salt,
                "body": canonical,
                "sealed_at": sealed_at,
                "subject": draft.subject,
                "person_ref": draft.person_ref,
                "context_ref": draft.context_ref,
            }
        )
    if not records:
        return []
    ids = db.session.execute(insert(EvidenceRecord).returning(EvidenceRecord.id, sort_by_parameter_order=True), records)
    leaves = [leaf_hash(entry) for entry in entries]
    sealed = [
        SealedRecord(record_id, row["public_id"], leaf)
        for record_id, row, leaf in zip(ids.scalars(), records, leaves, strict=True)
    ]
    db.session.execute(
        insert(EvidenceEntry),
        [
            {"record_id": record.record_id, "entry": entry, "leaf_hash": record.leaf_hash}
            for record, entry in zip(sealed, entries, strict=True)
        ],
    )
    return sealed


def get_record(*, record_id: int) -> RecordView:
    """The record with that inner id, checked against its leaf. Raises ``NotFound`` EVIDENCE_NOT_FOUND."""
    return _view(EvidenceRecord.id == record_id)


def public_ids(record_ids: Iterable[int | None]) -> dict[int, UUID]:
    """The public ids of some records by their inner ids (at most some thousand); None among them is left out."""
    wanted = {record_id for record_id in record_ids if record_id is not None}
    if not wanted:
        return {}
    query = select(EvidenceRecord.id, EvidenceRecord.public_id).where(EvidenceRecord.id.in_(wanted))
    return {row.id: row.public_id for row in db.session.execute(query)}


def trace(*, record_public_id: UUID) -> RecordView:
    """The record a credited second cites, checked against its leaf. Raises ``NotFound`` EVIDENCE_NOT_FOUND."""
    return _view(EvidenceRecord.public_id == record_public_id)


def _view(condition: Any) -> RecordView:
    row = db.session.execute(select_stored().where(condition)).one_or_none()
    if row is None:
        raise NotFound("EVIDENCE_NOT_FOUND", "没有找到这份存证记录，请核对存证编号。")
    stored = stored_body(row)
    return RecordView(
        row.id,
        row.public_id,
        row.suite,
        row.kind,
        stored.salt,
        _parsed(stored.body),
        stored.body,
        row.sealed_at,
        row.entry,
        row.leaf_hash,
        row.log_index,
        stored.problems,
        erasure_of(row.destruction_id) if stored.erased else None,
    )


def _parsed(body: bytes) -> dict[str, Any]:
    """Empty for an erased body, and for one that somebody changed into no JSON object: ``problems`` then says so."""
    try:
        parsed = json.loads(body)
    except ValueError:
        return {}
    return parsed if isinstance(parsed, dict) else {}
