"""Verdicts judged one by one: a second writing of the rules, to which the columns are held."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from alerts.findings import Certainty
from alerts.rules import SECOND_US
from alerts.state import Records
from alerts.verdict import Outcome, Verdict
from schemas.profile import Profile


@dataclass(frozen=True, slots=True, kw_only=True)
class Coverage:
    """What one series saw, as the detector's state carries it.

    Attributes:
        first_us: First reading, microseconds since 1970 UTC. `last_us`: last reading.
        received: Number of readings; 0 leaves the other fields without meaning.
        unmonitored_us: Sum of the gaps longer than the profile's `max_gap`.
        longest_gap_us: The longest of them, 0 without any.
    """

    first_us: int
    last_us: int
    received: int
    unmonitored_us: int
    longest_gap_us: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Terms:
    """What a profile asks of coverage.

    Attributes:
        max_gap_us: A reading speaks until the next one if that comes within this.
        minimum_coverage_pct: Below this nothing can be called within, 1 … 100.
        logging_interval_us: A reading is expected this often.
    """

    max_gap_us: int
    minimum_coverage_pct: int
    logging_interval_us: int

    @classmethod
    def of(cls, profile: Profile, *, logging_interval_s: int | None = None) -> "Terms":
        """Return the terms of a profile; a logger's own interval, where known, replaces its."""
        return cls(
            max_gap_us=profile.max_gap_s * SECOND_US,
            minimum_coverage_pct=profile.minimum_coverage_pct,
            logging_interval_us=(logging_interval_s or profile.logging_interval_s) * SECOND_US,
        )


def coverage_of(state: Records, row: int) -> Coverage:
    """Return the coverage of one series from the detector's state table."""
    record = state[row]
    return Coverage(
        first_us=int(record["first_us"]),
        last_us=int(record["last_us"]),
        received=int(record["received"]),
        unmonitored_us=int(record["unmonitored_us"]),
        longest_gap_us=int(record["longest_gap_us"]),
    )


def judge_verdict(
    *,
    terms: Terms,
    series: Sequence[Coverage],
    certainties: Iterable[Certainty],
    window_us: tuple[int, int | None],
    as_of_us: int,
) -> Verdict:
    """Return the verdict of one shipment.

    A confirmed excursion is an excursion whatever the coverage. Below the minimum coverage, and
    without any reading, the outcome is indeterminate, never within. Coverage is that of the best
    covered series; the outcome is the worst of all.

    Args:
        terms: What the profile asks.
        series: Coverage of each logger's readings inside the window.
        certainties: Certainty of every excursion of every series.
        window_us: When the watch had to begin and to end, microseconds since 1970 UTC; None for
            an end that has not come.
        as_of_us: The present; nothing later is required.
    """
    begin, end = window_us
    end = as_of_us if end is None else min(end, as_of_us)
    required = max(end - begin, 0)
    seen = [_covered(facts, terms, begin, begin + required) for facts in series if facts.received]
    covered, shortest_gap, received = max(seen, default=(0, -required, 0))
    enough = received > 0 and covered * 100 >= required * terms.minimum_coverage_pct
    return Verdict(
        outcome=_outcome(set(certainties), enough=enough),
        covered_us=covered,
        required_us=required,
        longest_gap_us=-shortest_gap,
        received=received,
        expected=required // terms.logging_interval_us + 1 if required else 0,
        as_of_us=as_of_us,
    )


def _outcome(certainties: set[Certainty], *, enough: bool) -> Outcome:
    if Certainty.CONFIRMED in certainties:
        return Outcome.EXCURSION
    if not enough:
        return Outcome.INDETERMINATE
    return Outcome.POSSIBLE if certainties else Outcome.WITHIN


def _covered(facts: Coverage, terms: Terms, begin: int, end: int) -> tuple[int, int, int]:
    """Return covered time, minus the longest gap, and readings: the greatest is the best series.

    The stretches before the first and after the last reading are gaps like any other.
    """
    edges = [facts.first_us - begin, end - facts.last_us]
    gaps = [edge for edge in edges if edge > terms.max_gap_us]
    lost = facts.unmonitored_us + sum(gaps)
    covered = min(max(end - begin - lost, 0), end - begin)
    return covered, -max(*gaps, facts.longest_gap_us, 0), facts.received
