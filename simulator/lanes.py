"""Lanes: how a shipper gets from a manufacturer to a treatment centre, second by second.

Lane time is seconds since packing began. Positions follow great circles.
"""

import math
from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass, replace
from enum import StrEnum

from simulator.places import Airport, Atlas, Position, Site

EARTH_KM = 6_371.0
_TRUCK_KM_H = 75.0
_SAME_PLACE = 1e-9
_ROAD_DETOUR = 1.25
_FLIGHT_KM_H = 780.0
_TRUCK_ONLY_KM = 350.0
_DIRECT_FLIGHT_KM = 900.0


class Stage(StrEnum):
    """What happens to the shipper on a stretch of its lane."""

    PACKING = "packing"
    TRUCK = "truck"
    TARMAC = "tarmac"
    FLIGHT = "flight"
    HUB = "hub"
    RECEIVING = "receiving"


@dataclass(frozen=True, slots=True, kw_only=True)
class Segment:
    """One stretch; `starts_s` and `ends_s` are lane time."""

    stage: Stage
    start: Position
    end: Position
    starts_s: float
    ends_s: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Lane:
    """Contiguous segments from packing at the origin to receiving at the destination."""

    origin: Site
    destination: Site
    hub: Site | None
    segments: tuple[Segment, ...]

    @property
    def duration_s(self) -> float:
        """Lane time at which receiving ends, s."""
        return self.segments[-1].ends_s

    @property
    def departs_s(self) -> float:
        """Lane time at which the shipper leaves the origin, s."""
        return self.segments[0].ends_s

    @property
    def arrives_s(self) -> float:
        """Lane time at which the shipper reaches the destination, s."""
        return self.segments[-1].starts_s

    def segment_at(self, lane_s: float) -> Segment:
        """Return the segment under way, the first before the start and the last after the end."""
        number = bisect_right(self.segments, lane_s, key=lambda segment: segment.starts_s) - 1
        return self.segments[max(number, 0)]

    def position_at(self, lane_s: float) -> Position:
        """Return where the shipper is."""
        segment = self.segment_at(lane_s)
        share = (lane_s - segment.starts_s) / (segment.ends_s - segment.starts_s)
        return along(segment.start, segment.end, min(max(share, 0.0), 1.0))

    def first(self, stage: Stage) -> Segment | None:
        """Return the first segment of this stage, if there is one."""
        return next((segment for segment in self.segments if segment.stage is stage), None)

    def held_up(self, stage: Stage, extra_s: float) -> "Lane":
        """Return this lane with its first segment of `stage` lasting `extra_s` longer."""
        longer: list[Segment] = []
        shift = 0.0
        for segment in self.segments:
            extra = extra_s if segment.stage is stage and shift == 0.0 else 0.0
            longer.append(
                replace(
                    segment,
                    starts_s=segment.starts_s + shift,
                    ends_s=segment.ends_s + shift + extra,
                )
            )
            shift += extra
        return replace(self, segments=tuple(longer))


def distance_km(a: Position, b: Position) -> float:
    """Return the great-circle distance, km (haversine)."""
    lat_a, lat_b = math.radians(a.lat), math.radians(b.lat)
    half_lat = (lat_b - lat_a) / 2
    half_lon = math.radians(b.lon - a.lon) / 2
    chord = math.sin(half_lat) ** 2 + math.cos(lat_a) * math.cos(lat_b) * math.sin(half_lon) ** 2
    return 2 * EARTH_KM * math.asin(min(1.0, math.sqrt(chord)))


def along(a: Position, b: Position, share: float) -> Position:
    """Return the point at `share` (0..1) of the great circle from `a` to `b`."""
    angle = distance_km(a, b) / EARTH_KM
    if angle < _SAME_PLACE:
        return a
    weight_a = math.sin((1 - share) * angle) / math.sin(angle)
    weight_b = math.sin(share * angle) / math.sin(angle)
    x, y, z = (weight_a * p + weight_b * q for p, q in zip(_vector(a), _vector(b), strict=True))
    return Position(
        lat=math.degrees(math.atan2(z, math.hypot(x, y))), lon=math.degrees(math.atan2(y, x))
    )


def plan_lane(atlas: Atlas, origin: Site, destination: Site, dwell: Sequence[float]) -> Lane:
    """Return the lane between two sites: by road, by one flight, or through a courier's hub.

    Args:
        atlas: Airports to choose from; the nearest serve the two sites.
        origin: Where packing happens.
        destination: Where receiving happens.
        dwell: Six factors (about 1) for packing, tarmac, hub, tarmac, receiving, and road speed.
    """
    packing_s, out_s, hub_s, in_s, receiving_s = (
        minutes * 60.0 * factor
        for minutes, factor in zip((70, 75, 95, 40, 45), dwell[:5], strict=True)
    )
    path = _Path(road_factor=dwell[5])
    path.stand(Stage.PACKING, origin.position, packing_s)
    hub: Site | None = None
    if distance_km(origin.position, destination.position) > _TRUCK_ONLY_KM:
        leaves, reaches = _nearest(atlas, origin), _nearest(atlas, destination)
        path.drive(origin.position, leaves.position)
        path.stand(Stage.TARMAC, leaves.position, out_s)
        via = _hub_between(atlas, leaves, reaches)
        if via is not None and via.hub_gln is not None:
            hub = atlas.site(via.hub_gln)
            path.fly(leaves.position, via.position)
            path.stand(Stage.HUB, via.position, hub_s)
            path.fly(via.position, reaches.position)
        else:
            path.fly(leaves.position, reaches.position)
        path.stand(Stage.TARMAC, reaches.position, in_s)
        path.drive(reaches.position, destination.position)
    else:
        path.drive(origin.position, destination.position)
    path.stand(Stage.RECEIVING, destination.position, receiving_s)
    return Lane(origin=origin, destination=destination, hub=hub, segments=tuple(path.segments))


class _Path:
    def __init__(self, *, road_factor: float) -> None:
        self.segments: list[Segment] = []
        self._road_factor = road_factor

    def stand(self, stage: Stage, at: Position, for_s: float) -> None:
        self._add(stage, at, at, for_s)

    def drive(self, start: Position, end: Position) -> None:
        hours = distance_km(start, end) * _ROAD_DETOUR / _TRUCK_KM_H * self._road_factor
        self._add(Stage.TRUCK, start, end, 900.0 + hours * 3_600.0)

    def fly(self, start: Position, end: Position) -> None:
        self._add(
            Stage.FLIGHT, start, end, 1_800.0 + distance_km(start, end) / _FLIGHT_KM_H * 3_600
        )

    def _add(self, stage: Stage, start: Position, end: Position, for_s: float) -> None:
        begins_s = self.segments[-1].ends_s if self.segments else 0.0
        self.segments.append(
            Segment(stage=stage, start=start, end=end, starts_s=begins_s, ends_s=begins_s + for_s)
        )


def _nearest(atlas: Atlas, site: Site) -> Airport:
    return min(atlas.airports, key=lambda port: distance_km(port.position, site.position))


def _hub_between(atlas: Atlas, leaves: Airport, reaches: Airport) -> Airport | None:
    if distance_km(leaves.position, reaches.position) < _DIRECT_FLIGHT_KM:
        return None
    others = [hub for hub in atlas.hubs if hub.code not in {leaves.code, reaches.code}]
    return min(
        others,
        key=lambda hub: (
            distance_km(leaves.position, hub.position) + distance_km(hub.position, reaches.position)
        ),
    )


def _vector(position: Position) -> tuple[float, float, float]:
    lat, lon = math.radians(position.lat), math.radians(position.lon)
    return math.cos(lat) * math.cos(lon), math.cos(lat) * math.sin(lon), math.sin(lat)
