"""How much refrigerant a shipper must start with for its payload to reach a limit on time."""

import math

import numpy as np

from simulator.ambient import Weather, ambient_at
from simulator.lanes import Lane
from simulator.mishaps import LYING_DEG
from simulator.physics import Container, Shippers, Surroundings

_STEP_S = 600.0


def warming_s(container: Container, limit_c: float, ambient_c: float) -> float:
    """Return how long an exhausted payload takes to warm to `limit_c` in `ambient_c`, s."""
    cold_c = container.source_c + container.offset_c
    return container.warm_s * math.log((ambient_c - cold_c) / (ambient_c - limit_c))


def charge_crossing_at(
    container: Container,
    lane: Lane,
    weather: Weather,
    *,
    limit_c: float,
    crosses_s: float,
    tipped_from_s: float | None,
) -> float:
    """Return the charge (0..1) with which the payload passes `limit_c` at lane time `crosses_s`.

    The more refrigerant, the later: found by bisection to within a hundredth of a per cent.
    """
    low, high = 0.0, 1.0
    for _ in range(14):
        middle = (low + high) / 2
        if _payload_at(container, lane, weather, middle, crosses_s, tipped_from_s) > limit_c:
            low = middle
        else:
            high = middle
    return (low + high) / 2


def _payload_at(
    container: Container,
    lane: Lane,
    weather: Weather,
    charge: float,
    until_s: float,
    tipped_from_s: float | None,
) -> float:
    shipper = Shippers([container])
    contents = shipper.conditioned(np.array([ambient_at(lane, weather, 0.0)]), np.array([charge]))
    for begins_s in np.arange(0.0, until_s, _STEP_S):
        lying = tipped_from_s is not None and begins_s >= tipped_from_s
        around = Surroundings(
            ambient_c=np.array([ambient_at(lane, weather, float(begins_s))]),
            tilt_deg=np.array([LYING_DEG if lying else 0.0]),
            lid_open=np.zeros(1),
        )
        dt_s = np.array([min(_STEP_S, until_s - float(begins_s))])
        contents = shipper.advance(contents, around, dt_s)
    return float(contents.payload_c[0])
