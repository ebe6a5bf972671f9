"""The ledger's entries that seal readings, for audits."""

from collections.abc import Iterator

from sqlalchemy import text

from store.database import Session
from store.ledger import ENTRY_COLUMNS, EntryRow, entry_of


def stream_seals(session: Session, size: int) -> Iterator[EntryRow]:
    """Yield the seals among the first `size` entries by shipment and index; few in memory."""
    result = session.connection().execute(
        text(
            f"""
            SELECT {ENTRY_COLUMNS}
            FROM ledger_entry
            WHERE index < :size AND kind = 'seal_readings'
            ORDER BY shipment_code, index
            """  # noqa: S608 - our column names
        ),
        {"size": size},
        execution_options={"yield_per": 500},
    )
    with result:
        for row in result:
            yield entry_of(row)
