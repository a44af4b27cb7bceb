"""Closed months leave the table: their bodies go into files, each verified as it was kept before any row is touched.

``next_part`` writes a file outside any transaction, ``take_in`` moves its records in one. A crash in between leaves a file
that nobody refers to; made again it is the same file, under the same name.
"""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, BinaryIO, cast
from uuid import UUID

from sqlalchemy import func, select, update

from config import blobs, clock
from config.database import db, new_public_id
from config.errors import Conflict, NotFound
from learning_records.evidence.archive_files import ArchiveDamaged, Packed, write
from learning_records.evidence.bodies import archive_file, in_groups, select_stored, stored_body
from learning_records.evidence.keeping_rules import month_of
from learning_records.evidence.models import EvidenceEntry, EvidenceRecord, LogCheckpoint
from learning_records.evidence.record_guards import KEPT_KINDS
from learning_records.evidence.retention_models import EvidenceArchive
from learning_records.evidence.rules import commitment, entry_of
from learning_records.evidence.services import get_record, seal
from learning_records.retention_sql import TRAINING_KINDS

KIND = "archive"
PART_RECORDS = 16_384  # of one file: what one transaction moves, and what goes at once when the last of it is erased
_LARGEST_FILE = 1 << 40


@dataclass(frozen=True)
class MonthView:
    """A local month: what of it is in the table (bytes of bodies), what in archives, and what is not in the log yet."""

    month: str
    ends_at: datetime
    records: int
    body_bytes: int
    archived_records: int
    archive_bytes: int
    unsigned: int


@dataclass(frozen=True)
class Part:
    """A written and verified file of one month, not referred to yet."""

    month: str
    blob: blobs.Blob
    record_ids: tuple[int, ...]
    first_index: int
    last_index: int
    tree_size: int


@dataclass(frozen=True)
class ArchiveView:
    """A kept archive. ``record_id`` is the public id of the evidence record that seals its hash."""

    archive_id: UUID
    month: str
    sha256: str
    size_bytes: int
    record_count: int
    record_id: UUID
    made_at: datetime
    destroyed_at: datetime | None


def month_view(month: str) -> MonthView:
    """What there is of a month ``YYYY-MM``. Raises ``Invalid`` MONTH_INVALID."""
    ends_at = clock.start_of_day(month_of(month)[1])
    records, body_bytes = db.session.execute(
        select(func.count(), func.coalesce(func.sum(func.length(EvidenceRecord.body)), 0)).where(*_movable(month))
    ).one()
    archived, archive_bytes = db.session.execute(
        select(
            func.coalesce(func.sum(EvidenceArchive.record_count), 0),
            func.coalesce(func.sum(EvidenceArchive.size_bytes), 0),
        ).where(EvidenceArchive.month == month, EvidenceArchive.destroyed_at.is_(None))
    ).one()
    size = _signed_size()
    unsigned = db.session.scalar(
        select(func.count())
        .select_from(EvidenceRecord)
        .join(EvidenceEntry, EvidenceEntry.record_id == EvidenceRecord.id)
        .where(*_movable(month), func.coalesce(EvidenceEntry.log_index, size) >= size)
    )
    return MonthView(month, ends_at, records, int(body_bytes), int(archived), int(archive_bytes), unsigned or 0)


def next_part(month: str, *, limit: int = PART_RECORDS) -> Part | None:
    """Write and verify a file of the month's first records in the order of the log; None when nothing is left of it. What ends
    some day and what is kept with the books go into files apart, so that the first can be removed whole.

    No row is touched. Raises ``Invalid`` MONTH_INVALID; ``Conflict`` RECORD_DAMAGED when a record does not fit its entry, or
    ARCHIVE_NOT_KEPT when the file, read back, is not what was to be written.
    """
    size, ends = _signed_size(), EvidenceRecord.kind.in_(TRAINING_KINDS)
    for these in (ends, ~ends):
        found = db.session.execute(
            select(EvidenceRecord.id, EvidenceEntry.log_index)
            .join(EvidenceEntry, EvidenceEntry.record_id == EvidenceRecord.id)
            .where(*_movable(month), these, EvidenceEntry.log_index < size)
            .order_by(EvidenceEntry.log_index)
            .limit(limit)
        ).all()
        if found:
            break
    if not found:
        return None
    ids = [row.id for row in found]
    with tempfile.TemporaryFile() as file:
        write(cast(BinaryIO, file), _bodies(ids), month=month, records=len(ids), tree_size=size)
        file.seek(0)
        blob = blobs.put(cast(BinaryIO, file), limit_bytes=_LARGEST_FILE)
    _verify(blob.sha256, ids)
    return Part(month, blob, tuple(ids), found[0].log_index, found[-1].log_index, size)


def take_in(part: Part) -> ArchiveView:
    """Seal the archive and move its records: from now on their bodies are read from the file.

    Raises ``Conflict`` ARCHIVE_OVERTAKEN when one of them was archived or erased since the file was written.
    """
    public_id = new_public_id()
    sealed = seal(
        kind=KIND,
        subject=f"{KIND}:{public_id}",
        body={
            "archive": str(public_id),
            "month": part.month,
            "sha256": part.blob.sha256,
            "size_bytes": part.blob.size_bytes,
            "records": len(part.record_ids),
            "first_index": part.first_index,
            "last_index": part.last_index,
            "tree_size": part.tree_size,
        },
    )
    row = EvidenceArchive(
        public_id=public_id,
        month=part.month,
        sha256=part.blob.sha256,
        size_bytes=part.blob.size_bytes,
        record_count=len(part.record_ids),
        first_index=part.first_index,
        last_index=part.last_index,
        tree_size=part.tree_size,
        evidence_record_id=sealed.record_id,
        made_at=clock.now(),
    )
    db.session.add(row)
    db.session.flush()
    moved = 0
    for some in in_groups(part.record_ids):
        still_there = EvidenceRecord.archive_id.is_(None), EvidenceRecord.destruction_id.is_(None)
        moving = update(EvidenceRecord).where(EvidenceRecord.id.in_(some), *still_there)
        moved += _count(moving.values(body=b"", archive_id=row.id))
    if moved != len(part.record_ids):
        raise Conflict("ARCHIVE_OVERTAKEN", "归档期间有记录被另一次归档或销毁取走，没有改动任何数据，请再运行一次。")
    return _view(row, sealed.public_id)


def archives(*, month: str | None = None) -> list[ArchiveView]:
    """All archives, or those of a month, in the order they were made."""
    query = (
        select(EvidenceArchive, EvidenceRecord.public_id)
        .join(EvidenceRecord, EvidenceRecord.id == EvidenceArchive.evidence_record_id)
        .order_by(EvidenceArchive.id)
        .execution_options(populate_existing=True)
    )
    if month is not None:
        query = query.where(EvidenceArchive.month == month)
    return [_view(row, record_id) for row, record_id in db.session.execute(query)]


def close_emptied() -> list[str]:
    """Mark the archives of which every body was erased; the SHA-256 of all such files that are still kept, to be removed."""
    living = select(EvidenceRecord.id).where(
        EvidenceRecord.archive_id == EvidenceArchive.id, EvidenceRecord.destruction_id.is_(None)
    )
    db.session.execute(
        update(EvidenceArchive)
        .where(EvidenceArchive.destroyed_at.is_(None), ~living.exists())
        .values(destroyed_at=clock.now())
        .execution_options(synchronize_session=False)
    )
    gone = db.session.scalars(select(EvidenceArchive.sha256).where(EvidenceArchive.destroyed_at.is_not(None)))
    return [sha256 for sha256 in gone if blobs.exists(sha256)]


def problems_of_archives(advance: Callable[[int], None] = lambda _: None) -> Iterator[tuple[str, str]]:
    """(``archive <public id>``, what is wrong) of every archive whose file is lost, changed, or not what was sealed; for the
    audit. ``advance`` is told 1 for each archive looked at."""
    for archive in archives():
        problem = _problem_of(archive)
        if problem:
            yield f"{KIND} {archive.archive_id}", problem
        advance(1)


def _movable(month: str) -> tuple[Any, ...]:
    first, after = month_of(month)
    return (
        EvidenceRecord.sealed_at >= clock.start_of_day(first),
        EvidenceRecord.sealed_at < clock.start_of_day(after),
        EvidenceRecord.kind.not_in(KEPT_KINDS),
        EvidenceRecord.archive_id.is_(None),
        EvidenceRecord.destruction_id.is_(None),
    )


def _signed_size() -> int:
    """How many entries the newest signed checkpoint covers; 0 before the first."""
    return db.session.scalar(select(LogCheckpoint.tree_size).order_by(LogCheckpoint.id.desc()).limit(1)) or 0


def _rows(record_ids: Sequence[int]) -> Iterator[Any]:
    for some in in_groups(record_ids):
        query = select_stored().where(EvidenceRecord.id.in_(some)).order_by(EvidenceEntry.log_index)
        yield from db.session.execute(query)


def _bodies(record_ids: Sequence[int]) -> Iterator[Packed]:
    for row in _rows(record_ids):
        stored = stored_body(row)
        if stored.problems or not stored.body:
            raise Conflict(
                "RECORD_DAMAGED",
                f"存证{row.public_id}与日志不符，没有归档任何记录。请先运行 flask evidence audit 查明。",
            )
        yield Packed(row.log_index, stored.salt, stored.body)


def _verify(sha256: str, record_ids: Sequence[int]) -> None:
    """Read every body back from where it is kept, and hold it against the entry in the log."""
    refusal = Conflict("ARCHIVE_NOT_KEPT", "归档文件写入后读回的内容不对，没有改动任何数据。请检查存储，再运行一次。")
    try:
        file = archive_file(sha256)
        if not blobs.intact(sha256) or file.records != len(record_ids):
            raise refusal
        for row in _rows(record_ids):
            body = file.body(row.log_index, row.salt)
            if entry_of(row.kind, commitment(row.salt, body)) != row.entry:
                raise refusal
    except (ArchiveDamaged, NotFound) as error:
        raise refusal from error


def _problem_of(archive: ArchiveView) -> str:
    if archive.destroyed_at is not None:
        return "all its bodies were erased, but its file is still kept" if blobs.exists(archive.sha256) else ""
    try:
        if not blobs.intact(archive.sha256):
            return "its file is not what was sealed"
        file = archive_file(archive.sha256)
    except (ArchiveDamaged, NotFound, OSError) as error:
        return str(error)
    row = db.session.scalars(select(EvidenceArchive).where(EvidenceArchive.public_id == archive.archive_id)).one()
    said = get_record(record_id=row.evidence_record_id).body
    names = ("sha256", "size_bytes", "first_index", "last_index", "tree_size", "month")
    if any(said.get(name) != getattr(row, name) for name in names) or said.get("records") != row.record_count:
        return "its row is not what was sealed"
    indexes = set(
        db.session.scalars(
            select(EvidenceEntry.log_index)
            .join(EvidenceRecord, EvidenceRecord.id == EvidenceEntry.record_id)
            .where(EvidenceRecord.archive_id == row.id)
        )
    )
    return "" if indexes == set(file.indexes()) else "it does not hold the records that name it"


def _count(statement: Any) -> int:
    return int(cast(Any, db.session.execute(statement.execution_options(synchronize_session=False))).rowcount)


def _view(row: EvidenceArchive, record_id: UUID) -> ArchiveView:
    return ArchiveView(
        row.public_id,
        row.month,
        row.sha256,
        row.size_bytes,
        row.record_count,
        record_id,
        row.made_at,
        row.destroyed_at,
    )
