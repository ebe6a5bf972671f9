"""Strategies for readings as columns."""

from collections.abc import Sequence

import numpy as np
from hypothesis import strategies as st

from schemas.reading import CHANNELS, NO_SEQ, ReadingBatch

BASE_US = 1_793_491_200_000_000  # 2026-11-01
Row = tuple[int, int, int, tuple[float | None, ...]]

numbers = st.one_of(st.none(), st.floats(min_value=-200, max_value=200, allow_nan=False, width=32))


def rows(loggers: int = 3, instants: int = 20) -> st.SearchStrategy[list[Row]]:
    """Rows (logger index, time in µs, seq, values) with keys that often repeat."""
    row = st.tuples(
        st.integers(0, loggers - 1),
        st.integers(0, instants - 1).map(lambda i: BASE_US + i * 60_000_000),
        st.integers(NO_SEQ, 5),
        st.tuples(*[numbers] * 2).map(lambda v: v + (None,) * (len(CHANNELS) - 2)),
    )
    return st.lists(row, max_size=40)


def batch_of(drawn: Sequence[Row]) -> ReadingBatch:
    """Return drawn rows as columns."""
    return ReadingBatch(
        logger=np.array([row[0] for row in drawn], dtype=np.int64),
        time_us=np.array([row[1] for row in drawn], dtype=np.int64),
        seq=np.array([row[2] for row in drawn], dtype=np.int64),
        received_us=np.full(len(drawn), BASE_US + 10**9, dtype=np.int64),
        values=np.array([row[3] for row in drawn], dtype=np.float64).reshape(-1, len(CHANNELS)),
    )
