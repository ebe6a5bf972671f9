"""Excursions, verdicts and the standing of shipments, written after each judgement."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.dialects.postgresql import insert
from sqlmodel import col, select

from schemas.instants import from_us
from schemas.reading import FloatArray, IntArray
from store.copy_rows import stage
from store.database import Session, driver
from store.tables.judgement import Excursion

_GROWING = (
    "severity",
    "certainty",
    "threshold_c",
    "started_at",
    "ended_at",
    "last_at",
    "peak_c",
    "duration_us",
    "unmonitored_us",
    "excess_mc_ms",
    "reading_count",
)


def save_excursions(session: Session, rows: Sequence[dict[str, Any]]) -> None:
    """Write excursions in their form of now; one that is known grows."""
    if not rows:
        return
    statement = insert(Excursion)
    growing = {name: statement.excluded[name] for name in _GROWING}
    session.connection().execute(
        statement.on_conflict_do_update(
            index_elements=["id"], set_={**growing, "withdrawn_at": None}
        ),
        list(rows),
    )


def withdraw_others(
    session: Session, *, shipment_id: int, logger_id: int, keep: Sequence[UUID], at: datetime
) -> int:
    """Mark excursions of one logger on one shipment that its readings no longer show.

    One from before the logger's oldest reading stays: retention dropped what showed it.

    Returns:
        How many were withdrawn.
    """
    result = session.connection().execute(
        text(
            "UPDATE excursion SET withdrawn_at = :at WHERE shipment_id = :shipment "
            "AND logger_id = :logger AND withdrawn_at IS NULL AND NOT id = ANY(:keep) "
            "AND started_at >= (SELECT min(measured_at) FROM reading WHERE logger_id = :logger)"
        ),
        {"at": at, "shipment": shipment_id, "logger": logger_id, "keep": list(keep)},
    )
    return result.rowcount


def standing_excursions(session: Session, shipment_id: int) -> Sequence[Excursion]:
    """Return a shipment's excursions that are not withdrawn, by start."""
    statement = select(Excursion).where(
        Excursion.shipment_id == shipment_id, col(Excursion.withdrawn_at).is_(None)
    )
    return session.exec(statement.order_by(col(Excursion.started_at))).all()


def count_excursions(session: Session, shipment_ids: Sequence[int]) -> dict[int, tuple[int, int]]:
    """Return how many confirmed and possible excursions each shipment has; 0, 0 left out."""
    rows = session.connection().execute(
        text(
            "SELECT shipment_id, count(*) FILTER (WHERE certainty = 'confirmed'), "
            "count(*) FILTER (WHERE certainty = 'possible') FROM excursion "
            "WHERE shipment_id = ANY(:ids) AND withdrawn_at IS NULL GROUP BY shipment_id"
        ),
        {"ids": list(shipment_ids)},
    )
    return {row[0]: (row[1], row[2]) for row in rows}


@dataclass(frozen=True, slots=True, kw_only=True)
class NewVerdict:
    """A version of a shipment's verdict, to be kept for good.

    Attributes:
        document: As `alerts.verdict.Verdict.document` writes it.
        as_of_us: The moment it speaks of, microseconds since 1970 UTC.
    """

    shipment_id: int
    version: int
    document: dict[str, int | str]
    as_of_us: int


def add_verdicts(session: Session, verdicts: Sequence[NewVerdict], *, now: datetime) -> None:
    """Keep new versions of verdicts; earlier ones stay."""
    if not verdicts:
        return
    statement = (
        "COPY verdict (shipment_id, version, outcome, document, as_of, created_at) FROM STDIN"
    )
    with driver(session).cursor() as cursor, cursor.copy(statement) as copy:
        for new in verdicts:
            copy.write_row(
                (
                    new.shipment_id,
                    new.version,
                    new.document["outcome"],
                    json.dumps(new.document),
                    from_us(new.as_of_us),
                    now,
                )
            )


OUTCOMES = ("within", "possible", "indeterminate", "excursion")
"""Outcomes by the number that stands for them in columns."""


@dataclass(frozen=True, slots=True, kw_only=True)
class StatusColumns:
    """Where p shipments stand, shape (p,) each.

    Instants are microseconds since 1970 UTC, `NEVER_US` where a shipment said nothing of it;
    numbers that it did not say are NaN. `outcome` indexes `OUTCOMES`.
    """

    shipment_id: IntArray
    measured_at: IntArray
    received_at: IntArray
    temp_c: FloatArray
    ambient_c: FloatArray
    tilt_deg: FloatArray
    lat: FloatArray
    lon: FloatArray
    position_at: IntArray
    outcome: IntArray
    verdict_version: IntArray
    coverage_pct: FloatArray
    longest_gap_s: FloatArray
    received: IntArray
    expected: IntArray
    confirmed: IntArray
    possible: IntArray
    judged_until: IntArray


_INSTANTS = ("measured_at", "received_at", "position_at", "judged_until")
_NUMBERS = ("temp_c", "ambient_c", "tilt_deg", "lat", "lon", "coverage_pct", "longest_gap_s")
_NEWEST = ("temp_c", "ambient_c", "tilt_deg")
_PLACED = ("lat", "lon")
_COUNTS = ("verdict_version", "received", "expected", "confirmed", "possible")


def _type_of(name: str) -> str:
    if name in _INSTANTS:
        return "timestamptz"
    return "float8" if name in _NUMBERS else "int4"


def _newer(names: tuple[str, ...], clock: str) -> list[str]:
    """Return assignments that take a value only with a newer instant, and only where it is told."""
    newer = f"v.{clock} >= coalesce(t.{clock}, '-infinity')"
    return [
        f"{name} = CASE WHEN {newer} THEN coalesce(nullif(v.{name}, 'NaN'), t.{name}) "
        f"ELSE t.{name} END"
        for name in names
    ]


def _status_statement() -> str:
    sets = _newer(_NEWEST, "measured_at") + _newer(_PLACED, "position_at")
    sets += [
        f"{name} = greatest(t.{name}, nullif(v.{name}, '-infinity'))"
        for name in ("measured_at", "position_at", "received_at")
    ]
    sets += [f"{name} = v.{name}" for name in (*_COUNTS, "coverage_pct", "longest_gap_s")]
    sets += [
        "judged_until = nullif(v.judged_until, '-infinity')",
        f"outcome = (ARRAY{list(OUTCOMES)})[v.outcome + 1]",
        "due = false",
        "try_after = NULL",
        "updated_at = clock_timestamp()",
    ]
    return (
        f"UPDATE shipment_status t SET {', '.join(sets)} "  # noqa: S608 - built of constants
        "FROM incoming_standing v WHERE t.shipment_id = v.shipment_id"
    )


_UPDATE_STATUS = _status_statement()


def save_standings(session: Session, columns: StatusColumns) -> None:
    """Write where shipments stand now. The newest reading wins, whenever it arrived."""
    connection = driver(session)
    names = StatusColumns.__dataclass_fields__
    stage(
        connection,
        "incoming_standing",
        {name: (_type_of(name), getattr(columns, name)) for name in names},
    )
    connection.execute(_UPDATE_STATUS)
