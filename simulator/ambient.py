"""What surrounds a shipper on its way: air temperature and cabin pressure by stage."""

import math
from dataclasses import dataclass

from simulator.lanes import Lane, Stage

_SETTLE_S = 1_200.0
_CABIN_PA = 78_000.0
"""Air pressure in a cabin at 2,100 m equivalent, the usual in cruise."""
_GROUND_PA = 100_800.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Weather:
    """The air temperature each stage brings, °C, and the ripple on it.

    All values are assumed: heated docks and trucks, a temperature-controlled hold, an apron in the
    season's weather.
    """

    dock_c: float = 20.5
    truck_c: float = 18.0
    tarmac_c: float = 25.0
    hold_c: float = 13.0
    hub_c: float = 20.0
    ripple_c: float = 0.7
    phase: float = 0.0

    def of(self, stage: Stage) -> float:
        """Return the air temperature that `stage` settles at, °C."""
        return {
            Stage.PACKING: self.dock_c,
            Stage.TRUCK: self.truck_c,
            Stage.TARMAC: self.tarmac_c,
            Stage.FLIGHT: self.hold_c,
            Stage.HUB: self.hub_c,
            Stage.RECEIVING: self.dock_c,
        }[stage]


def ambient_at(lane: Lane, weather: Weather, lane_s: float) -> float:
    """Return the air temperature around the shipper, °C: the stage's, reached within the hour."""
    segment = lane.segment_at(lane_s)
    into_s = max(lane_s - segment.starts_s, 0.0)
    before = weather.of(lane.segment_at(segment.starts_s - 1.0).stage)
    settled = weather.of(segment.stage)
    ripple = math.sin(lane_s / 1_700.0 + weather.phase) + 0.5 * math.sin(lane_s / 613.0)
    return settled + (before - settled) * math.exp(-into_s / _SETTLE_S) + weather.ripple_c * ripple


def pressure_at(lane: Lane, lane_s: float) -> float:
    """Return the air pressure, Pa: cabin pressure in flight, reached within half an hour."""
    segment = lane.segment_at(lane_s)
    if segment.stage is not Stage.FLIGHT:
        return _GROUND_PA
    from_ground_s = min(lane_s - segment.starts_s, segment.ends_s - lane_s)
    share = min(max(from_ground_s / 1_500.0, 0.0), 1.0)
    return _GROUND_PA + share * (_CABIN_PA - _GROUND_PA)
