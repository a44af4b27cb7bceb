"""Where the body of a record is, and reading it from there: in the table, in an archive, or nowhere any more.

Everybody reads bodies through here (``get_record``, ``trace``, bundles, the audit), so that a record in an archive is a
record like any other, and an erased one says so.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from itertools import islice
from pathlib import Path
from typing import Any, TypeVar
from uuid import UUID

from sqlalchemy import Select, select

from config import blobs
from config.database import db
from config.errors import NotFound
from learning_records.evidence.archive_files import ArchiveDamaged, ArchiveFile
from learning_records.evidence.models import EvidenceEntry, EvidenceRecord
from learning_records.evidence.retention_models import Destruction, EvidenceArchive
from learning_records.evidence.rules import problems_of

T = TypeVar("T")
_AT_ONCE = 500  # rows in one statement: both databases bound its parameters


@dataclass(frozen=True)
class Erasure:
    """Why a record has no body any more: the destruction whose certificate lists it."""

    certificate_id: UUID
    destroyed_at: datetime
    clause: str
    reason: str


@dataclass(frozen=True)
class StoredBody:
    """Salt and canonical body of a record, from wherever they are; both empty once ``erased``.

    ``problems`` is empty when body, entry and leaf belong together, or when the record is erased and entry and leaf do.
    """

    salt: bytes
    body: bytes
    erased: bool
    problems: tuple[str, ...]


def select_stored() -> Select[*tuple[Any, ...]]:
    """Records with their entries, for ``stored_body``: id, public_id, suite, kind, subject, person_ref, context_ref, sealed_at,
    salt, body, destruction_id, archive_sha256, entry, leaf_hash, log_index. Add conditions, order and limit."""
    record = EvidenceRecord
    return (
        select(
            record.id,
            record.public_id,
            record.suite,
            record.kind,
            record.subject,
            record.person_ref,
            record.context_ref,
            record.sealed_at,
            record.salt,
            record.body,
            record.destruction_id,
            EvidenceArchive.sha256.label("archive_sha256"),
            EvidenceEntry.entry,
            EvidenceEntry.leaf_hash,
            EvidenceEntry.log_index,
        )
        .join(EvidenceEntry, EvidenceEntry.record_id == record.id)
        .outerjoin(EvidenceArchive, EvidenceArchive.id == record.archive_id)
    )


def stored_body(row: Any) -> StoredBody:
    """The body of a row of ``select_stored``, checked against its entry and leaf."""
    erased = row.destruction_id is not None
    try:
        salt, body = (b"", b"") if erased else (row.salt, _body(row))
    except (NotFound, ArchiveDamaged, OSError) as error:
        return StoredBody(row.salt, b"", False, (f"its archive {row.archive_sha256} cannot give it back: {error}",))
    problems = problems_of(
        suite=row.suite,
        kind=row.kind,
        salt=salt,
        body=None if erased else body,
        entry=row.entry,
        stored_leaf=row.leaf_hash,
    )
    return StoredBody(salt, body, erased, tuple(problems))


def bodies_of(record_ids: Iterable[int]) -> dict[int, StoredBody]:
    """The bodies of some records (at most some thousand) by their inner ids."""
    query = select_stored().where(EvidenceRecord.id.in_(set(record_ids))).order_by(EvidenceEntry.log_index)
    return {row.id: stored_body(row) for row in db.session.execute(query)}


def erasure_of(destruction_id: int) -> Erasure:
    """The destruction with that inner id, which some record names."""
    row = db.session.get_one(Destruction, destruction_id)
    return Erasure(row.public_id, row.destroyed_at, row.clause, row.reason)


def archive_file(sha256: str) -> ArchiveFile:
    """The kept archive with that SHA-256. Raises ``NotFound`` FILE_NOT_FOUND, ``ArchiveDamaged``."""
    return _opened(blobs.path_of(sha256))


def in_groups(items: Iterable[T]) -> Iterator[list[T]]:
    """So many at a time as one statement takes."""
    left = iter(items)
    while some := list(islice(left, _AT_ONCE)):
        yield some


def _body(row: Any) -> bytes:
    if row.archive_sha256 is None:
        body: bytes = row.body
        return body
    return archive_file(row.archive_sha256).body(row.log_index, row.salt)


@lru_cache(maxsize=16)
def _opened(path: Path) -> ArchiveFile:
    """Files never change under their name; a few stay open, so that one record after the other is read from them."""
    return ArchiveFile(path)
