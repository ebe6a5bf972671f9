"""Reading the whole ledger for audit and proofs, without holding it in memory."""

from collections.abc import Iterator

from sqlalchemy import text

from schemas.errors import LedgerCorrupt
from store.database import Session
from store.ledger import ENTRY_COLUMNS, HEAD_COLUMNS, EntryRow, HeadRow, entry_of


def stream_by_index(session: Session, size: int, *, first: int = 0) -> Iterator[EntryRow]:
    """Yield the entries of `first` ≤ index < `size` by `index`; few in memory at a time."""
    return _stream(
        session,
        f"""
        SELECT {ENTRY_COLUMNS}
        FROM ledger_entry
        WHERE index >= :first
        AND index < :size
        ORDER BY index
        """,  # noqa: S608 - our column names
        size,
        first,
    )


def stream_by_order(session: Session, size: int, *, first: int = 0) -> Iterator[EntryRow]:
    """Yield the first `size` entries by order and `order_sequence`; few in memory at a time.

    Only of orders that have an entry of index `first` or later, and then from their first on.
    """
    return _stream(
        session,
        f"""
        SELECT {ENTRY_COLUMNS}
        FROM ledger_entry
        WHERE index < :size
        AND (
            :first = 0
            OR order_code IN (
                SELECT order_code FROM ledger_entry WHERE index >= :first AND index < :size
            )
        )
        ORDER BY order_code, order_sequence
        """,  # noqa: S608 - our column names
        size,
        first,
    )


def read_extent(session: Session) -> tuple[HeadRow, int | None]:
    """Return the head, and the lowest index beyond it (None when there is none).

    One statement, so that both are of the same moment, whoever is appending.
    """
    rows = (
        session.connection()
        .execute(
            text(
                f"""
                SELECT {HEAD_COLUMNS},
                    (SELECT min(index) FROM ledger_entry WHERE index >= size) AS beyond
                FROM ledger_head
                """  # noqa: S608 - our column names
            )
        )
        .all()
    )
    if len(rows) != 1:
        message = "The ledger has lost its head."
        raise LedgerCorrupt(message)
    row = rows[0]
    values = row._asdict()
    beyond = values.pop("beyond")
    head = HeadRow(**values)
    return head, beyond


def list_leaf_hashes(session: Session, size: int) -> list[bytes]:
    """Return the leaf hashes of the first `size` entries, by `index`, for proofs."""
    rows = session.connection().execute(
        text(
            """
            SELECT leaf_hash
            FROM ledger_entry
            WHERE index < :size
            ORDER BY index
            """
        ),
        {"size": size},
    )
    return [bytes(row.leaf_hash) for row in rows]


def find_stray_cosignature(session: Session, first: int) -> int | None:
    """Return the smallest size ≥ `first` that was cosigned without a checkpoint; None for none."""
    found = session.connection().execute(
        text(
            """
            SELECT min(size) AS size
            FROM ledger_cosignature AS cosignature
            WHERE size >= :first
            AND NOT EXISTS (
                SELECT FROM ledger_checkpoint WHERE ledger_checkpoint.size = cosignature.size
            )
            """
        ),
        {"first": first},
    )
    size: int | None = found.scalar_one()
    return size


def _stream(session: Session, query: str, size: int, first: int) -> Iterator[EntryRow]:
    result = session.connection().execute(
        text(query), {"size": size, "first": first}, execution_options={"yield_per": 500}
    )
    with result:
        for row in result:
            yield entry_of(row)
