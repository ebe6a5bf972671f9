"""Seeded readings of a fleet of cold shipments, a few of which warm up."""

from dataclasses import dataclass

import numpy as np

from schemas.reading import FloatArray, IntArray

SECOND_US = 1_000_000
ORIGIN_US = 1_795_305_600 * SECOND_US


@dataclass(frozen=True, slots=True, kw_only=True)
class Fleet:
    """Readings sorted by (series, time), shape (n,) each.

    Attributes:
        series: Shipment, 0 … shipments - 1.
        time_us: Instant, microseconds since 1970 UTC.
        temp_c: Product temperature, °C.
    """

    series: IntArray
    time_us: IntArray
    temp_c: FloatArray


def fleet(*, shipments: int, readings: int, limit_c: float, warm_share: float, seed: int) -> Fleet:
    """Return a fleet that logs every five minutes, give or take, with a few gaps.

    Args:
        shipments: How many.
        readings: Of each shipment.
        limit_c: Upper limit; the fleet stays 25 °C below it with noise of 1 °C.
        warm_share: Share of shipments that warm up once, half of them past the limit for long.
        seed: The same seed gives the same fleet.
    """
    random = np.random.default_rng(seed)
    n = shipments * readings
    step_s = np.full(n, 300, dtype=np.int64)
    step_s += random.integers(-5, 6, size=n)
    late = random.integers(0, n, size=max(n // 20_000, 1))
    step_s[late] += random.integers(600, 14_400, size=len(late))
    time_us = ORIGIN_US + np.cumsum(step_s.reshape(shipments, readings), axis=1) * SECOND_US
    temp_c = random.standard_normal((shipments, readings), dtype=np.float32).astype(np.float64)
    temp_c += limit_c - 25.0
    hours = np.arange(readings) * (300.0 / 3600.0)
    warm = random.choice(shipments, size=round(shipments * warm_share), replace=False)
    for row in warm:
        peak_at = random.uniform(0.1, 0.9) * hours[-1]
        height = random.uniform(15.0, 35.0)
        temp_c[row] += height * np.exp(-(((hours - peak_at) / 1.5) ** 2))
    series = np.repeat(np.arange(shipments, dtype=np.int64), readings)
    return Fleet(series=series, time_us=time_us.ravel(), temp_c=np.round(temp_c, 2).ravel())
