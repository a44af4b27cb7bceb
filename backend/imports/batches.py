"""A batch from its arrival to its seal: opened, its rows taken in some at a time, finished. Progress is in the row itself,
written with the rows it counts, so a crash loses nothing and doubles nothing."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import func, insert, select

from backend.audit import services as audit
from backend.enterprises import services as enterprises
from backend.imports.models import ImportBatch, ImportVerdict
from backend.imports.rules import Row, Unread
from backend.imports.setting import setting_of
from backend.imports.taking import Taken, take_in
from backend.plans import services as plans
from backend.platforms import services as platforms
from config import clock
from config.database import db, locked
from config.errors import Conflict, NotFound
from learning_records.evidence import attachments
from learning_records.evidence import services as evidence
from learning_records.evidence.attachments import ReceivedFile
from learning_records.sealed_rows import SealedRow

KIND = "import_batch"
_LONGEST_DETAIL = 1_000


def open_batch(batch: ImportBatch, *, papers: Sequence[ReceivedFile], actor: str) -> ImportBatch:
    """Enter a batch with what the platform vouches for it by; nothing of its rows is judged yet."""
    db.session.add(batch)
    db.session.flush()
    owner_ref = enterprises.enterprise_by_id(batch.enterprise_id).public_id
    for paper in papers:
        attachments.add(context_ref=batch.public_id, owner_ref=owner_ref, file=paper, uploaded_by=actor)
    audit.write(
        actor=actor,
        action="import.received",
        subject=f"{KIND}:{batch.public_id}",
        detail={"platform": platforms.platform_by_id(batch.platform_id).code, "file_sha256": batch.file_sha256},
    )
    return batch


def take_in_rows(*, batch_id: UUID, rows: Sequence[Row | Unread]) -> int:
    """Judge the next rows (at most 1,000) of a waiting batch; how many have a verdict now. Rows judged before are left out.

    Raises ``NotFound`` IMPORT_NOT_FOUND, ``Conflict`` IMPORT_FINISHED.
    """
    batch = waiting_batch(batch_id)
    apply(batch, [row for row in rows if row.number > batch.last_number])
    return batch.rows_read


def apply(batch: ImportBatch, rows: Sequence[Row | Unread]) -> list[Taken]:
    """Take rows in under a batch that is held, and count them in it."""
    if not rows:
        return []
    setting = setting_of(
        batch_ref=batch.public_id,
        platform=platforms.platform_by_id(batch.platform_id),
        class_view=plans.class_view(batch.class_ref),
    )
    outcomes = take_in(rows, setting)
    db.session.execute(insert(ImportVerdict), [_verdict(batch.id, taken) for taken in outcomes])
    judged = [taken.judged for taken in outcomes]
    batch.rows_taken += sum(item.verdict == "taken" for item in judged)
    batch.rows_same += sum(item.verdict == "same" for item in judged)
    batch.rows_refused += sum(item.verdict == "refused" for item in judged)
    batch.learned_seconds += sum(item.counted_seconds for item in judged)
    batch.claimable_seconds += sum(item.claimable_seconds for item in judged)
    batch.last_number = max(row.number for row in rows)
    db.session.flush()
    return outcomes


def _verdict(batch_row_id: int, taken: Taken) -> dict[str, object]:
    judged = taken.judged
    return {
        "batch_id": batch_row_id,
        "number": judged.number,
        "external_id": judged.external_id,
        "verdict": judged.verdict,
        "code": judged.code,
        "detail": judged.detail[:_LONGEST_DETAIL],
        "counted_seconds": judged.counted_seconds,
        "claimable_seconds": judged.claimable_seconds,
        "overlap_seconds": judged.overlap_seconds,
        "banked_import_id": taken.banked_import_id,
    }


def finish(*, batch_id: UUID, failure: str = "") -> None:
    """Close a waiting batch and seal it; ``failure`` says why it could not be read to its end: what was taken in stays.

    Raises ``NotFound`` IMPORT_NOT_FOUND, ``Conflict`` IMPORT_FINISHED.
    """
    seal(waiting_batch(batch_id), failure=failure)


def seal(batch: ImportBatch, *, failure: str = "") -> None:
    """Close and seal a batch that is held."""
    status, finished_at = "failed" if failure else "done", clock.now()
    papers = attachments.list_of(context_ref=batch.public_id)
    sealed = evidence.seal(
        kind=KIND,
        body={
            **_facts(batch, status, finished_at),
            "platform": platforms.platform_by_id(batch.platform_id).code,
            "enterprise": str(enterprises.enterprise_by_id(batch.enterprise_id).public_id),
            "papers": sorted(str(paper.record_id) for paper in papers),
            "signature": batch.signature.hex() if batch.signature else None,
            "received_by": batch.received_by,
        },
        subject=f"{KIND}:{batch.public_id}",
        context_ref=batch.class_ref,
    )
    batch.status, batch.failure, batch.finished_at = status, failure, finished_at
    batch.evidence_record_id = sealed.record_id
    db.session.flush()


def _facts(batch: ImportBatch, status: str, finished_at: datetime) -> dict[str, object]:
    """A batch in the words in which it is sealed, as far as its row has them."""
    return {
        "batch": str(batch.public_id),
        "class": str(batch.class_ref),
        "source": batch.source,
        "file_sha256": batch.file_sha256,
        "status": status,
        "rows": {"taken": batch.rows_taken, "same": batch.rows_same, "refused": batch.rows_refused},
        "learned_seconds": batch.learned_seconds,
        "claimable_seconds": batch.claimable_seconds,
        "received_ms": clock.epoch_ms(batch.received_at),
        "finished_ms": clock.epoch_ms(finished_at),
    }


def waiting_batch(batch_id: UUID) -> ImportBatch:
    """The row, held until the transaction ends. Raises ``NotFound`` IMPORT_NOT_FOUND, ``Conflict`` IMPORT_FINISHED."""
    batch: ImportBatch | None = db.session.scalar(locked(select(ImportBatch).where(ImportBatch.public_id == batch_id)))
    if batch is None:
        raise not_found()
    if batch.status != "waiting":
        raise Conflict("IMPORT_FINISHED", "这一批记录已经处理完。")
    return batch


def not_found() -> NotFound:
    """No such batch, or not for this visitor."""
    return NotFound("IMPORT_NOT_FOUND", "没有找到这一批记录，请从列表重新打开。")


def count_sealed_rows() -> int:
    """How many batches are finished."""
    return db.session.scalar(select(func.count()).where(ImportBatch.evidence_record_id.is_not(None))) or 0


def sealed_rows(after_id: int, limit: int) -> Sequence[SealedRow]:
    """The next finished batches after that id, as their rows have them now."""
    rows = db.session.scalars(
        select(ImportBatch)
        .where(ImportBatch.id > after_id, ImportBatch.evidence_record_id.is_not(None))
        .order_by(ImportBatch.id)
        .limit(limit)
        .execution_options(populate_existing=True)
    )
    return [
        SealedRow(
            id=row.id,
            name=f"{KIND} {row.public_id}",
            body=_facts(row, row.status, row.finished_at or row.received_at),
            subject=f"{KIND}:{row.public_id}",
            record_id=row.evidence_record_id,
        )
        for row in rows
    ]
