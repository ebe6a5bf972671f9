"""Entries as receipts and bundles show them: bytes by index, in written SQL."""

from sqlalchemy import text

from schemas.errors import NotFound
from store.database import Session
from store.ledger import ENTRY_COLUMNS, EntryRow, entry_of


def get_entry(session: Session, index: int) -> EntryRow:
    """Return an entry.

    Raises:
        NotFound: The log has no such entry.
    """
    query = f"SELECT {ENTRY_COLUMNS} FROM ledger_entry WHERE index = :index"  # noqa: S608 - our column names
    rows = list(session.connection().execute(text(query), {"index": index}))
    if not rows:
        raise NotFound("entry", index)
    return entry_of(rows[0])


def list_entries_below(session: Session, order_code: str, size: int) -> list[EntryRow]:
    """Return the entries of an order, or of the keys, with an index below `size`, by index."""
    query = f"""
        SELECT {ENTRY_COLUMNS}
        FROM ledger_entry
        WHERE order_code = :order_code
        AND index < :size
        ORDER BY index
        """  # noqa: S608 - our column names
    found = session.connection().execute(text(query), {"order_code": order_code, "size": size})
    return [entry_of(row) for row in found]
