"""Strategies for the readings of a leg, as they are sealed."""

import math

import numpy as np
from hypothesis import strategies as st

from schemas.reading import CHANNELS, NO_SEQ, ReadingBatch
from tests.strategies_readings import BASE_US

doubles = st.floats(allow_nan=False, allow_infinity=False)
"""Every finite double, minus zero and subnormal ones included."""

serials = st.lists(
    st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=8),
    min_size=1,
    max_size=4,
    unique=True,
)
_values = st.lists(
    st.none() | doubles | st.floats(-200, 200, width=32),
    min_size=len(CHANNELS),
    max_size=len(CHANNELS),
)
_instants = st.integers(0, 40).map(lambda step: BASE_US + step * 30_000_001) | st.integers(
    -62_135_596_800_000_000, 253_402_300_799_999_999
)


@st.composite
def legs(draw: st.DrawFn, min_size: int = 0) -> tuple[ReadingBatch, list[str]]:
    """Readings of a few loggers in any order, no instant of a logger twice."""
    names = draw(serials)
    keys = draw(
        st.lists(
            st.tuples(st.integers(0, len(names) - 1), _instants),
            min_size=min_size,
            max_size=30,
            unique=True,
        )
    )
    rows = [draw(_values) for _ in keys]
    batch = ReadingBatch(
        logger=np.array([key[0] for key in keys], dtype=np.int64),
        time_us=np.array([key[1] for key in keys], dtype=np.int64),
        seq=np.array(
            [draw(st.integers(0, 2**53 - 1) | st.just(NO_SEQ)) for _ in keys], dtype=np.int64
        ),
        received_us=np.zeros(len(keys), dtype=np.int64),
        values=np.array(
            [[math.nan if value is None else value for value in row] for row in rows],
            dtype=np.float64,
        ).reshape(-1, len(CHANNELS)),
    )
    return batch, names
