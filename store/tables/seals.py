"""Which legs of shipments have ended and are sealed: a list of work, never a proof.

What is sealed stands in the ledger; these rows repeat it, so that what is due is found cheaply.
"""

from datetime import datetime

from sqlalchemy import BigInteger
from sqlmodel import Field, SQLModel

from store.tables.instant import Instant


class LegSeal(SQLModel, table=True):
    """A leg that has ended, and its last seal; without `entry_index` it is yet to be sealed.

    `first_at` is the earliest reading sealed and `received_until` the latest receipt among them.
    `standing_at` is the shipment's `shipment_status.updated_at` when the readings were last looked
    at, `looked_at` when that was.
    """

    __tablename__ = "leg_seal"

    shipment_id: int = Field(primary_key=True, foreign_key="shipment.id")
    leg: int = Field(primary_key=True)
    begins_at: datetime | None = Field(default=None, sa_type=Instant)
    until_at: datetime = Field(sa_type=Instant)
    entry_index: int | None = Field(default=None, sa_type=BigInteger)
    entry_hash: bytes | None = None
    readings: int = Field(default=0, sa_type=BigInteger)
    root: bytes | None = None
    sealed_at: datetime | None = Field(default=None, sa_type=Instant)
    first_at: datetime | None = Field(default=None, sa_type=Instant)
    received_until: datetime | None = Field(default=None, sa_type=Instant)
    standing_at: datetime | None = Field(default=None, sa_type=Instant)
    looked_at: datetime | None = Field(default=None, sa_type=Instant)


class SealProgress(SQLModel, table=True):
    """How far handoffs and late readings were looked for; one row, made at the first look."""

    __tablename__ = "seal_progress"

    singleton: bool = Field(default=True, primary_key=True)
    next_index: int = Field(sa_type=BigInteger)
    late_looked_at: datetime | None = Field(default=None, sa_type=Instant)
