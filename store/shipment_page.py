"""What one shipment's page shows beyond its row on the board."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import text

from store.database import Session


@dataclass(frozen=True, slots=True, kw_only=True)
class WatchFacts:
    """A logger that watches the shipment, and when it was last heard of."""

    logger_id: int
    serial: str
    make: str
    accuracy_c: float
    calibration_expires_at: datetime
    logging_interval_s: int
    upload_interval_s: int
    starts_at: datetime
    ends_at: datetime | None
    last_seen_at: datetime | None


def list_watches(session: Session, shipment_id: int) -> list[WatchFacts]:
    """Return the loggers that watch a shipment, by start and serial."""
    rows = session.connection().execute(
        text(
            "SELECT l.id AS logger_id, l.serial, l.make, l.accuracy_c, l.calibration_expires_at, "
            "l.logging_interval_s, l.upload_interval_s, a.starts_at, a.ends_at, "
            "(SELECT max(r.measured_at) FROM reading r WHERE r.logger_id = l.id "
            "AND r.measured_at >= a.starts_at "
            "AND (a.ends_at IS NULL OR r.measured_at < a.ends_at)) AS last_seen_at "
            "FROM assignment a JOIN logger l ON l.id = a.logger_id "
            "WHERE a.shipment_id = :shipment_id ORDER BY a.starts_at, l.serial"
        ),
        {"shipment_id": shipment_id},
    )
    return [WatchFacts(**row._mapping) for row in rows]


@dataclass(frozen=True, slots=True, kw_only=True)
class LegFacts:
    """One carrier's part of the way, with names."""

    number: int
    carrier_party_id: str
    carrier_name: str
    from_gln: str
    from_name: str
    to_gln: str
    to_name: str
    mode: str
    planned_departure_at: datetime
    planned_arrival_at: datetime


def list_legs(session: Session, shipment_id: int) -> list[LegFacts]:
    """Return a shipment's legs, by number."""
    rows = session.connection().execute(
        text(
            "SELECT leg.number, leg.carrier_party_id, p.name AS carrier_name, leg.from_gln, "
            "f.name AS from_name, leg.to_gln, t.name AS to_name, leg.mode, "
            "leg.planned_departure_at, leg.planned_arrival_at "
            "FROM leg JOIN party p ON p.id = leg.carrier_party_id "
            "JOIN site f ON f.gln = leg.from_gln JOIN site t ON t.gln = leg.to_gln "
            "WHERE leg.shipment_id = :shipment_id ORDER BY leg.number"
        ),
        {"shipment_id": shipment_id},
    )
    return [LegFacts(**row._mapping) for row in rows]


@dataclass(frozen=True, slots=True, kw_only=True)
class ExcursionFacts:
    """One excursion as it is known now; `ended_at` is None while it runs."""

    id: UUID
    serial: str
    rule_id: str
    severity: str
    certainty: str
    side: str
    limit_c: float
    threshold_c: float
    accuracy_c: float
    started_at: datetime
    ended_at: datetime | None
    last_at: datetime
    peak_c: float
    duration_us: int
    unmonitored_us: int
    excess_mc_ms: int
    reading_count: int


def list_excursions(session: Session, shipment_id: int) -> list[ExcursionFacts]:
    """Return a shipment's excursions that were not withdrawn, by start."""
    rows = session.connection().execute(
        text(
            "SELECT e.id, l.serial, e.rule_id, e.severity, e.certainty, e.side, e.limit_c, "
            "e.threshold_c, e.accuracy_c, e.started_at, e.ended_at, e.last_at, e.peak_c, "
            "e.duration_us, e.unmonitored_us, e.excess_mc_ms, e.reading_count "
            "FROM excursion e JOIN logger l ON l.id = e.logger_id "
            "WHERE e.shipment_id = :shipment_id AND e.withdrawn_at IS NULL "
            "ORDER BY e.started_at, e.id"
        ),
        {"shipment_id": shipment_id},
    )
    return [ExcursionFacts(**row._mapping) for row in rows]


@dataclass(frozen=True, slots=True, kw_only=True)
class VerdictFacts:
    """One version of a shipment's judgement; `document` is what was known then."""

    version: int
    outcome: str
    document: dict[str, Any]
    as_of: datetime
    created_at: datetime


def list_verdicts(session: Session, shipment_id: int) -> list[VerdictFacts]:
    """Return all versions of a shipment's judgement, newest first."""
    rows = session.connection().execute(
        text(
            "SELECT version, outcome, document, as_of, created_at FROM verdict "
            "WHERE shipment_id = :shipment_id ORDER BY version DESC"
        ),
        {"shipment_id": shipment_id},
    )
    return [VerdictFacts(**row._mapping) for row in rows]


@dataclass(frozen=True, slots=True, kw_only=True)
class ShipperFacts:
    """The qualified container of a shipment."""

    grai: str
    kind: str
    qualified_hold_h: float
    conditioned_at: datetime
    requalify_by: datetime


def get_shipper(session: Session, shipment_id: int) -> ShipperFacts:
    """Return the container of a shipment that is there."""
    row = session.connection().execute(
        text(
            "SELECT p.grai, p.kind, p.qualified_hold_h, p.conditioned_at, p.requalify_by "
            "FROM shipper p JOIN shipment s ON s.shipper_grai = p.grai WHERE s.id = :shipment_id"
        ),
        {"shipment_id": shipment_id},
    )
    return ShipperFacts(**row.one()._mapping)


def list_gaps(
    session: Session, shipment_id: int, *, longer_than_s: int, until: datetime
) -> list[tuple[datetime, datetime]]:
    """Return when no logger of a shipment said anything for too long, by start.

    From departure (else from the start of the first assignment) to delivery, else `until`.
    """
    rows = session.connection().execute(
        text(
            """
            WITH watched AS (
                SELECT a.logger_id, greatest(a.starts_at, s.departed_at) AS starts_at,
                    least(coalesce(a.ends_at, s.delivered_at, :until),
                        coalesce(s.delivered_at, :until)) AS ends_at
                FROM assignment a JOIN shipment s ON s.id = a.shipment_id
                WHERE s.id = :shipment_id
            ), said AS (
                SELECT r.measured_at AS at FROM watched w
                JOIN reading r ON r.logger_id = w.logger_id
                    AND r.measured_at >= w.starts_at AND r.measured_at < w.ends_at
                UNION SELECT min(starts_at) FROM watched
                UNION SELECT max(ends_at) FROM watched
            ), pairs AS (
                SELECT at, lead(at) OVER (ORDER BY at) AS then_at FROM said
            )
            SELECT at, then_at FROM pairs
            WHERE then_at - at > make_interval(secs => :longer_than_s)
            ORDER BY at
            """
        ),
        {"shipment_id": shipment_id, "longer_than_s": longer_than_s, "until": until},
    )
    return [(row[0], row[1]) for row in rows]


@dataclass(frozen=True, slots=True, kw_only=True)
class StandingFacts:
    """What is counted about a shipment's readings so far; None before the first judgement.

    `late` counts readings that came later than their logger's upload allows for: more than one
    logging and one upload interval after they were measured.
    """

    verdict_version: int
    outcome: str | None
    coverage_pct: float | None
    longest_gap_s: float | None
    received: int
    expected: int
    late: int
    updated_at: datetime


def find_standing(session: Session, shipment_id: int) -> StandingFacts | None:
    """Return what is counted about a shipment's readings, None when it has no standing yet."""
    row = (
        session.connection()
        .execute(
            text(
                "SELECT verdict_version, outcome, coverage_pct, longest_gap_s, received, expected, "
                "(SELECT count(*) FROM assignment a JOIN logger l ON l.id = a.logger_id "
                "JOIN reading r ON r.logger_id = a.logger_id AND r.measured_at >= a.starts_at "
                "AND (a.ends_at IS NULL OR r.measured_at < a.ends_at) "
                "WHERE a.shipment_id = :shipment_id AND r.received_at - r.measured_at > "
                "make_interval(secs => l.logging_interval_s + l.upload_interval_s)) AS late, "
                "updated_at FROM shipment_status WHERE shipment_id = :shipment_id"
            ),
            {"shipment_id": shipment_id},
        )
        .one_or_none()
    )
    return None if row is None else StandingFacts(**row._mapping)
