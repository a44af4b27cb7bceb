"""A log monitor as somebody outside would write it: C2SP tlog-tiles over HTTP, the standard library alone.

It knows the log by its address and its verifier key. It tails the entries, computes the root itself and holds every new
checkpoint against all it has seen. (Ed25519 is not in the standard library; whoever gives it ``verify`` has checked it.)
"""

from __future__ import annotations

import base64
import hashlib
import json
from collections.abc import Callable
from dataclasses import dataclass, field

Fetch = Callable[[str], bytes]
Verify = Callable[[bytes, bytes, bytes], None]


class Caught(Exception):
    """The log lied, or lost something."""


def node(left: bytes, right: bytes) -> bytes:
    return hashlib.sha256(b"\x01" + left + right).digest()


def split_of(count: int) -> int:
    width = 1
    while width * 2 < count:
        width *= 2
    return width


def root(leaves: list[bytes]) -> bytes:
    """MTH of RFC 6962, section 2.1."""
    if not leaves:
        return hashlib.sha256(b"").digest()
    if len(leaves) == 1:
        return leaves[0]
    half = split_of(len(leaves))
    return node(root(leaves[:half]), root(leaves[half:]))


def path(index: int, leaves: list[bytes]) -> list[bytes]:
    """PATH of RFC 6962, section 2.1.1."""
    if len(leaves) == 1:
        return []
    half = split_of(len(leaves))
    if index < half:
        return [*path(index, leaves[:half]), root(leaves[half:])]
    return [*path(index - half, leaves[half:]), root(leaves[:half])]


def subproof(first: int, leaves: list[bytes], whole: bool = True) -> list[bytes]:
    """SUBPROOF of RFC 6962, section 2.1.2."""
    if first == len(leaves):
        return [] if whole else [root(leaves)]
    half = split_of(len(leaves))
    if first <= half:
        return [*subproof(first, leaves[:half], whole), root(leaves[half:])]
    return [*subproof(first - half, leaves[half:], False), root(leaves[:half])]


def number_path(number: int) -> str:
    """1234067 → ``x001/x234/067``."""
    text = f"{number % 1000:03d}"
    while number >= 1000:
        number //= 1000
        text = f"x{number % 1000:03d}/{text}"
    return text


def tile_path(kind: str, number: int, width: int) -> str:
    return f"tile/{kind}/{number_path(number)}" + ("" if width == 256 else f".p/{width}")


@dataclass(frozen=True)
class Head:
    size: int
    root: bytes


@dataclass
class Monitor:
    """Follows one log. ``leaves`` are the leaf hashes of every entry it has fetched itself."""

    fetch: Fetch
    vkey: str
    verify: Verify
    leaves: list[bytes] = field(default_factory=list)
    heads: list[Head] = field(default_factory=list)
    entries: list[bytes] = field(default_factory=list)

    def head_of(self, note: str) -> Head:
        """Check the signature of a note and read the checkpoint in it."""
        name, key_id, key = self.vkey.split("+", 2)
        text, _, signatures = note.rpartition("\n\n")
        raw = {line.split(" ")[1]: base64.b64decode(line.split(" ")[2]) for line in signatures.splitlines()}[name]
        if raw[:4] != bytes.fromhex(key_id):
            raise Caught("signed by another key")
        self.verify(base64.b64decode(key)[1:], raw[4:], (text + "\n").encode())
        origin, size, encoded = text.split("\n")
        if origin != name:
            raise Caught("another log")
        return Head(int(size), base64.b64decode(encoded))

    def follow(self) -> Head:
        """Fetch the checkpoint, the new entries and the tiles over them; everything must fit."""
        head = self.head_of(self.fetch("checkpoint").decode())
        if head.size < len(self.leaves):
            raise Caught("the log shrank")
        first = len(self.leaves) // 256
        for number in range(first, (head.size + 255) // 256):
            self._take_bundle(number, min(256, head.size - number * 256))
        if root(self.leaves) != head.root:
            raise Caught("the entries do not lead to the checkpoint")
        self._check_tiles(head.size)
        for seen in self.heads:
            if root(self.leaves[: seen.size]) != seen.root:
                raise Caught("the past was rewritten")
            self._check_consistency(seen, head)
        self.heads.append(head)
        return head

    def _take_bundle(self, number: int, width: int) -> None:
        bundle = self.fetch(tile_path("entries", number, width))
        found = []
        while bundle:
            length = int.from_bytes(bundle[:2], "big")
            found.append(bundle[2 : 2 + length])
            bundle = bundle[2 + length :]
        if len(found) != width:
            raise Caught("a bundle is not as wide as asked")
        hashes = [hashlib.sha256(b"\x00" + entry).digest() for entry in found]
        known = self.leaves[number * 256 :]
        if hashes[: len(known)] != known:
            raise Caught("an entry changed")
        self.leaves += hashes[len(known) :]
        self.entries += found[len(known) :]

    def _check_tiles(self, size: int) -> None:
        """Every tile of every level is what the definition says of the leaves."""
        for level in range(8):
            span = 256**level
            count = size // span
            for number in range((count + 255) // 256):
                width = min(256, count - number * 256)
                places = range(number * 256, number * 256 + width)
                expected = b"".join(root(self.leaves[place * span : (place + 1) * span]) for place in places)
                if self.fetch(tile_path(str(level), number, width)) != expected:
                    raise Caught(f"tile {level}/{number}")

    def _check_consistency(self, seen: Head, head: Head) -> None:
        said = json.loads(self.fetch(f"consistency?from={seen.size}&to={head.size}"))
        hashes = [base64.b64decode(value) for value in said["hashes"]]
        if hashes != subproof(seen.size, self.leaves[: head.size]):
            raise Caught("another consistency proof")
        if (self.head_of(said["from_checkpoint"]), self.head_of(said["to_checkpoint"])) != (seen, head):
            raise Caught("other checkpoints")

    def check_proof(self, record_id: str, entry: bytes) -> int:
        """The proof of a record leads from its entry to a checkpoint this monitor knows; the entry's index."""
        proof = self.fetch(f"proofs/{record_id}").decode()
        above, _, note = proof.partition("\n\n")
        kind, index, *hashes = above.split("\n")
        place = int(index.removeprefix("index "))
        if kind != "c2sp.org/tlog-proof@v1" or self.head_of(note) not in self.heads or self.entries[place] != entry:
            raise Caught("the proof is of something else")
        if [base64.b64decode(value) for value in hashes] != path(place, self.leaves[: self.head_of(note).size]):
            raise Caught("the path is another")
        return place
