"""Certificates in the words in which they are sealed: when they are issued, and as their table has them now."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import func, select

from backend.certificates.models import Certificate
from backend.people import services as people
from backend.plans import services as plans
from config import clock, crypto
from config.database import db
from learning_records.evidence import services as evidence
from learning_records.sealed_rows import SealedRow

CERTIFICATE = "certificate"


def seal_certificates(
    rows: Sequence[Certificate], persons: Mapping[int, UUID], *, class_ref: UUID, replaces: str | None
) -> None:
    """Seal certificates before they are inserted (kind ``certificate``, subject ``certificate:<public id>``)."""
    evidence.seal_all(
        [
            evidence.Draft(
                kind=CERTIFICATE,
                body=_facts(row, persons[row.worker_id], class_ref, replaces),
                subject=f"{CERTIFICATE}:{row.public_id}",
                person_ref=persons[row.worker_id],
                context_ref=class_ref,
            )
            for row in rows
        ]
    )


def count_sealed_rows() -> int:
    """How many certificates there are."""
    return db.session.scalar(select(func.count()).select_from(Certificate)) or 0


def sealed_rows(after_id: int, limit: int) -> Sequence[SealedRow]:
    """The next certificates after that id."""
    query = select(Certificate).where(Certificate.id > after_id).order_by(Certificate.id).limit(limit)
    rows = db.session.scalars(query.execution_options(populate_existing=True)).all()
    persons = people.learner_refs(row.worker_id for row in rows)
    classes = {row_id: plans.class_view_by_id(row_id).class_id for row_id in {row.class_id for row in rows}}
    replaced = _numbers(row.replaces_id for row in rows if row.replaces_id is not None)
    return [
        SealedRow(
            id=row.id,
            name=f"{CERTIFICATE} {row.public_id}",
            subject=f"{CERTIFICATE}:{row.public_id}",
            body=_facts(row, persons[row.worker_id], classes[row.class_id], replaced.get(row.replaces_id)),
        )
        for row in rows
    ]


def _numbers(ids: Any) -> Mapping[int | None, str]:
    query = select(Certificate.id, Certificate.number).where(Certificate.id.in_(list(ids)))
    return {row.id: row.number for row in db.session.execute(query)}


def _facts(row: Certificate, person: UUID, class_ref: UUID, replaces: str | None) -> dict[str, Any]:
    return {
        "certificate": str(row.public_id),
        "number": row.number,
        "code_sha256": crypto.sha256_hex(row.code.encode()),
        "person": str(person),
        "class": str(class_ref),
        "name_index": row.name_index,
        "says": row.facts,
        "issued_by": row.issued_by,
        "replaces": replaces,
        "at_ms": clock.epoch_ms(row.issued_at),
    }
