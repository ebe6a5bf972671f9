"""The entries in the order of the log: places, bytes, columns, roots, nodes, keys, signatures."""

from collections.abc import Iterator, Sequence
from dataclasses import fields

from custody.audit_state import AuditState
from custody.entry import KEYS_CHAIN, Entry, parse_entry
from custody.envelope import parse_payload
from custody.findings import Findings
from custody.key_log import KeyLog
from custody.merkle import leaf_hash
from custody.people import check_signatures, false_names, invalid_keys, suspect_keys
from custody.projection import row_of
from custody.tree import new_nodes, with_leaf
from schemas.errors import LedgerCorrupt
from schemas.key_statement import KeyStatement
from schemas.statement import Statement
from store.ledger import EntryRow, HeadRow
from store.ledger_nodes import TreeNode

_COLUMNS = tuple(each.name for each in fields(EntryRow) if each.name != "leaf_hash")


class LogCheck:
    """Checks one entry after another. Believes bytes and signatures, and no column."""

    def __init__(
        self,
        findings: Findings,
        *,
        origin: str,
        keys: KeyLog,
        nodes: Iterator[TreeNode],
        since: AuditState,
    ) -> None:
        """Prepare.

        Args:
            findings: Takes what is wrong.
            origin: The log's name.
            keys: All keys with the indexes at which they began and ended to count.
            nodes: The stored nodes of the entries to come, in the order of appending.
            since: Where an earlier audit ended.
        """
        self.frontier = since.frontier
        self._findings, self._origin, self._keys = findings, origin, keys
        self._public = {key: record.public for key, record in keys.keys.items()}
        self._nodes, self._nodes_fit = nodes, True
        self._next_index = since.size
        self._recorded_at = since.recorded_at
        self._keys_head = since.keys
        self._roots_fit = True

    @property
    def state(self) -> AuditState:
        """Where the audit stands, for the next one to go on from."""
        return AuditState(
            frontier=self.frontier, recorded_at=self._recorded_at, keys=self._keys_head
        )

    def check(self, row: EntryRow) -> None:
        """Check the next entry."""
        if row.index > self._next_index:
            self._missing(self._next_index, row.index)
        elif row.index < self._next_index:
            self._findings.add(row.index, row.order_code, f"Entry {row.index} is there twice.")
        self._next_index = row.index + 1
        leaf = leaf_hash(row.entry_bytes)
        nodes = new_nodes(self.frontier, leaf)
        self._check_nodes(row, nodes)
        self.frontier = with_leaf(self.frontier, leaf, nodes)
        try:
            entry = parse_entry(row.entry_bytes)
            said = parse_payload(entry.envelope)
        except LedgerCorrupt as error:
            self._add(row, f"Entry {row.index} cannot be read: {error}")
        else:
            self._check_entry(row, entry, said, leaf)
        if leaf != row.leaf_hash:
            self._add(row, f"Entry {row.index}: its bytes do not have the hash recorded for them.")
        if row.order_code == KEYS_CHAIN:
            self._keys_head = leaf
        self._check_time(row)
        self._check_root(row)

    def check_head(self, head: HeadRow) -> None:
        """Check that the entries end where the head says, with its root."""
        if self._next_index < head.size:
            self._missing(self._next_index, head.size)
        if (self.frontier.root(), self.frontier.to_bytes()) != (head.root, head.frontier):
            self._findings.add(
                head.size, None, "The root over all entries is not the root in the log's head."
            )
        if self._next_index == head.size and self._recorded_at != head.recorded_at:
            self._findings.add(
                head.size, None, "The log's head was not left by the log's last entry."
            )
        if self._next_index == head.size and self._keys_head != head.keys:
            self._findings.add(
                head.size, None, "The log's head names another last entry about keys."
            )
        if self._nodes_fit and next(self._nodes, None) is not None:
            self._findings.add(head.size, None, "The log's tree has nodes that no entry makes.")

    def _check_entry(
        self, row: EntryRow, entry: Entry, said: Statement | KeyStatement, leaf: bytes
    ) -> None:
        about = said.order if isinstance(said, Statement) else KEYS_CHAIN
        if about != entry.order:
            self._add(row, f"Entry {row.index} is of another order than its statement.")
        if said.log != self._origin:
            self._add(row, f"Entry {row.index} was signed for another log, {said.log}.")
        if entry.keys != self._keys_head:
            self._add(row, f"Entry {row.index} does not name the last entry about keys before it.")
        if isinstance(said, Statement):
            self._check_people(row, entry, said)
        expected = row_of(entry, said, data=row.entry_bytes, root=row.root, leaf=leaf)
        if row != expected:
            self._check_columns(row, expected)

    def _check_people(self, row: EntryRow, entry: Entry, said: Statement) -> None:
        """Check signatures over custody; those over keys were checked with the keys."""
        for sentence in (
            *invalid_keys(self._keys, said, row.index),
            *false_names(self._keys, said),
        ):
            self._add(row, f"Entry {row.index}: {sentence}")
        try:
            check_signatures(entry.envelope, said, self._public)
        except LedgerCorrupt as error:
            self._add(row, f"Entry {row.index}: {error}")
        for sentence in suspect_keys(self._keys, said):
            self._findings.note(row.index, row.order_code, f"Entry {row.index}: {sentence}")

    def _check_columns(self, row: EntryRow, expected: EntryRow) -> None:
        for column in _COLUMNS:
            stored, said = getattr(row, column), getattr(expected, column)
            if stored != said:
                self._add(
                    row,
                    f"Entry {row.index}: column {column} says {shown(stored)}, "
                    f"its bytes say {shown(said)}.",
                )

    def _check_nodes(self, row: EntryRow, expected: Sequence[TreeNode]) -> None:
        """Report the first node that is not what the entries make; proofs would fail from there."""
        if not self._nodes_fit:
            return
        for node in expected:
            if next(self._nodes, None) != node:
                self._nodes_fit = False
                self._add(
                    row,
                    f"From entry {row.index} on, the stored nodes of the tree are not those that "
                    "the entries make.",
                )
                return

    def _check_time(self, row: EntryRow) -> None:
        if self._recorded_at is not None and row.recorded_at < self._recorded_at:
            self._add(row, f"Entry {row.index} is recorded earlier than the entry before it.")
        self._recorded_at = row.recorded_at

    def _check_root(self, row: EntryRow) -> None:
        """Report the first entry at which the roots part; all later ones differ as well."""
        if self._roots_fit and self.frontier.root() != row.root:
            self._roots_fit = False
            self._add(
                row,
                f"From entry {row.index} on, the root over the entries is not the one recorded: "
                "an entry was changed, removed, inserted or moved here or before.",
            )

    def _add(self, row: EntryRow, sentence: str) -> None:
        self._findings.add(row.index, row.order_code, sentence)

    def _missing(self, first: int, end: int) -> None:
        gone = f"Entry {first} is" if end == first + 1 else f"Entries {first} to {end - 1} are"
        self._findings.add(first, None, f"{gone} missing from the log.")


def shown(value: object) -> str:
    """Return a column's value as it stands in a sentence."""
    return value.hex()[:16] + "…" if isinstance(value, bytes) else str(value)
