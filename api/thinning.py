"""Fewer points for a chart, without losing what the chart is for: extremes and gaps."""

import numpy as np
from tsdownsample import MinMaxLTTBDownsampler

from schemas.reading import FloatArray, IntArray

_MIN_POINTS = 8


def find_gaps(time_us: IntArray, max_gap_us: int) -> IntArray:
    """Return the indices after which nothing comes for longer than `max_gap_us`.

    Args:
        time_us: Instants, shape (n,), ascending.
        max_gap_us: Longest time that is no gap yet, microseconds.
    """
    return np.flatnonzero(np.diff(time_us) > max_gap_us).astype(np.int64)


def choose(time_us: IntArray, value: FloatArray, points: int, max_gap_us: int) -> IntArray:
    """Return which readings to draw, ascending: all of them when they are few enough.

    Kept in any case: the first and the last, the lowest and the highest value, and both sides of
    each of the longest gaps. The result may exceed `points` by those.

    Args:
        time_us: Instants, shape (n,), ascending.
        value: What is drawn, shape (n,), NaN where absent.
        points: How many to aim at, ≥ 8.
        max_gap_us: Longest time that is no gap yet, microseconds.
    """
    n = len(time_us)
    if n <= points:
        return np.arange(n, dtype=np.int64)
    known = np.flatnonzero(~np.isnan(value))
    if len(known) > points:
        thin = MinMaxLTTBDownsampler().downsample(  # type: ignore[no-untyped-call]
            time_us[known], value[known], n_out=max(points, _MIN_POINTS)
        )
        chosen = known[thin.astype(np.int64)]
    elif len(known):
        chosen = known
    else:
        chosen = np.linspace(0, n - 1, points).astype(np.int64)
    edges = _longest(time_us, find_gaps(time_us, max_gap_us), points // 4)
    keep = [chosen, edges, edges + 1, np.array([0, n - 1])]
    if len(known):
        keep.append(known[[np.argmin(value[known]), np.argmax(value[known])]])
    return np.unique(np.concatenate(keep)).astype(np.int64)


def _longest(time_us: IntArray, gaps: IntArray, count: int) -> IntArray:
    if len(gaps) <= count:
        return gaps
    lengths = time_us[gaps + 1] - time_us[gaps]
    return np.sort(gaps[np.argsort(lengths)[-count:]])
