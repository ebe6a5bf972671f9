"""Readings in and out of the database, in written SQL; they never pass through an ORM."""

from dataclasses import dataclass
from datetime import datetime
from typing import cast

import numpy as np
import psycopg
from psycopg import sql
from sqlalchemy import text

from schemas.errors import ConservationError
from schemas.instants import from_us, to_us
from schemas.reading import CHANNELS, NO_SEQ, FloatArray, IntArray, ReadingBatch
from store.copy_binary import COLUMNS, encode
from store.copy_rows import Connection
from store.database import Session, driver

_COLUMN_LIST = sql.SQL(", ").join(map(sql.Identifier, COLUMNS))
_STORED = sql.SQL(", ").join(sql.SQL("r.{}").format(sql.Identifier(c)) for c in CHANNELS)
_SAME = sql.SQL(" AND ").join(
    sql.SQL("i.{0} IS NOT DISTINCT FROM r.{0}").format(sql.Identifier(c)) for c in CHANNELS
)


Key = tuple[int, int]
"""`logger.id` and instant in microseconds since 1970 UTC."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Inserted:
    """What became of a batch, one flag a row of it.

    Attributes:
        new: Stored now, shape (n,).
        conflict: Another reading of this logger and instant, with other values, was stored
            before and stays, shape (n,).
    """

    new: np.ndarray
    conflict: np.ndarray

    @property
    def duplicates(self) -> int:
        """How many rows were known already, with the same values."""
        return int(len(self.new) - self.new.sum() - self.conflict.sum())


def insert_new(session: Session, batch: ReadingBatch, logger_ids: IntArray) -> Inserted:
    """Store what is not stored yet; the order of rows and repetition change nothing.

    Straight COPY into the table is tried first, under a savepoint: it is twice as fast as staging.
    It fails as a whole when one reading is known, and then the rows go through a temporary table.

    Args:
        session: The transaction to work in.
        batch: Readings in any order; (logger, time) may repeat.
        logger_ids: `logger.id` of each row, shape (n,).

    Raises:
        ConservationError: Rows are not accounted for; nothing of the transaction may be committed.
    """
    first, contradicts_first = _first_of_each(batch, logger_ids)
    rows = np.flatnonzero(first)
    once, ids = batch.take(rows), logger_ids[rows]
    connection = driver(session)
    new = np.zeros(len(batch), dtype=bool)
    if _copy_straight(connection, once, ids):
        new[rows] = True
        return Inserted(new=new, conflict=contradicts_first)
    new[rows], stored = _insert_staged(connection, once, ids)
    conflict = contradicts_first
    for row in range(len(batch)) if stored else ():
        other = stored.get((int(logger_ids[row]), int(batch.time_us[row])))
        if other is not None:  # the first of this instant was stored before, with other values
            conflict[row] = not np.array_equal(other, batch.values[row], equal_nan=True)
    return Inserted(new=new, conflict=conflict & ~new)


def _first_of_each(batch: ReadingBatch, logger_ids: IntArray) -> tuple[np.ndarray, np.ndarray]:
    """Mark the first row of each (logger, time), and later rows that contradict it."""
    order = np.lexsort((batch.time_us, logger_ids))
    same_key = np.zeros(len(batch), dtype=bool)
    same_key[1:] = (np.diff(logger_ids[order]) == 0) & (np.diff(batch.time_us[order]) == 0)
    first = np.empty(len(batch), dtype=bool)
    first[order] = ~same_key
    conflict = np.zeros(len(batch), dtype=bool)
    if same_key.any():
        leader = np.maximum.accumulate(np.where(same_key, 0, np.arange(len(batch))))
        mine, theirs = batch.values[order], batch.values[order[leader]]
        equal = ((mine == theirs) | (np.isnan(mine) & np.isnan(theirs))).all(axis=1)
        conflict[order] = same_key & ~equal
    return first, conflict


def _copy_straight(connection: Connection, batch: ReadingBatch, ids: IntArray) -> bool:
    statement = sql.SQL("COPY reading ({}) FROM STDIN (FORMAT binary)").format(_COLUMN_LIST)
    try:
        with (
            connection.transaction(),
            connection.cursor() as cursor,
            cursor.copy(statement) as copy,
        ):
            for piece in encode(batch, ids):
                copy.write(piece)
    except psycopg.errors.UniqueViolation:
        return False
    return True


def _stage(connection: Connection, batch: ReadingBatch, ids: IntArray) -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "CREATE TEMPORARY TABLE IF NOT EXISTS incoming (LIKE reading) ON COMMIT DELETE ROWS"
        )
        cursor.execute("DELETE FROM incoming")
        statement = sql.SQL("COPY incoming ({}) FROM STDIN (FORMAT binary)").format(_COLUMN_LIST)
        with cursor.copy(statement) as copy:
            for piece in encode(batch, ids):
                copy.write(piece)


def _insert_staged(
    connection: Connection, batch: ReadingBatch, ids: IntArray
) -> tuple[np.ndarray, dict[Key, FloatArray]]:
    """Return which rows are new, and what is stored where a row contradicts it."""
    _stage(connection, batch, ids)
    with connection.cursor(binary=True) as cursor:
        cursor.execute(
            sql.SQL(
                "INSERT INTO reading ({0}) SELECT {0} FROM incoming "
                "ON CONFLICT DO NOTHING RETURNING logger_id, measured_at"
            ).format(_COLUMN_LIST)
        )
        new = _marks(cursor.fetchall(), batch, ids)
        conflicts = _conflicts(cursor) if not new.all() else {}
        cursor.execute(
            "SELECT count(*) FROM incoming i JOIN reading r USING (logger_id, measured_at)"
        )
        present = cursor.fetchone()
    if present is None or present[0] != len(ids):
        raise ConservationError(
            taken=len(ids),
            inserted=int(new.sum()),
            duplicates=len(ids) - int(new.sum()) - len(conflicts),
            conflicts=len(conflicts),
        )
    return new, conflicts


def _conflicts(cursor: psycopg.Cursor[tuple[object, ...]]) -> dict[Key, FloatArray]:
    cursor.execute(
        sql.SQL(
            "SELECT i.logger_id, i.measured_at, {} FROM incoming i "
            "JOIN reading r USING (logger_id, measured_at) WHERE NOT ({})"
        ).format(_STORED, _SAME)
    )
    return {_key(row): np.array(row[2:], dtype=np.float64) for row in cursor.fetchall()}


def _key(row: tuple[object, ...]) -> Key:
    return cast("int", row[0]), to_us(cast("datetime", row[1]))


def _marks(keys: list[tuple[object, ...]], batch: ReadingBatch, ids: IntArray) -> np.ndarray:
    """Mark the rows whose (logger, time) is among `keys`."""
    if len(keys) == len(ids):
        return np.ones(len(ids), dtype=bool)
    wanted = set(map(_key, keys))
    return np.fromiter(
        ((i, t) in wanted for i, t in zip(ids.tolist(), batch.time_us.tolist(), strict=True)),
        dtype=bool,
        count=len(ids),
    )


def read_columns(
    session: Session, logger_id: int, *, since_us: int, until_us: int | None
) -> tuple[IntArray, FloatArray, IntArray]:
    """Return one logger's readings from `since_us` until before `until_us`, by time.

    Returns:
        Instants in microseconds UTC, shape (n,); values in the order of `CHANNELS`, shape
        (n, 11), NaN where absent; instants received in microseconds, shape (n,).
    """
    columns = ", ".join(CHANNELS)
    result = session.connection().execute(
        text(
            "SELECT (extract(epoch FROM measured_at) * 1000000)::bigint, "  # noqa: S608 - constant
            "(extract(epoch FROM received_at) * 1000000)::bigint, "
            f"{columns} FROM reading WHERE logger_id = :logger_id AND measured_at >= :since "
            "AND measured_at < coalesce(:until, 'infinity'::timestamptz) ORDER BY measured_at"
        ),
        {
            "logger_id": logger_id,
            "since": from_us(since_us),
            "until": None if until_us is None else from_us(until_us),
        },
    )
    rows = result.all()
    times = np.array([row[0] for row in rows], dtype=np.int64)
    received = np.array([row[1] for row in rows], dtype=np.int64)
    values = np.array([row[2:] for row in rows], dtype=np.float64).reshape(-1, len(CHANNELS))
    return times, values, received


def find_logger_ids(session: Session, serials: list[str]) -> dict[str, int]:
    """Return `logger.id` of each known serial; unknown ones are absent."""
    # As one text: binding a list converts it element by element. No serial holds a line break:
    # one that does comes apart here and is not found.
    rows = session.connection().execute(
        text(
            "SELECT serial, id FROM logger WHERE serial = ANY(string_to_array(:serials, chr(10)))"
        ),
        {"serials": "\n".join(serials)},
    )
    return {row[0]: row[1] for row in rows}


__all__ = ["NO_SEQ", "Inserted", "find_logger_ids", "insert_new", "read_columns"]
