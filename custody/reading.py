"""Reading the ledger back: entries, stories, and where the log ends."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from custody.canonical import parse_signed
from custody.entry import Entry, parse_entry
from custody.instants import BINDING, Handoff, latest_of
from custody.state import CustodyState
from custody.story import Placed, Story
from schemas.statement import Statement
from store import ledger as store
from store.database import Session
from store.ledger import EntryRow


@dataclass(frozen=True, slots=True, kw_only=True)
class Recorded:
    """Where a statement stands in the ledger.

    Attributes:
        index: Position in the log, from 0.
        order_sequence: Position among the order's entries, from 1.
        entry_hash: The entry's leaf hash.
        previous: Entry hash of the order's previous entry; 32 zero bytes for the first.
        recorded_at: When the ledger took it, UTC, whole milliseconds.
        conflict_with: Hash of the entry that it contradicts; None when it contradicts none.
        new: False when the same statement had been recorded before.
    """

    index: int
    order_sequence: int
    entry_hash: bytes
    previous: bytes
    recorded_at: datetime
    conflict_with: bytes | None = None
    new: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordedStatement:
    """A statement and where it stands."""

    statement: Statement
    recorded: Recorded


@dataclass(frozen=True, slots=True, kw_only=True)
class LogHead:
    """The log's name, how many entries it has, and the root over them."""

    origin: str
    size: int
    root: bytes


def entry_of_row(row: EntryRow) -> Entry:
    """Return the entry that a row's bytes are.

    Raises:
        LedgerCorrupt: They are none.
    """
    return parse_entry(row.entry_bytes)


def recorded_of(row: EntryRow, *, new: bool) -> Recorded:
    """Return where a row's statement stands."""
    return Recorded(
        index=row.index,
        order_sequence=row.order_sequence,
        entry_hash=row.leaf_hash,
        previous=row.previous,
        recorded_at=row.recorded_at,
        conflict_with=row.conflict_with,
        new=new,
    )


def story_of(rows: Iterable[EntryRow]) -> Story:
    """Return an order's story, told by its entries, oldest first.

    Raises:
        CustodyConflict: One of them contradicts those before it, and is not marked so.
    """
    story = Story()
    for row in rows:
        statement = parse_signed(Statement, row.statement_bytes)
        if row.conflict_with is None:
            placed = story.place(statement)
        else:
            placed = Placed(state=story.state, conflict_with=row.conflict_with)
        story.add(row.leaf_hash, statement, placed)
    return story


def latest_before(rows: Iterable[EntryRow]) -> datetime:
    """Return before which no further step of an order can take effect (`custody.instants`)."""
    return latest_of(
        Handoff(statement=parse_signed(Statement, row.statement_bytes), recorded_at=row.recorded_at)
        for row in rows
        if row.kind in BINDING and row.conflict_with is None
    )


def custody_of(session: Session, order_code: str) -> CustodyState:
    """Return where an order stands; the state before commissioning if nothing is recorded."""
    return story_of(store.list_entries_of_order(session, order_code)).state


def entries_of_order(session: Session, order_code: str) -> list[RecordedStatement]:
    """Return an order's statements in the order in which they were recorded."""
    return _statements(store.list_entries_of_order(session, order_code))


def entries_of_shipment(session: Session, shipment_code: str) -> list[RecordedStatement]:
    """Return the statements that name a shipment, in the order in which they were recorded."""
    return _statements(store.list_entries_of_shipment(session, shipment_code))


def head(session: Session) -> LogHead:
    """Return the log's head."""
    row = store.read_head(session)
    return LogHead(origin=store.get_origin(session), size=row.size, root=row.root)


def _statements(rows: Iterable[EntryRow]) -> list[RecordedStatement]:
    return [
        RecordedStatement(
            statement=parse_signed(Statement, row.statement_bytes),
            recorded=recorded_of(row, new=False),
        )
        for row in rows
    ]
