"""The ledger's rows and locks, and the shipment columns that follow from it, in written SQL.

Lock order, always: the statement's id, the order's row, its shipments' rows, the log. The log's
lock comes last and nothing that may wait is done under it.
"""

from dataclasses import dataclass, fields
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Row, text

from schemas.errors import LedgerCorrupt, NotFound
from store.database import Session

LOG_LOCK = 7_269_001
"""Key of the advisory lock that gives entries their order. Nothing else may use it."""
KEYS_LOCK = 7_269_002
"""Key of the advisory lock of the chain of entries about keys; taken where an order's row is."""
STATEMENTS_LOCK = 7_269_003
"""First key of the advisory locks of single statements; the second follows from the id."""


@dataclass(frozen=True, slots=True, kw_only=True)
class EntryRow:
    """A row of `ledger_entry`; see `store.tables.ledger.LedgerEntry`."""

    index: int
    order_code: str
    order_sequence: int
    shipment_code: str | None
    kind: str
    statement_id: UUID
    recorded_at: datetime
    claimed_at: datetime
    from_party_id: str | None
    to_party_id: str | None
    place_gln: str | None
    signer: str
    entry_bytes: bytes
    statement_bytes: bytes
    leaf_hash: bytes
    previous: bytes
    root: bytes
    conflict_with: bytes | None
    keys: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class HeadRow:
    """The row of `ledger_head`: the log as it was left by the last entry."""

    size: int
    frontier: bytes
    root: bytes
    recorded_at: datetime | None
    keys: bytes


_NAMES = tuple(field.name for field in fields(EntryRow))
ENTRY_COLUMNS = ", ".join(_NAMES)
HEAD_COLUMNS = ", ".join(field.name for field in fields(HeadRow))


_VALUES = ", ".join(f":{field.name}" for field in fields(EntryRow))
_INSERT = text(f"INSERT INTO ledger_entry ({ENTRY_COLUMNS}) VALUES ({_VALUES})")  # noqa: S608 - our column names


def lock_statement(session: Session, statement_id: str) -> None:
    """Keep everybody else from recording or signing the same statement in this transaction.

    Taken first, before the order's row: whoever is told that the statement is not there yet can
    rely on it. Ids that share a lock wait for each other, and nothing else.
    """
    _run(
        session,
        "SELECT pg_advisory_xact_lock(:family, hashtext(:id))",
        family=STATEMENTS_LOCK,
        id=statement_id,
    )


def lock_order(session: Session, order_code: str) -> None:
    """Keep everybody else from adding to this order until the transaction ends.

    Raises:
        NotFound: There is no such order.
    """
    found = _run(
        session,
        """
        SELECT code
        FROM treatment_order
        WHERE code = :order_code
        FOR NO KEY UPDATE
        """,
        order_code=order_code,
    )
    if not found:
        raise NotFound("order", order_code)


def lock_keys(session: Session) -> None:
    """Keep everybody else from adding entries about keys until the transaction ends."""
    _run(session, "SELECT pg_advisory_xact_lock(:key)", key=KEYS_LOCK)


def lock_head(session: Session) -> HeadRow:
    """Take the log's lock, to be held until the transaction ends, and return the head.

    The advisory lock gives the order. `FOR UPDATE` turns a stale snapshot, as a transaction of a
    higher isolation level has, into an error instead of a second entry of the same index.
    """
    _run(session, "SELECT pg_advisory_xact_lock(:key)", key=LOG_LOCK)
    return _head(session, f"SELECT {HEAD_COLUMNS} FROM ledger_head FOR UPDATE")  # noqa: S608 - our column names


def read_head(session: Session) -> HeadRow:
    """Return the head of the log."""
    return _head(session, f"SELECT {HEAD_COLUMNS} FROM ledger_head")  # noqa: S608 - our column names


def get_origin(session: Session) -> str:
    """Return the log's name, which no other log has."""
    rows = _run(session, "SELECT origin FROM ledger_log")
    if not rows:
        message = "The log has lost its name."
        raise LedgerCorrupt(message)
    return str(rows[0].origin)


def insert_entry(session: Session, entry: EntryRow) -> None:
    """Store an entry. Only under `lock_head`."""
    values = {field.name: getattr(entry, field.name) for field in fields(EntryRow)}
    session.connection().execute(_INSERT, values)


def update_head(session: Session, head: HeadRow) -> None:
    """Move the head on by one entry. Only under `lock_head`."""
    session.connection().execute(
        text(
            """
            UPDATE ledger_head
            SET size = :size, frontier = :frontier, root = :root, recorded_at = :recorded_at,
                keys = :keys
            """
        ),
        {field.name: getattr(head, field.name) for field in fields(HeadRow)},
    )


def find_by_statement(session: Session, statement_id: str) -> EntryRow | None:
    """Return the entry that recorded a statement, None when there is none."""
    rows = _run(
        session,
        f"SELECT {ENTRY_COLUMNS} FROM ledger_entry WHERE statement_id = CAST(:id AS uuid)",  # noqa: S608 - our column names
        id=statement_id,
    )
    return entry_of(rows[0]) if rows else None


def list_entries_of_order(session: Session, order_code: str) -> list[EntryRow]:
    """Return an order's entries by `order_sequence`."""
    rows = _run(
        session,
        f"""
        SELECT {ENTRY_COLUMNS}
        FROM ledger_entry
        WHERE order_code = :order_code
        ORDER BY order_sequence
        """,  # noqa: S608 - our column names
        order_code=order_code,
    )
    return [entry_of(row) for row in rows]


def list_entries_of_shipment(session: Session, shipment_code: str) -> list[EntryRow]:
    """Return the entries that name a shipment, by `index`."""
    rows = _run(
        session,
        f"""
        SELECT {ENTRY_COLUMNS}
        FROM ledger_entry
        WHERE shipment_code = :shipment_code
        ORDER BY index
        """,  # noqa: S608 - our column names
        shipment_code=shipment_code,
    )
    return [entry_of(row) for row in rows]


def _head(session: Session, query: str) -> HeadRow:
    rows = _run(session, query)
    if len(rows) != 1:
        message = "The ledger has lost its head."
        raise LedgerCorrupt(message)
    return HeadRow(**rows[0]._mapping)


def _run(session: Session, query: str, **values: object) -> list[Row[Any]]:
    return list(session.connection().execute(text(query), values))


def entry_of(row: Row[Any]) -> EntryRow:
    """Return the entry of a result row that has `ENTRY_COLUMNS`, in their order."""
    return EntryRow(**dict(zip(_NAMES, row, strict=True)))
