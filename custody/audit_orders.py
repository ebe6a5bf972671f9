"""The entries by order: each order's chain, the rules, and the rows that people look at."""

from collections.abc import Iterable, Iterator
from uuid import UUID

from custody.audit_log import shown
from custody.canonical import parse_signed
from custody.course import Step, differences
from custody.entry import NO_ENTRY
from custody.findings import Findings
from custody.instants import BEGINNING, Handoff, effective_instant, latest_instant
from custody.merkle import leaf_hash
from custody.story import Placed, Story
from schemas.errors import CustodyConflict, LedgerCorrupt
from schemas.statement import Statement, StatementKind
from store.custody_facts import IdentityFacts
from store.ledger import EntryRow
from store.possession import ShipmentFacts


class OrderCheck:
    """Checks one order's chain, and that its statements may follow each other."""

    def __init__(self, order: str, findings: Findings) -> None:
        self._order, self._findings = order, findings
        self._story: Story | None = Story()
        self._steps: list[Step] = []
        self._latest = BEGINNING
        self._statements: set[UUID] = set()

    @property
    def steps(self) -> list[Step] | None:
        """What the entries lead to, oldest first; None when they cannot be followed."""
        return None if self._story is None else self._steps

    def check(self, rows: Iterator[EntryRow]) -> None:
        """Check the order's entries, by `order_sequence`."""
        previous, sequence = NO_ENTRY, 1
        for row in rows:
            if row.order_sequence != sequence:
                self._add(
                    row,
                    f"Entry {row.index} is number {row.order_sequence} of {self._name}, "
                    f"where number {sequence} is due.",
                )
            if row.previous != previous:
                self._add(
                    row, f"Entry {row.index} does not continue the entry of {self._name} before it."
                )
            if row.statement_id in self._statements:
                self._add(row, f"Entry {row.index} records a statement of {self._name} again.")
            self._statements.add(row.statement_id)
            if self._order:
                self._follow(row)
            previous, sequence = leaf_hash(row.entry_bytes), row.order_sequence + 1

    @property
    def _name(self) -> str:
        return self._order or "the keys"

    def _follow(self, row: EntryRow) -> None:
        if self._story is None:
            return
        try:
            statement = parse_signed(Statement, row.statement_bytes)
            placed = self._placed(self._story, statement, row)
        except LedgerCorrupt:
            self._story = None  # reported already: the bytes cannot be read
            return
        except CustodyConflict as error:
            self._add(row, f"Entry {row.index} contradicts those before it: {error}")
            self._story = None
            return
        self._story.add(row.leaf_hash, statement, placed)
        not_before = self._latest
        entry = Handoff(
            statement=statement,
            recorded_at=row.recorded_at,
            conflict=placed.conflict_with is not None,
        )
        self._latest = latest_instant(entry, not_before)
        if placed.conflict_with is None:
            self._steps.append(
                Step(
                    index=row.index,
                    statement=statement,
                    at=effective_instant(statement, row.recorded_at, not_before),
                    state=self._story.state,
                )
            )

    def _placed(self, story: Story, statement: Statement, row: EntryRow) -> Placed:
        placed = story.place(statement)
        if placed.conflict_with != row.conflict_with:
            said = "contradicts nothing" if row.conflict_with is None else "is in conflict"
            found = "contradicts the record" if placed.conflict_with else "is in no conflict"
            self._add(row, f"Entry {row.index} says that it {said}; by the rules it {found}.")
        return placed

    def _add(self, row: EntryRow, sentence: str) -> None:
        self._findings.add(row.index, row.order_code, sentence)


def check_shipments(
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
                f"Shipment {shipment.code}: column {each.column} says {shown(each.stored)}, "
                f"the ledger says {shown(each.said)} ({decides} decides it).",
            )


def check_identity(
    steps: list[Step], order: str, identity: IdentityFacts, findings: Findings
) -> None:
    """Check that the commitment to an identity is the one on record, and erased as recorded."""
    if not steps:
        return
    erased = [one for one in steps if one.statement.kind is StatementKind.ERASE_IDENTITY]
    commissioned = [one for one in steps if one.statement.kind is StatementKind.COMMISSION]
    if commissioned and identity.commitment != commissioned[0].statement.coi:
        findings.add(
            commissioned[0].index,
            order,
            f"The order {order} commits to another identity than the one it was commissioned with.",
        )
    if erased and (identity.salted or identity.hinted):
        findings.add(
            erased[-1].index, order, f"The identity behind {order} was erased, and is back."
        )
    if not erased and not identity.salted:
        findings.add(
            steps[-1].index,
            order,
            f"The identity behind {order} is gone, and no entry says who erased it.",
        )
