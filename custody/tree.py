"""The log's tree as stored nodes: any proof from O(log n) reads, however large the log.

A *place* is `(level, position)`: the complete subtree of `2**level` leaves that begins at leaf
`position << level`. Level 0 are the leaves themselves. A complete subtree never changes again, so
its hash is stored once, when its last leaf is appended. Everything else in the tree of RFC 6962
is made of complete subtrees, and the pure functions here say of which.
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import TypeAlias

from custody.merkle import EMPTY_ROOT, Frontier, node_hash
from schemas.errors import LedgerCorrupt, NotFound
from store.database import Session
from store.ledger_nodes import Place, TreeNode, find_nodes

Part: TypeAlias = tuple[Place, ...]
"""One hash of a proof: complete subtrees from left to right, each smaller than the one before."""


def new_nodes(frontier_before: Frontier, leaf: bytes) -> list[TreeNode]:
    """Return the complete subtrees that a new leaf finishes, the smallest first.

    Args:
        frontier_before: The log without the leaf.
        leaf: The new leaf's hash.

    Returns:
        Inner nodes only (level ≥ 1): on average one, at most log2 of the size.
    """
    index, peaks, carry = frontier_before.size, list(frontier_before.peaks), leaf
    nodes: list[TreeNode] = []
    level = 1
    while index & (1 << (level - 1)):
        carry = node_hash(peaks.pop(), carry)
        nodes.append(TreeNode(level=level, position=index >> level, hash=carry))
        level += 1
    return nodes


def with_leaf(frontier_before: Frontier, leaf: bytes, nodes: Sequence[TreeNode]) -> Frontier:
    """Return the frontier with a leaf more, as `Frontier.append` does, from its `new_nodes`."""
    kept = frontier_before.peaks[: len(frontier_before.peaks) - len(nodes)]
    return Frontier(size=frontier_before.size + 1, peaks=(*kept, nodes[-1].hash if nodes else leaf))


def subtree_nodes(first: int, last: int) -> Part:
    """Return the complete subtrees that make up the leaves `first` ≤ index < `last`.

    Args:
        first: A multiple of the smallest power of two that is at least `last - first`, as in
            every subtree of RFC 6962.
        last: Behind the last leaf.
    """
    parts: list[Place] = []
    size, start = last - first, first
    for level in reversed(range(size.bit_length())):
        if size & (1 << level):
            parts.append((level, start >> level))
            start += 1 << level
    return tuple(parts)


def inclusion_nodes(index: int, size: int) -> tuple[Part, ...]:
    """Return of what each hash of an inclusion proof is made, from the leaf up.

    Raises:
        NotFound: A log of that size has no such entry.

    Source: RFC 6962 section 2.1.1.
    """
    if not 0 <= index < size:
        raise NotFound("entry", index)
    parts: list[Part] = []
    first, last = 0, size
    while last - first > 1:
        middle = first + _split(last - first)
        if index < middle:
            parts.append(subtree_nodes(middle, last))
            last = middle
        else:
            parts.append(subtree_nodes(first, middle))
            first = middle
    return tuple(reversed(parts))


def consistency_nodes(old_size: int, new_size: int) -> tuple[Part, ...]:
    """Return of what each hash of a consistency proof is made.

    Raises:
        NotFound: The log of `new_size` has never had that old size, or it was empty then.

    Source: RFC 6962 section 2.1.2.
    """
    if not 0 < old_size <= new_size:
        raise NotFound("log size", old_size)
    parts: list[Part] = []
    first, last, complete = 0, new_size, True
    while last != old_size:
        middle = first + _split(last - first)
        if old_size <= middle:
            parts.append(subtree_nodes(middle, last))
            last = middle
        else:
            parts.append(subtree_nodes(first, middle))
            first, complete = middle, False
    if not complete:
        parts.append(subtree_nodes(first, last))
    return tuple(reversed(parts))


def fold(hashes: Sequence[bytes]) -> bytes:
    """Return the root over complete subtrees, given from left to right, the widest first."""
    if not hashes:
        return EMPTY_ROOT
    result = hashes[-1]
    for left in reversed(hashes[:-1]):
        result = node_hash(left, result)
    return result


def stored_inclusion_proof(session: Session, index: int, size: int) -> tuple[bytes, ...]:
    """Return the proof that entry `index` is in the log of `size` entries; one query.

    Raises:
        NotFound: A log of that size has no such entry.
        LedgerCorrupt: A node that the proof needs is not stored.
    """
    return _stored(session, inclusion_nodes(index, size))


def stored_consistency_proof(session: Session, old_size: int, new_size: int) -> tuple[bytes, ...]:
    """Return the proof that the log of `old_size` is the beginning of that of `new_size`.

    Raises:
        NotFound: The log of `new_size` has never had that old size, or it was empty then.
        LedgerCorrupt: A node that the proof needs is not stored.
    """
    return _stored(session, consistency_nodes(old_size, new_size))


def frontier_at(session: Session, size: int) -> Frontier:
    """Return the frontier of the first `size` entries, as the stored nodes have it; one query.

    Raises:
        LedgerCorrupt: The database has fewer entries, or a node is not stored.
    """
    places = subtree_nodes(0, size)
    found = find_nodes(session, places)
    return Frontier(size=size, peaks=_hashes(found, places))


def root_at(session: Session, size: int) -> bytes:
    """Return the root of the first `size` entries, as the stored nodes have it; one query.

    Raises:
        LedgerCorrupt: The database has fewer entries, or a node is not stored.
    """
    return frontier_at(session, size).root()


def _stored(session: Session, parts: Sequence[Part]) -> tuple[bytes, ...]:
    found = find_nodes(session, [place for part in parts for place in part])
    return tuple(fold(_hashes(found, part)) for part in parts)


def _hashes(found: Mapping[Place, bytes], places: Iterable[Place]) -> tuple[bytes, ...]:
    try:
        return tuple(found[place] for place in places)
    except KeyError as missing:
        level, position = missing.args[0]
        first = position << level
        raise LedgerCorrupt(
            f"The stored tree lacks the node over the entries {first} to "
            f"{first + (1 << level) - 1}."
        ) from missing


def _split(size: int) -> int:
    """Return the largest power of two smaller than `size`, which is at least 2."""
    return 1 << ((size - 1).bit_length() - 1)
