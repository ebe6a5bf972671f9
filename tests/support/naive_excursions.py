"""A second, simple implementation of the limit rule and of coverage: loops over readings.

Shares no code with `alerts`. Written from the definition: keep it slow and obvious.
"""

import math
from dataclasses import dataclass
from itertools import pairwise


@dataclass(frozen=True, kw_only=True)
class Limit:
    """A limit in plain numbers."""

    side: str
    limit: float
    hysteresis: float
    dwell_us: int
    accuracy: float
    max_gap_us: int


@dataclass(kw_only=True)
class Run:
    """A stay beyond a threshold."""

    started: int
    last: int
    peak: float
    count: int
    ended: int | None = None
    unmonitored: int = 0
    excess: int = 0

    def duration(self) -> int:
        """Return the monitored time."""
        end = self.last if self.ended is None else self.ended
        return end - self.started - self.unmonitored


def pair_excess(t0: int, v0: float, t1: int, v1: float, threshold: float) -> int:
    """Return the rounded area between the threshold and the line through two readings."""
    d0, d1 = v0 - threshold, v1 - threshold
    height = max(d0, 0.0) + max(d1, 0.0)
    span = abs(d0) + abs(d1)
    if span == 0:
        return 0
    return round(height * height / span * ((t1 - t0) * 0.5))


def crossing(t0: int, v0: float, t1: int, v1: float, level: float) -> int:
    """Return when the line through two readings passes a level."""
    return t0 + round((level - v0) / (v1 - v0) * (t1 - t0))


def find_runs(
    readings: list[tuple[int, float]], threshold: float, hysteresis: float, max_gap: int
) -> list[Run]:
    """Return the stays above a threshold, in order; the last may still be running."""
    runs: list[Run] = []
    run: Run | None = None
    before: tuple[int, float] | None = None
    for t, v in readings:
        near = before is not None and t - before[0] <= max_gap
        if run is None:
            if v > threshold:
                start = t
                run = Run(started=start, last=t, peak=v, count=1)
                if near and before is not None:
                    run.started = crossing(*before, t, v, threshold)
                    run.excess += pair_excess(*before, t, v, threshold)
                runs.append(run)
        else:
            assert before is not None
            if near:
                run.excess += pair_excess(*before, t, v, threshold)
            if v <= threshold - hysteresis:
                run.ended = crossing(*before, t, v, threshold - hysteresis) if near else run.last
                run = None
            else:
                if not near:
                    run.unmonitored += t - before[0]
                run.last, run.peak, run.count = t, max(run.peak, v), run.count + 1
        before = (t, v)
    return runs


def _contains(outer: Run, inner: Run) -> bool:
    end = math.inf if outer.ended is None else outer.ended
    return outer.started <= inner.started and inner.last <= outer.last <= end


def naive_excursions(readings: list[tuple[int, float]], rule: Limit) -> list[dict[str, object]]:
    """Return the excursions of one series under one limit, by start of the soft run.

    Args:
        readings: (microseconds, value) in any order, with repeats, NaN where absent.
        rule: The limit.
    """
    once: dict[int, float] = {}
    for t, v in readings:
        if not math.isnan(v):
            once.setdefault(t, v)
    flip = 1.0 if rule.side == "above" else -1.0
    series = [(t, flip * once[t]) for t in sorted(once)]
    levels = [
        find_runs(series, flip * rule.limit + shift, rule.hysteresis, rule.max_gap_us)
        for shift in (-rule.accuracy, 0.0, rule.accuracy)
    ]
    soft, nominal, hard = levels
    found: list[dict[str, object]] = []
    for outer in soft:
        ordinal = 0
        for run in nominal:
            if not _contains(outer, run) or run.duration() < rule.dwell_us:
                continue
            sure = any(_contains(run, h) and h.duration() >= rule.dwell_us for h in hard)
            found.append(_as_dict(run, outer, ordinal, "nominal", sure=sure, flip=flip))
            ordinal += 1
        if ordinal == 0 and outer.duration() >= rule.dwell_us:
            found.append(_as_dict(outer, outer, 0, "soft", sure=False, flip=flip))
    return found


def _as_dict(
    run: Run, outer: Run, ordinal: int, level: str, *, sure: bool, flip: float
) -> dict[str, object]:
    return {
        "anchor_us": outer.started,
        "ordinal": ordinal,
        "level": level,
        "confirmed": sure,
        "running": run.ended is None,
        "started_us": run.started,
        "ended_us": run.last if run.ended is None else run.ended,
        "last_us": run.last,
        "duration_us": run.duration(),
        "unmonitored_us": run.unmonitored,
        "excess_mc_ms": run.excess,
        "reading_count": run.count,
        "peak": flip * run.peak,
    }


def naive_coverage(readings: list[tuple[int, float]], max_gap_us: int) -> dict[str, int]:
    """Return count, first, last, unmonitored time and longest gap of one series."""
    times = sorted({t for t, v in readings if not math.isnan(v)})
    gaps = [b - a for a, b in pairwise(times) if b - a > max_gap_us]
    return {
        "received": len(times),
        "first_us": times[0] if times else 0,
        "last_us": times[-1] if times else 0,
        "unmonitored_us": sum(gaps),
        "longest_gap_us": max(gaps, default=0),
    }
