"""What detection carries from one batch to the next, one record a series."""

import struct
from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from schemas.errors import ReadingError
from schemas.reading import IntArray

Records = npt.NDArray[np.void]

RUN = np.dtype(
    [
        ("started_us", "<i8"),
        ("unmonitored_us", "<i8"),
        ("excess_mc_ms", "<i8"),
        ("reading_count", "<i8"),
        ("peak", "<f8"),
    ]
)
"""A stay beyond one threshold that is not over; none where `reading_count` is 0. `peak` is of the
signed channel (see `RuleSet.sign`). Its last instant is the last instant of the series."""

SLOT = np.dtype([("run", RUN, (3,)), ("ordinal", "<i4"), ("confirmed", "?"), ("spare", "V3")])
"""One rule: its runs on the levels `SOFT`, `NOMINAL`, `HARD`; how many excursions of the running
soft run are over; whether the running nominal run is confirmed."""

FORMAT = 1
_HEADER = struct.Struct("<2sBB")
_MAGIC = b"ub"


def series_dtype(slots: int) -> np.dtype[np.void]:
    """Return the record of one series held to at most `slots` rules.

    `received` is 0 for a series that has said nothing; `last_value` is of the unsigned channel.
    """
    return np.dtype(
        [
            ("first_us", "<i8"),
            ("last_us", "<i8"),
            ("last_value", "<f8"),
            ("received", "<i8"),
            ("unmonitored_us", "<i8"),
            ("longest_gap_us", "<i8"),
            ("slot", SLOT, (slots,)),
        ]
    )


def fresh_state(series: int, slots: int) -> Records:
    """Return the state of series that have said nothing, shape (series,)."""
    return np.zeros(series, dtype=series_dtype(slots))


def take_slots(state: Records, ids: IntArray, slot: int) -> Records:
    """Return a copy of one slot of some series, `SLOT` records, shape (len(ids),)."""
    taken: Records = state["slot"][ids, slot]
    return taken


def state_bytes(state: Records, row: int) -> bytes:
    """Return the state of one series as bytes that do not depend on its neighbours.

    Empty slots at the end are left out, so the same series gives the same bytes in whatever
    company it was detected.
    """
    return states_bytes(state, [row])[0]


def states_bytes(state: Records, rows: Sequence[int]) -> list[bytes]:
    """Return the same for many series at once."""
    picked = state[list(rows)]
    width = state.dtype.itemsize
    slots = picked["slot"].shape[1]
    head = width - SLOT.itemsize * slots
    raw = picked.tobytes()
    octets = np.frombuffer(raw, dtype=np.uint8).reshape(len(picked), width)[:, head:]
    told = octets.reshape(len(picked), slots, SLOT.itemsize).any(axis=2)
    used = np.where(told, np.arange(1, slots + 1), 0).max(axis=1, initial=0).tolist()
    starts = range(0, len(raw), width)
    return [
        _HEADER.pack(_MAGIC, FORMAT, n) + raw[start : start + head + n * SLOT.itemsize]
        for start, n in zip(starts, used, strict=True)
    ]


def state_from_bytes(stored: Sequence[bytes | memoryview | None], slots: int) -> Records:
    """Return the state of as many series as there are entries; None is a fresh one.

    Args:
        stored: What `state_bytes` gave, per series.
        slots: `RuleSet.slots` of the rules that the state will be used with.

    Raises:
        ReadingError: Bytes are not a state of this format, or hold more rules than `slots`.
    """
    dtype = series_dtype(slots)
    alike = {entry and (len(entry), bytes(entry[: _HEADER.size])) for entry in stored}
    if len(alike) == 1 and None not in alike:
        return _records_alike([entry for entry in stored if entry is not None], dtype)
    return np.frombuffer(b"".join(_record(entry, dtype) for entry in stored), dtype=dtype).copy()


def _records_alike(stored: Sequence[bytes | memoryview], dtype: np.dtype[np.void]) -> Records:
    """Return states that all have the same number of slots in use; the first speaks for all."""
    _record(stored[0], dtype)
    told = np.frombuffer(b"".join(stored), dtype=np.uint8).reshape(len(stored), -1)
    records = np.zeros(len(stored), dtype=dtype)
    width = told.shape[1] - _HEADER.size
    records.view(np.uint8).reshape(len(stored), -1)[:, :width] = told[:, _HEADER.size :]
    return records


def _record(entry: bytes | memoryview | None, dtype: np.dtype[np.void]) -> bytes:
    """Return one stored state, padded with empty slots to the width of `dtype`."""
    if entry is None:
        return bytes(dtype.itemsize)
    data = bytes(entry)
    head = series_dtype(0).itemsize
    magic, version, used = _HEADER.unpack_from(data.ljust(_HEADER.size, b"\0"))
    body = data[_HEADER.size :]
    if (magic, version) != (_MAGIC, FORMAT) or len(body) != head + used * SLOT.itemsize:
        message = f"these {len(data)} bytes are not a detector state of format {FORMAT}"
        raise ReadingError(message)
    if len(body) > dtype.itemsize:
        message = f"a detector state of {used} rules does not fit rules that are fewer"
        raise ReadingError(message)
    return body.ljust(dtype.itemsize, b"\0")
