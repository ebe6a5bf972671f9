"""Readings as SenML (RFC 8428), in JSON and in CBOR, written down by hand.

Nothing here is shared with the service's decoder: if the two agree, the format does the agreeing.
"""

import json
import struct
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

UNITS: Mapping[str, str | None] = {
    "temp": "Cel",
    "ambient": "Cel",
    "lat": "lat",
    "lon": "lon",
    "tilt": "rad",
    "shock": "m/s2",
    "light": "lx",
    "lid": None,
    "pressure": "Pa",
    "humidity": "%RH",
    "battery": "%EL",
}
"""Record names and their units; `lid` is a boolean and has none."""

_CBOR_LABEL = {"bn": -2, "bt": -3, "n": 0, "u": 1, "v": 2, "vb": 4, "t": 6}
"""Integer labels of the fields used, RFC 8428 section 6."""

_IN_THE_HEAD = 24
"""Counts below this stand in the head byte itself, RFC 8949 section 3."""

Field = str | float | bool
Record = dict[str, Field]


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """What a logger measured at one instant of its own clock.

    Attributes:
        seq: The logger's sequence number, 1, 2, 3 …
        measured_us: Microseconds since 1970 UTC by the logger's clock, whole milliseconds.
        channels: Values by record name, in the units of `UNITS`; absent ones were not measured.
    """

    seq: int
    measured_us: int
    channels: Mapping[str, float]


def to_json(serial: str, readings: Sequence[Reading]) -> bytes:
    """Return a SenML JSON pack of `readings` (at least one), in the order given."""
    return json.dumps(_pack(serial, readings), separators=(",", ":")).encode()


def to_cbor(serial: str, readings: Sequence[Reading]) -> bytes:
    """Return a SenML CBOR pack of `readings` (at least one), in the order given."""
    return _cbor([{_CBOR_LABEL[k]: v for k, v in one.items()} for one in _pack(serial, readings)])


def _pack(serial: str, readings: Sequence[Reading]) -> list[Record]:
    base_us = readings[0].measured_us
    pack: list[Record] = []
    for reading in readings:
        offset = _number((reading.measured_us - base_us) / 1e6)
        for record in _records(reading):
            if offset:
                record["t"] = offset
            pack.append(record)
    return [{"bn": f"{serial}/", "bt": _number(base_us / 1e6), **pack[0]}, *pack[1:]]


def _records(reading: Reading) -> list[Record]:
    records: list[Record] = []
    for name, value in reading.channels.items():
        unit = UNITS[name]
        if unit is None:
            records.append({"n": name, "vb": value > 0})
        else:
            records.append({"n": name, "u": unit, "v": _number(value)})
    records.append({"n": "seq", "v": reading.seq})
    return records


def _number(value: float) -> float | int:
    whole = round(value)
    return whole if whole == value else value


def _cbor(value: object) -> bytes:
    match value:
        case bool():
            written = b"\xf5" if value else b"\xf4"
        case int():
            written = _head(0, value) if value >= 0 else _head(1, -1 - value)
        case float():
            written = b"\xfb" + struct.pack(">d", value)
        case str():
            text = value.encode()
            written = _head(3, len(text)) + text
        case list():
            written = _head(4, len(value)) + b"".join(_cbor(one) for one in value)
        case dict():
            body = b"".join(_cbor(key) + _cbor(one) for key, one in value.items())
            written = _head(5, len(value)) + body
        case _:
            message = f"CBOR for {type(value).__name__} is not written down"
            raise TypeError(message)
    return written


def _head(major: int, count: int) -> bytes:
    for extra, (size, code) in enumerate(((1, "B"), (2, "H"), (4, "I"), (8, "Q"))):
        if count < _IN_THE_HEAD:
            return bytes([major << 5 | count])
        if count < 1 << (8 * size):
            return bytes([major << 5 | 24 + extra]) + struct.pack(f">{code}", count)
    message = f"{count} does not fit into a CBOR head"
    raise OverflowError(message)
