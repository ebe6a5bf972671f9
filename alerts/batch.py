"""One channel of many loggers as sorted columns: what every detector relies on."""

from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

from schemas.errors import ReadingError
from schemas.reading import FloatArray, IntArray

BoolArray = npt.NDArray[np.bool_]

BLOCK = 1 << 16
"""Rows looked at in one go: three columns of it stay in a core's second-level cache."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Batch:
    """Readings of one channel, sorted by (series, time), no instant twice, none absent.

    A *series* is one logger watching one shipment. Rows where the channel is absent (NaN) do not
    belong here: `Batch.from_columns` leaves them out, and sorts if it must.

    Attributes:
        series: Dense index of the series, 0 … k-1, shape (n,).
        time_us: Instant measured, microseconds since 1970 UTC, shape (n,).
        value: The channel, °C for temperature, finite, shape (n,).
        ids: Series that occur, ascending, shape (m,). Computed.
        starts: Row at which each of `ids` starts, and n at the end, shape (m + 1,). Computed.

    Raises:
        ReadingError: Shapes differ, order is broken, an instant occurs twice, a value is not
            finite, or a series is negative.
    """

    series: IntArray
    time_us: IntArray
    value: FloatArray
    ids: IntArray = field(init=False, compare=False)
    starts: IntArray = field(init=False, compare=False)

    def __post_init__(self) -> None:
        n = len(self.series)
        if not self.series.shape == self.time_us.shape == self.value.shape == (n,):
            message = "columns of a batch differ in shape"
            raise ReadingError(message)
        starts = _checked_starts(self.series, self.time_us, self.value)
        ids = self.series[starts]
        if n and (ids[0] < 0 or not bool((ids[1:] > ids[:-1]).all())):
            message = "a batch must be sorted by series, counted from 0"
            raise ReadingError(message)
        object.__setattr__(self, "ids", ids)
        object.__setattr__(self, "starts", np.append(starts, n))

    def __len__(self) -> int:
        return len(self.series)

    @classmethod
    def from_columns(cls, series: IntArray, time_us: IntArray, value: FloatArray) -> "Batch":
        """Return a batch from columns in any order, with absent values and repeated instants.

        Rows with NaN are left out. Of rows with the same series and instant the first stays.

        Args:
            series: Dense index of the series, shape (n,).
            time_us: Instant measured, microseconds since 1970 UTC, shape (n,).
            value: The channel, NaN where absent, shape (n,).

        Raises:
            ReadingError: Shapes differ, a value is infinite, or a series is negative.
        """
        if not series.shape == time_us.shape == value.shape:
            message = "columns of a batch differ in shape"
            raise ReadingError(message)
        here = ~np.isnan(value)
        if not here.all():
            series, time_us, value = series[here], time_us[here], value[here]
        if not _rises(series, time_us).all():
            order = np.lexsort((time_us, series))
            order = order[np.append(True, _rises(series[order], time_us[order]))]
            series, time_us, value = series[order], time_us[order], value[order]
        return cls(series=series, time_us=time_us, value=value)


def _rises(series: IntArray, time_us: IntArray) -> BoolArray:
    """Return for each row but the first whether it comes strictly after the one before."""
    later: BoolArray = time_us[1:] > time_us[:-1]
    next_series: BoolArray = series[1:] > series[:-1]
    rises: BoolArray = next_series | (later & (series[1:] == series[:-1]))
    return rises


def _checked_starts(series: IntArray, time_us: IntArray, value: FloatArray) -> IntArray:
    """Return the row at which each run of equal series starts, having checked times and values.

    Goes block by block, because the temporaries then never leave the cache.
    """
    n = len(series)
    found = [np.zeros(min(n, 1), dtype=np.int64)]
    for low in range(0, n, BLOCK):
        block = slice(low, min(low + BLOCK + 1, n))
        instants, owners = time_us[block], series[block]
        changes = owners[1:] != owners[:-1]
        if not bool(((instants[1:] > instants[:-1]) | changes).all()):
            message = "a batch must be sorted by time within a series, no instant twice"
            raise ReadingError(message)
        # A sum that is finite has only finite terms, and adds up faster than a mask is built.
        with np.errstate(over="ignore", invalid="ignore"):
            total = value[block].sum()
        if not np.isfinite(total) and not np.isfinite(value[block]).all():
            message = "a batch holds a value that is not finite; leave absent values out"
            raise ReadingError(message)
        found.append(np.flatnonzero(changes) + (low + 1))
    return np.concatenate(found)
