"""Sealing records and reading them back. Nothing here changes or deletes; the database would refuse it."""

from __future__ import annotations

import json
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import select

from config import clock
from config.crypto import canonical_json
from config.database import db
from config.errors import NotFound
from learning_records.evidence.models import EvidenceEntry, EvidenceRecord
from learning_records.evidence.rules import LARGEST_ENTRY, SALT_BYTES, SUITE, commitment, leaf_hash, problems_of


@dataclass(frozen=True)
class SealedRecord:
    """What a deposit cites. ``leaf_hash`` is 64 hexadecimal digits."""

    record_id: int
    public_id: UUID
    leaf_hash: str


@dataclass(frozen=True)
class RecordView:
    """A sealed record with its body, the entry that commits to it, and whether the two fit."""

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
    problems: tuple[str, ...]

    @property
    def intact(self) -> bool:
        """Whether body, entry and leaf hash belong together."""
        return not self.problems


def seal(*, kind: str, body: Mapping[str, Any]) -> SealedRecord:
    """Store ``body`` as a canonical record and append its entry.

    ``body`` holds strings, ints, booleans, null, lists and string-keyed objects. Raises ``TypeError`` or ``ValueError`` for
    anything that has no canonical form.
    """
    canonical = canonical_json({"kind": kind, "suite": SUITE, **body})
    salt = secrets.token_bytes(SALT_BYTES)
    entry = canonical_json({"commitment": commitment(salt, canonical), "kind": kind, "suite": SUITE})
    if len(entry) > LARGEST_ENTRY:
        raise ValueError(f"an entry holds at most {LARGEST_ENTRY} bytes, this one {len(entry)}")
    record = EvidenceRecord(suite=SUITE, kind=kind, salt=salt, body=canonical, sealed_at=clock.now())
    db.session.add(record)
    db.session.flush()
    leaf = leaf_hash(entry)
    db.session.add(EvidenceEntry(record_id=record.id, entry=entry, leaf_hash=leaf))
    db.session.flush()
    return SealedRecord(record.id, record.public_id, leaf)


def get_record(*, record_id: int) -> RecordView:
    """The record with that inner id, checked against its leaf. Raises ``NotFound`` EVIDENCE_NOT_FOUND."""
    return _view(EvidenceRecord.id == record_id)


def trace(*, record_public_id: UUID) -> RecordView:
    """The record a credited second cites, checked against its leaf. Raises ``NotFound`` EVIDENCE_NOT_FOUND."""
    return _view(EvidenceRecord.public_id == record_public_id)


def _view(condition: Any) -> RecordView:
    row = db.session.execute(
        select(EvidenceRecord, EvidenceEntry)
        .join(EvidenceEntry, EvidenceEntry.record_id == EvidenceRecord.id)
        .where(condition)
        .execution_options(populate_existing=True)
    ).one_or_none()
    if row is None:
        raise NotFound("EVIDENCE_NOT_FOUND", "没有找到这份存证记录，请核对存证编号。")
    record, entry = row
    problems = problems_of(
        suite=record.suite,
        kind=record.kind,
        salt=record.salt,
        body=record.body,
        entry=entry.entry,
        stored_leaf=entry.leaf_hash,
    )
    return RecordView(
        record.id,
        record.public_id,
        record.suite,
        record.kind,
        record.salt,
        json.loads(record.body),
        record.body,
        record.sealed_at,
        entry.entry,
        entry.leaf_hash,
        tuple(problems),
    )
