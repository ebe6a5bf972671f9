"""A reading as one line of bytes that means one thing only, and the strict way back.

A line is RFC 8785 JSON of `logger`, `measured_at`, `seq` and the channels that the logger sent, the
numbers of channels as text: the shortest decimal that reads back as the same double, written as
ECMAScript's Number::toString writes it (docs/seals.md). JavaScript's `String` is the same function.
"""

import json
import re
from collections.abc import Sequence

import msgspec
import numpy as np
import rfc8785

from schemas.errors import LedgerCorrupt, ReadingError
from schemas.reading import CHANNELS, NO_SEQ, FloatArray, IntArray, ReadingBatch

_is_instant = re.compile(
    r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}\.[0-9]{6}Z"
).fullmatch
_LARGEST_SEQ = 2**53 - 1
_PLAIN_FROM, _PLAIN_TO = 1e-5, 1e16
"""Between these, msgspec and ECMAScript write a number alike but for a trailing ".0"."""
_FIRST_US, _END_US = -62_135_596_800_000_000, 253_402_300_800_000_000
"""The years 1 to 9999, which both Python and RFC 3339 can name."""


class _Line(msgspec.Struct, forbid_unknown_fields=True):
    logger: str
    measured_at: str
    seq: int = NO_SEQ
    temp_c: str = "nan"
    ambient_c: str = "nan"
    lat: str = "nan"
    lon: str = "nan"
    tilt_deg: str = "nan"
    shock_g: str = "nan"
    light_lx: str = "nan"
    lid_open: str = "nan"
    pressure_pa: str = "nan"
    humidity_pct: str = "nan"
    battery_pct: str = "nan"


_read_line = msgspec.json.Decoder(_Line).decode
_write_text = json.JSONEncoder(ensure_ascii=False).encode


def lines_of(batch: ReadingBatch, serials: Sequence[str]) -> list[bytes]:
    """Return the line of each reading, without line feeds, in the order of the batch.

    Args:
        batch: Readings in any order; `batch.logger` indexes `serials`. When they were received
            stands in no line.
        serials: Serial numbers of the loggers.

    Raises:
        ReadingError: A value is infinite, a sequence number or an instant is out of range.
    """
    _refuse_unwritable(batch)
    absent = np.isnan(batch.values)
    pattern = absent @ (1 << np.arange(1, len(CHANNELS) + 1)) + (batch.seq == NO_SEQ)
    codes = np.unique(pattern).tolist()
    names = [_write_text(serial) for serial in serials]
    if len(codes) == 1:
        return _lines_alike(batch, names, codes[0])
    lines = [b""] * len(batch)
    for code in codes:
        rows = np.flatnonzero(pattern == code)
        alike = _lines_alike(batch.take(rows), names, code)
        for row, line in zip(rows.tolist(), alike, strict=True):
            lines[row] = line
    return lines


def parse_lines(lines: Sequence[bytes]) -> tuple[ReadingBatch, list[str]]:
    """Return the readings whose lines these are, in their order; inverse of `lines_of`.

    Returns:
        The readings, received at 0, and the serial numbers that their `logger` indexes.

    Raises:
        LedgerCorrupt: A line is not the one line that `lines_of` writes for its reading.
    """
    try:
        read = [_read_line(line) for line in lines]
        batch, serials = _columns(read)
        again = lines_of(batch, serials)
    except (ValueError, OverflowError, ReadingError) as error:  # msgspec's are ValueErrors
        message = f"A line of sealed readings cannot be read: {error}."
        raise LedgerCorrupt(message) from error
    for number, (line, same) in enumerate(zip(lines, again, strict=True), 1):
        if line != same:
            message = f"Line {number} of sealed readings is not in canonical form."
            raise LedgerCorrupt(message)
    return batch, serials


def number_texts(values: FloatArray) -> list[str]:
    """Return the shortest decimal of each finite double, as ECMAScript writes it; -0 is 0.

    Source: ECMA-262 Number::toString, by way of RFC 8785 section 3.2.2.3.
    """
    values = values + 0.0  # -0 becomes 0
    written = msgspec.json.encode(values.tolist()).decode()[1:-1] + ","
    texts = written.replace(".0,", ",").split(",")[:-1] if len(values) else []
    size = np.abs(values)
    for row in np.flatnonzero((size >= _PLAIN_TO) | ((size < _PLAIN_FROM) & (size > 0))).tolist():
        texts[row] = rfc8785.dumps(float(values[row])).decode()
    return texts


def _refuse_unwritable(batch: ReadingBatch) -> None:
    if np.isinf(batch.values).any():
        message = "a value is infinite"
        raise ReadingError(message)
    if ((batch.seq < NO_SEQ) | (batch.seq > _LARGEST_SEQ)).any():
        message = "a sequence number is not a whole number from 0 to 2⁵³ - 1"
        raise ReadingError(message)
    if ((batch.time_us < _FIRST_US) | (batch.time_us >= _END_US)).any():
        message = "an instant lies beyond the years 1 to 9999"
        raise ReadingError(message)


def _lines_alike(batch: ReadingBatch, names: list[str], code: int) -> list[bytes]:
    """Return the lines of readings that all have the same fields; `code` has a bit for each not."""
    fields: dict[str, tuple[str, list[str]]] = {
        "logger": ("%s", [names[index] for index in batch.logger.tolist()]),
        "measured_at": ('"%sZ"', _instants(batch.time_us)),
    }
    if not code & 1:
        fields["seq"] = ("%s", batch.seq.tolist())
    for position, channel in enumerate(CHANNELS):
        if not code & (2 << position):
            fields[channel] = ('"%s"', number_texts(batch.values[:, position]))
    names_in_order = sorted(fields)
    template = "{" + ",".join(f'"{name}":{fields[name][0]}' for name in names_in_order) + "}"
    columns = [fields[name][1] for name in names_in_order]
    return [(template % row).encode() for row in zip(*columns, strict=True)]


def _instants(time_us: IntArray) -> list[str]:
    texts: list[str] = np.datetime_as_string(time_us.astype("datetime64[us]"), unit="us").tolist()
    return texts


def _columns(read: Sequence[_Line]) -> tuple[ReadingBatch, list[str]]:
    serials = sorted({line.logger for line in read})
    index = {serial: number for number, serial in enumerate(serials)}
    if not all(_is_instant(line.measured_at) for line in read):
        message = "an instant is not of the form 2026-11-21T10:00:00.000000Z"
        raise ReadingError(message)
    instants = np.array([line.measured_at[:-1] for line in read], dtype="datetime64[us]")
    values = np.array(
        [[float(getattr(line, channel)) for line in read] for channel in CHANNELS], dtype=np.float64
    )
    batch = ReadingBatch(
        logger=np.array([index[line.logger] for line in read], dtype=np.int64),
        time_us=instants.astype(np.int64),
        seq=np.array([line.seq for line in read], dtype=np.int64),
        received_us=np.zeros(len(read), dtype=np.int64),
        values=values.T.reshape(-1, len(CHANNELS)),
    )
    return batch, serials
