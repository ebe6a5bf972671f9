"""Shipments as far as the legs of their watch depend on them."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Row, text

from store.database import Session


@dataclass(frozen=True, slots=True, kw_only=True)
class WatchedRow:
    """A shipment, as far as its legs depend on it; see `custody.legs.WatchedShipment`."""

    id: int
    code: str
    order_code: str
    destination_party_id: str | None
    watched_from: datetime | None
    delivered_at: datetime | None


_WATCHED = """
    SELECT shipment.id, shipment.code, order_code, site.party_id AS destination_party_id,
        (SELECT min(starts_at) FROM assignment WHERE shipment_id = shipment.id) AS watched_from,
        delivered_at
    FROM shipment
    LEFT JOIN site ON site.gln = shipment.destination_gln
"""


def list_watched(session: Session, order_code: str) -> list[WatchedRow]:
    """Return an order's shipments, by code."""
    rows = _rows(
        session, f"{_WATCHED} WHERE order_code = :order_code ORDER BY code", order_code=order_code
    )
    return [WatchedRow(**row._mapping) for row in rows]


def find_watched(session: Session, code: str) -> WatchedRow | None:
    """Return a shipment, None when there is none of this code."""
    rows = _rows(session, f"{_WATCHED} WHERE shipment.code = :code", code=code)
    return WatchedRow(**rows[0]._mapping) if rows else None


def get_watched(session: Session, shipment_id: int) -> WatchedRow:
    """Return the shipment of a leg; it is there, for the database keeps it."""
    (row,) = _rows(session, f"{_WATCHED} WHERE shipment.id = :id", id=shipment_id)
    return WatchedRow(**row._mapping)


def _rows(session: Session, query: str, **values: object) -> list[Row[Any]]:
    return list(session.connection().execute(text(query), values))
