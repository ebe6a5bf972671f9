"""The last twelve hours of a shipment in at most 48 points."""

import threading
from collections.abc import Mapping
from datetime import datetime, timedelta

from api.profiles import ProfileFacts
from store.board_hours import Steps, list_sparks
from store.database import Session

POINTS = 48
STEP = timedelta(minutes=15)
STEP_S = 900
KEPT_FOR = timedelta(seconds=60)

Spark = list[tuple[int, float | None]]


class Sparks:
    """Keeps the spark of each shipment for a minute: a step of it lasts fifteen.

    So a board of 500 shipments does not read 12 hours of 500 loggers at each look. The newest
    value is not from here: it stands in its own column. An empty spark is not kept: the first
    readings of a shipment show at once.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._kept: dict[int, tuple[datetime, Spark]] = {}

    def of(
        self, session: Session, profiles: Mapping[int, ProfileFacts], now: datetime
    ) -> dict[int, Spark]:
        """Return the sparks of shipments; `profiles` are theirs, by the shipment's number."""
        fresh = self._fresh(now)
        wanted = [number for number in profiles if number not in fresh]
        if wanted:
            first = now.replace(minute=now.minute // 15 * 15, second=0, microsecond=0)
            since, until = first - (POINTS - 1) * STEP, first + STEP
            steps = list_sparks(session, wanted, since=since, until=until, step=STEP)
            read = {number: spark_of(steps.get(number), profiles[number]) for number in wanted}
            fresh |= read
            with self._lock:
                self._kept |= {number: (now, spark) for number, spark in read.items() if spark}
        return {number: fresh[number] for number in profiles}

    def _fresh(self, now: datetime) -> dict[int, Spark]:
        with self._lock:
            self._kept = {
                number: kept
                for number, kept in self._kept.items()
                if timedelta() <= now - kept[0] < KEPT_FOR
            }
            return {number: spark for number, (_, spark) in self._kept.items()}


def spark_of(steps: Steps | None, profile: ProfileFacts) -> Spark:
    """Return at most 48 points: the worst value of each step, and a null where a gap begins.

    The worst value is the one nearest to, or farthest beyond, a limit: a spark must not smooth
    away what an alert is about.
    """
    if steps is None:
        return []
    points: Spark = []
    longest_s = profile.max_gap_s + STEP_S
    before_s = steps.start_s[0]
    for start_s, value in zip(steps.start_s, _worst(steps, profile), strict=True):
        if start_s - before_s > longest_s:
            points.append((before_s + STEP_S, None))
        points.append((start_s, round(value, 2)))
        before_s = start_s
    return points[-POINTS:]


def _worst(steps: Steps, profile: ProfileFacts) -> list[float]:
    low_c, high_c = profile.low_c, profile.high_c
    if low_c is None:
        return steps.high_c
    if high_c is None:
        return steps.low_c
    return [
        low if low_c - low > high - high_c else high
        for low, high in zip(steps.low_c, steps.high_c, strict=True)
    ]
