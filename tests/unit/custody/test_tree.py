"""Proofs from complete subtrees are those of the whole list of leaves."""

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from custody.merkle import (
    EMPTY_ROOT,
    Frontier,
    consistency_proof,
    grow,
    inclusion_proof,
    leaf_hash,
    root_of,
)
from custody.tree import (
    Part,
    consistency_nodes,
    fold,
    inclusion_nodes,
    new_nodes,
    subtree_nodes,
    with_leaf,
)
from schemas.errors import NotFound
from store.ledger_nodes import Place

LARGEST = 70
LEAVES = [leaf_hash(bytes([number])) for number in range(LARGEST)]
sizes = st.integers(1, 2**40)


def stored(leaves: list[bytes]) -> dict[Place, bytes]:
    """Return what the database holds after appending these leaves one by one."""
    nodes: dict[Place, bytes] = {(0, index): leaf for index, leaf in enumerate(leaves)}
    frontier = Frontier()
    for leaf in leaves:
        for node in new_nodes(frontier, leaf):
            assert (node.level, node.position) not in nodes
            nodes[node.level, node.position] = node.hash
        assert with_leaf(frontier, leaf, new_nodes(frontier, leaf)) == frontier.append(leaf)
        frontier = frontier.append(leaf)
    return nodes


NODES = stored(LEAVES)


def hashes(parts: tuple[Part, ...]) -> tuple[bytes, ...]:
    return tuple(fold([NODES[place] for place in part]) for part in parts)


def test_each_complete_subtree_is_stored_once_with_its_root() -> None:
    assert set(NODES) == {
        (level, position) for level in range(8) for position in range(LARGEST >> level)
    }
    for (level, position), found in NODES.items():
        assert found == root_of(LEAVES[position << level : (position + 1) << level])


@pytest.mark.parametrize("size", range(1, LARGEST + 1))
def test_proofs_from_nodes_are_the_proofs_from_all_leaves(size: int) -> None:
    for index in range(size):
        assert hashes(inclusion_nodes(index, size)) == inclusion_proof(LEAVES[:size], index)
    for old in range(1, size + 1):
        assert hashes(consistency_nodes(old, size)) == consistency_proof(LEAVES[:size], old)


def test_the_nodes_of_a_size_are_the_frontiers_peaks() -> None:
    for size in range(LARGEST + 1):
        peaks = tuple(NODES[place] for place in subtree_nodes(0, size))
        assert peaks == grow(LEAVES[:size]).peaks
        assert fold(peaks) == root_of(LEAVES[:size])
    assert fold(()) == EMPTY_ROOT


@given(size=sizes, data=st.data())
def test_a_proof_needs_few_nodes_however_large_the_log(size: int, data: st.DataObject) -> None:
    index = data.draw(st.integers(0, size - 1))
    old = data.draw(st.integers(1, size))
    depth = (size - 1).bit_length()
    for parts in (inclusion_nodes(index, size), consistency_nodes(old, size)):
        assert len(parts) <= depth + 1
        assert sum(map(len, parts)) <= 2 * depth + 1


@given(size=sizes, data=st.data())
def test_the_nodes_of_a_proof_cover_the_log_without_overlap(size: int, data: st.DataObject) -> None:
    index = data.draw(st.integers(0, size - 1))
    old = data.draw(st.integers(1, size))
    inclusion = [*inclusion_nodes(index, size), ((0, index),)]
    consistency = [*consistency_nodes(old, size)]
    if old & (old - 1) == 0 and old != size:
        consistency.append(((old.bit_length() - 1, 0),))  # known to whoever has the old root
    for parts in (inclusion, consistency):
        spans = sorted(
            (position << level, (position + 1) << level)
            for part in parts
            for level, position in part
        )
        assert all(end == begin for (_, end), (begin, _) in pairwise(spans))
        if spans:
            assert (spans[0][0], spans[-1][1]) == (0, size)


@given(size=sizes)
def test_what_the_log_never_had_is_not_found(size: int) -> None:
    for index in (-1, size):
        with pytest.raises(NotFound):
            inclusion_nodes(index, size)
    for old in (0, size + 1):
        with pytest.raises(NotFound):
            consistency_nodes(old, size)


@given(st.integers(0, 200))
def test_a_leaf_finishes_as_many_subtrees_as_its_number_ends_in_ones(index: int) -> None:
    frontier = grow(LEAVES[each % LARGEST] for each in range(index))
    nodes = new_nodes(frontier, LEAVES[0])
    assert [node.level for node in nodes] == list(range(1, len(nodes) + 1))
    assert len(nodes) == ((index + 1) & -(index + 1)).bit_length() - 1
    assert all(index + 1 == (node.position + 1) << node.level for node in nodes)
