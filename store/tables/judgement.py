"""What detection found: excursions, verdicts, and where each shipment stands now."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import BigInteger
from sqlalchemy.dialects.postgresql import JSONB
from sqlmodel import Field, SQLModel

from store.tables.instant import Instant


class Excursion(SQLModel, table=True):
    """A maximal interval in which a rule is broken. Derived from readings; never typed in.

    `withdrawn_at` marks one that a later reading has made untrue; it stays visible.
    """

    id: UUID = Field(primary_key=True)
    shipment_id: int = Field(foreign_key="shipment.id", index=True)
    logger_id: int = Field(foreign_key="logger.id")
    rule_id: str
    side: str
    limit_c: float
    threshold_c: float
    accuracy_c: float
    severity: str
    certainty: str
    started_at: datetime = Field(sa_type=Instant)
    ended_at: datetime | None = Field(default=None, sa_type=Instant)
    last_at: datetime = Field(sa_type=Instant)
    peak_c: float
    duration_us: int = Field(sa_type=BigInteger)
    unmonitored_us: int = Field(sa_type=BigInteger)
    excess_mc_ms: int = Field(sa_type=BigInteger)
    reading_count: int
    first_seen_at: datetime = Field(sa_type=Instant)
    withdrawn_at: datetime | None = Field(default=None, sa_type=Instant)


class Verdict(SQLModel, table=True):
    """One version of a shipment's judgement; earlier versions stay."""

    shipment_id: int = Field(primary_key=True, foreign_key="shipment.id")
    version: int = Field(primary_key=True)
    outcome: str
    document: dict[str, object] = Field(sa_type=JSONB)
    as_of: datetime = Field(sa_type=Instant)
    created_at: datetime = Field(sa_type=Instant)


class ShipmentStatus(SQLModel, table=True):
    """Where a shipment stands now: one row each, locked while it is being judged.

    `due` marks a shipment to be judged again from its readings, not before `try_after` where that
    failed; `judged_until` is the end of the window last judged (null: still running). `confirmed`
    and `possible` count its excursions; `silent` counts the silences missed in a row.
    """

    __tablename__ = "shipment_status"

    shipment_id: int = Field(primary_key=True, foreign_key="shipment.id")
    due: bool = True
    judged_until: datetime | None = Field(default=None, sa_type=Instant)
    measured_at: datetime | None = Field(default=None, sa_type=Instant)
    received_at: datetime | None = Field(default=None, sa_type=Instant)
    temp_c: float | None = None
    ambient_c: float | None = None
    tilt_deg: float | None = None
    lat: float | None = None
    lon: float | None = None
    position_at: datetime | None = Field(default=None, sa_type=Instant)
    outcome: str | None = None
    verdict_version: int = 0
    coverage_pct: float | None = None
    longest_gap_s: float | None = None
    received: int = 0
    expected: int = 0
    confirmed: int = 0
    possible: int = 0
    silent: int = 0
    updated_at: datetime = Field(sa_type=Instant)
    try_after: datetime | None = Field(default=None, sa_type=Instant)
