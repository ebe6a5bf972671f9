"""Columns of numbers into a temporary table by binary COPY, to be joined in one statement.

Binding thousands of values as parameters costs more than everything else in a batch. What a column
does not know is NaN or `NEVER_US`, which SQL reads as 'NaN' and '-infinity'.
"""

from collections.abc import Mapping

import numpy as np
import psycopg
from psycopg import sql

from schemas.reading import FloatArray, IntArray

Connection = psycopg.Connection[tuple[object, ...]]

HEADER = b"PGCOPY\n\xff\r\n\0" + bytes(8)
TRAILER = b"\xff\xff"
EPOCH_2000_US = 946_684_800_000_000
NEVER_US = int(np.iinfo(np.int64).min)
"""An instant that never was; PostgreSQL's -infinity."""

_WIRE = {"int4": ">i4", "int8": ">i8", "float8": ">f8", "timestamptz": ">i8"}


def stage(
    connection: Connection, table: str, columns: Mapping[str, tuple[str, IntArray | FloatArray]]
) -> None:
    """Put columns into a temporary table that lives until the commit.

    Args:
        connection: In a transaction.
        table: Name of the temporary table; the same name always has the same columns.
        columns: Type (`int4`, `int8`, `float8`, `timestamptz`) and values of each, shape (n,).
            Instants are microseconds since 1970 UTC or `NEVER_US`.
    """
    create(connection, table, {name: kind for name, (kind, _) in columns.items()})
    write(connection, table, list(columns), [_rows(columns)])


def create(connection: Connection, table: str, types: Mapping[str, str]) -> None:
    """Make sure that a temporary table is there, empty."""
    fields = sql.SQL(", ").join(
        sql.SQL("{} {}").format(sql.Identifier(name), sql.SQL(kind)) for name, kind in types.items()
    )
    connection.execute(
        sql.SQL("CREATE TEMPORARY TABLE IF NOT EXISTS {} ({}) ON COMMIT DELETE ROWS").format(
            sql.Identifier(table), fields
        )
    )
    connection.execute(sql.SQL("DELETE FROM {}").format(sql.Identifier(table)))


def write(connection: Connection, table: str, names: list[str], pieces: list[bytes]) -> None:
    """Send rows, already in binary COPY format, to a table."""
    statement = sql.SQL("COPY {} ({}) FROM STDIN (FORMAT binary)").format(
        sql.Identifier(table), sql.SQL(", ").join(map(sql.Identifier, names))
    )
    with connection.cursor() as cursor, cursor.copy(statement) as copy:
        copy.write(b"".join([HEADER, *pieces, TRAILER]))


def _rows(columns: Mapping[str, tuple[str, IntArray | FloatArray]]) -> bytes:
    layout: list[tuple[str, str]] = [("fields", ">i2")]
    for name, (kind, _) in columns.items():
        layout += [(f"{name} length", ">i4"), (name, _WIRE[kind])]
    out = np.empty(len(next(iter(columns.values()))[1]), dtype=layout)
    out["fields"] = len(columns)
    for name, (kind, values) in columns.items():
        out[f"{name} length"] = np.dtype(_WIRE[kind]).itemsize
        if kind == "timestamptz":
            out[name] = np.where(values == NEVER_US, NEVER_US, values - EPOCH_2000_US)
        else:
            out[name] = values
    return out.tobytes()
