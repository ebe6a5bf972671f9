"""Keys that sign, and statements that wait for another signature."""

import uuid
from datetime import datetime
from typing import Any

from sqlalchemy import ARRAY, BigInteger, Column, Text
from sqlalchemy.dialects.postgresql import JSONB
from sqlmodel import Field, SQLModel

from store.tables.instant import Instant


class SigningKey(SQLModel, table=True):
    """A key as the ledger's entries about keys say; the audit recomputes every column."""

    __tablename__ = "signing_key"

    key: str = Field(primary_key=True)
    public: bytes
    username: str
    name: str
    party_id: str | None = None
    approver: bool
    enrolled_index: int = Field(sa_type=BigInteger)
    revoked_index: int | None = Field(default=None, sa_type=BigInteger)
    suspect_since: datetime | None = Field(default=None, sa_type=Instant)


class PendingStatement(SQLModel, table=True):
    """Signed bytes that are not recorded yet: somebody has not signed."""

    __tablename__ = "pending_statement"

    id: uuid.UUID = Field(primary_key=True)
    payload_type: str
    order_code: str
    payload: bytes
    signatures: list[dict[str, Any]] = Field(sa_column=Column(JSONB, nullable=False))
    waiting_for: list[str] = Field(sa_column=Column(ARRAY(Text), nullable=False))
    created_at: datetime = Field(sa_type=Instant)
