"""Other people's vectors and sample log, where the folder of shared data lies beside the repository."""

from __future__ import annotations

import base64
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from learning_records.evidence import tree
from learning_records.evidence.notes import Checkpoint, Verifier, open_checkpoint
from learning_records.evidence.tree import ProofError
from tests.learning_records.log.plain import Shelf

DATA = Path(__file__).parents[4] / "shared" / "data"
VECTORS, SAMPLE = DATA / "rfc6962-vectors", DATA / "tlog-tiles-log"
SAMPLE_KEY = "example.com/log/testdata+33d7b496+AeHTu4Q3hEIMHNqc6fASMsq3rKNx280NI+oO5xCFkkSx"
MISSING = "left out: the folder of shared data is not beside the repository"


def _hashes(said: list[str] | None) -> list[bytes]:
    return [base64.b64decode(text) for text in said or ()]


def _hash(said: str) -> bytes:
    return base64.b64decode(said)


VERIFY: dict[str, Callable[[Any], None]] = {
    "inclusion": lambda said: tree.verify_inclusion(
        index=said["leafIdx"],
        size=said["treeSize"],
        leaf=_hash(said["leafHash"]),
        proof=_hashes(said["proof"]),
        root=_hash(said["root"]),
    ),
    "consistency": lambda said: tree.verify_consistency(
        first=said["size1"],
        second=said["size2"],
        first_root=_hash(said["root1"]),
        second_root=_hash(said["root2"]),
        proof=_hashes(said["proof"]),
    ),
    "subtreeinclusion": lambda said: tree.verify_subtree_inclusion(
        index=said["leafIdx"],
        start=said["start"],
        end=said["end"],
        leaf=_hash(said["leafHash"]),
        proof=_hashes(said["proof"]),
        root=_hash(said["root"]),
    ),
    "subtreeconsistency": lambda said: tree.verify_subtree_consistency(
        start=said["start"],
        end=said["end"],
        size=said["size"],
        subtree_root=_hash(said["root1"]),
        root=_hash(said["root2"]),
        proof=_hashes(said["proof"]),
    ),
}


@pytest.mark.skipif(not VECTORS.is_dir(), reason=MISSING)
@pytest.mark.parametrize(
    ("kind", "count"), [("inclusion", 98), ("consistency", 98), ("subtreeinclusion", 204), ("subtreeconsistency", 118)]
)
def test_every_vector_is_accepted_or_refused_as_it_says(kind: str, count: int) -> None:
    paths = sorted((VECTORS / kind).rglob("*.json"))
    wrong = []
    for path in paths:
        said = json.loads(path.read_text())
        try:
            VERIFY[kind](said)
            refused = False
        except ProofError:
            refused = True
        if refused != said["wantErr"]:
            wrong.append(str(path.relative_to(VECTORS)))
    assert wrong == []
    assert len(paths) == count


def _sample_entries(width: int) -> list[bytes]:
    bundle = (SAMPLE / "tile" / "entries" / "000.p" / str(width)).read_bytes()
    entries = []
    while bundle:
        length = int.from_bytes(bundle[:2], "big")
        entries.append(bundle[2 : 2 + length])
        bundle = bundle[2 + length :]
    return entries


def _sample_checkpoints() -> list[Checkpoint]:
    key = Verifier.parse(SAMPLE_KEY)
    paths = sorted(SAMPLE.glob("checkpoint*"))
    return [open_checkpoint(path.read_text(), [key], origin="example.com/log/testdata") for path in paths]


@pytest.mark.skipif(not SAMPLE.is_dir(), reason=MISSING)
def test_every_checkpoint_of_the_sample_log_is_signed_and_is_the_root_of_its_entries_and_tiles() -> None:
    checkpoints = _sample_checkpoints()
    assert sorted(checkpoint.size for checkpoint in checkpoints) == [*range(16), 15]
    for checkpoint in checkpoints:
        entries = _sample_entries(checkpoint.size) if checkpoint.size else []
        shelf = Shelf([tree.leaf_hash(entry) for entry in entries])
        assert shelf.size == checkpoint.size
        assert tree.root_of(checkpoint.size, shelf.read) == checkpoint.root
        if checkpoint.size:
            assert shelf.tiles[0, 0] == (SAMPLE / "tile" / "0" / "000.p" / str(checkpoint.size)).read_bytes()


@pytest.mark.skipif(not SAMPLE.is_dir(), reason=MISSING)
def test_any_two_checkpoints_of_the_sample_log_are_consistent_and_hold_its_entries() -> None:
    roots = {checkpoint.size: checkpoint.root for checkpoint in _sample_checkpoints()}
    leaves = [tree.leaf_hash(entry) for entry in _sample_entries(15)]
    shelf = Shelf(leaves)
    for second in range(1, 16):
        for first in range(1, second + 1):
            tree.verify_consistency(
                first=first,
                second=second,
                first_root=roots[first],
                second_root=roots[second],
                proof=tree.consistency_proof(first, second, shelf.read),
            )
            index = first - 1
            proof = tree.inclusion_proof(index, second, shelf.read)
            tree.verify_inclusion(index=index, size=second, leaf=leaves[index], proof=proof, root=roots[second])
