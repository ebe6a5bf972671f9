"""Rows of readings in PostgreSQL's binary COPY format, built by numpy.

Source: PostgreSQL documentation, COPY, "Binary Format". Every row is a 16-bit field count and, for
each field, a 32-bit length and the value, all big-endian; length -1 is NULL. Rows that lack the
same channels have the same shape, so they are laid down as one structured array.
"""

from collections.abc import Iterator

import numpy as np

from schemas.reading import CHANNELS, NO_SEQ, IntArray, ReadingBatch
from store.copy_rows import EPOCH_2000_US, HEADER, TRAILER

COLUMNS = ("logger_id", "measured_at", "received_at", "seq", *CHANNELS)

_FIXED = (("logger_id", ">i4"), ("measured_at", ">i8"), ("received_at", ">i8"))


def encode(batch: ReadingBatch, logger_ids: IntArray) -> Iterator[bytes]:
    """Yield the COPY stream of a batch in pieces; the order of rows is not the batch's.

    Args:
        batch: The readings.
        logger_ids: `logger.id` of each row, shape (n,).
    """
    yield HEADER
    absent = np.isnan(batch.values)
    pattern = absent @ (1 << np.arange(1, len(CHANNELS) + 1)) + (batch.seq == NO_SEQ)
    for code in np.unique(pattern):
        rows = np.flatnonzero(pattern == code)
        yield _encode_alike(batch, logger_ids, rows, int(code))
    yield TRAILER


def _encode_alike(batch: ReadingBatch, logger_ids: IntArray, rows: IntArray, code: int) -> bytes:
    values: dict[str, np.ndarray] = {
        "logger_id": logger_ids[rows],
        "measured_at": batch.time_us[rows] - EPOCH_2000_US,
        "received_at": batch.received_us[rows] - EPOCH_2000_US,
    }
    fields = [*_FIXED]
    if not code & 1:
        fields.append(("seq", ">i8"))
        values["seq"] = batch.seq[rows]
    for position, channel in enumerate(CHANNELS):
        if not code & (2 << position):
            fields.append((channel, ">f8"))
            values[channel] = batch.values[rows, position]
    present = dict(fields)
    layout: list[tuple[str, str]] = [("fields", ">i2")]
    for column in COLUMNS:
        layout.append((f"{column}_length", ">i4"))
        if column in present:
            layout.append((column, present[column]))
    out = np.empty(len(rows), dtype=layout)
    out["fields"] = len(COLUMNS)
    for column in COLUMNS:
        if column in present:
            out[f"{column}_length"] = np.dtype(present[column]).itemsize
            out[column] = values[column]
        else:
            out[f"{column}_length"] = -1
    return out.tobytes()
