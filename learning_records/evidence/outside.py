"""The last signed checkpoint, kept in a file outside the database, so that a database put back to an earlier day is noticed.

One file a log, named by its origin. It is replaced whole and durably: a reader sees the old one or the new one.
"""

from __future__ import annotations

import hashlib
import os
import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from learning_records.evidence.notes import Checkpoint, Verifier, open_checkpoint

_LARGEST_FILE_BYTES = 1_000_000


@dataclass(frozen=True)
class Kept:
    """What the file says: the note as it is, and the checkpoint in it."""

    note: str
    checkpoint: Checkpoint


def path_of(folder: Path, origin: str) -> Path:
    """Where the checkpoint of that log is kept."""
    return folder / f"{hashlib.sha256(origin.encode()).hexdigest()[:16]}.checkpoint"


def read(folder: Path, origin: str, verifiers: Sequence[Verifier]) -> Kept | None:
    """The kept checkpoint, its signature checked; None when there is no file. Raises ``NoteError``, ``OSError``."""
    try:
        with path_of(folder, origin).open("rb") as file:
            raw = file.read(_LARGEST_FILE_BYTES)
    except FileNotFoundError:
        return None
    note = raw.decode("utf-8", errors="surrogateescape")  # what is not UTF-8 is refused as no note
    return Kept(note, open_checkpoint(note, verifiers, origin=origin))


def write(folder: Path, origin: str, note: str) -> None:
    """Put ``note`` in the place of what was kept, on the disk when this returns."""
    folder.mkdir(parents=True, exist_ok=True)
    place = path_of(folder, origin)
    incoming = place.with_suffix(f".{secrets.token_hex(8)}")
    try:
        with incoming.open("xb") as file:
            file.write(note.encode())
            file.flush()
            os.fsync(file.fileno())
        incoming.replace(place)
        handle = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)
    finally:
        incoming.unlink(missing_ok=True)
