"""What people read is exact: true minus signs, units, and no doubt left unsaid."""

from dataclasses import replace
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from alerts.findings import Certainty, Excursion
from alerts.sentences import (
    degrees,
    duration,
    excursion_headline,
    excursion_sentence,
    limit_degrees,
    peak,
    silence_sentence,
    verdict_sentence,
)
from alerts.silence import Miss
from alerts.verdict import Outcome, Verdict
from schemas.profile_parts import Severity, Side

SECOND = 1_000_000
WARM = Excursion(
    id=UUID(int=0),
    shipment="U-2291",
    logger="LG-0001",
    rule_id="transit-warm",
    severity=Severity.CRITICAL,
    certainty=Certainty.CONFIRMED,
    side=Side.ABOVE,
    limit_c=-150.0,
    threshold_c=-150.0,
    accuracy_c=0.5,
    started_us=0,
    ended_us=380 * SECOND,
    last_us=300 * SECOND,
    peak_c=-142.3,
    duration_us=380 * SECOND,
    unmonitored_us=0,
    excess_mc_ms=1,
    reading_count=2,
)
VERDICT = Verdict(
    outcome=Outcome.WITHIN,
    covered_us=94_999,
    required_us=100_000,
    longest_gap_us=72 * 60 * SECOND,
    received=7,
    expected=8,
    as_of_us=0,
)


@pytest.mark.parametrize(
    ("seconds", "words"),
    [
        (0, "0 s"),
        (45, "45 s"),
        (60, "1 min"),
        (380, "6 min 20 s"),
        (4_320, "1 h 12 min"),
        (3_605, "1 h"),
        (187_200, "2 d 4 h"),
        (86_460, "1 d"),
    ],
)
def test_durations_have_two_units_at_most(seconds: int, words: str) -> None:
    assert duration(seconds * SECOND) == words


def test_a_confirmed_excursion_reads_as_one() -> None:
    assert excursion_headline(WARM) == "−142.3 °C, limit −150 °C, for 6 min 20 s"
    assert excursion_sentence(WARM) == "Up to −142.3 °C: above −150 °C for 6 min 20 s."


def test_a_possible_running_one_with_a_gap_says_all_three() -> None:
    doubtful = replace(
        WARM,
        certainty=Certainty.POSSIBLE,
        ended_us=None,
        unmonitored_us=3_600 * SECOND,
        peak_c=-149.97,
        threshold_c=-150.5,
    )
    assert excursion_sentence(doubtful) == (
        "Up to −150.0 °C: above −150.5 °C for 6 min 20 s so far, and 1 h inside it not monitored. "
        "The logger's ±0.5 °C leaves it open whether −150 °C was passed for long enough."
    )


def test_a_low_side_and_a_single_reading() -> None:
    cold = replace(
        WARM, side=Side.BELOW, limit_c=2.0, threshold_c=2.0, peak_c=1.25, reading_count=1
    )
    assert excursion_headline(cold) == "1.2 °C, limit 2 °C, one reading"
    assert excursion_sentence(cold).startswith("Down to 1.2 °C: below 2 °C for")


@given(over=st.floats(0.001, 20), limit=st.integers(-200, 40), side=st.sampled_from(Side))
def test_a_peak_never_reads_as_inside_its_limit(over: float, limit: int, side: Side) -> None:
    sign = 1 if side is Side.ABOVE else -1
    shown = peak(
        replace(WARM, side=side, peak_c=limit + sign * over, threshold_c=limit, limit_c=limit)
    )
    number = float(shown.removesuffix(" °C").replace("−", "-"))
    assert sign * (number - limit) > 0 or over <= 0.0015


@given(value=st.floats(-273, 200))
def test_no_hyphen_stands_for_minus_and_zero_has_no_sign(value: float) -> None:
    for shown in (degrees(value), limit_degrees(value)):
        assert "-" not in shown
        assert shown.endswith(" °C")
        assert shown not in {"−0 °C", "−0.0 °C"}


@pytest.mark.parametrize("outcome", Outcome)
def test_a_verdict_is_never_told_without_its_coverage(outcome: Outcome) -> None:
    assert "94.99 % of the time monitored, longest gap 1 h 12 min" in verdict_sentence(
        replace(VERDICT, outcome=outcome)
    )


def test_no_reading_is_said_plainly() -> None:
    silent = replace(VERDICT, outcome=Outcome.INDETERMINATE, received=0)
    assert verdict_sentence(silent) == "Indeterminate: no reading yet."


def test_silence_says_nothing_about_the_temperature() -> None:
    said = silence_sentence(miss=Miss.SECOND, silent_us=4_320 * SECOND, expected_us=1_800 * SECOND)
    assert said == (
        "Nothing heard for 1 h 12 min; expected every 30 min, missed for the second time. "
        "Silence says nothing about the temperature."
    )
    heard = silence_sentence(miss=Miss.NONE, silent_us=5 * SECOND, expected_us=60 * SECOND)
    assert heard == "Last heard 5 s ago."
