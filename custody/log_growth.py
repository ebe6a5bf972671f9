"""What the log has become since it was last signed, computed from the entries' own bytes.

Neither the stored head nor a column beside an entry is believed: a log may sign no checkpoint
that contradicts one it signed before (C2SP tlog-checkpoint), whoever has been at the database.
"""

from collections.abc import Iterable, Iterator
from itertools import islice

from custody.checkpoint import Checkpoint
from custody.merkle import Frontier, leaf_hash
from custody.tree import frontier_at, new_nodes
from schemas.errors import LedgerCorrupt
from store.database import Session
from store.ledger import get_origin, read_head
from store.ledger_nodes import LeafRow, TreeNode, find_nodes, stream_leaves

_AT_A_TIME = 500


def check_fits(session: Session, signed: Checkpoint) -> None:
    """Check that the database still begins with the log that was signed. Reads O(log n) nodes.

    Raises:
        LedgerCorrupt: It is another log, has fewer entries, or other ones.
    """
    origin, size = get_origin(session), read_head(session).size
    if origin != signed.origin:
        raise LedgerCorrupt(
            f"The database holds the log {origin}, but what was signed is of {signed.origin}."
        )
    if size < signed.size:
        raise LedgerCorrupt(
            f"The database has {size} entries, but {signed.size} were signed: its end was cut off, "
            "or an old backup was restored."
        )
    if frontier_at(session, signed.size).root() != signed.root:
        raise LedgerCorrupt(
            f"The first {signed.size} entries of the database are not those that were signed: "
            "the ledger was rewritten."
        )


def grown(session: Session, signed: Checkpoint | None) -> Checkpoint:
    """Return what is to be signed now: the log as its entries' bytes make it.

    It continues `signed` by construction: growing starts at the peaks of that size, whose root is
    the signed one. Each new entry is hashed again, and the stored leaves, nodes and head are
    compared with what comes out. Reads each entry once in its life; memory stays flat.

    Args:
        session: Any transaction; what is appended meanwhile waits for the next time.
        signed: What was signed last; None for a log that never was.

    Raises:
        LedgerCorrupt: The database does not continue what was signed, or contradicts itself.
    """
    if signed is not None:
        check_fits(session, signed)
    head = read_head(session)
    frontier = frontier_at(session, signed.size if signed else 0)
    for rows in _batches(stream_leaves(session, first=frontier.size, last=head.size)):
        frontier = _grow(session, frontier, rows)
    if frontier.size != head.size:
        raise LedgerCorrupt(f"Entry {frontier.size} is missing from the ledger.")
    if (frontier.root(), frontier.to_bytes()) != (head.root, head.frontier):
        raise LedgerCorrupt(f"The stored head is not that of the {head.size} entries in front.")
    return Checkpoint(origin=get_origin(session), size=frontier.size, root=frontier.root())


def _grow(session: Session, frontier: Frontier, rows: Iterable[LeafRow]) -> Frontier:
    nodes: list[TreeNode] = []
    for row in rows:
        if row.index != frontier.size:
            raise LedgerCorrupt(f"Entry {frontier.size} is missing from the ledger.")
        leaf = leaf_hash(row.entry_bytes)
        if leaf != row.leaf_hash:
            raise LedgerCorrupt(f"The stored hash of entry {row.index} is not that of its bytes.")
        nodes += new_nodes(frontier, leaf)
        frontier = frontier.append(leaf)
    stored = find_nodes(session, [(node.level, node.position) for node in nodes])
    for node in nodes:
        if stored.get((node.level, node.position)) != node.hash:
            last = ((node.position + 1) << node.level) - 1
            raise LedgerCorrupt(f"A stored node of the tree that ends at entry {last} is wrong.")
    return frontier


def _batches(rows: Iterator[LeafRow]) -> Iterator[list[LeafRow]]:
    while batch := list(islice(rows, _AT_A_TIME)):
        yield batch
