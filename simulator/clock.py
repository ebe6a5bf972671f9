"""World time: how far the simulated world has come at an instant of the real one.

Readings carry real instants; what happens to a shipper may run faster than real time. World second
0 is the start of the first run. Before it the world ran at the pace of real time (the history that
is filled in), after it at `speed`; while the simulator is off the world stands still.
"""

from collections.abc import Sequence
from dataclasses import dataclass

MICROSECONDS = 1_000_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Anchor:
    """From `at_us` (microseconds since 1970 UTC) on, the world runs at `rate` from `world_s`."""

    at_us: int
    world_s: float
    rate: float


class WorldClock:
    """A monotone, continuous map between instants and world seconds."""

    def __init__(self, anchors: Sequence[Anchor]) -> None:
        self.anchors = tuple(anchors)

    @classmethod
    def starting(cls, at_us: int, speed: float) -> "WorldClock":
        """Return a clock whose world second 0 is `at_us`, at real pace before it."""
        return cls((Anchor(at_us=at_us, world_s=0.0, rate=speed),))

    def resumed(self, stopped_us: int, at_us: int, speed: float) -> "WorldClock":
        """Return this clock standing still from `stopped_us` and running again from `at_us`."""
        world_s = self.world_s(stopped_us)
        return WorldClock(
            (
                *self.anchors,
                Anchor(at_us=stopped_us, world_s=world_s, rate=0.0),
                Anchor(at_us=at_us, world_s=world_s, rate=speed),
            )
        )

    def world_s(self, at_us: int) -> float:
        """Return the world second at an instant."""
        first = self.anchors[0]
        if at_us < first.at_us:
            return first.world_s - (first.at_us - at_us) / MICROSECONDS
        anchor = next(one for one in reversed(self.anchors) if one.at_us <= at_us)
        return anchor.world_s + (at_us - anchor.at_us) / MICROSECONDS * anchor.rate

    def at_us(self, world_s: float) -> int:
        """Return the first instant at which the world has reached `world_s`."""
        first = self.anchors[0]
        if world_s <= first.world_s:
            return first.at_us - round((first.world_s - world_s) * MICROSECONDS)
        anchor = next(
            one for one in reversed(self.anchors) if one.world_s < world_s and one.rate > 0
        )
        return anchor.at_us + round((world_s - anchor.world_s) / anchor.rate * MICROSECONDS)
