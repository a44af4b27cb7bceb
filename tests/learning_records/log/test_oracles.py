"""Readers nobody here wrote accept the log: pymerkle, the Merkle part of sigstore-python, and Go's sumdb where it is."""

from __future__ import annotations

import base64
import itertools
import json
import os
import random
import shutil
import subprocess
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pymerkle
import pytest
from flask import Flask
from pymerkle.proof import InclusionProof
from sigstore._internal.merkle import verify_merkle_inclusion
from sigstore._internal.rekor.checkpoint import SignedCheckpoint

from config.database import db
from learning_records.evidence import log, services
from learning_records.evidence.services import SealedRecord
from tests.learning_records.log.logs import checkpoints, seal

BATCHES = (1, 6, 250, 43, 500, 1, 11)
GO_PATH = Path("/usr/share/gocode")
NO_GO = "left out: go and golang-golang-x-mod-dev are not installed"


@pytest.fixture
def records(app: Flask) -> list[SealedRecord]:
    """A log of several checkpoints: its records in their order."""
    found = []
    for batch in BATCHES:
        found += seal(batch)
        log.sequence()
    return found


def _entry(record: SealedRecord) -> bytes:
    return services.get_record(record_id=record.record_id).entry


def test_pymerkle_has_the_same_roots_and_accepts_our_proofs(records: list[SealedRecord]) -> None:
    theirs = pymerkle.InmemoryTree(algorithm="sha256")
    for record in records:
        theirs.append_entry(_entry(record))
    signed = checkpoints()
    assert [theirs.get_root(checkpoint.size) for checkpoint in signed] == [found.root for found in signed]
    for first, second in itertools.pairwise(signed):
        proof = theirs.prove_consistency(first.size, second.size)
        pymerkle.verify_consistency(first.root, second.root, proof, first.size, second.size)
    for checkpoint in (signed[3], signed[-1]):
        for index in random.Random(1).sample(range(checkpoint.size), 40):
            ours = log.inclusion(records[index].public_id, checkpoint=log.checkpoint_at(checkpoint.size))
            leaf = bytes.fromhex(records[index].leaf_hash)
            rule = theirs.prove_inclusion(index + 1, checkpoint.size).rule
            proof = InclusionProof("sha256", True, checkpoint.size, index + 1, rule, [leaf, *ours.hashes])
            pymerkle.verify_inclusion(leaf, checkpoint.root, proof, index + 1, checkpoint.size)


def test_sigstore_accepts_our_proofs_and_reads_our_checkpoints(records: list[SealedRecord]) -> None:
    for record in random.Random(2).sample(records, 60):
        proof = log.inclusion(record.public_id)
        signed = SignedCheckpoint.from_text(proof.checkpoint)
        assert signed.checkpoint.log_size == len(records)
        said = SimpleNamespace(
            log_index=proof.index,
            tree_size=signed.checkpoint.log_size,
            hashes=list(proof.hashes),
            root_hash=bytes.fromhex(signed.checkpoint.log_hash),
        )
        whole: Any = SimpleNamespace(_inner=SimpleNamespace(inclusion_proof=said, canonicalized_body=_entry(record)))
        verify_merkle_inclusion(whole)


@pytest.fixture
def go_reader(tmp_path: Path) -> Path:
    """The reader beside this file, built with Go's own packages and nothing from a network."""
    if shutil.which("go") is None or not (GO_PATH / "src/golang.org/x/mod/sumdb/tlog").is_dir():
        pytest.skip(NO_GO)
    reader = tmp_path / "reader"
    environment = {
        "PATH": os.environ["PATH"],
        "HOME": str(tmp_path),
        "GOCACHE": str(tmp_path / "go-cache"),
        "GOPATH": str(GO_PATH),
        "GO111MODULE": "off",
        "CGO_ENABLED": "0",
    }
    source = Path(__file__).with_name("sumdb_reader.go")
    subprocess.run(["go", "build", "-o", str(reader), str(source)], env=environment, check=True, cwd=tmp_path)
    return reader


def _path(number: int, width: int) -> str:
    assert number < 1000
    return f"{number:03}" + (f".p/{width}" if width < 256 else "")


def _publish(folder: Path, records: list[SealedRecord]) -> None:
    """Write the log as its readers would fetch it, with proofs as we make them."""
    files: dict[str, bytes] = {"vkey": log.verifier_keys()[0].encode()}
    signed = [log.checkpoint_at(checkpoint.size) for checkpoint in checkpoints()]
    for checkpoint in signed:
        files[f"checkpoint.{checkpoint.size}"] = checkpoint.note.encode()
    for level in (0, 1):
        count = signed[-1].size >> (8 * level)
        for number in range((count + 255) // 256):
            width = min(256, count - number * 256)
            files[f"tile/{level}/{_path(number, width)}"] = log.tile(level, number, width)
            if level == 0:
                files[f"tile/entries/{_path(number, width)}"] = log.entry_bundle(number, width)
    inclusion = [
        (index, checkpoint.size, log.inclusion(records[index].public_id, checkpoint=checkpoint).hashes)
        for checkpoint in signed
        for index in {0, checkpoint.size - 1, *random.Random(3).sample(range(checkpoint.size), 1)}
    ]
    consistency = [
        (first.size, second.size, log.consistency(first.size, second.size))
        for number, first in enumerate(signed)
        for second in signed[number + 1 :]
    ]
    for name, proofs in (("inclusion.json", inclusion), ("consistency.json", consistency)):
        said = [
            {"Index": index, "Size": size, "Hashes": [base64.b64encode(value).decode() for value in hashes]}
            for index, size, hashes in proofs
        ]
        files[name] = json.dumps(said).encode()
    for name, data in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(data)


def _read(reader: Path, folder: Path) -> tuple[int, str]:
    outcome = subprocess.run([str(reader), str(folder)], capture_output=True, text=True, check=False)
    return outcome.returncode, outcome.stdout.strip()


def test_go_accepts_our_checkpoints_tiles_entries_and_proofs(
    go_reader: Path, records: list[SealedRecord], tmp_path: Path
) -> None:
    published = tmp_path / "published"
    _publish(published, records)
    assert _read(go_reader, published) == (0, f"accepted {len(BATCHES)} {len(records)} 19 21")
    tile = published / "tile" / "0" / "001"
    good = tile.read_bytes()
    tile.write_bytes(good[:40] + bytes([good[40] ^ 1]) + good[41:])
    status, said = _read(go_reader, published)
    assert (status, said.split(":")[0]) == (1, "refused")
    db.session.rollback()
