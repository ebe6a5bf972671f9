"""The custody ledger: its entries, its head, its name.

No foreign key leads out of these tables: an entry stays whatever becomes of the rest. All columns
of an entry but `entry_bytes` are projections of those bytes, and the audit recomputes each.
"""

import uuid
from datetime import datetime

from sqlalchemy import BigInteger
from sqlmodel import Field, SQLModel, UniqueConstraint

from store.tables.instant import Instant


class LedgerEntry(SQLModel, table=True):
    """One entry. The database refuses to update, delete or truncate (docs/ledger.md).

    `root` is the root of the log up to and including this entry, `keys` the hash of the last
    entry about keys before it; `order_code` is empty for entries about keys.
    """

    __tablename__ = "ledger_entry"
    __table_args__ = (UniqueConstraint("order_code", "order_sequence"),)

    index: int = Field(
        primary_key=True, sa_type=BigInteger, sa_column_kwargs={"autoincrement": False}
    )
    order_code: str
    order_sequence: int
    shipment_code: str | None = Field(default=None, index=True)
    kind: str
    statement_id: uuid.UUID = Field(unique=True)
    recorded_at: datetime = Field(sa_type=Instant)
    claimed_at: datetime = Field(sa_type=Instant)
    from_party_id: str | None = None
    to_party_id: str | None = None
    place_gln: str | None = None
    signer: str
    entry_bytes: bytes
    statement_bytes: bytes
    leaf_hash: bytes
    previous: bytes
    root: bytes
    conflict_with: bytes | None = None
    keys: bytes


class LedgerHead(SQLModel, table=True):
    """The log as the last entry left it, and the frontier for the next one; one row."""

    __tablename__ = "ledger_head"

    singleton: bool = Field(default=True, primary_key=True)
    size: int = Field(sa_type=BigInteger)
    frontier: bytes
    root: bytes
    recorded_at: datetime | None = Field(default=None, sa_type=Instant)
    keys: bytes


class LedgerLog(SQLModel, table=True):
    """The log's name, which no other log has; one row that never changes."""

    __tablename__ = "ledger_log"

    singleton: bool = Field(default=True, primary_key=True)
    origin: str
    created_at: datetime = Field(sa_type=Instant)
