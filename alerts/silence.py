"""Has a logger said nothing for too long? Two levels, planned quiet not counted."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import IntEnum

import numpy as np

from schemas.errors import ReadingError
from schemas.reading import IntArray


class Miss(IntEnum):
    """How long the silence is, in calls that did not come."""

    NONE = 0
    FIRST = 1
    SECOND = 2


@dataclass(frozen=True, slots=True, kw_only=True)
class QuietWindow:
    """A planned silence of one series, such as a flight.

    Attributes:
        series: Dense index of the series.
        from_us: Start, microseconds since 1970 UTC. `to_us`: end, after the start.
    """

    series: int
    from_us: int
    to_us: int


def missed(
    *,
    heard_us: IntArray,
    expected_us: IntArray,
    grace_us: IntArray,
    quiet: Sequence[QuietWindow] = (),
    now_us: int,
) -> IntArray:
    """Return how many calls of each series did not come (`Miss`), shape (k,).

    The first miss is a silence longer than `expected + grace`, the second one longer than
    `2 x expected + grace`. Time inside planned windows is not counted. A logger that was never
    heard counts from when it should have begun: pass that as its `heard_us`.

    Args:
        heard_us: When each series was last *received* (a jumped logger clock cannot hide a
            silence), microseconds since 1970 UTC, shape (k,).
        expected_us: Longest time between two calls, shape (k,), > 0.
        grace_us: Allowed on top, shape (k,), ≥ 0.
        quiet: Planned windows; they may overlap.
        now_us: The present.

    Raises:
        ReadingError: Shapes differ, or a window names a series that is not there.
    """
    if not heard_us.shape == expected_us.shape == grace_us.shape:
        raise ReadingError("columns of silence differ in shape")
    silent_us = now_us - heard_us - _planned(heard_us, quiet, now_us)
    first = silent_us > expected_us + grace_us
    second = silent_us > 2 * expected_us + grace_us
    return first.astype(np.int64) + second


def _planned(heard_us: IntArray, quiet: Sequence[QuietWindow], now_us: int) -> IntArray:
    """Return how much of each silence was planned, each instant once, shape (k,)."""
    planned = np.zeros_like(heard_us)
    counted_to = heard_us.copy()
    for window in sorted(quiet, key=lambda window: window.from_us):
        if not 0 <= window.series < len(heard_us):
            raise ReadingError(f"a quiet window names series {window.series}, which is not there")
        start = max(window.from_us, int(counted_to[window.series]))
        end = min(window.to_us, now_us)
        if end > start:
            planned[window.series] += end - start
            counted_to[window.series] = end
    return planned
