"""The readings of one leg of a shipment, in the order in which they are sealed, a chunk at a time.

A leg has the readings of the loggers assigned to the shipment, each within its own window and
within the leg. Who asks for them decides what the leg is.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

import numpy as np
from psycopg import sql
from sqlalchemy import text

from schemas.reading import CHANNELS, NO_SEQ, ReadingBatch
from store.chunks import Layout, layout_of_readings
from store.copy_rows import EPOCH_2000_US, HEADER, TRAILER
from store.database import Session, driver

CHUNK_ROWS = 20_000

_WIRE = {
    "logger": ">i4",
    "measured_at": ">i8",
    "received_at": ">i8",
    "seq": ">i8",
    **dict.fromkeys(CHANNELS, ">f8"),
}
_ROW = np.dtype(
    [
        ("fields", ">i2"),
        *(
            part
            for name, kind in _WIRE.items()
            for part in ((f"{name}_length", ">i4"), (name, kind))
        ),
    ]
)
_VALUES = sql.SQL(", ").join(
    sql.SQL("coalesce({}, 'NaN')").format(sql.Identifier(channel)) for channel in CHANNELS
)


@dataclass(frozen=True, slots=True, kw_only=True)
class LegWindow:
    """One logger's readings within a leg: `begin` counts, `until` no longer does."""

    logger_id: int
    serial: str
    begin: datetime
    until: datetime


def windows_of(
    session: Session, shipment_id: int, *, begin: datetime | None, until: datetime
) -> list[LegWindow]:
    """Return the windows of a shipment's loggers that overlap a leg, by the serials' bytes.

    Args:
        session: The transaction.
        shipment_id: The shipment.
        begin: First instant of the leg; None is where each logger's watch begins.
        until: First instant behind the leg.
    """
    rows = session.connection().execute(
        text(
            """
            SELECT assignment.logger_id, logger.serial,
                greatest(assignment.starts_at, CAST(:begin AS timestamptz)) AS begin,
                least(assignment.ends_at, :until) AS until
            FROM assignment
            JOIN logger ON logger.id = assignment.logger_id
            WHERE assignment.shipment_id = :shipment_id
            AND greatest(assignment.starts_at, CAST(:begin AS timestamptz))
                < least(assignment.ends_at, :until)
            ORDER BY logger.serial COLLATE "C", assignment.starts_at
            """
        ),
        {"shipment_id": shipment_id, "begin": begin, "until": until},
    )
    return [LegWindow(**row) for row in rows.mappings()]


def count_readings(session: Session, windows: list[LegWindow]) -> int:
    """Return how many readings lie in these windows; reads the index of readings only."""
    total = 0
    for window in windows:
        found = session.connection().execute(
            text(
                "SELECT count(*) FROM reading WHERE logger_id = :logger_id "
                "AND measured_at >= :begin AND measured_at < :until"
            ),
            {"logger_id": window.logger_id, "begin": window.begin, "until": window.until},
        )
        total += int(found.scalar_one())
    return total


def stream_readings(session: Session, windows: list[LegWindow]) -> Iterator[ReadingBatch]:
    """Yield the readings of these windows by instant and serial, a chunk in memory at a time.

    `logger` of a reading indexes `windows`. The connection is busy until the last chunk is taken.
    """
    if not windows:
        return
    statement = sql.SQL("COPY ({} ORDER BY 2, 1) TO STDOUT (FORMAT binary)").format(
        sql.SQL(" UNION ALL ").join(
            _select(number, window) for number, window in enumerate(windows)
        )
    )
    waiting = bytearray()
    begun = False
    with driver(session).cursor() as cursor, cursor.copy(statement) as copy:
        for piece in copy:
            waiting += piece
            if not begun and len(waiting) >= len(HEADER):
                del waiting[: len(HEADER)]
                begun = True
            if len(waiting) >= CHUNK_ROWS * _ROW.itemsize + len(TRAILER):
                yield _batch(bytes(waiting[: CHUNK_ROWS * _ROW.itemsize]))
                del waiting[: CHUNK_ROWS * _ROW.itemsize]
    if len(waiting) > len(TRAILER):
        yield _batch(bytes(waiting[: -len(TRAILER)]))


def held_since(session: Session) -> datetime | None:
    """Return from when on there is a place for readings; what was earlier, retention dropped.

    None while there is no place at all.
    """
    partitions = layout_of_readings(session) is Layout.PARTITIONS
    found = session.connection().execute(text(_OLDEST_PARTITION if partitions else _OLDEST_CHUNK))
    oldest: datetime | None = found.scalar_one()
    return oldest


_OLDEST_PARTITION = """
    SELECT min(CAST(
        (regexp_match(pg_get_expr(c.relpartbound, c.oid), 'FROM \\(''([^'']+)''\\)'))[1]
        AS timestamptz
    ))
    FROM pg_inherits i
    JOIN pg_class c ON c.oid = i.inhrelid
    WHERE i.inhparent = 'reading'::regclass
"""
_OLDEST_CHUNK = """
    SELECT min(range_start)
    FROM timescaledb_information.chunks
    WHERE hypertable_name = 'reading'
"""


def _select(number: int, window: LegWindow) -> sql.Composed:
    """Return the query of one window; its bounds are literals, so that only its chunks are read."""
    return sql.SQL(
        "SELECT {number}::int4, measured_at, received_at, coalesce(seq, {no_seq}), {values} "
        "FROM reading WHERE logger_id = {logger_id} "
        "AND measured_at >= {begin}::timestamptz AND measured_at < {until}::timestamptz"
    ).format(
        number=sql.Literal(number),
        no_seq=sql.Literal(NO_SEQ),
        values=_VALUES,
        logger_id=sql.Literal(window.logger_id),
        begin=sql.Literal(window.begin.isoformat()),
        until=sql.Literal(window.until.isoformat()),
    )


def _batch(data: bytes) -> ReadingBatch:
    rows = np.frombuffer(data, dtype=_ROW)
    return ReadingBatch(
        logger=rows["logger"].astype(np.int64),
        time_us=rows["measured_at"].astype(np.int64) + EPOCH_2000_US,
        seq=rows["seq"].astype(np.int64),
        received_us=rows["received_at"].astype(np.int64) + EPOCH_2000_US,
        values=np.stack([rows[channel] for channel in CHANNELS], axis=1).astype(np.float64),
    )
