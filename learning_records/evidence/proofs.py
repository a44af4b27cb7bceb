"""Proof files (C2SP tlog-proof, ``c2sp.org/tlog-proof@v1``): that an entry is in the log, checked without the log. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from learning_records.evidence.notes import (
    Checkpoint,
    NoteError,
    Verifier,
    decoded,
    encoded,
    open_checkpoint,
    parsed_number,
)
from learning_records.evidence.tree import HASH_BYTES, verify_inclusion

_FIRST_LINE = "c2sp.org/tlog-proof@v1"
_MOST_HASHES = 63


@dataclass(frozen=True)
class Proof:
    """Where an entry stands (from 0), its path to the root (the leaf's sibling first), and the signed checkpoint above it."""

    index: int
    hashes: tuple[bytes, ...]
    checkpoint: str

    @property
    def text(self) -> str:
        """The proof file."""
        return format_proof(self)


def format_proof(proof: Proof) -> str:
    """The proof file."""
    lines = [_FIRST_LINE, f"index {proof.index}", *map(encoded, proof.hashes), "", proof.checkpoint]
    return "\n".join(lines)


def parse_proof(text: str) -> Proof:
    """Read a proof file; extra data, which nobody signed, are passed over. Raises ``NoteError``."""
    head, separator, checkpoint = text.partition("\n\n")
    lines = head.split("\n")
    if not separator or lines.pop(0) != _FIRST_LINE:
        raise NoteError(f"a proof begins with {_FIRST_LINE} and ends with a checkpoint")
    if lines and lines[0].startswith("extra "):
        decoded(lines.pop(0).removeprefix("extra "))
    if not lines or not lines[0].startswith("index "):
        raise NoteError("a proof says the index of its entry")
    index = parsed_number(lines.pop(0).removeprefix("index "))
    hashes = tuple(decoded(line) for line in lines)
    if len(hashes) > _MOST_HASHES or any(len(value) != HASH_BYTES for value in hashes):
        raise NoteError("a proof has at most 63 hashes of 32 bytes")
    return Proof(index, hashes, checkpoint)


def check_proof(proof: Proof, *, leaf: bytes, verifiers: Sequence[Verifier], origin: str) -> Checkpoint:
    """The checkpoint under which ``leaf`` (its hash) stands in the log of ``origin``.

    Raises ``NoteError`` for a checkpoint that is not theirs, ``tree.ProofError`` for a path that does not lead there.
    """
    checkpoint = open_checkpoint(proof.checkpoint, verifiers, origin=origin)
    verify_inclusion(index=proof.index, size=checkpoint.size, leaf=leaf, proof=proof.hashes, root=checkpoint.root)
    return checkpoint
