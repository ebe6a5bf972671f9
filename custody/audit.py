"""The auditor that ships with the ledger: reads every byte again and believes no column.

Neither of the ledger's own tables, nor of the shipments, which say who holds and owns what.

What it cannot see alone: a log rewritten as a whole, or cut together with its head, by somebody who
recomputes everything. That takes a head which the database does not hold (docs/ledger.md).
"""

from collections.abc import Iterable, Iterator
from dataclasses import fields
from datetime import datetime
from itertools import groupby

from pydantic import ValidationError

from custody.canonical import parse_statement
from custody.course import Step, differences
from custody.entry import NO_ENTRY, parse_entry
from custody.findings import AuditReport, Findings
from custody.merkle import Frontier, leaf_hash
from custody.projection import row_of
from custody.rules import apply
from custody.state import CustodyState
from schemas.errors import CustodyConflict, LedgerCorrupt
from schemas.statement import Statement
from store.database import Session
from store.ledger import EntryRow, HeadRow
from store.ledger_stream import read_extent, stream_by_index, stream_by_order
from store.possession import ShipmentFacts, list_facts_of_order, stream_facts_without_entries


def audit(session: Session) -> AuditReport:
    """Re-read the whole ledger and report where it is not what was recorded.

    Entries appended while it runs are not looked at. Needs memory for one order's state and a few
    hundred entries, whatever the size of the log.
    """
    findings = Findings()
    try:
        head, beyond = read_extent(session)
    except LedgerCorrupt as error:
        findings.add(0, None, str(error))
        head, beyond = HeadRow(size=0, frontier=b"", root=b"", recorded_at=None), None
    log = _LogCheck(findings)
    for row in stream_by_index(session, head.size):
        log.check(row)
    log.check_head(head)
    if beyond is not None:
        findings.add(beyond, None, f"Entry {beyond} lies beyond the log's end at {head.size}.")
    orders = 0
    by_order = groupby(stream_by_order(session, head.size), key=lambda row: row.order_code)
    for order, rows in by_order:
        steps = _check_order(order, rows, findings)
        if steps is not None:
            _check_shipments(list_facts_of_order(session, order, head.size), steps, findings)
        orders += 1
    for shipment in stream_facts_without_entries(session):
        _check_shipments([shipment], [], findings, beyond=head.size)
    return AuditReport(
        size=head.size,
        entries=log.frontier.size,
        orders=orders,
        root=log.frontier.root().hex(),
        finding_count=findings.count,
        first=findings.first,
        findings=tuple(findings.kept),
    )


class _LogCheck:
    """The entries in the order of the log: places, bytes, columns, roots."""

    def __init__(self, findings: Findings) -> None:
        self.frontier = Frontier()
        self._findings = findings
        self._next_index = 0
        self._recorded_at: datetime | None = None
        self._roots_fit = True

    def check(self, row: EntryRow) -> None:
        """Check the next entry."""
        if row.index > self._next_index:
            self._missing(self._next_index, row.index)
        elif row.index < self._next_index:
            self._findings.add(row.index, row.order_code, f"Entry {row.index} is there twice.")
        self._next_index = row.index + 1
        leaf = leaf_hash(row.entry_bytes)
        self.frontier = self.frontier.append(leaf)
        try:
            entry = parse_entry(row.entry_bytes)
            statement = parse_statement(entry.statement)
        except LedgerCorrupt as error:
            self._add(row, f"Entry {row.index} cannot be read: {error}")
        else:
            if statement.order != entry.order:
                self._add(row, f"Entry {row.index} is of another order than its statement.")
            self._check_columns(row, row_of(entry, statement, data=row.entry_bytes, root=row.root))
        if leaf != row.leaf_hash:
            self._add(row, f"Entry {row.index}: its bytes do not have the hash recorded for them.")
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
        if self._recorded_at != head.recorded_at and self._next_index == head.size:
            self._findings.add(
                head.size, None, "The log's head was not left by the log's last entry."
            )

    def _add(self, row: EntryRow, sentence: str) -> None:
        self._findings.add(row.index, row.order_code, sentence)

    def _missing(self, first: int, end: int) -> None:
        gone = f"Entry {first} is" if end == first + 1 else f"Entries {first} to {end - 1} are"
        self._findings.add(first, None, f"{gone} missing from the log.")

    def _check_columns(self, row: EntryRow, expected: EntryRow) -> None:
        for column in (each.name for each in fields(EntryRow)):
            stored, said = getattr(row, column), getattr(expected, column)
            if stored != said and column != "leaf_hash":
                self._add(
                    row,
                    f"Entry {row.index}: column {column} says {_shown(stored)}, "
                    f"its bytes say {_shown(said)}.",
                )

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


def _check_order(order: str, rows: Iterator[EntryRow], findings: Findings) -> list[Step] | None:
    """Check one order's chain, and that its statements may follow each other.

    Returns:
        What the entries lead to, oldest first; None when they cannot be followed.
    """
    previous, sequence = NO_ENTRY, 1
    steps: list[Step] | None = []
    for row in rows:
        if row.order_sequence != sequence:
            findings.add(
                row.index,
                order,
                f"Entry {row.index} is number {row.order_sequence} of {order}, "
                f"where number {sequence} is due.",
            )
        if row.previous != previous:
            findings.add(
                row.index,
                order,
                f"Entry {row.index} does not continue the entry of {order} before it.",
            )
        steps = _follow(steps, row, findings)
        previous, sequence = leaf_hash(row.entry_bytes), row.order_sequence + 1
    return steps


def _follow(steps: list[Step] | None, row: EntryRow, findings: Findings) -> list[Step] | None:
    """Return the steps with one more; None, once the order can no longer be followed."""
    if steps is None:
        return None
    before = steps[-1].state if steps else CustodyState()
    try:
        statement = Statement.model_validate_json(row.statement_bytes)
        state = apply(before, statement).with_entry(row.leaf_hash.hex())
    except ValidationError:
        return None  # reported already: the bytes cannot be read
    except CustodyConflict as error:
        findings.add(
            row.index, row.order_code, f"Entry {row.index} contradicts those before it: {error}"
        )
        return None
    step = Step(index=row.index, statement=statement, recorded_at=row.recorded_at, state=state)
    return [*steps, step]


def _check_shipments(
    shipments: Iterable[ShipmentFacts], steps: list[Step], findings: Findings, beyond: int = 0
) -> None:
    """Check that the rows of shipments say what the entries of their order lead to."""
    for shipment in shipments:
        for each in differences(shipment, steps):
            index = beyond if each.index is None else each.index
            decides = "no entry" if each.index is None else f"entry {index}"
            findings.add(
                index,
                shipment.order_code,
                f"Shipment {shipment.code}: column {each.column} says {_shown(each.stored)}, "
                f"the ledger says {_shown(each.said)} ({decides} decides it).",
            )


def _shown(value: object) -> str:
    return value.hex()[:16] + "…" if isinstance(value, bytes) else str(value)
