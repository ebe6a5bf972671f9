"""The fleet under way: physics and measurement of all shipments, moved from instant to instant."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from simulator.ambient import ambient_at, pressure_at
from simulator.clock import MICROSECONDS, WorldClock
from simulator.lanes import Stage
from simulator.logger import StoreAndForward, Upload
from simulator.mishaps import (
    LYING_DEG,
    ROOM_LIGHT_LX,
    MishapKind,
    clock_behind_s,
    disordered,
    going_on,
)
from simulator.physics import Contents, Shippers, Surroundings
from simulator.senml import Reading
from simulator.shipments import LoggerPlan, ShipmentPlan

STANDARD_GRAVITY = 9.80665
_GPS_NOISE_DEG = 0.0008
_SHOCK_G = {Stage.TRUCK: 0.35, Stage.FLIGHT: 0.15, Stage.TARMAC: 0.5}


@dataclass(slots=True, kw_only=True)
class Traveller:
    """One shipment under way: its plan, its loggers' memories, and what is inside.

    Attributes:
        rng: Noise of this shipment's sensors, and the disorder of its messages.
        stuck_c: What a dead sensor keeps saying, once it is dead.
        begun_us: Instant up to which the shipment was simulated.
    """

    plan: ShipmentPlan
    memories: tuple[StoreAndForward, ...]
    rng: np.random.Generator
    refrigerant_kg: float
    payload_c: float
    stuck_c: float | None = None


def set_off(plan: ShipmentPlan, seed: int, *, run: int = 0) -> Traveller:
    """Return a freshly packed shipment with empty loggers.

    Args:
        plan: The shipment.
        seed: Seed of the fleet.
        run: Number of the simulator's run, so that a resumed shipment has other noise.
    """
    ambient_c = np.array([ambient_at(plan.lane, plan.weather, 0.0)])
    packed = Shippers([plan.container]).conditioned(ambient_c, np.array([plan.charge]))
    return Traveller(
        plan=plan,
        memories=tuple(
            StoreAndForward(logger.serial, encoding=logger.encoding) for logger in plan.loggers
        ),
        rng=np.random.default_rng([seed, plan.ordinal, 79, run]),
        refrigerant_kg=float(packed.refrigerant_kg[0]),
        payload_c=float(packed.payload_c[0]),
    )


def move(travellers: Sequence[Traveller], clock: WorldClock, from_us: int, to_us: int) -> None:
    """Advance physics from one instant to another, and let every logger measure at the second.

    Only shipments between packing and the end of receiving move or measure.

    Args:
        travellers: Shipments of one fleet; changed in place.
        clock: World time.
        from_us: Where they are, microseconds since 1970 UTC.
        to_us: Where they go, later than `from_us`.
    """
    world_s = clock.world_s(to_us)
    moving = [one for one in travellers if one.plan.starts_s <= world_s <= one.plan.ends_s]
    if not moving:
        return
    begun_s = clock.world_s(from_us)
    dt_s = np.array([world_s - max(begun_s, one.plan.starts_s) for one in moving])
    around = _surroundings(moving, world_s)
    after = Shippers([one.plan.container for one in moving]).advance(
        Contents(
            refrigerant_kg=np.array([one.refrigerant_kg for one in moving]),
            payload_c=np.array([one.payload_c for one in moving]),
        ),
        around,
        dt_s,
    )
    for number, one in enumerate(moving):
        one.refrigerant_kg = float(after.refrigerant_kg[number])
        one.payload_c = float(after.payload_c[number])
        _measure(one, world_s, to_us)


def outgoing(traveller: Traveller, world_s: float) -> list[Upload]:
    """Return the messages that this shipment's loggers send at `world_s`, mishaps included."""
    messages: list[Upload] = []
    for logger, memory in zip(traveller.plan.loggers, traveller.memories, strict=True):
        if memory.unsent and traveller.plan.online(logger, world_s):
            messages += disordered(traveller.plan.mishaps, memory.uploads(), traveller.rng)
    return messages


def _surroundings(moving: Sequence[Traveller], world_s: float) -> Surroundings:
    return Surroundings(
        ambient_c=np.array(
            [
                ambient_at(one.plan.lane, one.plan.weather, world_s - one.plan.starts_s)
                for one in moving
            ]
        ),
        tilt_deg=np.array([_tilt_deg(one.plan, world_s) for one in moving]),
        lid_open=np.array([float(_lid_open(one.plan, world_s)) for one in moving]),
    )


def _tilt_deg(plan: ShipmentPlan, world_s: float) -> float:
    return LYING_DEG if going_on(plan.mishaps, MishapKind.TIPPED_DEWAR, world_s) else 1.5


def _lid_open(plan: ShipmentPlan, world_s: float) -> bool:
    return going_on(plan.mishaps, MishapKind.DOOR_OPEN, world_s)


def _measure(traveller: Traveller, world_s: float, at_us: int) -> None:
    plan = traveller.plan
    behind_us = round(clock_behind_s(plan.mishaps, world_s) * 1_000) * (MICROSECONDS // 1_000)
    for logger, memory in zip(plan.loggers, traveller.memories, strict=True):
        memory.record(at_us - behind_us, _channels(traveller, logger, world_s))


def _channels(traveller: Traveller, logger: LoggerPlan, world_s: float) -> dict[str, float]:
    """Return one measurement in SenML units, rounded as a logger rounds."""
    plan, rng = traveller.plan, traveller.rng
    lane_s = world_s - plan.starts_s
    stage = plan.lane.segment_at(lane_s).stage
    position = plan.lane.position_at(lane_s)
    noise = rng.standard_normal(7)
    lid_open = _lid_open(plan, world_s)
    tilt_deg = abs(_tilt_deg(plan, world_s) + 0.9 * noise[2])
    shock_g = _SHOCK_G.get(stage, 0.05) * abs(1.0 + 0.4 * noise[3])
    light_lx = ROOM_LIGHT_LX + 12 * noise[4] if lid_open else abs(0.15 * noise[4])
    return {
        "temp": round(_probe_c(traveller, logger, world_s, float(noise[0])), 2),
        "ambient": round(ambient_at(plan.lane, plan.weather, lane_s) + 0.15 * float(noise[1]), 2),
        "lat": round(position.lat + _GPS_NOISE_DEG * float(noise[5]), 5),
        "lon": round(position.lon + _GPS_NOISE_DEG * float(noise[6]), 5),
        "tilt": round(math.radians(tilt_deg), 4),
        "shock": round(float(shock_g) * STANDARD_GRAVITY, 2),
        "light": round(float(light_lx), 1),
        "lid": float(lid_open),
        "pressure": round(pressure_at(plan.lane, lane_s) + 40 * float(noise[4])),
        "humidity": round(min(max(38.0 + 3.0 * float(noise[3]), 5.0), 95.0), 1),
        "battery": round(max(97.0 - lane_s / 9_000.0, 5.0), 1),
    }


def _probe_c(traveller: Traveller, logger: LoggerPlan, world_s: float, noise: float) -> float:
    if going_on(traveller.plan.mishaps, MishapKind.DEAD_SENSOR, world_s):
        if traveller.stuck_c is None:
            traveller.stuck_c = traveller.payload_c
        return traveller.stuck_c
    sigma_c = 0.12 if traveller.plan.product.shipper_kind == "ln2_dewar" else 0.06
    return traveller.payload_c + logger.bias_c + sigma_c * noise


def restored(traveller: Traveller, kept: Sequence[Sequence[Reading]]) -> None:
    """Give a resumed shipment's loggers back what they had not got rid of."""
    for memory, readings in zip(traveller.memories, kept, strict=True):
        memory.restore(readings)
