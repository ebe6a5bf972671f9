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
        underway: Whether it is in transit still.
    """

    shipment_id: int
    code: str
    profile_sha256: str
    heard_at: datetime
    silent: int
    underway: bool


def list_unheard(session: Session, *, since: datetime) -> list[Underway]:
    """Return shipments in transit with a logger and not heard since then, or known as silent.

    Those known as silent are returned even when they have arrived meanwhile: `underway` tells.
    """
    rows = session.connection().execute(
        text(
            "SELECT s.id, s.code, s.profile_sha256, "
            "coalesce(t.received_at, greatest(min(a.starts_at), s.departed_at)), t.silent, "
            "s.state = 'in_transit' FROM shipment s "
            "JOIN shipment_status t ON t.shipment_id = s.id "
            "JOIN assignment a ON a.shipment_id = s.id "
            "WHERE t.silent > 0 OR s.state = 'in_transit' "
            "AND (t.received_at IS NULL OR t.received_at < :since) "
            "GROUP BY s.id, t.shipment_id ORDER BY s.id"
        ),
        {"since": since},
    )
    return [
        Underway(
            shipment_id=row[0],
            code=row[1],
            profile_sha256=row[2],
            heard_at=row[3],
            silent=row[4],
            underway=row[5],
        )
        for row in rows
    ]


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
