"""The promises of a verdict: never within on too little, never silent about an excursion."""

from itertools import product

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from alerts.detect import Certainty, evaluate
from alerts.verdict import ENGINE, Outcome, Verdict
from schemas.profile import load_profiles
from tests.strategies_alerts import World, worlds
from tests.support.one_verdict import Coverage, Terms, coverage_of, judge_verdict

MINUTE = 60_000_000
TERMS = Terms(max_gap_us=15 * MINUTE, minimum_coverage_pct=95, logging_interval_us=5 * MINUTE)


def seen(first: int, last: int, *, lost: int = 0, longest: int = 0) -> Coverage:
    return Coverage(
        first_us=first * MINUTE,
        last_us=last * MINUTE,
        received=(last - first) // 5 + 1,
        unmonitored_us=lost * MINUTE,
        longest_gap_us=longest * MINUTE,
    )


def judged(
    *series: Coverage, certainties: tuple[Certainty, ...] = (), as_of: int = 1000
) -> Verdict:
    return judge_verdict(
        terms=TERMS,
        series=series,
        certainties=certainties,
        window_us=(0, 1000 * MINUTE),
        as_of_us=as_of * MINUTE,
    )


coverages = st.builds(
    lambda first, length, lost: seen(
        first, first + length, lost=min(lost, length), longest=min(lost, length)
    ),
    st.integers(0, 900),
    st.integers(0, 900),
    st.integers(0, 300),
)
certainties = st.lists(st.sampled_from(Certainty), max_size=3).map(tuple)


@given(series=st.lists(coverages, max_size=3), found=certainties, as_of=st.integers(0, 2000))
def test_an_outcome_never_promises_more_than_was_seen(
    series: list[Coverage], found: tuple[Certainty, ...], as_of: int
) -> None:
    verdict = judged(*series, certainties=found, as_of=as_of)
    assert 0 <= verdict.covered_us <= verdict.required_us
    assert 0.0 <= verdict.coverage_pct <= 100.0
    assert (verdict.outcome is Outcome.EXCURSION) == (Certainty.CONFIRMED in found)
    if verdict.outcome in {Outcome.WITHIN, Outcome.POSSIBLE}:
        assert verdict.coverage_pct >= TERMS.minimum_coverage_pct
    assert (verdict.outcome is Outcome.WITHIN) <= (not found)


@given(series=st.lists(coverages, min_size=1, max_size=3), found=certainties)
def test_a_further_logger_never_lowers_coverage_and_order_is_nothing(
    series: list[Coverage], found: tuple[Certainty, ...]
) -> None:
    whole = judged(*series, certainties=found)
    assert whole == judged(*series[::-1], certainties=found[::-1])
    assert whole.covered_us >= judged(*series[1:], certainties=found).covered_us


@given(series=st.lists(coverages, max_size=2), found=certainties)
def test_a_document_holds_integers_and_strings_only(
    series: list[Coverage], found: tuple[Certainty, ...]
) -> None:
    document = judged(*series, certainties=found).document()
    assert {type(value) for value in document.values()} <= {int, str}
    assert document["engine"] == ENGINE


@given(world=worlds(max_series=1))
def test_gaps_and_edges_and_covered_time_add_up_to_what_is_required(world: World) -> None:
    facts = coverage_of(evaluate(world.batch(), world.rules).state, 0)
    if not facts.received:
        return
    gap = int(world.rules.max_gap_us[0])
    terms = Terms(max_gap_us=gap, minimum_coverage_pct=95, logging_interval_us=gap)
    begin, end = facts.first_us - 7, facts.last_us + 10 * gap
    verdict = judge_verdict(
        terms=terms, series=[facts], certainties=(), window_us=(begin, None), as_of_us=end
    )
    tail = 10 * gap
    assert verdict.covered_us + facts.unmonitored_us + tail == verdict.required_us
    assert verdict.longest_gap_us == max(facts.longest_gap_us, tail)


def test_without_readings_it_is_indeterminate() -> None:
    verdict = judged()
    assert (verdict.outcome, verdict.coverage_pct) == (Outcome.INDETERMINATE, 0.0)
    assert (verdict.longest_gap_us, verdict.received) == (1000 * MINUTE, 0)


@pytest.mark.parametrize(
    ("series", "outcome"),
    [
        (seen(0, 1000), Outcome.WITHIN),
        (seen(15, 985), Outcome.WITHIN),
        (seen(0, 1000, lost=50, longest=50), Outcome.WITHIN),
        (seen(0, 1000, lost=51, longest=51), Outcome.INDETERMINATE),
        (seen(0, 949), Outcome.INDETERMINATE),
        (seen(51, 1000), Outcome.INDETERMINATE),
    ],
)
def test_coverage_below_the_minimum_is_indeterminate(series: Coverage, outcome: Outcome) -> None:
    assert judged(series).outcome is outcome


def test_the_best_covered_logger_counts_and_the_worst_outcome() -> None:
    verdict = judged(seen(0, 500), seen(0, 1000), certainties=(Certainty.POSSIBLE,))
    assert (verdict.outcome, verdict.coverage_pct) == (Outcome.POSSIBLE, 100.0)
    assert (verdict.received, verdict.expected) == (201, 201)


def test_nothing_is_required_before_the_window() -> None:
    early = judged(seen(-20, -10), as_of=-5)
    assert (early.required_us, early.coverage_pct, early.outcome) == (0, 100.0, Outcome.WITHIN)


def test_every_profile_gives_terms() -> None:
    for profile, interval in product(load_profiles(), (None, 60)):
        terms = Terms.of(profile, logging_interval_s=interval)
        assert terms.logging_interval_us == (interval or profile.logging_interval_s) * 1_000_000
        assert np.int64(terms.max_gap_us) == profile.max_gap_s * 1_000_000
