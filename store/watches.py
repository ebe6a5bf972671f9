"""Which logger watches which shipment, and where detection stands: read under lock."""

import struct
from collections.abc import Sequence
from datetime import datetime
from typing import Any, LiteralString, NamedTuple

from psycopg import pq
from psycopg.abc import Buffer
from psycopg.adapt import Loader
from sqlalchemy import text

from store.copy_rows import EPOCH_2000_US, create, write
from store.database import Session, driver


class Watch(NamedTuple):
    """One logger on one shipment, over the window in which its readings count.

    Attributes:
        begin_us: From when the logger watches, microseconds since 1970 UTC.
        end_us: Until when: end of the assignment or delivery, whichever is first; None while
            it runs.
        state: Carried state of the detector, None when nothing was judged yet.
    """

    shipment_id: int
    shipment_code: str
    logger_id: int
    serial: str
    begin_us: int
    end_us: int | None
    profile_sha256: str
    accuracy_c: float
    state: bytes | None


class Standing(NamedTuple):
    """Where a shipment stood before this judgement.

    Attributes:
        confirmed: Confirmed excursions. `possible`: possible ones.
        outcome: Of the last verdict, None before the first. `version`: its number.
        delivered_us: End of the window that judgement covers, microseconds; None while it runs.
    """

    shipment_id: int
    confirmed: int
    possible: int
    outcome: str | None
    version: int
    delivered_us: int | None


_LOCK_BY_LOGGERS = (
    "SELECT t.shipment_id, t.confirmed, t.possible, t.outcome, t.verdict_version, s.delivered_at "
    "FROM shipment_status t JOIN shipment s ON s.id = t.shipment_id WHERE t.shipment_id IN "
    "(SELECT shipment_id FROM assignment WHERE logger_id = ANY(%s::int[]) "
    "AND starts_at <= %s AND coalesce(ends_at, 'infinity') > %s) "
    "ORDER BY t.shipment_id FOR UPDATE OF t"
)
_LOCK_SHIPMENTS = (
    "SELECT t.shipment_id, t.confirmed, t.possible, t.outcome, t.verdict_version, s.delivered_at "
    "FROM shipment_status t JOIN shipment s ON s.id = t.shipment_id "
    "WHERE t.shipment_id = ANY(%s::int[]) ORDER BY t.shipment_id FOR UPDATE OF t"
)
_WATCHES = (
    "SELECT a.shipment_id, s.code, a.logger_id, l.serial, a.starts_at, "
    "least(a.ends_at, s.delivered_at), s.profile_sha256, l.accuracy_c, d.state "
    "FROM assignment a JOIN shipment s ON s.id = a.shipment_id "
    "JOIN logger l ON l.id = a.logger_id LEFT JOIN detector_state d "
    "ON d.shipment_id = a.shipment_id AND d.logger_id = a.logger_id "
    "WHERE a.shipment_id = ANY(%s::int[]) ORDER BY a.shipment_id, a.starts_at, a.id"
)


class Span(NamedTuple):
    """From the earliest to the latest instant of some readings, both included."""

    earliest: datetime
    latest: datetime


def lock_by_loggers(session: Session, logger_ids: Sequence[int], span: Span) -> list[Standing]:
    """Lock and return every shipment that these loggers watched at some time of a span, by id.

    What they watched before and after is no concern of readings of that span. Locks are taken in
    the order of shipment ids, so any number of ingest workers is safe.
    """
    rows = _fetch(session, _LOCK_BY_LOGGERS, logger_ids, span.latest, span.earliest)
    return [Standing._make(row) for row in rows]


def lock_shipments(session: Session, shipment_ids: Sequence[int]) -> list[Standing]:
    """Lock and return shipments, by id."""
    return [Standing._make(row) for row in _fetch(session, _LOCK_SHIPMENTS, shipment_ids)]


def watches_of(session: Session, shipment_ids: Sequence[int]) -> list[Watch]:
    """Return all watches of these shipments, by shipment and start. Lock the shipments first."""
    return [Watch._make(row) for row in _fetch(session, _WATCHES, shipment_ids)]


class _Microseconds(Loader):
    """Reads an instant as microseconds since 1970 UTC: a batch reads thousands."""

    format = pq.Format.BINARY

    def load(self, data: Buffer) -> int:
        return int.from_bytes(bytes(data), "big", signed=True) + EPOCH_2000_US


def _fetch(
    session: Session, statement: LiteralString, ids: Sequence[int], *more: datetime
) -> list[Any]:
    with driver(session).cursor(binary=True) as cursor:
        cursor.adapters.register_loader("timestamptz", _Microseconds)
        # The array as text: binding a list converts it element by element, in Python.
        cursor.execute(statement, ("{" + ",".join(map(str, ids)) + "}", *more))
        return cursor.fetchall()


_STATE_ROW = struct.Struct(">hiiiii")


def save_states(session: Session, watches: Sequence[Watch], states: Sequence[bytes]) -> None:
    """Write the carried state of each watch."""
    connection = driver(session)
    types = {"shipment_id": "int4", "logger_id": "int4", "state": "bytea"}
    create(connection, "incoming_state", types)
    rows = [
        _STATE_ROW.pack(3, 4, watch.shipment_id, 4, watch.logger_id, len(state)) + state
        for watch, state in zip(watches, states, strict=True)
    ]
    write(connection, "incoming_state", list(types), rows)
    connection.execute(
        "INSERT INTO detector_state (shipment_id, logger_id, state) "
        "SELECT shipment_id, logger_id, state FROM incoming_state "
        "ON CONFLICT (shipment_id, logger_id) DO UPDATE SET state = excluded.state"
    )


def list_due(session: Session, limit: int = 200) -> list[int]:
    """Return shipments to be judged again from their readings: marked so, or whose window moved.

    One whose judgement failed comes after its pause and after all others.
    """
    rows = session.connection().execute(
        text(
            "SELECT t.shipment_id FROM shipment_status t JOIN shipment s ON s.id = t.shipment_id "
            "WHERE (t.due OR t.judged_until IS DISTINCT FROM s.delivered_at) "
            "AND (t.try_after IS NULL OR t.try_after <= now()) "
            "ORDER BY t.try_after NULLS FIRST, t.shipment_id LIMIT :limit"
        ),
        {"limit": limit},
    )
    return list(rows.scalars())


def put_off(session: Session, shipment_id: int, *, seconds: int = 60) -> None:
    """Have a shipment whose judgement failed wait, so that it takes no other's turn."""
    session.connection().execute(
        text(
            "UPDATE shipment_status SET try_after = now() + make_interval(secs => :seconds) "
            "WHERE shipment_id = :id"
        ),
        {"id": shipment_id, "seconds": seconds},
    )


def mark_due(session: Session, logger_ids: Sequence[int], span: Span) -> None:
    """Have what these loggers watched in a span judged again, soon, from stored readings."""
    session.connection().execute(
        text(
            "UPDATE shipment_status SET due = true WHERE shipment_id IN "
            "(SELECT shipment_id FROM assignment WHERE logger_id = ANY(:ids) "
            "AND starts_at <= :latest AND coalesce(ends_at, 'infinity') > :earliest)"
        ),
        {"ids": list(logger_ids), "earliest": span.earliest, "latest": span.latest},
    )
