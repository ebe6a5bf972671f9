"""Which readings belong to which watch: a reading counts only through an assignment over it."""

import numpy as np

from schemas.errors import ReadingError
from schemas.reading import IntArray

_TIME_BITS = 46  # microseconds of more than two years
_LARGEST = np.int64(1) << _TIME_BITS


def assign(
    reading_logger: IntArray,
    reading_us: IntArray,
    *,
    watch_logger: IntArray,
    begin_us: IntArray,
    end_us: IntArray,
) -> tuple[IntArray, IntArray]:
    """Return which watch each reading belongs to; readings of no watch are left out.

    Args:
        reading_logger: Logger of each reading, shape (n,).
        reading_us: Instant of each reading, shape (n,).
        watch_logger: Logger of each watch, shape (k,).
        begin_us: First instant of each watch, shape (k,).
        end_us: First instant behind each watch, shape (k,).

    Returns:
        Watch of each belonging reading, ascending, and its row, by time within a watch.

    Raises:
        ReadingError: The readings span more than two years.
    """
    if not len(reading_us) or not len(watch_logger):
        return np.zeros(0, dtype=np.int64), np.zeros(0, dtype=np.int64)
    origin = reading_us.min()
    if reading_us.max() - origin >= _LARGEST - 1:
        raise ReadingError("the readings of one batch span more than two years")
    loggers = np.unique(reading_logger)
    keys = (np.searchsorted(loggers, reading_logger) << _TIME_BITS) + (reading_us - origin)
    order = np.argsort(keys, kind="stable")
    keys = keys[order]
    place = np.minimum(np.searchsorted(loggers, watch_logger), len(loggers) - 1)
    here = loggers[place] == watch_logger
    first = np.searchsorted(
        keys, (place << _TIME_BITS) + np.clip(begin_us - origin, 0, _LARGEST - 1)
    )
    last = np.searchsorted(keys, (place << _TIME_BITS) + np.clip(end_us - origin, 0, _LARGEST - 1))
    size = np.where(here, np.maximum(last - first, 0), 0)
    watch = np.repeat(np.arange(len(watch_logger)), size)
    within = np.arange(int(size.sum())) - np.repeat(np.cumsum(size) - size, size)
    return watch, order[np.repeat(first, size) + within]
