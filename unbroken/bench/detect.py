"""How many readings a second one core judges, beside a Polars query with the same answer."""

import json as json_text
import os
import platform
from time import perf_counter

import numpy as np

from alerts.detect import Batch, RuleSet, Step, evaluate
from schemas.profile import Profile, load_profiles
from schemas.profile_parts import Channel, LimitRule, Stage
from unbroken.bench.fleet import SECOND_US, Fleet, fleet

ACCURACY_C = 0.5


def run(
    *,
    json: bool = False,
    shipments: int = 10_000,
    readings: int = 2_500,
    repeat: int = 5,
    seed: int = 20_261_121,
) -> dict[str, object]:
    """Measure detection on sorted readings, print and return the numbers.

    Every reading is checked for order, held to one limit with dwell, hysteresis and the logger's
    accuracy (three thresholds), and counted into coverage. Generating the fleet is not measured.

    Args:
        json: Print the numbers as JSON instead of words.
        shipments: Size of the fleet; about 2 % of it warm up.
        readings: Of each shipment, every five minutes.
        repeat: Runs; the median counts.
        seed: The same seed gives the same fleet.

    Raises:
        AssertionError: The Polars query found other excursions.
    """
    profile = next(profile for profile in load_profiles() if profile.id == "kymriah")
    limit = _limit(profile)
    told = fleet(
        shipments=shipments, readings=readings, limit_c=limit.limit, warm_share=0.02, seed=seed
    )
    rules = RuleSet.from_profile(profile, accuracy_c=np.full(shipments, ACCURACY_C))
    seconds = []
    for _ in range(repeat):
        started = perf_counter()
        stepped = evaluate(_batch(told), rules)
        seconds.append(perf_counter() - started)
    own_s = float(np.median(seconds))
    numbers: dict[str, object] = {
        "readings": len(told.series),
        "shipments": shipments,
        "excursions": len(stepped.findings),
        "gaps": len(stepped.gaps),
        "detect_s": round(own_s, 4),
        "readings_per_s": round(len(told.series) / own_s),
        "slowest_readings_per_s": round(len(told.series) / max(seconds)),
        "repeat": repeat,
        "machine": platform.processor() or platform.machine(),
        "numpy": np.__version__,
        **_beside_polars(told, stepped, profile, own_s),
    }
    print(json_text.dumps(numbers) if json else _words(numbers))
    return numbers


def _batch(told: Fleet) -> Batch:
    return Batch(series=told.series, time_us=told.time_us, value=told.temp_c)


def _beside_polars(told: Fleet, stepped: Step, profile: Profile, own_s: float) -> dict[str, object]:
    """Return how long Polars took for the same excursions; nothing where it is not installed."""
    # One core each: Polars reads this when it is first imported.
    os.environ.setdefault("POLARS_MAX_THREADS", "1")
    try:
        import polars as pl

        from unbroken.bench.islands import UpperLimit, excursions, frame
    except ModuleNotFoundError:
        return {"polars": None}
    rule = _limit(profile)
    limit = UpperLimit(
        limit_c=rule.limit,
        accuracy_c=ACCURACY_C,
        hysteresis_c=float(rule.hysteresis_c),
        dwell_us=rule.dwell_s * SECOND_US,
        max_gap_us=profile.max_gap_s * SECOND_US,
    )
    started = perf_counter()
    theirs = excursions(frame(told), limit)
    polars_s = perf_counter() - started
    if theirs != _plain(stepped):
        message = "Polars found other excursions than the detector"
        raise AssertionError(message)
    return {
        "polars": pl.__version__,
        "polars_threads": pl.thread_pool_size(),
        "polars_s": round(polars_s, 4),
        "polars_readings_per_s": round(len(told.series) / polars_s),
        "times_faster_than_polars": round(polars_s / own_s, 1),
        "same_excursions": True,
    }


def _limit(profile: Profile) -> LimitRule:
    """Return the one limit that the profile has in transit."""
    (limit,) = profile.limit_rules(Channel.TEMP_C, Stage.TRANSIT)
    return limit


def _plain(stepped: Step) -> list[tuple[object, ...]]:
    """Return the detector's excursions in the form of the query's."""
    names = ["series", "started_us", "ended_us", "duration_us", "peak", "reading_count"]
    rows = stepped.findings[[*names, "confirmed"]].tolist()
    return sorted(tuple(row) for row in rows)


def _words(numbers: dict[str, object]) -> str:
    """Return the numbers as a few lines for people."""
    words = (
        "{readings:,} sorted readings of {shipments:,} shipments, {excursions} excursions, "
        "{gaps} gaps\n"
        "detector  {detect_s} s  {readings_per_s:,} readings/s (one core)"
    )
    if numbers["polars"]:
        words += (
            "\nPolars    {polars_s} s  {polars_readings_per_s:,} readings/s "
            "({polars_threads} thread(s)); same excursions, "
            "the detector is {times_faster_than_polars} times faster"
        )
    return words.format(**numbers)
