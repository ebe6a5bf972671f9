"""Readings as columns: what a batch of telemetry is once it can no longer be wrong."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from schemas.errors import ReadingError

IntArray = npt.NDArray[np.int64]
FloatArray = npt.NDArray[np.float64]

CHANNELS = (
    "temp_c",
    "ambient_c",
    "lat",
    "lon",
    "tilt_deg",
    "shock_g",
    "light_lx",
    "lid_open",
    "pressure_pa",
    "humidity_pct",
    "battery_pct",
)
"""Measured channels in the order of the reading table's columns."""

NO_SEQ = -1
"""Stands in `ReadingBatch.seq` where the logger sent no sequence number."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadingBatch:
    """Readings of many loggers, one row an instant, in any order.

    Attributes:
        logger: Index of the logger, shape (n,); what it indexes is the caller's.
        time_us: Instant measured, microseconds since 1970 UTC, shape (n,).
        seq: Sequence number or `NO_SEQ`, shape (n,).
        received_us: Instant received, microseconds since 1970 UTC, shape (n,).
        values: Channels in the order of `CHANNELS`, shape (n, 11), NaN where absent.

    Raises:
        ReadingError: Shapes differ.
    """

    logger: IntArray
    time_us: IntArray
    seq: IntArray
    received_us: IntArray
    values: FloatArray

    def __post_init__(self) -> None:
        n = len(self.time_us)
        if not (len(self.logger) == len(self.seq) == len(self.received_us) == n):
            message = "columns of a reading batch differ in length"
            raise ReadingError(message)
        if self.values.shape != (n, len(CHANNELS)):
            message = f"values of a reading batch have shape {self.values.shape}"
            raise ReadingError(message)

    def __len__(self) -> int:
        return len(self.time_us)

    def take(self, rows: "npt.NDArray[np.bool_] | IntArray") -> "ReadingBatch":
        """Return the rows of a mask or of an index, in that order."""
        return ReadingBatch(
            logger=self.logger[rows],
            time_us=self.time_us[rows],
            seq=self.seq[rows],
            received_us=self.received_us[rows],
            values=self.values[rows],
        )
