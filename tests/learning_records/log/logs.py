"""A log to test: records to fill it, copies of its database to put back, houses that open it once more."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import Any

import sqlalchemy as sa
from flask import Flask

import app as house
from config.database import db, transaction
from config.settings import Settings
from learning_records.evidence import services, tiles
from learning_records.evidence.models import EvidenceEntry, LogCheckpoint, LogTile
from learning_records.evidence.notes import Checkpoint, open_checkpoint
from learning_records.evidence.sequencer import configured
from learning_records.evidence.services import Draft, SealedRecord
from learning_records.evidence.tree import leaf_hash, root_of
from tests.learning_records.log.plain import plain_root, plain_tiles


def seal(count: int) -> list[SealedRecord]:
    """Seal ``count`` small records in one transaction."""
    return transaction(lambda: services.seal_all([Draft("note", {"number": number}) for number in range(count)]))


def checkpoints() -> list[Checkpoint]:
    """Every recorded checkpoint of the configured log by size, its signature checked."""
    origin, verifiers = configured().origin, configured().verifiers
    notes = db.session.scalars(
        sa.select(LogCheckpoint.note).where(LogCheckpoint.origin == origin).order_by(LogCheckpoint.tree_size)
    )
    return [open_checkpoint(note, verifiers, origin=origin) for note in notes]


def assert_the_log_is_what_its_entries_say() -> list[bytes]:
    """Indices without gaps, tiles and checkpoints those of the definition; the leaves of the log in order."""
    db.session.rollback()
    rows = db.session.execute(
        sa.select(EvidenceEntry.log_index, EvidenceEntry.entry)
        .where(EvidenceEntry.log_index.is_not(None))
        .order_by(EvidenceEntry.log_index)
    ).all()
    leaves = [leaf_hash(entry) for _, entry in rows]
    assert [index for index, _ in rows] == list(range(len(rows)))
    stored = db.session.execute(sa.select(LogTile.level, LogTile.number, LogTile.hashes))
    assert {(level, number): hashes for level, number, hashes in stored} == plain_tiles(leaves)
    for checkpoint in checkpoints():
        assert checkpoint.root == plain_root(leaves[: checkpoint.size])
    if leaves:
        assert root_of(len(leaves), tiles.read) == plain_root(leaves)
    db.session.rollback()
    return leaves


@contextmanager
def opened(settings: Settings, **changes: Any) -> Iterator[Flask]:
    """Another house over the same or another database, in the way another process would open it."""
    application = house.create_app(replace(settings, **changes))
    with application.app_context():
        try:
            yield application
        finally:
            db.session.remove()
            db.engine.dispose()


def by_hand(statement: str, **values: object) -> None:
    """What somebody with the database's password does: the guards of the log's tables are off for this one statement."""

    def work() -> None:
        sqlite = db.engine.dialect.name == "sqlite"
        for table, trigger in (
            ("log_tile", "log_tile_only_grows"),
            ("evidence_entry", "evidence_entry_no_update" if sqlite else "evidence_entry_no_change"),
        ):
            db.session.execute(sa.text(f"DROP TRIGGER IF EXISTS {trigger}" + ("" if sqlite else f" ON {table}")))
        db.session.execute(sa.text(statement), values)

    transaction(work)
