"""Excursions, verdicts and the standing of shipments, written after each judgement."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.dialects.postgresql import insert

from store.database import Session
from store.tables.judgement import Excursion, Verdict

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

    Returns:
        How many were withdrawn.
    """
    result = session.connection().execute(
        text(
            "UPDATE excursion SET withdrawn_at = :at WHERE shipment_id = :shipment "
            "AND logger_id = :logger AND withdrawn_at IS NULL AND NOT id = ANY(:keep)"
        ),
        {"at": at, "shipment": shipment_id, "logger": logger_id, "keep": list(keep)},
    )
    return result.rowcount


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


def add_verdict(
    session: Session,
    *,
    shipment_id: int,
    version: int,
    document: dict[str, object],
    as_of: datetime,
    now: datetime,
) -> None:
    """Keep a new version of a shipment's verdict; earlier ones stay."""
    session.add(
        Verdict(
            shipment_id=shipment_id,
            version=version,
            outcome=str(document["outcome"]),
            document=document,
            as_of=as_of,
            created_at=now,
        )
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class StatusColumns:
    """What is new about many shipments, as columns; None where a shipment said nothing of it."""

    shipment_id: list[int]
    measured_at: list[datetime | None]
    received_at: list[datetime | None]
    temp_c: list[float | None]
    ambient_c: list[float | None]
    tilt_deg: list[float | None]
    lat: list[float | None]
    lon: list[float | None]
    position_at: list[datetime | None]
    outcome: list[str]
    verdict_version: list[int]
    coverage_pct: list[float]
    longest_gap_s: list[float]
    received: list[int]
    expected: list[int]
    confirmed: list[int]
    possible: list[int]
    judged_until: list[datetime | None]


_STATUS_TYPES = {
    "shipment_id": "int",
    "measured_at": "timestamptz",
    "received_at": "timestamptz",
    "position_at": "timestamptz",
    "judged_until": "timestamptz",
    "outcome": "text",
    "verdict_version": "int",
    "received": "int",
    "expected": "int",
    "confirmed": "int",
    "possible": "int",
}
_NEWEST = ("temp_c", "ambient_c", "tilt_deg")
_ALWAYS = (
    "outcome",
    "verdict_version",
    "coverage_pct",
    "longest_gap_s",
    "received",
    "expected",
    "confirmed",
    "possible",
    "judged_until",
)


def _status_statement() -> str:
    names = list(StatusColumns.__dataclass_fields__)
    arrays = ", ".join(f"CAST(:{name} AS {_STATUS_TYPES.get(name, 'float8')}[])" for name in names)
    newest = "coalesce(v.measured_at, '-infinity') >= coalesce(t.measured_at, '-infinity')"
    placed = "coalesce(v.position_at, '-infinity') >= coalesce(t.position_at, '-infinity')"
    sets = [
        f"{name} = CASE WHEN {newest} THEN coalesce(v.{name}, t.{name}) ELSE t.{name} END"
        for name in _NEWEST
    ]
    sets += [
        f"{name} = CASE WHEN {placed} THEN coalesce(v.{name}, t.{name}) ELSE t.{name} END"
        for name in ("lat", "lon")
    ]
    sets += [
        f"{name} = greatest(t.{name}, v.{name})"
        for name in ("measured_at", "position_at", "received_at")
    ]
    sets += [f"{name} = v.{name}" for name in _ALWAYS]
    sets += ["due = false", "updated_at = clock_timestamp()"]
    return (
        f"UPDATE shipment_status t SET {', '.join(sets)} "  # noqa: S608 - built of constants
        f"FROM unnest({arrays}) AS v({', '.join(names)}) WHERE t.shipment_id = v.shipment_id"
    )


_UPDATE_STATUS = text(_status_statement())


def save_standings(session: Session, columns: StatusColumns) -> None:
    """Write where shipments stand now. The newest reading wins, whenever it arrived."""
    session.connection().execute(_UPDATE_STATUS, asdict(columns))
