"""The complete subtrees of the log's Merkle tree, so that proofs need no reading of all leaves.

Leaves (level 0) are `ledger_entry.leaf_hash`; `ledger_node` holds the levels above.
"""

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from typing import NamedTuple, TypeAlias

from sqlalchemy import text

from store.database import Session

Place: TypeAlias = tuple[int, int]
"""Level and position: the subtree of `2**level` leaves beginning at leaf `position << level`."""


class TreeNode(NamedTuple):
    """The root of a complete subtree, at its place."""

    level: int
    position: int
    hash: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class LeafRow:
    """What the tree is made of: an entry's bytes, and the hash that is stored beside them."""

    index: int
    entry_bytes: bytes
    leaf_hash: bytes


def insert_nodes(session: Session, nodes: Collection[TreeNode]) -> None:
    """Store nodes (level ≥ 1). Only under `store.ledger.lock_head`, with the entry itself."""
    if not nodes:
        return
    session.connection().execute(
        text("INSERT INTO ledger_node (level, position, hash) VALUES (:level, :position, :hash)"),
        [node._asdict() for node in nodes],
    )


def find_nodes(session: Session, places: Collection[Place]) -> dict[Place, bytes]:
    """Return the hashes at these places, leaves among them; what is not stored is left out.

    One query, whatever the number of places.
    """
    if not places:
        return {}
    rows = session.connection().execute(
        text(
            """
            SELECT wanted.level, wanted.position, coalesce(node.hash, entry.leaf_hash) AS hash
            FROM unnest(CAST(:levels AS int[]), CAST(:positions AS bigint[]))
                AS wanted (level, position)
            LEFT JOIN ledger_node AS node
                ON node.level = wanted.level AND node.position = wanted.position
            LEFT JOIN ledger_entry AS entry
                ON wanted.level = 0 AND entry.index = wanted.position
            WHERE node.hash IS NOT NULL
            OR entry.leaf_hash IS NOT NULL
            """
        ),
        {
            "levels": [level for level, _ in places],
            "positions": [position for _, position in places],
        },
    )
    return {(row.level, row.position): bytes(row.hash) for row in rows}


def stream_nodes(session: Session, size: int, *, first: int = 0) -> Iterator[TreeNode]:
    """Yield the nodes that entries of `first` ≤ index < `size` made, in the order of appending.

    That is by their last leaf, then by level. Few are in memory at a time.
    """
    result = session.connection().execute(
        text(
            """
            SELECT level, position, hash
            FROM ledger_node
            WHERE (position + 1) << level <= :size
            AND (position + 1) << level > :first
            ORDER BY (position + 1) << level, level
            """
        ),
        {"size": size, "first": first},
        execution_options={"yield_per": 2_000},
    )
    with result:
        for row in result:
            yield TreeNode(level=row.level, position=row.position, hash=bytes(row.hash))


def stream_leaves(session: Session, *, first: int, last: int) -> Iterator[LeafRow]:
    """Yield the entries of `first` ≤ index < `last` by index; few are in memory at a time."""
    result = session.connection().execute(
        text(
            """
            SELECT index, entry_bytes, leaf_hash
            FROM ledger_entry
            WHERE index >= :first
            AND index < :last
            ORDER BY index
            """
        ),
        {"first": first, "last": last},
        execution_options={"yield_per": 500},
    )
    with result:
        for row in result:
            yield LeafRow(**row._mapping)
