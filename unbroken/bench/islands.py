"""The same excursions by a Polars gaps-and-islands query: a yardstick that shares no code."""

from dataclasses import dataclass

import polars as pl

from unbroken.bench.fleet import Fleet

KEYS = ("series", "started_us")


@dataclass(frozen=True, slots=True, kw_only=True)
class UpperLimit:
    """An upper limit with everything that decides about an excursion."""

    limit_c: float
    accuracy_c: float
    hysteresis_c: float
    dwell_us: int
    max_gap_us: int


def frame(fleet: Fleet) -> pl.DataFrame:
    """Return a fleet as a Polars frame; the columns are not copied."""
    return pl.DataFrame({"series": fleet.series, "t": fleet.time_us, "v": fleet.temp_c})


def excursions(readings: pl.DataFrame, limit: UpperLimit) -> list[tuple[object, ...]]:
    """Return (series, start, end, duration, peak, readings, confirmed), sorted.

    Args:
        readings: Columns series, t (microseconds) and v (°C), sorted by series and t.
        limit: What they are held to.
    """
    soft, nominal, hard = pl.collect_all(
        [_islands(readings.lazy(), limit, shift) for shift in (-1.0, 0.0, 1.0)]
    )
    sure = _inside(hard, nominal).select(KEYS).unique().with_columns(confirmed=pl.lit(value=True))
    certain = nominal.join(sure, on=KEYS, how="left").with_columns(
        pl.col("confirmed").fill_null(value=False)
    )
    around = _inside(nominal, soft).select(KEYS).unique()
    alone = soft.join(around, on=KEYS, how="anti").with_columns(confirmed=pl.lit(value=False))
    return sorted(pl.concat([certain, alone]).rows())


def _islands(readings: pl.LazyFrame, limit: UpperLimit, shift: float) -> pl.LazyFrame:
    """Return the stays beyond one threshold that have the dwell.

    Sorted rows make `over("series")` unnecessary: it would cost Polars several times as much.
    """
    top = limit.limit_c + shift * limit.accuracy_c
    low = top - limit.hysteresis_c
    first = pl.col("series") != pl.col("series").shift(1, fill_value=-1)
    last = pl.col("series") != pl.col("series").shift(-1, fill_value=-1)
    apart = pl.col("t") - pl.col("t").shift(1)
    state = pl.when(pl.col("v") > top).then(1).when((pl.col("v") <= low) | first).then(0)
    readings = readings.with_columns(
        inside=state.forward_fill(),
        near_before=(apart <= limit.max_gap_us) & ~first,
        near_after=(apart.shift(-1) <= limit.max_gap_us) & ~last,
    ).with_columns(
        island=((pl.col("inside") != pl.col("inside").shift(1)) | first).cum_sum(),
        begins=_crossing(1, top),
        ends=_crossing(-1, low),
        apart=apart,
    )
    gap = pl.col("apart").slice(1)
    return (
        readings.filter(pl.col("inside") == 1)
        .group_by("series", "island", maintain_order=True)
        .agg(
            started_us=pl.col("begins").first(),
            ended_us=pl.col("ends").last(),
            lost=gap.filter(gap > limit.max_gap_us).sum(),
            peak=pl.col("v").max(),
            count=pl.len(),
        )
        .with_columns(duration_us=pl.col("ended_us") - pl.col("started_us") - pl.col("lost"))
        .filter(pl.col("duration_us") >= limit.dwell_us)
        .select("series", "started_us", "ended_us", "duration_us", "peak", "count")
    )


def _crossing(offset: int, level: float) -> pl.Expr:
    """Return when the line to a neighbour passes a level, or the reading's own instant."""
    near = pl.col("near_before" if offset > 0 else "near_after")
    own_t, own_v = pl.col("t"), pl.col("v")
    other_t, other_v = own_t.shift(offset), own_v.shift(offset)
    since, until = (other_t, own_t) if offset > 0 else (own_t, other_t)
    low, high = (other_v, own_v) if offset > 0 else (own_v, other_v)
    crossing = since + ((level - low) / (high - low) * (until - since)).round().cast(pl.Int64)
    return pl.when(near & (low != high)).then(crossing).otherwise(own_t)


def _inside(inner: pl.DataFrame, outer: pl.DataFrame) -> pl.DataFrame:
    """Return the outer stays that hold an inner one, once for each."""
    pairs = outer.join(inner.select("series", begun=pl.col("started_us")), on="series")
    return pairs.filter(pl.col("begun").is_between("started_us", "ended_us"))
