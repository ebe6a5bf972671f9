"""Recording a statement: from what somebody asserts to an entry that cannot be moved.

*Recorded* means: at a place in the order and in the log, durable once the transaction commits. It
does not mean witnessed.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from custody.canonical import parse_statement, statement_bytes
from custody.entry import NO_ENTRY, Entry, whole_milliseconds
from custody.merkle import Frontier, leaf_hash
from custody.projection import correct_times, project_shipments, row_of
from custody.rules import apply, replay
from custody.state import CustodyState
from schemas.errors import Duplicate
from schemas.statement import Statement, StatementKind
from store import ledger as store
from store.database import Session
from store.ledger import EntryRow, HeadRow
from store.outbox import publish


@dataclass(frozen=True, slots=True, kw_only=True)
class Recorded:
    """Where a statement stands in the ledger.

    Attributes:
        index: Position in the log, from 0.
        order_sequence: Position among the order's entries, from 1.
        entry_hash: The entry's leaf hash.
        previous: Entry hash of the order's previous entry; 32 zero bytes for the first.
        recorded_at: When the ledger took it, UTC, whole milliseconds.
        new: False when the same statement had been recorded before.
    """

    index: int
    order_sequence: int
    entry_hash: bytes
    previous: bytes
    recorded_at: datetime
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


def append(session: Session, statement: Statement, now: datetime) -> Recorded:
    """Record a statement, and what follows from it for the order's shipments.

    The same statement again changes nothing and returns the same place. One order a transaction:
    the log's lock is kept until it ends, and no second order's lock may be waited for under it.

    Args:
        session: The transaction; committed by the caller.
        statement: What somebody asserts.
        now: Aware. An entry is never recorded before the entry in front of it: a clock that
            was put back is held at the last entry's time.

    Raises:
        Duplicate: The statement's id is taken by a statement of other contents.
        CustodyConflict: The statement contradicts what is on record.
        NotFound: The order, the shipment, a party or an item is unknown.
    """
    data = statement_bytes(statement)
    store.lock_order(session, statement.order)
    if (known := store.find_by_statement(session, statement.id)) is not None:
        if known.statement_bytes != data:
            raise Duplicate("statement", statement.id)
        return _recorded(known, new=False)
    before = store.list_entries_of_order(session, statement.order)
    state = apply(_replay(before), statement)
    _check_nouns(session, statement)
    project_shipments(session, statement, state, now)
    # Nothing below waits for anybody: the log's lock is everybody's.
    row = _append_row(session, statement, data, before[-1] if before else None, now)
    correct_times(session, statement, now=now, recorded_at=row.recorded_at)
    publish(
        session,
        kind="entry",
        subject=statement.shipment or statement.order,
        payload={
            "index": row.index,
            "order": row.order_code,
            "order_sequence": row.order_sequence,
            "shipment": row.shipment_code,
            "kind": row.kind,
            "entry_hash": row.leaf_hash.hex(),
        },
    )
    return _recorded(row, new=True)


def custody_of(session: Session, order_code: str) -> CustodyState:
    """Return where an order stands; the state before commissioning if nothing is recorded."""
    return _replay(store.list_entries_of_order(session, order_code))


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


def _append_row(
    session: Session, statement: Statement, data: bytes, last: EntryRow | None, now: datetime
) -> EntryRow:
    """Take the log's lock, give the statement its place, and move the head on."""
    log = store.lock_head(session)
    recorded_at = whole_milliseconds(now)
    if log.recorded_at is not None:
        recorded_at = max(recorded_at, log.recorded_at)
    entry = Entry(
        index=log.size,
        order=statement.order,
        order_sequence=last.order_sequence + 1 if last else 1,
        previous=last.leaf_hash if last else NO_ENTRY,
        recorded_at=recorded_at,
        statement=data,
    )
    data_of_entry = entry.to_bytes()
    frontier = Frontier.from_bytes(log.size, log.frontier).append(leaf_hash(data_of_entry))
    row = row_of(entry, statement, data=data_of_entry, root=frontier.root())
    store.insert_entry(session, row)
    store.update_head(
        session,
        HeadRow(
            size=frontier.size,
            frontier=frontier.to_bytes(),
            root=row.root,
            recorded_at=recorded_at,
        ),
    )
    return row


def _check_nouns(session: Session, statement: Statement) -> None:
    parties = {statement.from_party, statement.to_party} - {None}
    commissioned = statement.kind is StatementKind.COMMISSION
    store.check_exist(
        session,
        parties=[party for party in parties if party],
        items=statement.items if commissioned else (),
        order_code=statement.order,
    )
    if statement.shipment is not None:
        store.check_shipment(session, shipment_code=statement.shipment, order_code=statement.order)


def _replay(rows: Iterable[EntryRow]) -> CustodyState:
    return replay((parse_statement(row.statement_bytes), row.leaf_hash.hex()) for row in rows)


def _statements(rows: Iterable[EntryRow]) -> list[RecordedStatement]:
    return [
        RecordedStatement(
            statement=parse_statement(row.statement_bytes), recorded=_recorded(row, new=False)
        )
        for row in rows
    ]


def _recorded(row: EntryRow, *, new: bool) -> Recorded:
    return Recorded(
        index=row.index,
        order_sequence=row.order_sequence,
        entry_hash=row.leaf_hash,
        previous=row.previous,
        recorded_at=row.recorded_at,
        new=new,
    )
