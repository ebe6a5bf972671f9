"""The rules of a verdict, for many shipments at once, in columns."""

from dataclasses import dataclass

import numpy as np

from alerts.batch import BoolArray
from alerts.state import Records
from alerts.verdict import Outcome, Verdict
from schemas.reading import IntArray
from store.judgements import OUTCOMES as STORED_OUTCOMES

OUTCOMES = tuple(map(Outcome, STORED_OUTCOMES))


@dataclass(frozen=True, slots=True, kw_only=True)
class Windows:
    """What each of p shipments is asked for.

    Attributes:
        begin_us: When the watch had to begin, shape (p,). `end_us`: when it had to end; where it
            has not ended, the moment of judgement, shape (p,).
        max_gap_us, minimum_pct, interval_us: The profile's terms, shape (p,).
    """

    begin_us: IntArray
    end_us: IntArray
    max_gap_us: IntArray
    minimum_pct: IntArray
    interval_us: IntArray


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdicts:
    """Columns of `alerts.verdict.Verdict`, shape (p,) each; `outcome` indexes `OUTCOMES`."""

    outcome: IntArray
    covered_us: IntArray
    required_us: IntArray
    longest_gap_us: IntArray
    received: IntArray
    expected: IntArray

    def at(self, row: int, as_of_us: int) -> Verdict:
        """Return the verdict of one shipment as of a moment."""
        return Verdict(
            outcome=OUTCOMES[self.outcome[row]],
            covered_us=int(self.covered_us[row]),
            required_us=int(self.required_us[row]),
            longest_gap_us=int(self.longest_gap_us[row]),
            received=int(self.received[row]),
            expected=int(self.expected[row]),
            as_of_us=as_of_us,
        )


def judge_shipments(
    state: Records, shipment: IntArray, windows: Windows, confirmed: IntArray, possible: IntArray
) -> Verdicts:
    """Return the verdicts of p shipments.

    A confirmed excursion is an excursion whatever the coverage. Below the minimum coverage, and
    without any reading, the outcome is indeterminate, never within. Coverage is that of the best
    covered series; the outcome is the worst of all.

    Args:
        state: Detector state of k series.
        shipment: Which of the p shipments a series belongs to, shape (k,).
        windows: What is asked of each shipment.
        confirmed: Number of confirmed excursions, shape (p,).
        possible: Number of possible ones, shape (p,).
    """
    required = np.maximum(windows.end_us - windows.begin_us, 0)
    covered, gap, received = _best(state, shipment, windows, required)
    enough = (received > 0) & (covered * 100 >= required * windows.minimum_pct)
    outcome = np.where(possible > 0, 1, 0)
    outcome = np.where(enough, outcome, 2)
    outcome = np.where(confirmed > 0, 3, outcome)
    return Verdicts(
        outcome=outcome.astype(np.int64),
        covered_us=covered,
        required_us=required,
        longest_gap_us=gap,
        received=received,
        expected=np.where(required > 0, required // windows.interval_us + 1, 0),
    )


def _best(
    state: Records, shipment: IntArray, windows: Windows, required: IntArray
) -> tuple[IntArray, IntArray, IntArray]:
    """Return covered time, longest gap and readings of each shipment's best covered series."""
    begin, whole = windows.begin_us[shipment], required[shipment]
    max_gap = windows.max_gap_us[shipment]
    head = state["first_us"] - begin
    tail = begin + whole - state["last_us"]
    head_gap, tail_gap = np.where(head > max_gap, head, 0), np.where(tail > max_gap, tail, 0)
    covered = np.clip(whole - state["unmonitored_us"] - head_gap - tail_gap, 0, whole)
    gap = np.maximum(np.maximum(head_gap, tail_gap), state["longest_gap_us"])
    told: BoolArray = state["received"] > 0
    order = np.lexsort((state["received"], -gap, covered, told, shipment))
    best = np.full(len(required), -1, dtype=np.int64)
    best[shipment[order]] = order  # the last of each shipment stays
    none = (best < 0) | ~told[best]
    return (
        np.where(none, 0, covered[best]),
        np.where(none, required, gap[best]),
        np.where(none, 0, state["received"][best]),
    )
