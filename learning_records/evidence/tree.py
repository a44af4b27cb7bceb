"""The Merkle tree of RFC 6962 section 2.1, kept as C2SP tlog-tiles: pure functions over hashes of 32 bytes.

A tile is named by its place ``(level, number)`` and holds up to 256 hashes, concatenated; level 0 has the leaf hashes, each
hash above is the root of a full tile below. Whatever computes a hash first says which tiles it needs and asks ``read`` for
all of them at once. Proofs are those of RFC 9162 sections 2.1.3 and 2.1.4; subtrees are those of Merkle tree certificates
(draft-ietf-plants-merkle-tree-certs): ``[start, end)`` where ``start`` is a multiple of the least power of two that is not
below ``end - start``.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence

HASH_BYTES = 32
TILE_HEIGHT = 8
TILE_WIDTH = 1 << TILE_HEIGHT
TILE_BYTES = TILE_WIDTH * HASH_BYTES
LARGEST_SIZE = 2**63 - 1
EMPTY_ROOT = hashlib.sha256(b"").digest()

Place = tuple[int, int]
Tiles = Callable[[Collection[Place]], Mapping[Place, bytes]]
Range = tuple[int, int]


class ProofError(ValueError):
    """A proof does not prove what it is held against; the message says where."""


class TileError(ValueError):
    """A tile is missing or holds fewer hashes than the tree needs."""


def leaf_hash(entry: bytes) -> bytes:
    """The hash of an entry as a leaf."""
    return hashlib.sha256(b"\x00" + entry).digest()


def node_hash(left: bytes, right: bytes) -> bytes:
    """The hash of an inner node."""
    return hashlib.sha256(b"\x01" + left + right).digest()


def root_of(size: int, read: Tiles) -> bytes:
    """The root of the first ``size`` leaves. Raises ``TileError``."""
    return _hashes([(0, size)], read)[0] if size else EMPTY_ROOT


def inclusion_proof(index: int, size: int, read: Tiles) -> list[bytes]:
    """The path from leaf ``index`` to the root of ``size`` leaves, its sibling first (2.1.3.1). Raises ``TileError``."""
    if not 0 <= index < size:
        raise ValueError(f"leaf {index} is not among the first {size}")
    low, high, path = 0, size, []
    while high - low > 1:
        middle = low + _left_width(high - low)
        if index < middle:
            path.append((middle, high))
            high = middle
        else:
            path.append((low, middle))
            low = middle
    return _hashes(path[::-1], read)


def consistency_proof(first: int, second: int, read: Tiles) -> list[bytes]:
    """That the first ``first`` of ``second`` leaves are an earlier tree (2.1.4.1). Raises ``TileError``."""
    if not 0 < first <= second:
        raise ValueError(f"a tree of {first} leaves is not inside one of {second}")
    low, high, path = 0, second, []
    while first != high:
        middle = low + _left_width(high - low)
        if first <= middle:
            path.append((middle, high))
            high = middle
        else:
            path.append((low, middle))
            low = middle
    if low:
        path.append((low, high))
    return _hashes(path[::-1], read)


def grown(size: int, leaves: Sequence[bytes], read: Tiles) -> dict[Place, bytes]:
    """The tiles that differ once ``leaves`` follow the first ``size``, each with all it then holds.

    Raises ``TileError`` when the tiles at the edge do not hold exactly the tree of ``size`` leaves.
    """
    edge = [
        (level, count >> TILE_HEIGHT) for level in range(TILE_HEIGHT) if (count := _count(size, level)) % TILE_WIDTH
    ]
    known = read(edge) if edge else {}
    changed: dict[Place, bytes] = {}
    level, added = 0, b"".join(leaves)
    while added:
        number, filled = divmod(_count(size, level), TILE_WIDTH)
        if filled:
            before = known.get((level, number), b"")
            if len(before) != filled * HASH_BYTES:
                raise TileError(f"tile {level}/{number} holds {len(before) // HASH_BYTES} hashes instead of {filled}")
            added = before + added
        above = []
        for start in range(0, len(added), TILE_BYTES):
            hashes = added[start : start + TILE_BYTES]
            changed[level, number + start // TILE_BYTES] = hashes
            if len(hashes) == TILE_BYTES:
                above.append(_folded(hashes))
        level, added = level + 1, b"".join(above)
    return changed


def verify_inclusion(*, index: int, size: int, leaf: bytes, proof: Sequence[bytes], root: bytes) -> None:
    """That ``leaf`` is the ``index``-th of the ``size`` under ``root`` (2.1.3.2). Raises ``ProofError``."""
    verify_subtree_inclusion(index=index, start=0, end=size, leaf=leaf, proof=proof, root=root)


def verify_subtree_inclusion(
    *, index: int, start: int, end: int, leaf: bytes, proof: Sequence[bytes], root: bytes
) -> None:
    """That ``leaf`` is the ``index``-th of the tree, in the subtree ``[start, end)`` with that root. Raises ``ProofError``."""
    _check_subtree(start, end)
    _check_lengths([leaf, root, *proof])
    if not start <= index < end:
        raise ProofError(f"leaf {index} is not in [{start}, {end})")
    here, last, computed = index - start, end - start - 1, leaf
    for sibling in proof:
        if last == 0:
            raise ProofError("the proof is too long")
        if here & 1 or here == last:
            computed = node_hash(sibling, computed)
            while here and not here & 1:
                here, last = here >> 1, last >> 1
        else:
            computed = node_hash(computed, sibling)
        here, last = here >> 1, last >> 1
    if last:
        raise ProofError("the proof is too short")
    if computed != root:
        raise ProofError("the proof leads to another root")


def verify_consistency(
    *, first: int, second: int, first_root: bytes, second_root: bytes, proof: Sequence[bytes]
) -> None:
    """That the tree of ``second`` leaves only added to that of ``first`` > 0 leaves (2.1.4.2). Raises ``ProofError``."""
    if first < 1:
        raise ProofError("nothing can be proved of an empty tree")
    verify_subtree_consistency(start=0, end=first, size=second, subtree_root=first_root, root=second_root, proof=proof)


def verify_subtree_consistency(
    *, start: int, end: int, size: int, subtree_root: bytes, root: bytes, proof: Sequence[bytes]
) -> None:
    """That the leaves ``[start, end)`` of the tree under ``root`` have that subtree root. Raises ``ProofError``."""
    if end > size:
        raise ProofError(f"[{start}, {end}) is not within {size} leaves")
    if start == end:
        if proof or subtree_root != EMPTY_ROOT:
            raise ProofError("an empty subtree has the empty root and an empty proof")
        return
    _check_subtree(start, end)
    _check_lengths(proof)
    low, high, last = start, end - 1, size - 1
    while low != high and (high == last or high & 1):
        low, high, last = low >> 1, high >> 1, last >> 1
    rest = list(proof)
    if low == high:
        inner = outer = subtree_root
    elif rest:
        inner = outer = rest.pop(0)
    else:
        raise ProofError("the proof is too short")
    for sibling in rest:
        if last == 0:
            raise ProofError("the proof is too long")
        if high & 1 or high == last:
            if low < high:
                inner = node_hash(sibling, inner)
            outer = node_hash(sibling, outer)
            while high and not high & 1:
                low, high, last = low >> 1, high >> 1, last >> 1
        else:
            outer = node_hash(outer, sibling)
        low, high, last = low >> 1, high >> 1, last >> 1
    if last:
        raise ProofError("the proof is too short")
    if inner != subtree_root:
        raise ProofError("the proof leads to another root of the earlier tree")
    if outer != root:
        raise ProofError("the proof leads to another root of the later tree")


def _check_subtree(start: int, end: int) -> None:
    if not 0 <= start < end <= LARGEST_SIZE or start % (1 << (end - start - 1).bit_length()):
        raise ProofError(f"[{start}, {end}) is not a subtree")


def _check_lengths(hashes: Sequence[bytes]) -> None:
    if any(len(value) != HASH_BYTES for value in hashes):
        raise ProofError("a hash has 32 bytes")


def _count(size: int, level: int) -> int:
    """How many hashes a tree of ``size`` leaves has at that level of tiles."""
    return size >> (TILE_HEIGHT * level)


def _left_width(width: int) -> int:
    """The largest power of two below ``width``."""
    return 1 << (width - 1).bit_length() - 1


def _complete(low: int, high: int) -> Iterator[tuple[int, int]]:
    """The complete subtrees a range of the tree is made of, from the left: height and index at that height."""
    while low < high:
        height = (high - low).bit_length() - 1
        yield height, low >> height
        low += 1 << height


def _hashes(ranges: Sequence[Range], read: Tiles) -> list[bytes]:
    nodes = [list(_complete(low, high)) for low, high in ranges]
    places = {_in_tile(height, index)[0] for parts in nodes for height, index in parts}
    tiles = read(places) if places else {}
    found = []
    for parts in nodes:
        hashes = [_node(height, index, tiles) for height, index in parts]
        whole = hashes.pop()
        while hashes:
            whole = node_hash(hashes.pop(), whole)
        found.append(whole)
    return found


def _in_tile(height: int, index: int) -> tuple[Place, int, int]:
    """The tile that holds a complete subtree's root or the hashes under it, the first of these and how many they are."""
    level, within = divmod(height, TILE_HEIGHT)
    number, first = divmod(index << within, TILE_WIDTH)
    return (level, number), first, 1 << within


def _node(height: int, index: int, tiles: Mapping[Place, bytes]) -> bytes:
    place, first, count = _in_tile(height, index)
    hashes = tiles.get(place, b"")[first * HASH_BYTES : (first + count) * HASH_BYTES]
    if len(hashes) != count * HASH_BYTES:
        raise TileError(f"tile {place[0]}/{place[1]} does not hold hashes {first} to {first + count - 1}")
    return _folded(hashes)


def _folded(hashes: bytes) -> bytes:
    """The root over a power of two of concatenated hashes."""
    level = [hashes[start : start + HASH_BYTES] for start in range(0, len(hashes), HASH_BYTES)]
    while len(level) > 1:
        level = [node_hash(left, right) for left, right in zip(level[::2], level[1::2], strict=True)]
    return level[0]
