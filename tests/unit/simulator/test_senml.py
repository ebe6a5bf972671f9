import json
from typing import Any

import cbor2
from hypothesis import given
from hypothesis import strategies as st

from simulator.senml import UNITS, Reading, to_cbor, to_json
from tests.strategies_simulator import reading_runs

LABELS = {-2: "bn", -3: "bt", 0: "n", 1: "u", 2: "v", 4: "vb", 6: "t"}


def resolve(pack: list[dict[str, Any]]) -> dict[tuple[int, str], tuple[Any, Any]]:
    """Resolve a pack as RFC 8428 section 4.6 says, and no more: (instant, name) → (value, unit)."""
    resolved: dict[tuple[int, str], tuple[Any, Any]] = {}
    name = ""
    time = 0.0
    for record in pack:
        name, time = record.get("bn", name), record.get("bt", time)
        at_us = round((time + record.get("t", 0)) * 1e6)
        value = record["vb"] if "vb" in record else record["v"]
        key = (at_us, name + record["n"])
        assert key not in resolved
        resolved[key] = (value, record.get("u"))
    return resolved


def expected(serial: str, readings: list[Reading]) -> dict[tuple[int, str], tuple[Any, Any]]:
    values: dict[tuple[int, str], tuple[Any, Any]] = {}
    for one in readings:
        values[(one.measured_us, f"{serial}/seq")] = (one.seq, None)
        for channel, value in one.channels.items():
            unit = UNITS[channel]
            meant = value > 0 if unit is None else value
            values[(one.measured_us, f"{serial}/{channel}")] = (meant, unit)
    return values


@given(readings=reading_runs(), serial=st.from_regex(r"[A-Z]{2}-[0-9]{5}", fullmatch=True))
def test_json_resolves_to_what_was_measured(readings: list[Reading], serial: str) -> None:
    assert resolve(json.loads(to_json(serial, readings))) == expected(serial, readings)


@given(readings=reading_runs(), serial=st.from_regex(r"[A-Z]{2}-[0-9]{5}", fullmatch=True))
def test_cbor_resolves_to_what_was_measured(readings: list[Reading], serial: str) -> None:
    raw = cbor2.loads(to_cbor(serial, readings))
    pack = [{LABELS[label]: value for label, value in record.items()} for record in raw]
    assert resolve(pack) == expected(serial, readings)


@given(readings=reading_runs(), cut=st.integers(0, 12))
def test_instants_do_not_depend_on_how_readings_are_spread_over_messages(
    readings: list[Reading], cut: int
) -> None:
    parts = [part for part in (readings[:cut], readings[cut:]) if part]
    spread: dict[tuple[int, str], tuple[Any, Any]] = {}
    for part in parts:
        spread |= resolve(json.loads(to_json("KT-1", part)))
    assert spread == resolve(json.loads(to_json("KT-1", readings)))


def test_only_registered_units_are_written() -> None:
    registered = {"Cel", "lat", "lon", "rad", "m/s2", "lx", "Pa", "%RH", "%EL", None}
    assert set(UNITS.values()) <= registered
