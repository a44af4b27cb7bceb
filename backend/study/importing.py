"""From a record of another platform to the credit bank: sealed, remembered under the platform's own id, deposited. Once."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal
from uuid import UUID

from sqlalchemy import func, insert, select

from backend.credit_bank import services as credit_bank
from backend.credit_bank.rules import Use
from backend.credit_bank.services import Deposit
from backend.platforms import services as platforms
from backend.study.models import BankedImport
from config import clock
from config.database import db
from learning_records.evidence import services as evidence
from learning_records.evidence.services import Draft
from learning_records.sealed_rows import SealedRow

KINDS: Mapping[str, str] = {"imported": "import", "attested": "attested"}
"""The kind of the evidence record by the grade of what it proves."""


def subject_of(platform_code: str, external_id: str) -> str:
    """What the record of a platform's record is about, and the stem of its transfers' keys."""
    return f"import:{platform_code}:{external_id}"


@dataclass(frozen=True)
class ImportedTime:
    """What a record of a platform brought, to be banked. ``body`` is what the records floor gave to be sealed."""

    platform_id: int
    platform_code: str
    external_id: str
    grade: Literal["imported", "attested"]
    content_digest: str
    batch_ref: UUID
    worker_id: int
    person_ref: UUID
    context_ref: UUID
    course: str
    lesson: str
    happened_at: datetime
    learned_seconds: int
    claimable_seconds: int
    body: Mapping[str, Any]

    @property
    def subject(self) -> str:
        """See ``subject_of``."""
        return subject_of(self.platform_code, self.external_id)


@dataclass(frozen=True)
class KnownImport:
    """A record of a platform that was banked before."""

    id: int
    content_digest: str


def known_imports(*, platform_id: int, external_ids: Collection[str]) -> dict[str, KnownImport]:
    """Those of these records (at most 1,000) that were banked, by the platform's own id."""
    rows = db.session.execute(
        select(BankedImport.external_id, BankedImport.id, BankedImport.content_digest).where(
            BankedImport.platform_id == platform_id, BankedImport.external_id.in_(list(external_ids))
        )
    )
    return {row.external_id: KnownImport(row.id, row.content_digest) for row in rows}


def bank_imports(items: Sequence[ImportedTime]) -> list[int]:
    """Seal each, remember it and deposit its seconds; gives their inner ids in the order given.

    The caller holds the platform, so that no other call banks the same ids meanwhile.
    """
    if not items:
        return []
    sealed = evidence.seal_all(
        [Draft(KINDS[item.grade], _body(item), item.subject, item.person_ref, item.context_ref) for item in items]
    )
    at = clock.now()
    ids = db.session.scalars(
        insert(BankedImport).returning(BankedImport.id, sort_by_parameter_order=True),
        [
            {
                "platform_id": item.platform_id,
                "external_id": item.external_id,
                "grade": item.grade,
                "content_digest": item.content_digest,
                "batch_ref": item.batch_ref,
                "worker_id": item.worker_id,
                "context_ref": item.context_ref,
                "course": item.course,
                "lesson": item.lesson,
                "happened_at": item.happened_at,
                "evidence_record_id": record.record_id,
                "learned_seconds": item.learned_seconds,
                "claimable_seconds": item.claimable_seconds,
                "banked_at": at,
            }
            for item, record in zip(items, sealed, strict=True)
        ],
    ).all()
    credit_bank.deposit_all(
        [
            _deposit(item, use, record.record_id)
            for item, record in zip(items, sealed, strict=True)
            for use in ("learned", "claimable")
            if use == "learned" or item.claimable_seconds
        ]
    )
    return list(ids)


def _deposit(item: ImportedTime, use: Use, record_id: int) -> Deposit:
    return Deposit(
        worker_id=item.worker_id,
        use=use,
        amount_seconds=item.learned_seconds if use == "learned" else item.claimable_seconds,
        context_ref=item.context_ref,
        evidence_record_id=record_id,
        key=f"{item.subject}:{use}",
    )


def _body(item: ImportedTime) -> dict[str, Any]:
    return {**item.body, **_said(item, item.platform_code)}


def _said(item: ImportedTime | BankedImport, platform_code: str) -> dict[str, Any]:
    return {
        "platform": platform_code,
        "external_id": item.external_id,
        "content": item.content_digest,
        "batch": str(item.batch_ref),
        "course": item.course,
        "lesson_title": item.lesson,
        "learned_seconds": item.learned_seconds,
        "claimable_seconds": item.claimable_seconds,
    }


def imported_workers(*, worker_ids: Collection[int], class_id: UUID) -> set[int]:
    """Those of these workers (at most 1,000) who have claimable time in the class from a platform: they signed in there."""
    rows = db.session.scalars(
        select(BankedImport.worker_id)
        .where(
            BankedImport.context_ref == class_id,
            BankedImport.worker_id.in_(list(worker_ids)),
            BankedImport.claimable_seconds > 0,
        )
        .distinct()
    )
    return set(rows)


def first_imported_at(*, class_id: UUID, since: datetime) -> datetime | None:
    """When the first record of another platform in the class began that counted and has its instants, from ``since`` on."""
    return db.session.scalar(
        select(func.min(BankedImport.happened_at)).where(
            BankedImport.context_ref == class_id,
            BankedImport.grade == "imported",
            BankedImport.happened_at >= since,
        )
    )


def count_sealed_rows() -> int:
    """How many records of other platforms were banked."""
    return db.session.scalar(select(func.count()).select_from(BankedImport)) or 0


def sealed_rows(after_id: int, limit: int) -> Sequence[SealedRow]:
    """The next of them after that id, as their rows have it now; what the records floor counted stands there."""
    rows = db.session.scalars(
        select(BankedImport)
        .where(BankedImport.id > after_id)
        .order_by(BankedImport.id)
        .limit(limit)
        .execution_options(populate_existing=True)
    )
    codes = {platform.id: platform.code for platform in platforms.all_platforms()}
    return [
        SealedRow(
            id=row.id,
            name=f"import {codes[row.platform_id]}:{row.external_id}",
            body=_said(row, codes[row.platform_id]),
            subject=subject_of(codes[row.platform_id], row.external_id),
            record_id=row.evidence_record_id,
        )
        for row in rows
    ]
