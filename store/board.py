"""What the board shows: where shipments stand.

One query for all rows: the number of queries does not grow with the number of shipments.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal

from sqlalchemy import text

from store.database import Session
from store.scope import VISIBLE, Scope

IN_SIGHT = timedelta(hours=24)
"""How long after its delivery a shipment stays on the board, if nothing calls for a human."""

UNDER_WAY = ("in_transit", "released", "planned", "delivered")
"""States that the board shows, what must not be missing first; the others are history."""

ALL_STATES = (*UNDER_WAY, "closed", "cancelled")


@dataclass(frozen=True, slots=True, kw_only=True)
class ShipmentFacts:
    """One shipment as it stands now; what is not known is None.

    `running` is the severity of the worst confirmed excursion that has not ended.
    """

    id: int
    code: str
    therapy_id: str
    therapy_name: str
    state: str
    order_code: str
    profile_sha256: str
    shipper_grai: str
    coi_short: str
    patient_alias: str
    outcome: Literal["within", "possible", "excursion", "indeterminate"] | None
    temp_c: float | None
    measured_at: datetime | None
    received_at: datetime | None
    ambient_c: float | None
    tilt_deg: float | None
    lat: float | None
    lon: float | None
    position_at: datetime | None
    coverage_pct: float | None
    holder_id: str | None
    holder_name: str | None
    owner_id: str | None
    owner_name: str | None
    origin_gln: str
    origin_name: str
    origin_lat: float
    origin_lon: float
    destination_gln: str
    destination_name: str
    destination_lat: float
    destination_lon: float
    planned_pickup_at: datetime
    planned_delivery_at: datetime
    departed_at: datetime | None
    delivered_at: datetime | None
    next_arrival_at: datetime | None
    next_arrival_name: str | None
    has_critical: bool
    has_warning: bool
    running: Literal["warning", "critical"] | None
    is_silent: bool


# Constants only: values are bound.
_SHIPMENTS = (
    """
SELECT s.id, s.code, o.therapy_id, t.name AS therapy_name, s.state, s.order_code,
    s.profile_sha256, s.shipper_grai, o.coi_short, o.patient_alias,
    st.outcome, st.temp_c, st.measured_at, st.received_at, st.ambient_c, st.tilt_deg,
    st.lat, st.lon, st.position_at, st.coverage_pct,
    holder.id AS holder_id, holder.name AS holder_name,
    owner.id AS owner_id, owner.name AS owner_name,
    origin.gln AS origin_gln, origin.name AS origin_name,
    origin.lat AS origin_lat, origin.lon AS origin_lon,
    destination.gln AS destination_gln, destination.name AS destination_name,
    destination.lat AS destination_lat, destination.lon AS destination_lon,
    s.planned_pickup_at, s.planned_delivery_at, s.departed_at, s.delivered_at,
    ahead.planned_arrival_at AS next_arrival_at, ahead.name AS next_arrival_name,
    coalesce(call.has_critical, false) AS has_critical,
    coalesce(call.has_warning, false) AS has_warning,
    coalesce(call.is_silent, false) OR coalesce(st.silent, 0) > 0 AS is_silent,
    (SELECT min(e.severity) FROM excursion e
        WHERE e.shipment_id = s.id AND e.certainty = 'confirmed'
        AND e.withdrawn_at IS NULL AND e.ended_at IS NULL) AS running
FROM shipment s
JOIN treatment_order o ON o.code = s.order_code
JOIN therapy t ON t.id = o.therapy_id
JOIN site origin ON origin.gln = s.origin_gln
JOIN site destination ON destination.gln = s.destination_gln
LEFT JOIN party holder ON holder.id = s.holder_party_id
LEFT JOIN party owner ON owner.id = s.owner_party_id
LEFT JOIN shipment_status st ON st.shipment_id = s.id
LEFT JOIN LATERAL (
    SELECT bool_or(a.severity = 'critical') AS has_critical,
        bool_or(a.severity = 'warning' AND a.kind <> 'silence') AS has_warning,
        bool_or(a.kind = 'silence') AS is_silent
    FROM alert a
    WHERE a.shipment_id = s.id AND a.state <> 'resolved'
) call ON true
LEFT JOIN LATERAL (
    SELECT leg.planned_arrival_at, site.name
    FROM leg JOIN site ON site.gln = leg.to_gln
    WHERE leg.shipment_id = s.id AND leg.planned_arrival_at > :now
    ORDER BY leg.number LIMIT 1
) ahead ON true
WHERE s.state = ANY(CAST(:states AS text[]))
AND (CAST(:codes AS text[]) IS NULL OR s.code = ANY(CAST(:codes AS text[])))
AND s.code > :after
AND (
    s.state <> 'delivered' OR CAST(:delivered_since AS timestamptz) IS NULL
    OR coalesce(s.delivered_at, 'infinity') >= CAST(:delivered_since AS timestamptz)
    OR call.has_critical IS NOT NULL
)
AND """  # noqa: S608 - constants only
    + VISIBLE
    + """
ORDER BY CASE WHEN CAST(:by_state AS boolean)
    THEN array_position(CAST(:states AS text[]), s.state) END, s.code
LIMIT :limit
"""
)


def list_shipments(
    session: Session,
    scope: Scope,
    *,
    now: datetime,
    states: tuple[str, ...] = UNDER_WAY,
    codes: list[str] | None = None,
    after: str = "",
    limit: int = 2000,
    delivered_since: datetime | None = None,
    by_state: bool = False,
) -> list[ShipmentFacts]:
    """Return shipments in scope, by code, one row each.

    `codes` leaves only these; `after` only those behind a code, where the page before ended;
    `delivered_since` leaves out what was delivered before then and no alert is open about.
    `by_state` has the limit cut off the last of `states` first, and orders by them.
    """
    rows = session.connection().execute(
        text(_SHIPMENTS),
        {
            "now": now,
            "states": list(states),
            "codes": codes,
            "after": after,
            "limit": limit,
            "delivered_since": delivered_since,
            "by_state": by_state,
            **scope.parameters(),
        },
    )
    return [ShipmentFacts(**row._mapping) for row in rows]


def list_status_times(session: Session) -> dict[str, datetime]:
    """Return when each shipment under way was last judged anew: code → instant."""
    rows = session.connection().execute(
        text(
            "SELECT s.code, st.updated_at FROM shipment_status st "
            "JOIN shipment s ON s.id = st.shipment_id WHERE s.state = ANY(CAST(:states AS text[]))"
        ),
        {"states": list(UNDER_WAY)},
    )
    return {row[0]: row[1] for row in rows}


def list_profile_documents(session: Session, hashes: set[str]) -> dict[str, bytes]:
    """Return the canonical documents of these profiles by their SHA-256."""
    rows = session.connection().execute(
        text(
            "SELECT sha256, document FROM therapy_profile "
            "WHERE sha256 = ANY(CAST(:hashes AS text[]))"
        ),
        {"hashes": sorted(hashes)},
    )
    return {row[0]: bytes(row[1]) for row in rows}


def list_codes_of_orders(session: Session, orders: set[str]) -> list[str]:
    """Return the codes of these orders' shipments, by code."""
    rows = session.connection().execute(
        text(
            "SELECT code FROM shipment "
            "WHERE order_code = ANY(CAST(:orders AS text[])) ORDER BY code"
        ),
        {"orders": sorted(orders)},
    )
    return list(rows.scalars())
