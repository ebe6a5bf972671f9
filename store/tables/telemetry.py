"""Readings, what was set aside instead, and the detector's carried state."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import BigInteger, Column, Index, Integer, Table
from sqlalchemy.types import Double
from sqlmodel import Field, SQLModel

from schemas.reading import CHANNELS
from store.tables.instant import Instant

reading = Table(
    "reading",
    SQLModel.metadata,
    Column("logger_id", Integer, primary_key=True, autoincrement=False),
    Column("measured_at", Instant, primary_key=True),
    Column("received_at", Instant, nullable=False),
    Column("seq", BigInteger),
    *(Column(channel, Double) for channel in CHANNELS),
)
"""What loggers measured. Never passes through the ORM; see `store.readings`."""


class Quarantine(SQLModel, table=True):
    """A message that could not become readings, kept whole until its cause is mended."""

    __table_args__ = (
        Index("quarantine_waiting", "received_at", postgresql_where="replayed_at IS NULL"),
    )

    id: UUID = Field(primary_key=True)
    received_at: datetime = Field(sa_type=Instant)
    topic: str
    content_type: str | None
    payload: bytes
    sha256: str
    reason: str
    detail: str
    replay_requested_at: datetime | None = Field(default=None, sa_type=Instant)
    replay_requested_by: str | None = None
    replayed_at: datetime | None = Field(default=None, sa_type=Instant)
    outcome: str | None = None


class DetectorState(SQLModel, table=True):
    """Where detection stands for one logger on one shipment; recomputable from readings."""

    __tablename__ = "detector_state"

    shipment_id: int = Field(primary_key=True, foreign_key="shipment.id")
    logger_id: int = Field(primary_key=True, foreign_key="logger.id")
    state: bytes


class IngestCount(SQLModel, table=True):
    """What one ingest client has done since it first ran: shown, never judged by."""

    __tablename__ = "ingest_count"

    client_id: str = Field(primary_key=True)
    messages: int = Field(sa_type=BigInteger)
    readings: int = Field(sa_type=BigInteger)
    duplicates: int = Field(sa_type=BigInteger)
    quarantined: int = Field(sa_type=BigInteger)
    ignored_records: int = Field(sa_type=BigInteger)
    sessions_lost: int = Field(sa_type=BigInteger)
    last_batch_at: datetime = Field(sa_type=Instant)
