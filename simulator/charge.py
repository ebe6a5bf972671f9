"""How much refrigerant a shipper must start with for its payload to reach a limit on time."""

import math
from dataclasses import dataclass

import numpy as np

from simulator.ambient import Weather, ambient_at
from simulator.lanes import Lane
from simulator.mishaps import LYING_DEG
from simulator.physics import Container, Shippers, Surroundings

HISTORY_STEP_S = 300.0
"""History is simulated in steps that end at multiples of this, world seconds."""


def warming_s(container: Container, limit_c: float, ambient_c: float) -> float:
    """Return how long an exhausted payload takes to warm to `limit_c` in `ambient_c`, s."""
    cold_c = container.source_c + container.offset_c
    return container.warm_s * math.log((ambient_c - cold_c) / (ambient_c - limit_c))


@dataclass(frozen=True, slots=True, kw_only=True)
class Journey:
    """What a payload lives through from packing on; times are world seconds.

    Attributes:
        tipped_from_s: From when on it lies, if it does.
    """

    container: Container
    lane: Lane
    weather: Weather
    starts_s: float
    tipped_from_s: float | None


def charge_crossing_at(journey: Journey, *, limit_c: float, crosses_s: float) -> float:
    """Return the charge (0..1) with which the payload passes `limit_c` at `crosses_s`.

    The more refrigerant, the later: found by bisection to within a hundredth of a per cent.
    """
    low, high = 0.0, 1.0
    for _ in range(14):
        middle = (low + high) / 2
        if _payload_at(journey, middle, crosses_s) > limit_c:
            low = middle
        else:
            high = middle
    return (low + high) / 2


def _payload_at(journey: Journey, charge: float, until_s: float) -> float:
    lane, weather, starts_s = journey.lane, journey.weather, journey.starts_s
    shipper = Shippers([journey.container])
    contents = shipper.conditioned(np.array([ambient_at(lane, weather, 0.0)]), np.array([charge]))
    before_s = starts_s
    # The same steps as the history is simulated in, or the crossing drifts by minutes.
    for after_s in _step_ends(starts_s, until_s):
        lying = journey.tipped_from_s is not None and after_s >= journey.tipped_from_s
        around = Surroundings(
            ambient_c=np.array([ambient_at(lane, weather, after_s - starts_s)]),
            tilt_deg=np.array([LYING_DEG if lying else 0.0]),
            lid_open=np.zeros(1),
        )
        contents = shipper.advance(contents, around, np.array([after_s - before_s]))
        before_s = after_s
    return float(contents.payload_c[0])


def _step_ends(starts_s: float, until_s: float) -> list[float]:
    first = math.ceil(starts_s / HISTORY_STEP_S)
    last = math.floor(until_s / HISTORY_STEP_S)
    return [number * HISTORY_STEP_S for number in range(first, last + 1)] + [until_s]
