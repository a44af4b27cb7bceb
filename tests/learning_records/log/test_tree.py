"""The tree: whatever the sizes and batches, tiles and roots are those of the definition, and proofs prove nothing else."""

from __future__ import annotations

import hashlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from learning_records.evidence import tree
from learning_records.evidence.tree import ProofError, TileError
from tests.learning_records.log.plain import Shelf, plain_root, plain_tiles

LEAVES = [tree.leaf_hash(b"%d" % number) for number in range(70_000)]
sizes = st.integers(1, 1_100)


@given(st.lists(st.integers(0, 400), max_size=8))
def test_whatever_the_batches_the_tiles_are_those_of_the_definition(batches: list[int]) -> None:
    shelf = Shelf()
    for batch in batches:
        shelf.append(LEAVES[shelf.size : shelf.size + batch])
    leaves = LEAVES[: shelf.size]
    assert shelf.tiles == plain_tiles(leaves)
    assert tree.root_of(len(leaves), shelf.read) == plain_root(leaves)


def test_the_tree_of_70_000_leaves_has_the_tiles_the_specification_counts() -> None:
    shelf = Shelf(LEAVES)
    widths = {place: len(hashes) // 32 for place, hashes in shelf.tiles.items()}
    assert sum(1 for (level, _), width in widths.items() if level == 0 and width == 256) == 273
    assert (widths[0, 273], widths[1, 0], widths[1, 1], widths[2, 0]) == (112, 256, 17, 1)
    assert len(widths) == 277
    assert tree.root_of(70_000, shelf.read) == plain_root(LEAVES)
    proof = tree.inclusion_proof(65_535, 70_000, shelf.read)
    tree.verify_inclusion(index=65_535, size=70_000, leaf=LEAVES[65_535], proof=proof, root=plain_root(LEAVES))


@given(sizes, st.data())
def test_every_leaf_of_every_size_is_proved_and_no_other(size: int, data: st.DataObject) -> None:
    shelf = Shelf(LEAVES[:1_100])
    index = data.draw(st.integers(0, size - 1))
    other = data.draw(st.integers(0, 1_100))
    proof = tree.inclusion_proof(index, size, shelf.read)
    root = plain_root(LEAVES[:size])
    tree.verify_inclusion(index=index, size=size, leaf=LEAVES[index], proof=proof, root=root)
    if other != index:
        with pytest.raises(ProofError):
            tree.verify_inclusion(index=index, size=size, leaf=LEAVES[other], proof=proof, root=root)
        with pytest.raises(ProofError):
            tree.verify_inclusion(index=other, size=size, leaf=LEAVES[index], proof=proof, root=root)
    for wrong in ([*proof, root], proof[:-1] if proof else [root], [value[:-1] for value in proof] or [b""]):
        with pytest.raises(ProofError):
            tree.verify_inclusion(index=index, size=size, leaf=LEAVES[index], proof=wrong, root=root)


@given(sizes, sizes, st.data())
def test_any_two_sizes_are_proved_consistent_and_no_other_tree(one: int, two: int, data: st.DataObject) -> None:
    first, second = sorted((one, two))
    shelf = Shelf(LEAVES[:second])
    proof = tree.consistency_proof(first, second, shelf.read)
    roots = plain_root(LEAVES[:first]), plain_root(LEAVES[:second])

    def verify(first_root: bytes, second_root: bytes, hashes: list[bytes]) -> None:
        tree.verify_consistency(
            first=first, second=second, first_root=first_root, second_root=second_root, proof=hashes
        )

    verify(*roots, proof)
    changed = data.draw(st.integers(0, first - 1))
    forged = [*LEAVES[:changed], tree.leaf_hash(b"forged"), *LEAVES[changed + 1 : first]]
    wrong = [(plain_root(forged), roots[1], proof), (roots[0], plain_root(forged), proof), (*roots, [*proof, roots[0]])]
    if proof:
        wrong.append((*roots, proof[:-1]))
    for attempt in wrong:
        with pytest.raises(ProofError):
            verify(*attempt)


def test_bytes_moved_from_a_root_into_the_proof_prove_nothing() -> None:
    shelf = Shelf(LEAVES[:8])
    first, second = plain_root(LEAVES[:4]), plain_root(LEAVES[:8])
    (sibling,) = tree.consistency_proof(4, 8, shelf.read)
    with pytest.raises(ProofError, match="32 bytes"):
        tree.verify_consistency(
            first=4, second=8, first_root=first[:31], second_root=second, proof=[first[31:] + sibling]
        )


@pytest.mark.parametrize(("index", "size"), [(0, 0), (-1, 5), (5, 5)])
def test_no_proof_is_made_of_a_leaf_that_is_not_there(index: int, size: int) -> None:
    with pytest.raises(ValueError):
        tree.inclusion_proof(index, size, Shelf(LEAVES[:10]).read)


@pytest.mark.parametrize(("first", "second"), [(0, 5), (6, 5), (-1, 5)])
def test_no_proof_is_made_between_sizes_that_do_not_follow(first: int, second: int) -> None:
    with pytest.raises(ValueError):
        tree.consistency_proof(first, second, Shelf(LEAVES[:10]).read)


def test_a_tile_cut_short_is_named() -> None:
    shelf = Shelf(LEAVES[:600])
    shelf.tiles[0, 2] = shelf.tiles[0, 2][:-32]
    with pytest.raises(TileError, match="0/2"):
        tree.root_of(600, shelf.read)
    with pytest.raises(TileError, match="0/2 holds 87 hashes instead of 88"):
        shelf.append(LEAVES[600:601])
    del shelf.tiles[0, 1]
    with pytest.raises(TileError, match="0/1"):
        tree.inclusion_proof(300, 600, shelf.read)


def test_the_empty_tree_has_the_hash_of_nothing() -> None:
    assert tree.root_of(0, Shelf().read) == hashlib.sha256(b"").digest() == tree.EMPTY_ROOT
