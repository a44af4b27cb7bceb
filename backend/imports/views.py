"""What the imports slice hands out: frozen, without names and ID numbers."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from backend.imports.models import ImportBatch, ImportVerdict
from backend.plans import services as plans
from backend.platforms import services as platforms
from learning_records.evidence import services as evidence


@dataclass(frozen=True)
class BatchView:
    """A batch and how far it is. ``grade`` is None for a call, whose rows may be of both; ``signed``: the platform signed it;
    ``record_id`` is the public id of its evidence record once it is finished."""

    id: int
    batch_id: UUID
    platform_code: str
    platform_name: str
    enterprise_id: int
    class_id: UUID
    class_title: str
    source: str
    grade: str | None
    file_kind: str
    file_name: str
    file_sha256: str
    signed: bool
    received_at: datetime
    status: str
    failure: str
    finished_at: datetime | None
    rows_expected: int
    rows_read: int
    taken: int
    same: int
    refused: int
    learned_seconds: int
    claimable_seconds: int
    record_id: UUID | None

    @property
    def percent(self) -> int:
        """How much of it is judged; empty lines count as rows expected, so 100 only when it is finished."""
        if self.status != "waiting":
            return 100
        return min(99, self.rows_read * 100 // max(1, self.rows_expected))


@dataclass(frozen=True)
class VerdictView:
    """What became of one row."""

    number: int
    external_id: str
    verdict: str
    code: str
    detail: str
    counted_seconds: int
    claimable_seconds: int
    overlap_seconds: int


def batch_views(batches: Iterable[ImportBatch]) -> list[BatchView]:
    """The views of some batches, in their order."""
    rows: Sequence[ImportBatch] = list(batches)
    known = {row.platform_id: platforms.platform_by_id(row.platform_id) for row in rows}
    titles = {row.class_ref: plans.class_view(row.class_ref).title for row in rows}
    records = evidence.public_ids(row.evidence_record_id for row in rows)
    return [
        BatchView(
            id=row.id,
            batch_id=row.public_id,
            platform_code=known[row.platform_id].code,
            platform_name=known[row.platform_id].name,
            enterprise_id=row.enterprise_id,
            class_id=row.class_ref,
            class_title=titles[row.class_ref],
            source=row.source,
            grade=row.layout["grade"] if row.layout else None,
            file_kind=row.layout["kind"] if row.layout else "json",
            file_name=row.file_name,
            file_sha256=row.file_sha256,
            signed=row.signature is not None,
            received_at=row.received_at,
            status=row.status,
            failure=row.failure,
            finished_at=row.finished_at,
            rows_expected=row.rows_expected,
            rows_read=row.rows_read,
            taken=row.rows_taken,
            same=row.rows_same,
            refused=row.rows_refused,
            learned_seconds=row.learned_seconds,
            claimable_seconds=row.claimable_seconds,
            record_id=records.get(row.evidence_record_id) if row.evidence_record_id else None,
        )
        for row in rows
    ]


def verdict_view(row: ImportVerdict) -> VerdictView:
    """The view of one verdict."""
    return VerdictView(
        number=row.number,
        external_id=row.external_id,
        verdict=row.verdict,
        code=row.code,
        detail=row.detail,
        counted_seconds=row.counted_seconds,
        claimable_seconds=row.claimable_seconds,
        overlap_seconds=row.overlap_seconds,
    )
