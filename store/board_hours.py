"""The last hours of shipments, as the board draws them: one query for all of them."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import text

from store.database import Session

# One row a shipment, its steps as arrays: a row a step would take longer to fetch than to find.
_SPARKS = """
SELECT shipment_id, array_agg(extract(epoch FROM step_at)::bigint ORDER BY step_at),
    array_agg(low_c ORDER BY step_at), array_agg(high_c ORDER BY step_at)
FROM (
    SELECT a.shipment_id, date_bin(:step, r.measured_at, 'epoch'::timestamptz) AS step_at,
        min(r.temp_c) AS low_c, max(r.temp_c) AS high_c
    FROM assignment a
    JOIN reading r ON r.logger_id = a.logger_id
        AND r.measured_at >= :since AND r.measured_at < :until
        AND r.measured_at >= a.starts_at
        AND (a.ends_at IS NULL OR r.measured_at < a.ends_at)
    WHERE a.shipment_id = ANY(CAST(:shipment_ids AS integer[])) AND r.temp_c IS NOT NULL
    GROUP BY a.shipment_id, step_at
) steps
GROUP BY shipment_id
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Steps:
    """The steps of time that have readings, by time; the three lists are of equal length.

    Attributes:
        start_s: Start of the step, Unix s.
        low_c: Lowest temperature in it, °C.
        high_c: Highest temperature in it, °C.
    """

    start_s: list[int]
    low_c: list[float]
    high_c: list[float]


def list_sparks(
    session: Session,
    shipment_ids: list[int],
    *,
    since: datetime,
    until: datetime,
    step: timedelta,
) -> dict[int, Steps]:
    """Return what each shipment measured in [since, until), in steps of time.

    Returns:
        Shipment id → its steps; shipments without readings are absent.
    """
    rows = session.connection().execute(
        text(_SPARKS),
        {"shipment_ids": shipment_ids, "since": since, "until": until, "step": step},
    )
    return {row[0]: Steps(start_s=row[1], low_c=row[2], high_c=row[3]) for row in rows}
