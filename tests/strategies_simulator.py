"""Strategies for the simulator: shippers and what acts on them, readings, slots."""

import numpy as np
from hypothesis import strategies as st

from simulator.dewar import dewar
from simulator.dry_ice import dry_ice_box
from simulator.fleet import Slot
from simulator.mishaps import MishapKind
from simulator.physics import Container, Contents, Surroundings
from simulator.refrigerated import refrigerated_box
from simulator.senml import UNITS, Reading

EPOCH_US = 1_795_305_600_000_000


def containers() -> st.SearchStrategy[Container]:
    units = st.floats(0.7, 1.4)
    return st.one_of(
        units.map(lambda unit: dewar(unit=unit)),
        units.map(lambda unit: dry_ice_box(unit=unit)),
        units.map(lambda unit: refrigerated_box(unit=unit)),
    )


def ambients() -> st.SearchStrategy[float]:
    return st.floats(-25.0, 45.0)


def surroundings() -> st.SearchStrategy[Surroundings]:
    return st.builds(
        lambda ambient, tilt, lid: Surroundings(
            ambient_c=np.array([ambient]), tilt_deg=np.array([tilt]), lid_open=np.array([lid])
        ),
        ambients(),
        st.floats(0.0, 180.0),
        st.sampled_from([0.0, 1.0]),
    )


@st.composite
def contents(draw: st.DrawFn, container: Container) -> Contents:
    ends = sorted((container.source_c, 30.0))
    return Contents(
        refrigerant_kg=np.array([draw(st.floats(0.0, container.capacity_kg))]),
        payload_c=np.array([draw(st.floats(*ends))]),
    )


def channels() -> st.SearchStrategy[dict[str, float]]:
    values = st.floats(-300.0, 300.0, allow_nan=False).map(lambda value: round(value, 4))
    whole = {name: values for name, unit in UNITS.items() if unit is not None and name != "temp"}
    flags = {name: st.sampled_from([0.0, 1.0]) for name, unit in UNITS.items() if unit is None}
    return st.fixed_dictionaries({"temp": values}, optional=whole | flags)


@st.composite
def reading_runs(draw: st.DrawFn) -> list[Reading]:
    """Readings of one logger with rising numbers and instants, to the millisecond."""
    start = draw(st.integers(1, 10_000))
    gaps_ms = draw(st.lists(st.integers(1, 10_000_000), min_size=1, max_size=12))
    at_us = EPOCH_US + np.cumsum(gaps_ms) * 1_000
    return [
        Reading(seq=start + number, measured_us=int(measured_us), channels=draw(channels()))
        for number, measured_us in enumerate(at_us)
    ]


def slots() -> st.SearchStrategy[Slot]:
    return st.builds(
        Slot,
        ordinal=st.integers(1, 5_000),
        mishap=st.none() | st.sampled_from(MishapKind),
        phase=st.none() | st.floats(-0.05, 1.1),
        at_s=st.just(0.0),
        speed=st.sampled_from([1.0, 30.0]),
    )
