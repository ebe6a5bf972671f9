"""Which SenML name and unit mean which channel, and how to convert (domain.md section 2)."""

import math
from typing import NamedTuple

from schemas.reading import CHANNELS

SEQ = len(CHANNELS)
"""Column of the sequence number, behind the channels."""

IGNORED = -1
WRONG_UNIT = -2

_STANDARD_GRAVITY = 9.80665  # m/s², CGPM 1901
_KELVIN_OFFSET = -273.15


class Conversion(NamedTuple):
    """Column of a value, and `value * scale + offset` in the column's unit."""

    column: int
    scale: float = 1.0
    offset: float = 0.0


def _channel(name: str, scale: float = 1.0, offset: float = 0.0) -> Conversion:
    return Conversion(CHANNELS.index(name), scale, offset)


# Units are those of the SenML registry; None is "no unit".
_KNOWN: dict[str, dict[str | None, Conversion]] = {
    "temp": {"Cel": _channel("temp_c"), "K": _channel("temp_c", offset=_KELVIN_OFFSET)},
    "ambient": {"Cel": _channel("ambient_c"), "K": _channel("ambient_c", offset=_KELVIN_OFFSET)},
    "lat": {"lat": _channel("lat")},
    "lon": {"lon": _channel("lon")},
    "tilt": {"rad": _channel("tilt_deg", scale=180.0 / math.pi)},
    "shock": {"m/s2": _channel("shock_g", scale=1.0 / _STANDARD_GRAVITY)},
    "light": {"lx": _channel("light_lx")},
    "lid": {None: _channel("lid_open"), "/": _channel("lid_open")},
    "pressure": {"Pa": _channel("pressure_pa")},
    "humidity": {"%RH": _channel("humidity_pct")},
    "battery": {"%EL": _channel("battery_pct")},
    "seq": {None: Conversion(SEQ)},
}

UNITS = {name: tuple(units) for name, units in _KNOWN.items()}
"""Names understood and the units each may carry, for docs and error sentences."""

TABLE: dict[tuple[str, str | None], int] = {}
"""(name, unit) → index into `CONVERSIONS`; a name that is known with another unit is absent."""

CONVERSIONS: list[Conversion] = []

for _name, _units in _KNOWN.items():
    for _unit, _conversion in _units.items():
        TABLE[_name, _unit] = len(CONVERSIONS)
        CONVERSIONS.append(_conversion)


def kind_of(name: str, unit: str | None) -> int:
    """Return the index into `CONVERSIONS`, `IGNORED` for an unknown name, or `WRONG_UNIT`."""
    found = TABLE.get((name, unit))
    if found is not None:
        return found
    return WRONG_UNIT if name in _KNOWN else IGNORED
