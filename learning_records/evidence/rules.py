"""How a record is committed to: suite ``sha256-1``.

commitment = SHA-256(salt || canonical body); entry = canonical JSON ``{"commitment", "kind", "suite"}``; leaf hash =
SHA-256(0x00 || entry), the leaf of RFC 6962 section 2.1 and C2SP tlog-tiles.
"""

from __future__ import annotations

import hashlib
import json
from typing import Any

SUITE = "sha256-1"
SALT_BYTES = 32
LARGEST_ENTRY = 65_535


def commitment(salt: bytes, body: bytes) -> str:
    """Lower-case hexadecimal."""
    return hashlib.sha256(salt + body).hexdigest()


def entry_of(kind: str, committed: str) -> bytes:
    """The bytes that go into the log, canonical. Raises ``ValueError`` beyond the 65,535 bytes an entry bundle can hold."""
    said = {"commitment": committed, "kind": kind, "suite": SUITE}
    entry = json.dumps(said, ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode()
    if len(entry) > LARGEST_ENTRY:
        raise ValueError(f"an entry holds at most {LARGEST_ENTRY} bytes, this one {len(entry)}")
    return entry


def leaf_hash(entry: bytes) -> str:
    """Lower-case hexadecimal."""
    return hashlib.sha256(b"\x00" + entry).hexdigest()


def problems_of(*, suite: str, kind: str, salt: bytes, body: bytes | None, entry: bytes, stored_leaf: str) -> list[str]:
    """What does not fit between a record, its entry and its leaf; empty when all fits. ``body`` is None once erased."""
    problems = []
    if leaf_hash(entry) != stored_leaf:
        problems.append("leaf hash differs from the entry")
    try:
        said: Any = json.loads(entry)
    except ValueError:
        return [*problems, "the entry is not JSON"]
    if body is None:
        fits = isinstance(said, dict) and {**said, "commitment": ""} == {"commitment": "", "kind": kind, "suite": suite}
        return problems if fits else [*problems, "the entry is not one of this record's kind"]
    if said != {"commitment": commitment(salt, body), "kind": kind, "suite": suite}:
        problems.append("the entry does not commit to this record")
    return problems
