"""What is needed to tell which loggers of shipments under way have gone silent."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import text

from store.database import Session


@dataclass(frozen=True, slots=True, kw_only=True)
class Underway:
    """A shipment in transit and when it was last heard.

    Attributes:
        heard_at: Newest arrival of a reading; without any, when its loggers should have begun.
        silent: Misses in a row already known.
    """

    shipment_id: int
    code: str
    profile_sha256: str
    heard_at: datetime
    silent: int


def list_underway(session: Session) -> list[Underway]:
    """Return every shipment in transit that has a logger, by id."""
    rows = session.connection().execute(
        text(
            "SELECT s.id, s.code, s.profile_sha256, "
            "coalesce(t.received_at, greatest(min(a.starts_at), s.departed_at)), t.silent "
            "FROM shipment s JOIN shipment_status t ON t.shipment_id = s.id "
            "JOIN assignment a ON a.shipment_id = s.id WHERE s.state = 'in_transit' "
            "GROUP BY s.id, t.shipment_id ORDER BY s.id"
        )
    )
    return [
        Underway(shipment_id=row[0], code=row[1], profile_sha256=row[2], heard_at=row[3],
                 silent=row[4])
        for row in rows
    ]  # fmt: skip


def planned_quiet(session: Session) -> list[tuple[int, datetime, datetime]]:
    """Return shipment, start and end of each flight of shipments in transit."""
    rows = session.connection().execute(
        text(
            "SELECT l.shipment_id, l.planned_departure_at, l.planned_arrival_at FROM leg l "
            "JOIN shipment s ON s.id = l.shipment_id "
            "WHERE s.state = 'in_transit' AND l.mode = 'air'"
        )
    )
    return [(row[0], row[1], row[2]) for row in rows]


def set_silent(session: Session, shipment_id: int, misses: int) -> None:
    """Write down how many calls of a shipment did not come."""
    session.connection().execute(
        text(
            "UPDATE shipment_status SET silent = :misses, updated_at = clock_timestamp() "
            "WHERE shipment_id = :id"
        ),
        {"id": shipment_id, "misses": misses},
    )
