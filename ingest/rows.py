"""From records to readings: records of one pack and one instant form one reading."""

from dataclasses import dataclass
from datetime import UTC, datetime

import numpy as np

from ingest.channels import CONVERSIONS, SEQ, UNITS, WRONG_UNIT
from ingest.flat import Flat
from schemas.errors import DecodeError, QuarantineReason
from schemas.reading import CHANNELS, NO_SEQ, FloatArray, IntArray

_SCALE = np.array([conversion.scale for conversion in CONVERSIONS])
_OFFSET = np.array([conversion.offset for conversion in CONVERSIONS])
_COLUMN = np.array([conversion.column for conversion in CONVERSIONS])
_LARGEST_SEQ = 2.0**53 - 1  # beyond it a JSON number is not exact
_LAST_SECOND = 253_402_300_799.0  # year 9999
_TEMPERATURES = (CHANNELS.index("temp_c"), CHANNELS.index("ambient_c"))
_COLDEST_C, _HOTTEST_C = -273.15, 10_000.0  # beyond: no temperature, whatever the sensor was
_BoolArray = np.ndarray


@dataclass(frozen=True, slots=True, kw_only=True)
class Rows:
    """Readings, and the packs that have none because something in them is wrong.

    Attributes:
        pack: Pack of each reading, shape (n,).
        time_us: Instant of each reading, shape (n,).
        seq: Sequence number or `NO_SEQ`, shape (n,).
        values: Channels in the order of `CHANNELS`, shape (n, 11), NaN where absent.
        faults: The first fault of each faulty pack.
    """

    pack: IntArray
    time_us: IntArray
    seq: IntArray
    values: FloatArray
    faults: dict[int, DecodeError]


def assemble(flat: Flat, *, future_us: int, oldest_us: int) -> Rows:
    """Return the readings of all packs that are right from end to end."""
    faults: dict[int, DecodeError] = {}
    with np.errstate(over="ignore", invalid="ignore"):  # what overflows is no number, and a fault
        converted = flat.value * _SCALE[flat.kind] + _OFFSET[flat.kind]
    _check_records(flat, converted, faults, future_us, oldest_us)
    used = flat.kind >= 0
    _check_something_known(flat, used, faults)
    records = np.flatnonzero(used & ~_among(flat.pack, faults, len(flat.received_us)))
    pack, time_us, row = _group(flat, records)
    table = np.full((len(pack), len(CHANNELS) + 1), np.nan)
    column, value = _COLUMN[flat.kind[records]], converted[records]
    table[row, column] = value
    contradicted = table[row, column] != value
    _mark(faults, flat.pack[records], contradicted, QuarantineReason.UNDECODABLE,
          [f"{flat.named(int(i))[0]!r} has two values at one instant."
           for i in records[contradicted]])  # fmt: skip
    good = ~_among(pack, faults, len(flat.received_us))
    seq = table[good, SEQ]
    return Rows(
        pack=pack[good],
        time_us=time_us[good],
        seq=np.where(np.isnan(seq), NO_SEQ, seq).astype(np.int64),
        values=table[good, :SEQ],
        faults=faults,
    )


def _among(pack: IntArray, faults: dict[int, DecodeError], packs: int) -> _BoolArray:
    faulty = np.zeros(packs, dtype=bool)
    faulty[list(faults)] = True
    return faulty[pack]


def _mark(
    faults: dict[int, DecodeError],
    pack: IntArray,
    condition: _BoolArray,
    reason: QuarantineReason,
    sentences: list[str],
) -> None:
    """Fault each pack with a marked record, in the words of its first; earlier faults stay."""
    for index, sentence in zip(np.flatnonzero(condition).tolist(), sentences, strict=True):
        faults.setdefault(int(pack[index]), DecodeError(reason, sentence))


def _check_records(
    flat: Flat,
    converted: FloatArray,
    faults: dict[int, DecodeError],
    future_us: int,
    oldest_us: int,
) -> None:
    used = flat.kind >= 0
    received_s = flat.received_us[flat.pack] / 1e6
    is_seq = used & (flat.kind == len(CONVERSIONS) - 1)
    whole = (flat.value >= 0) & (flat.value <= _LARGEST_SEQ) & (np.floor(flat.value) == flat.value)
    checks = (
        (flat.kind == WRONG_UNIT, QuarantineReason.UNDECODABLE, _wrong_unit),
        (used & ~np.isfinite(converted), QuarantineReason.UNDECODABLE, _no_number),
        (used & np.isin(_COLUMN[flat.kind], _TEMPERATURES)
         & ~((converted >= _COLDEST_C) & (converted <= _HOTTEST_C)),
         QuarantineReason.UNDECODABLE, _no_temperature),
        (is_seq & ~whole, QuarantineReason.UNDECODABLE, _not_a_count),
        (used & ~(np.abs(flat.seconds) <= _LAST_SECOND), QuarantineReason.IMPLAUSIBLE_TIME, _time),
        (used & (flat.seconds > received_s + future_us / 1e6),
         QuarantineReason.FROM_THE_FUTURE, _time),
        (used & (flat.seconds < received_s - oldest_us / 1e6),
         QuarantineReason.IMPLAUSIBLE_TIME, _time),
    )  # fmt: skip
    for condition, reason, sentence in checks:
        if condition.any():
            sentences = [sentence(flat, int(i)) for i in np.flatnonzero(condition)]
            _mark(faults, flat.pack, condition, reason, sentences)


def _wrong_unit(flat: Flat, i: int) -> str:
    name, unit = flat.named(i)
    allowed = " or ".join(one or "none" for one in UNITS.get(name, ())) or "another"
    return f"{name!r} has the unit {unit or 'none'}; it must be {allowed}."


def _no_number(flat: Flat, i: int) -> str:
    return f"{flat.named(i)[0]!r} has no finite number as its value."


def _no_temperature(flat: Flat, i: int) -> str:
    name, unit = flat.named(i)
    return f"{name!r} says {flat.value[i]} {unit}; nothing is so cold or so hot."


def _not_a_count(flat: Flat, i: int) -> str:
    return f"The sequence number {flat.value[i]} is not a whole number from 0 to 2^53 - 1."


def _time(flat: Flat, i: int) -> str:
    arrived = datetime.fromtimestamp(flat.received_us[flat.pack[i]] / 1e6, UTC)
    try:
        measured = datetime.fromtimestamp(float(flat.seconds[i]), UTC).isoformat()
    except (ValueError, OverflowError, OSError):
        measured = f"{flat.seconds[i]} s since 1970"
    return f"{flat.named(i)[0]!r} claims the time {measured}; it arrived {arrived.isoformat()}."


def _check_something_known(flat: Flat, used: _BoolArray, faults: dict[int, DecodeError]) -> None:
    known = np.bincount(flat.pack[used], minlength=len(flat.received_us))
    for pack in np.flatnonzero(known == 0).tolist():
        detail = "No record has a known name."
        faults.setdefault(pack, DecodeError(QuarantineReason.UNDECODABLE, detail))


def _group(flat: Flat, records: IntArray) -> tuple[IntArray, IntArray, IntArray]:
    """Return pack and instant of each reading, and the reading of each record."""
    pack = flat.pack[records]
    time_us = np.rint(flat.seconds[records] * 1e6).astype(np.int64)
    if len(records) == 0:
        return pack, time_us, records
    same_pack = np.diff(pack) == 0
    step = np.diff(time_us)
    starts = np.r_[True, ~same_pack | (step != 0)]
    if not (same_pack & (step < 0)).any():  # time never runs back: equal instants are neighbours
        return pack[starts], time_us[starts], np.cumsum(starts) - 1
    keys, row = np.unique(np.stack([pack, time_us], axis=1), axis=0, return_inverse=True)
    return keys[:, 0], keys[:, 1], row.reshape(-1)
