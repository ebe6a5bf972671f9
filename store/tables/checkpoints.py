"""What the log's notary wrote: nodes of the tree, signed checkpoints, and who vouched for them.

All of these only grow; the database refuses anything else (docs/notary.md).
"""

from datetime import datetime

from sqlalchemy import BigInteger
from sqlmodel import Field, SQLModel

from store.tables.instant import Instant


class LedgerNode(SQLModel, table=True):
    """The root of a complete subtree of `2**level` entries; level 0 is the entries themselves."""

    __tablename__ = "ledger_node"

    level: int = Field(primary_key=True)
    position: int = Field(
        primary_key=True, sa_type=BigInteger, sa_column_kwargs={"autoincrement": False}
    )
    hash: bytes


class LedgerCheckpoint(SQLModel, table=True):
    """A checkpoint that the log's key signed; `note` is the signed note without cosignatures.

    `vkey` is the key that signed it, for those who have not pinned one.
    """

    __tablename__ = "ledger_checkpoint"

    size: int = Field(
        primary_key=True, sa_type=BigInteger, sa_column_kwargs={"autoincrement": False}
    )
    root: bytes
    note: bytes
    vkey: str
    signed_at: datetime = Field(sa_type=Instant)


class LedgerCosignature(SQLModel, table=True):
    """A witness's signature over a checkpoint; `line` as it stands in the note."""

    __tablename__ = "ledger_cosignature"

    size: int = Field(
        primary_key=True, sa_type=BigInteger, sa_column_kwargs={"autoincrement": False}
    )
    name: str = Field(primary_key=True)
    key_id: str = Field(primary_key=True)
    line: str
    at: datetime = Field(sa_type=Instant)


class LedgerTimestamp(SQLModel, table=True):
    """An RFC 3161 response of a time stamping authority over a checkpoint's bytes."""

    __tablename__ = "ledger_timestamp"

    size: int = Field(
        primary_key=True, sa_type=BigInteger, sa_column_kwargs={"autoincrement": False}
    )
    authority: str = Field(primary_key=True)
    response: bytes
    at: datetime = Field(sa_type=Instant)
