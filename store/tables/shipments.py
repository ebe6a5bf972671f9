"""Shipments, their legs, and which logger watches which shipment from when until when."""

from datetime import datetime
from enum import StrEnum

from sqlmodel import Field, SQLModel

from store.tables.instant import Instant


class ShipmentState(StrEnum):
    """`planned → released → in_transit → delivered → closed`, or `cancelled`."""

    PLANNED = "planned"
    RELEASED = "released"
    IN_TRANSIT = "in_transit"
    DELIVERED = "delivered"
    CLOSED = "closed"
    CANCELLED = "cancelled"


class Shipment(SQLModel, table=True):
    """One transport of an order's items between two sites in one shipper.

    `holder_party_id`, `owner_party_id`, `state`, `departed_at` and `delivered_at` are projections
    of the custody ledger, written only by it.
    """

    id: int | None = Field(default=None, primary_key=True)
    code: str = Field(unique=True)
    order_code: str = Field(foreign_key="treatment_order.code", index=True)
    profile_sha256: str = Field(foreign_key="therapy_profile.sha256")
    shipper_grai: str = Field(foreign_key="shipper.grai")
    origin_gln: str = Field(foreign_key="site.gln")
    destination_gln: str = Field(foreign_key="site.gln")
    state: str = Field(default=ShipmentState.PLANNED)
    planned_pickup_at: datetime = Field(sa_type=Instant)
    planned_delivery_at: datetime = Field(sa_type=Instant)
    departed_at: datetime | None = Field(default=None, sa_type=Instant)
    delivered_at: datetime | None = Field(default=None, sa_type=Instant)
    holder_party_id: str | None = Field(default=None, foreign_key="party.id")
    owner_party_id: str | None = Field(default=None, foreign_key="party.id")


class Leg(SQLModel, table=True):
    """One carrier's part of a shipment, numbered from 1.

    `mode` is `road` or `air`; between planned departure and arrival of a flight loggers are quiet.
    """

    shipment_id: int = Field(primary_key=True, foreign_key="shipment.id")
    number: int = Field(primary_key=True)
    carrier_party_id: str = Field(foreign_key="party.id")
    from_gln: str = Field(foreign_key="site.gln")
    to_gln: str = Field(foreign_key="site.gln")
    mode: str = "road"
    planned_departure_at: datetime = Field(sa_type=Instant)
    planned_arrival_at: datetime = Field(sa_type=Instant)


class Assignment(SQLModel, table=True):
    """A logger watches a shipment from `starts_at` until `ends_at` (open: until told otherwise).

    The database refuses two assignments of one logger that overlap.
    """

    id: int | None = Field(default=None, primary_key=True)
    logger_id: int = Field(foreign_key="logger.id", index=True)
    shipment_id: int = Field(foreign_key="shipment.id", index=True)
    starts_at: datetime = Field(sa_type=Instant)
    ends_at: datetime | None = Field(default=None, sa_type=Instant)
