"""The hash chain of a session's beats: each beat carries the hash of the one before it.

hash(beat) = SHA-256 of the canonical JSON (RFC 8785) ``{"position_ms", "prev", "seq", "session"}``, lower-case hexadecimal.
There are no random nonces: the chain start follows from the session's own facts, so anyone can recompute all of it.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from uuid import UUID

from config.crypto import canonical_json, sha256_hex


def chain_start(*, session_id: UUID, person_ref: UUID, lesson_sha256: str, opened_ms: int) -> str:
    """The ``prev`` of the first beat: it binds the chain to the session, the person, the media and the hour."""
    return sha256_hex(
        canonical_json(
            {"lesson": lesson_sha256, "opened_ms": opened_ms, "person": str(person_ref), "session": str(session_id)}
        )
    )


def beat_hash(session: str, seq: int, position_ms: int, prev: str) -> str:
    """The hash the next beat has to carry. ``session`` is the session's UUID text, ``prev`` 64 hex digits."""
    # Written out because this runs for every beat; a test holds it equal to canonical_json.
    text = f'{{"position_ms":{position_ms},"prev":"{prev}","seq":{seq},"session":"{session}"}}'
    return hashlib.sha256(text.encode()).hexdigest()


def chain_head(session: str, start: str, beats: Iterable[tuple[int, int]]) -> str:
    """The hash after the last of ``beats`` (seq, position_ms), recomputed from the chain's start."""
    head = start
    for seq, position_ms in beats:
        head = beat_hash(session, seq, position_ms, head)
    return head
