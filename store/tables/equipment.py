"""Shippers (qualified containers) and data loggers."""

from datetime import datetime

from sqlmodel import Field, SQLModel

from store.tables.instant import Instant


class Shipper(SQLModel, table=True):
    """A qualified container, named by its GRAI."""

    grai: str = Field(primary_key=True)
    kind: str
    qualified_hold_h: float
    conditioned_at: datetime = Field(sa_type=Instant)
    requalify_by: datetime = Field(sa_type=Instant)
    returned_at: datetime | None = Field(default=None, sa_type=Instant)
    requalified_at: datetime | None = Field(default=None, sa_type=Instant)


class Logger(SQLModel, table=True):
    """A data logger, named by its serial; `id` is the short number that readings carry."""

    id: int | None = Field(default=None, primary_key=True)
    serial: str = Field(unique=True)
    make: str
    accuracy_c: float
    calibration_expires_at: datetime = Field(sa_type=Instant)
    logging_interval_s: int
    upload_interval_s: int
