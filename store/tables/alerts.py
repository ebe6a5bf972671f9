"""Alerts, and the outbox of everything the outside has to hear."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import BigInteger, Column, Identity, Index, Table, Text, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.types import UserDefinedType
from sqlmodel import Field, SQLModel

from store.tables.instant import Instant


class Alert(SQLModel, table=True):
    """A call for a human. One cause makes one alert: it grows, it does not multiply.

    One without a shipment is about the log itself.
    """

    __table_args__ = (
        Index(
            "alert_one_per_cause",
            "shipment_id",
            "kind",
            "rule_id",
            unique=True,
            postgresql_where="state <> 'resolved'",
        ),
        Index(
            "alert_one_per_cause_of_the_log",
            "kind",
            "rule_id",
            unique=True,
            postgresql_where="state <> 'resolved' AND shipment_id IS NULL",
        ),
    )

    id: UUID = Field(primary_key=True)
    shipment_id: int | None = Field(default=None, foreign_key="shipment.id", index=True)
    kind: str
    rule_id: str
    severity: str
    state: str
    subject_id: UUID | None = None
    headline: str
    detail: str
    first_step: str
    opened_at: datetime = Field(sa_type=Instant)
    updated_at: datetime = Field(sa_type=Instant)
    due_at: datetime | None = Field(default=None, sa_type=Instant)
    acknowledged_at: datetime | None = Field(default=None, sa_type=Instant)
    acknowledged_by: str | None = None
    acknowledged_reason: str | None = None
    acknowledged_comment: str | None = None
    resolved_at: datetime | None = Field(default=None, sa_type=Instant)
    resolved_by: str | None = None
    resolved_reason: str | None = None
    resolved_comment: str | None = None


class Xid8(UserDefinedType[str]):
    """PostgreSQL's 64-bit transaction number."""

    cache_ok = True

    def get_col_spec(self, **_: object) -> str:
        """Return the column type's name in DDL."""
        return "xid8"


outbox = Table(
    "outbox",
    SQLModel.metadata,
    Column("id", BigInteger, Identity(always=True), primary_key=True),
    Column("xid", Xid8, nullable=False, server_default=text("pg_current_xact_id()")),
    Column("kind", Text, nullable=False),
    Column("subject", Text, nullable=False),
    Column("payload", JSONB, nullable=False),
    Column("created_at", Instant, nullable=False, server_default=text("now()")),
    Index("outbox_cursor", "xid", "id"),
)
"""What happened, in the same transaction as the happening. Read in the order (xid, id)."""
