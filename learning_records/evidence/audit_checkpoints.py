"""Signed checkpoints, in the table and in the file outside, held against the tree of the entries."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from sqlalchemy import select

from config.database import db
from config.errors import DomainError
from learning_records.evidence.audit_types import Difference
from learning_records.evidence.models import LogCheckpoint
from learning_records.evidence.notes import NoteError, Verifier, open_checkpoint
from learning_records.evidence.outside import Kept
from learning_records.evidence.sequencer import configured, kept_outside, last_recorded

CHECKPOINTS, OUTSIDE = "checkpoints", "outside checkpoint"


def read_outside() -> Kept | DomainError | None:
    """The checkpoint kept outside, or why it cannot be read."""
    try:
        return kept_outside()
    except DomainError as error:
        return error


def checkpoint_differs(row: LogCheckpoint, root: bytes) -> Iterator[Difference]:
    """One checkpoint held against the root of the entries at its size, and its note against itself."""
    name = f"checkpoint {row.tree_size} of {row.origin}"
    if row.root != root:
        text = f"{name}: root {row.root.hex()} in the table, {root.hex()} from the entries"
        yield Difference(CHECKPOINTS, name, "root", row.root.hex(), root.hex(), text)
        return
    try:
        keys = configured().verifiers  # a log that was begun anew signed with the same keys under its former name
        named = [*keys, *(Verifier(row.origin, key.public) for key in keys)]
        said = open_checkpoint(row.note, named, origin=row.origin)
    except NoteError as error:
        yield Difference(CHECKPOINTS, name, "note", str(error), "a signature of this log", f"{name}: {error}")
        return
    if (said.size, said.root) != (row.tree_size, root):
        text = f"{name}: its signed note says size {said.size} and root {said.root.hex()}"
        yield Difference(CHECKPOINTS, name, "note", f"{said.size} {said.root.hex()}", root.hex(), text)


def beyond(size: int) -> Iterator[Difference]:
    """Checkpoints signed above the ``size`` entries that are there."""
    query = select(LogCheckpoint).where(LogCheckpoint.tree_size > size).order_by(LogCheckpoint.tree_size)
    for row in db.session.scalars(query.limit(1)):
        name = f"checkpoint {row.tree_size} of {row.origin}"
        text = f"{name} was signed, but the tables hold only {size} integrated entries: later ones are gone"
        yield Difference(CHECKPOINTS, name, "tree_size", str(row.tree_size), str(size), text)


def outside_differs(
    before: Kept | DomainError | None, size: int, root_at: Callable[[int], bytes]
) -> Iterator[Difference]:
    """The file, as it was ``before`` the tables were looked at, must stand under the tree of ``size`` entries; as it is now,
    it must not be behind what the database recorded."""
    last, name = last_recorded(configured().origin), f"outside checkpoint of {configured().origin}"
    if isinstance(before, DomainError):
        yield Difference(OUTSIDE, name, "note", None, None, f"{name}: {before.detail}")
        return
    newer = read_outside()  # the sequencer may have signed since
    kept = newer if isinstance(newer, Kept) else before
    if last is not None and (kept is None or kept.checkpoint.size < last.tree_size):
        found = "none" if kept is None else str(kept.checkpoint.size)
        text = f"{name}: size {found} in the file, {last.tree_size} in the database; the file was put back or lost"
        yield Difference(OUTSIDE, name, "size", found, str(last.tree_size), text)
    if before is None:
        return
    signed = before.checkpoint
    if signed.size > size:
        text = f"{name}: size {signed.size} was signed, the tables hold {size} integrated entries: later ones are gone"
        yield Difference(OUTSIDE, name, "size", str(signed.size), str(size), text)
    elif (root := root_at(signed.size)) != signed.root:
        text = f"{name}: root {signed.root.hex()} was signed at size {signed.size}, {root.hex()} from the entries"
        yield Difference(OUTSIDE, name, "root", signed.root.hex(), root.hex(), text)
