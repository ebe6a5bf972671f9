"""Therapies and their profiles: versioned, immutable once stored, named by SHA-256."""

from datetime import datetime

from sqlalchemy import UniqueConstraint
from sqlmodel import Field, SQLModel

from store.tables.instant import Instant


class Therapy(SQLModel, table=True):
    """A product programme."""

    id: str = Field(primary_key=True)
    name: str
    modality: str


class TherapyProfile(SQLModel, table=True):
    """One version of a therapy's profile; `document` is its canonical JSON, byte for byte."""

    __tablename__ = "therapy_profile"
    __table_args__ = (UniqueConstraint("therapy_id", "version"),)

    sha256: str = Field(primary_key=True)
    therapy_id: str = Field(foreign_key="therapy.id")
    version: int
    document: bytes
    created_at: datetime = Field(sa_type=Instant)
