"""SenML packs (RFC 8428) in JSON and CBOR, resolved to plain records.

Only what loggers send: numbers and booleans with a name, a unit and a time. Clause numbers are
those of RFC 8428.
"""

from collections.abc import Sequence
from io import BytesIO
from typing import Literal, NamedTuple

import cbor2
import msgspec

from schemas.errors import DecodeError, QuarantineReason

JSON_TYPE = "application/senml+json"
CBOR_TYPE = "application/senml+cbor"

_RELATIVE_BELOW = 2**28  # 4.5.3: a smaller time is relative to "now", which a backlog has not.
_CBOR_LABELS = {
    -6: "bs", -5: "bv", -4: "bu", -3: "bt", -2: "bn", -1: "bver",
    0: "n", 1: "u", 2: "v", 3: "vs", 4: "vb", 5: "s", 6: "t", 7: "ut", 8: "vd",
}  # fmt: skip
_CBOR_ARRAYS = range(0x80, 0xA0)  # RFC 8949, 3.1: major type 4


_Name = Literal["", "temp", "ambient", "lat", "lon", "tilt", "shock", "light", "lid", "pressure",
                "humidity", "battery", "seq"]  # fmt: skip
_Unit = Literal["Cel", "K", "lat", "lon", "rad", "m/s2", "lx", "/", "Pa", "%RH", "%EL"]


class Record(msgspec.Struct, gc=False):
    """One record of a pack as it stands on the wire (section 4.1 and 4.2)."""

    n: str = ""
    u: str | None = None
    v: float | None = None
    t: float = 0.0
    vb: bool | None = None
    vs: str | None = None
    bn: str | None = None
    bt: float | None = None
    bu: str | None = None
    bv: float | None = None
    bver: int | None = None


class Resolved(NamedTuple):
    """The records of one pack with base values applied (section 4.6), as columns.

    Attributes:
        base: The base name, empty where none is given; one for the whole pack.
        names: Name behind the base name, per record.
        units: Unit or None, per record.
        values: Number, boolean as 0 or 1, None for anything else, per record.
        base_s: Base time of the pack, seconds; added to `times`.
        times: Time of each record relative to `base_s`, seconds.
    """

    base: str
    names: Sequence[str]
    units: Sequence[str | None]
    values: list[float | int | None]
    base_s: float
    times: list[float]


class _KnownRecord(msgspec.Struct, gc=False):
    """A record of known names and units only: they decode to shared strings, without a copy."""

    n: _Name = ""
    u: _Unit | None = None
    v: float | None = None
    t: float = 0.0
    vb: bool | None = None
    bn: str | None = None
    bt: float | None = None
    bver: int | None = None


_JSON = msgspec.json.Decoder(list[Record])
_KNOWN_JSON = msgspec.json.Decoder(list[_KnownRecord])


def _undecodable(detail: str) -> DecodeError:
    return DecodeError(QuarantineReason.UNDECODABLE, detail)


def resolve(payload: bytes, content_type: str | None) -> Resolved:
    """Return the records of a pack.

    Args:
        payload: The message.
        content_type: MQTT 5 content type; without one the first byte tells JSON from CBOR.

    Raises:
        DecodeError: Not a SenML pack, or one that uses what loggers may not send.
    """
    if not payload:
        message = "The message is empty."
        raise _undecodable(message)
    if _is_cbor(payload, content_type):
        return _resolve_slowly(_records_from_cbor(payload))
    in_front = _base_fields_only_in_front(payload)
    if in_front and b'"vs"' not in payload:
        try:
            return _resolve_fast(_KNOWN_JSON.decode(payload))
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
            pass  # an unknown name or unit, or no pack at all: looked at below
    try:
        records = _JSON.decode(payload)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        message = f"Not a SenML pack in JSON: {error}."
        raise _undecodable(message) from error
    return _resolve_fast(records) if in_front else _resolve_slowly(records)


def _is_cbor(payload: bytes, content_type: str | None) -> bool:
    if content_type is not None:
        if content_type == CBOR_TYPE:
            return True
        if content_type in (JSON_TYPE, "application/json"):
            return False
        message = f"Content type {content_type} is neither {JSON_TYPE} nor {CBOR_TYPE}."
        raise _undecodable(message)
    return payload[0] in _CBOR_ARRAYS  # JSON opens with "[" or white space


def _base_fields_only_in_front(payload: bytes) -> bool:
    """Tell cheaply whether only the first record can have base fields, and no base unit or value.

    Their labels are those that begin with "b", and so does the name "battery"; a backslash could
    hide a label.
    """
    if b"\\" in payload or b'"bu"' in payload or b'"bv"' in payload:
        return False
    behind = payload[payload.find(b"}") :]
    return b'"b' not in behind or b'"b' not in behind.replace(b'"battery"', b"")


def _records_from_cbor(payload: bytes) -> list[Record]:
    try:
        stream = BytesIO(payload)
        pack = cbor2.load(stream)
        if stream.tell() != len(payload):
            message = f"Behind the pack come {len(payload) - stream.tell()} bytes more."
            raise _undecodable(message)
        if not isinstance(pack, list):
            message = "The CBOR is not an array."
            raise _undecodable(message)
        named = [
            {_CBOR_LABELS.get(label, str(label)): value for label, value in record.items()}
            for record in pack
        ]
        return msgspec.convert(named, list[Record])
    except DecodeError:
        raise
    except (cbor2.CBORDecodeError, msgspec.ValidationError, AttributeError, TypeError,
            ValueError, RecursionError, OverflowError, MemoryError) as error:  # fmt: skip
        message = f"Not a SenML pack in CBOR: {error}."
        raise _undecodable(message) from error


def _check_version(record: Record | _KnownRecord) -> None:
    if record.bver is not None and record.bver > 10:  # noqa: PLR2004 - RFC 8428, section 4.4
        message = f"SenML version {record.bver} is newer than 10, the one understood here."
        raise _undecodable(message)


def _resolve_fast(records: Sequence[Record | _KnownRecord]) -> Resolved:
    if not records:
        message = "The pack has no records."
        raise _undecodable(message)
    head = records[0]
    _check_version(head)
    base_s = head.bt or 0.0
    values = [record.v for record in records]
    if None in values:
        values = [
            record.v if record.v is not None else (None if record.vb is None else int(record.vb))
            for record in records
        ]
    return Resolved(
        head.bn or "",
        [record.n for record in records],
        [record.u for record in records],
        values,
        base_s,
        [record.t for record in records],
    )


def _resolve_slowly(records: list[Record]) -> Resolved:
    if not records:
        message = "The pack has no records."
        raise _undecodable(message)
    first_name = next((record.bn for record in records if record.bn is not None), "")
    base_name, base_time, base_unit, base_value = first_name, 0.0, None, None
    names: list[str] = []
    units: list[str | None] = []
    values: list[float | int | None] = []
    times: list[float] = []
    for record in records:
        _check_version(record)
        if record.bn is not None:
            base_name = record.bn
        if base_name != first_name:
            message = f"The pack speaks for two loggers, {first_name!r} and {base_name!r}."
            raise DecodeError(QuarantineReason.IDENTITY_MISMATCH, message)
        base_time = base_time if record.bt is None else record.bt
        base_unit = base_unit if record.bu is None else record.bu
        base_value = base_value if record.bv is None else record.bv
        value: float | int | None = record.v
        if value is None and record.vb is not None:
            value = int(record.vb)
        elif base_value is not None and record.vs is None:
            value = base_value + (value or 0)
        names.append(record.n)
        units.append(base_unit if record.u is None else record.u)
        values.append(value)
        times.append(base_time + record.t)
    return Resolved(first_name, names, units, values, 0.0, times)


def is_relative(time_s: float) -> bool:
    """Return whether SenML reads a time as relative to now (section 4.5.3)."""
    return time_s < _RELATIVE_BELOW
