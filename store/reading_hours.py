"""Hours of readings, for drawing spans too long for single readings. Never for judging."""

import numpy as np
from sqlalchemy import text

from schemas.instants import from_us
from schemas.reading import FloatArray, IntArray
from store.database import Session

_QUARTER_US = 900_000_000


def read_hours(
    session: Session, logger_id: int, *, since_us: int, until_us: int | None
) -> tuple[IntArray, FloatArray]:
    """Return the lowest and the highest temperature of each hour, as two points an hour.

    With TimescaleDB this is a continuous aggregate, refreshed every half hour for all time: an hour
    drawn before shows readings that came late after its next refresh; hours newer than the last
    refresh are counted from the readings. Elsewhere it is a view and always true.

    Returns:
        Instants, microseconds since 1970 UTC, ascending, shape (2 x hours,); temperatures, °C.
    """
    rows = session.connection().execute(
        text(
            "SELECT extract(epoch FROM hour)::bigint, lowest_c, highest_c FROM reading_hour "
            "WHERE logger_id = :logger_id AND hour >= :since "
            "AND hour < coalesce(:until, 'infinity'::timestamptz) ORDER BY hour"
        ),
        {
            "logger_id": logger_id,
            "since": from_us(since_us),
            "until": None if until_us is None else from_us(until_us),
        },
    )
    hours = np.array([tuple(row) for row in rows], dtype=np.float64).reshape(-1, 3)
    start_us = hours[:, 0].astype(np.int64) * 1_000_000
    time_us = np.stack([start_us + _QUARTER_US, start_us + 3 * _QUARTER_US], axis=1)
    return time_us.reshape(-1), hours[:, 1:].reshape(-1)
