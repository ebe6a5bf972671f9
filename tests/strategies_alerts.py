"""Hypothesis strategies for detection: worlds of a few series, each with its rules and readings."""

import math
from dataclasses import dataclass

import numpy as np
from hypothesis import strategies as st
from numpy.typing import NDArray

from alerts.detect import Batch, RuleSet
from schemas.profile_parts import LimitRule, Severity
from tests.support.naive_excursions import Limit

SECOND = 1_000_000
ORIGIN = 1_795_305_600 * SECOND


@dataclass(frozen=True, kw_only=True)
class World:
    """Readings of a few series in any order with repeats, and the limits they are held to."""

    rows: list[tuple[int, int, float]]
    limits: list[list[Limit]]
    rules: RuleSet

    def batch(self) -> Batch:
        """Return all readings as a batch."""
        return to_batch(self.rows)

    def readings(self, series: int) -> list[tuple[int, float]]:
        """Return what one series said."""
        return [(t, v) for s, t, v in self.rows if s == series]


def to_batch(rows: list[tuple[int, int, float]]) -> Batch:
    """Return rows of (series, microseconds, value) as a batch."""
    columns: tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.float64]] = (
        np.array([row[0] for row in rows], dtype=np.int64),
        np.array([row[1] for row in rows], dtype=np.int64),
        np.array([row[2] for row in rows], dtype=np.float64),
    )
    return Batch.from_columns(*columns)


def to_rules(limits: list[list[Limit]]) -> RuleSet:
    """Return plain limits as a rule set, without going through a profile."""
    slots = max((len(own) for own in limits), default=0)
    shape = (len(limits), slots)
    sign, limit, hysteresis = np.ones(shape), np.full(shape, math.nan), np.zeros(shape)
    dwell = np.zeros(shape, dtype=np.int64)
    for row, own in enumerate(limits):
        for slot, rule in enumerate(own):
            sign[row, slot] = 1.0 if rule.side == "above" else -1.0
            limit[row, slot] = sign[row, slot] * rule.limit
            hysteresis[row, slot], dwell[row, slot] = rule.hysteresis, rule.dwell_us
    return RuleSet(
        rules=tuple(tuple(_rule(slot, rule) for slot, rule in enumerate(own)) for own in limits),
        sign=sign,
        limit=limit,
        hysteresis=hysteresis,
        dwell_us=dwell,
        accuracy=np.array([own[0].accuracy if own else 0.0 for own in limits], dtype=np.float64),
        max_gap_us=np.array(
            [own[0].max_gap_us if own else SECOND for own in limits], dtype=np.int64
        ),
    )


def _rule(slot: int, rule: Limit) -> LimitRule:
    side = {f"{rule.side}_c": round(rule.limit)}
    return LimitRule.model_validate(
        {
            "id": f"rule-{slot}",
            "kind": "limit",
            "dwell_s": rule.dwell_us // SECOND,
            "hysteresis_c": 0,
            "severity": Severity.WARNING,
            "source": "test",
            **side,
        }
    )


values = st.one_of(
    st.integers(-8, 8).map(lambda n: n / 2),
    st.floats(-6, 6, width=32),
    st.just(math.nan),
)
"""Near the limits of `limits_of_series`, often exactly on one."""


@st.composite
def limits_of_series(draw: st.DrawFn) -> list[Limit]:
    """Return up to two limits of one series."""
    accuracy = draw(st.sampled_from([0.0, 0.5, 1.0, 0.3]))
    max_gap = draw(st.sampled_from([5, 10, 20, 40, 1])) * SECOND
    return [
        Limit(
            side=side,
            limit=draw(st.sampled_from([0.0, 1.0, -1.5, 2.25])),
            hysteresis=draw(st.sampled_from([0.0, 0.5, 2.0])),
            dwell_us=draw(st.sampled_from([0, 5, 30])) * SECOND,
            accuracy=accuracy,
            max_gap_us=max_gap,
        )
        for side in draw(st.lists(st.sampled_from(["above", "below"]), min_size=1, max_size=2))
    ]


@st.composite
def worlds(draw: st.DrawFn, max_series: int = 3, max_rows: int = 40) -> World:
    """Return a world: gaps, repeats, absent values, both sides, some series without readings."""
    limits = draw(st.lists(limits_of_series(), min_size=1, max_size=max_series))
    instants = st.one_of(
        st.integers(0, 24).map(lambda s: s * 5 * SECOND), st.integers(0, 120 * SECOND)
    )
    told = draw(st.lists(st.tuples(st.integers(0, len(limits) - 1), instants), max_size=max_rows))
    # One instant of one logger has one value: the store keeps the first and sets others aside.
    known = {key: draw(values) for key in dict.fromkeys(told)}
    rows = [(series, ORIGIN + at, known[series, at]) for series, at in told]
    return World(rows=rows, limits=limits, rules=to_rules(limits))
