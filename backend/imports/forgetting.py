"""Tables that were handed in name people and their ID numbers: they go when the evidence of their class does."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection
from uuid import UUID

from sqlalchemy import select

from backend.imports.models import ImportBatch
from config.database import db


def table_files(*, class_refs: Collection[UUID]) -> dict[str, set[UUID]]:
    """The SHA-256 of every table handed in for these classes, with all classes that it was handed in for."""
    of_classes = select(ImportBatch.file_sha256).where(
        ImportBatch.class_ref.in_(class_refs), ImportBatch.layout.is_not(None)
    )
    found: dict[str, set[UUID]] = defaultdict(set)
    for sha256, class_ref in db.session.execute(
        select(ImportBatch.file_sha256, ImportBatch.class_ref).where(ImportBatch.file_sha256.in_(of_classes))
    ):
        found[sha256].add(class_ref)
    return found
