"""The tree of RFC 6962 section 2.1 and its tiles, written down as the definitions read, and somewhere to keep tiles."""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Mapping, Sequence

from learning_records.evidence.tree import Place, grown


def plain_root(leaves: Sequence[bytes]) -> bytes:
    """MTH(D[n]) over leaf hashes."""
    if not leaves:
        return hashlib.sha256().digest()
    if len(leaves) == 1:
        return leaves[0]
    width = 1
    while width * 2 < len(leaves):
        width *= 2
    return hashlib.sha256(b"\x01" + plain_root(leaves[:width]) + plain_root(leaves[width:])).digest()


def plain_tiles(leaves: Sequence[bytes]) -> dict[Place, bytes]:
    """Every tile of the tree: ``MTH(D[(n * 256 + i) * 256**l : (n * 256 + i + 1) * 256**l])``."""
    tiles: dict[Place, bytes] = {}
    level, hashes = 0, list(leaves)
    while hashes:
        for number in range(0, len(hashes), 256):
            tiles[level, number // 256] = b"".join(hashes[number : number + 256])
        full = [hashes[start : start + 256] for start in range(0, len(hashes) - 255, 256)]
        level, hashes = level + 1, [plain_root(group) for group in full]
    return tiles


class Shelf:
    """Tiles in memory."""

    def __init__(self, leaves: Sequence[bytes] = ()) -> None:
        self.tiles: dict[Place, bytes] = {}
        self.size = 0
        self.append(leaves)

    def append(self, leaves: Sequence[bytes]) -> None:
        """Let the tree grow."""
        self.tiles.update(grown(self.size, leaves, self.read))
        self.size += len(leaves)

    def read(self, places: Collection[Place]) -> Mapping[Place, bytes]:
        """What ``learning_records.evidence.tree`` reads tiles with."""
        return {place: self.tiles[place] for place in places if place in self.tiles}
