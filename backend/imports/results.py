"""What became of batches: lists, verdicts page by page, counts by code, and the same table given back with its verdicts."""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from uuid import UUID

from sqlalchemy import Select, func, select

from backend.enterprises import services as enterprises
from backend.enterprises.services import Cell
from backend.imports.batches import not_found
from backend.imports.models import ImportBatch, ImportVerdict
from backend.imports.reading import read_row
from backend.imports.rules import VERDICT_WORDS, Row, Unread
from backend.imports.tables import raw_rows, table_lines, table_of
from backend.imports.views import BatchView, VerdictView, batch_views, verdict_view
from config import blobs, clock
from config.database import db
from config.errors import NotFound
from learning_records.evidence import attachments
from learning_records.evidence.attachments import AttachmentView

RESULT_HEADINGS = ("结果", "原因", "计入秒数", "可申领秒数")
_PAGE = 1_000


@dataclass(frozen=True)
class CodeCount:
    """How many rows of a batch have a verdict of this code."""

    verdict: str
    code: str
    rows: int


def batches_of_enterprise(enterprise_id: int, *, before_id: int | None = None, limit: int = 20) -> list[BatchView]:
    """The batches for classes of this enterprise, the newest first; ``before_id`` goes on where a page ended."""
    query = select(ImportBatch).where(ImportBatch.enterprise_id == enterprise_id).order_by(ImportBatch.id.desc())
    if before_id is not None:
        query = query.where(ImportBatch.id < before_id)
    return batch_views(db.session.scalars(query.limit(limit)))


def batches_of_class(class_id: UUID) -> list[BatchView]:
    """The batches for one class, the newest first."""
    query = select(ImportBatch).where(ImportBatch.class_ref == class_id).order_by(ImportBatch.id.desc())
    return batch_views(db.session.scalars(query))


def batch_of_enterprise(*, enterprise_id: int, batch_id: UUID) -> BatchView:
    """A batch for a class of this enterprise. Raises ``NotFound`` IMPORT_NOT_FOUND."""
    return _one(select(ImportBatch).where(ImportBatch.enterprise_id == enterprise_id), batch_id)


def batch_of_platform(*, platform_id: int, batch_id: UUID) -> BatchView:
    """A batch that this platform sent itself; what an agent uploaded is not its to see. Raises ``NotFound``
    IMPORT_NOT_FOUND."""
    query = select(ImportBatch).where(ImportBatch.platform_id == platform_id, ImportBatch.source == "call")
    return _one(query, batch_id)


def waiting_batches() -> list[UUID]:
    """Tables whose rows are not all judged yet, the oldest first."""
    query = select(ImportBatch.public_id).where(ImportBatch.status == "waiting", ImportBatch.source == "table")
    return list(db.session.scalars(query.order_by(ImportBatch.id)))


def papers_of(batch_id: UUID) -> list[AttachmentView]:
    """What was handed in with a batch: stamped papers, a signed statement, the table itself."""
    return attachments.list_of(context_ref=batch_id)


def open_paper(*, batch_id: UUID, attachment_id: UUID) -> tuple[AttachmentView, Path]:
    """One of those of a batch, and where its bytes can be read. Raises ``NotFound`` ATTACHMENT_NOT_FOUND (of another batch
    too), and as ``attachments.open_attachment``."""
    if attachments.get_attachment(attachment_id=attachment_id).context_ref != batch_id:
        raise NotFound("ATTACHMENT_NOT_FOUND", "没有找到这份资料，请从列表重新打开。")
    return attachments.open_attachment(attachment_id=attachment_id)


def verdicts(
    *, batch_row_id: int, after_number: int = 0, limit: int = 100, refused_only: bool = False
) -> list[VerdictView]:
    """The next verdicts behind that row, in the order of the rows."""
    query = select(ImportVerdict).where(ImportVerdict.batch_id == batch_row_id, ImportVerdict.number > after_number)
    if refused_only:
        query = query.where(ImportVerdict.verdict == "refused")
    return [verdict_view(row) for row in db.session.scalars(query.order_by(ImportVerdict.number).limit(limit))]


def code_counts(*, batch_row_id: int) -> list[CodeCount]:
    """How many rows of each verdict and code, the most frequent first."""
    rows = func.count()
    query = select(ImportVerdict.verdict, ImportVerdict.code, rows).where(ImportVerdict.batch_id == batch_row_id)
    found = db.session.execute(query.group_by(ImportVerdict.verdict, ImportVerdict.code).order_by(rows.desc()))
    return [CodeCount(verdict, code, count) for verdict, code, count in found]


def read_on(*, batch_id: UUID, rows_at_once: int) -> Iterator[list[Row | Unread]]:
    """The rows of a waiting table that have no verdict yet, some at a time; touches the database only at first.

    Raises ``NotFound`` IMPORT_NOT_FOUND, FILE_NOT_FOUND, and ``Invalid`` where the file cannot be read on.
    """
    batch = db.session.scalar(select(ImportBatch).where(ImportBatch.public_id == batch_id))
    if batch is None or batch.layout is None:
        raise not_found()
    path, table, last = blobs.path_of(batch.file_sha256), table_of(batch.layout), batch.last_number
    left = (raw for raw in raw_rows(path, table) if raw.number > last)
    while some := list(itertools.islice(left, rows_at_once)):
        now = clock.now()
        yield [read_row(raw, table.grade, now) for raw in some]


def result_table(batch: BatchView) -> tuple[list[str], Iterator[Sequence[str | int]]]:
    """The headings and lines of the table as it was handed in, with what became of each row beside it, read as asked for.

    The columns of an earlier result are left out. Raises ``NotFound`` IMPORT_NOT_FOUND for a call, FILE_NOT_FOUND when the
    file's time is over.
    """
    row = db.session.get(ImportBatch, batch.id)
    if row is None or row.layout is None:
        raise not_found()
    path, table = blobs.path_of(row.file_sha256), table_of(row.layout)
    kept = [index for index, heading in enumerate(table.headings) if heading not in RESULT_HEADINGS]

    def lines() -> Iterator[Sequence[str | int]]:
        found = _all_verdicts(batch.id)
        verdict = next(found, None)
        for line in table_lines(path, table):
            while verdict is not None and verdict.number < line.number:
                verdict = next(found, None)
            cells = [_shown(line.cells[index] if index < len(line.cells) else None) for index in kept]
            said = verdict if verdict is not None and verdict.number == line.number else None
            yield [*cells, *_verdict_cells(said)]

    return [*(table.headings[index] for index in kept), *RESULT_HEADINGS], lines()


def _all_verdicts(batch_row_id: int) -> Iterator[VerdictView]:
    after = 0
    while page := verdicts(batch_row_id=batch_row_id, after_number=after, limit=_PAGE):
        yield from page
        after = page[-1].number


def _verdict_cells(said: VerdictView | None) -> Sequence[str | int]:
    if said is None:
        return ("", "", "", "")
    return (VERDICT_WORDS[said.verdict], said.detail, said.counted_seconds, said.claimable_seconds)


def _shown(cell: Cell) -> str:
    """As a person wrote it: days and instants as our own template has them."""
    if isinstance(cell, datetime):
        return f"{cell:%Y-%m-%d %H:%M:%S}"
    return cell.isoformat() if isinstance(cell, date) else enterprises.text_of(cell)


def _one(query: Select[ImportBatch], batch_id: UUID) -> BatchView:
    batch = db.session.scalar(query.where(ImportBatch.public_id == batch_id))
    if batch is None:
        raise not_found()
    return batch_views([batch])[0]
