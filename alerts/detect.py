"""Did it stay cold: the one door to detection.

A *series* is one logger watching one shipment. Readings come in as a `Batch` (columns sorted by
series and time), each series has a row in a state table, and a `RuleSet` holds the limits of each:

    rules = RuleSet.from_profiles(profiles, accuracy_c=[0.5, 0.2])     # one entry a series
    state = state_from_bytes(stored, rules.slots)                      # None entries: fresh
    batch = Batch.from_columns(series, time_us, temp_c)                # series = 0, 1, …
    late = late_series(state, batch)                                   # shape (k,)
    ... for late series: put fresh state and *all* their readings into state and batch ...
    stepped = step(state, batch, rules)
    for excursion in name_excursions(stepped.findings, rules, [("U-2291", "LG-0001"), …]):
        ... upsert by excursion.id ...
    stored = [state_bytes(stepped.state, row) for row in range(len(rules))]

**Exactness.** Stepping over any split of the same sorted readings leaves the same state, and the
last form of each excursion id is the same. Readings that arrive late cannot be continued: the
series is judged again from its stored readings (`evaluate`), which gives what would have come out
had they arrived in time. Ids that such a judgement no longer reports are no longer excursions.

**Identity.** A possible excursion that becomes a certain one keeps its id; so does one that
grows. An id depends on the shipment, the logger, the rule and the start, on nothing else.

Nothing here does I/O, reads a clock, or changes its arguments.
"""

from dataclasses import dataclass

import numpy as np

from alerts.batch import Batch, BoolArray
from alerts.coverage import GAP, cover
from alerts.findings import KEY, Certainty, Excursion, excursion_id, name_excursions
from alerts.limit import detect_limits
from alerts.rules import RuleSet
from alerts.state import (
    Records,
    fresh_state,
    series_dtype,
    state_bytes,
    state_from_bytes,
    states_bytes,
)
from schemas.errors import ReadingError

__all__ = [
    "GAP",
    "Batch",
    "Certainty",
    "Excursion",
    "Records",
    "RuleSet",
    "Step",
    "evaluate",
    "excursion_id",
    "fresh_state",
    "late_series",
    "name_excursions",
    "state_bytes",
    "state_from_bytes",
    "states_bytes",
    "step",
]


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """What one batch did.

    Attributes:
        state: The state table after the batch, shape (k,).
        findings: `FINDING` records of the excursions that opened, grew or closed, each in its form
            of now, in the order of (series, slot, start).
        gaps: `GAP` records of the gaps that the batch ended, in the order of (series, start).
    """

    state: Records
    findings: Records
    gaps: Records


def late_series(state: Records, batch: Batch) -> BoolArray:
    """Return which series have a reading at or before what the state carries, shape (k,)."""
    late = np.zeros(len(state), dtype=np.bool_)
    ids = batch.ids
    first = batch.time_us[batch.starts[:-1]]
    late[ids] = (state["received"][ids] > 0) & (first <= state["last_us"][ids])
    return late


def step(state: Records, batch: Batch, rules: RuleSet) -> Step:
    """Return the state after a batch, and what changed.

    Args:
        state: From `fresh_state`, `state_from_bytes` or an earlier step, shape (k,). Not changed.
        batch: Readings of any of the k series, later than what the state carries.
        rules: Of all k series; the state must have as many slots.

    Raises:
        ReadingError: The state does not fit the rules, the batch names a series that is not
            there, or a series is late.
    """
    if len(state) != len(rules) or state.dtype != series_dtype(rules.slots):
        message = "the state and the rules are of different series or slots"
        raise ReadingError(message)
    if len(batch) and batch.ids[-1] >= len(rules):
        message = f"series {batch.ids[-1]} has no rules"
        raise ReadingError(message)
    if late_series(state, batch).any():
        message = "late readings cannot be continued; evaluate their series from the start"
        raise ReadingError(message)
    after = state.copy()
    found = detect_limits(after, batch, rules)
    gaps = cover(after, batch, rules.max_gap_us)
    order = np.lexsort([found[name] for name in reversed(KEY)])
    return Step(state=after, findings=found[order], gaps=gaps)


def evaluate(batch: Batch, rules: RuleSet) -> Step:
    """Return the judgement of all readings of some series, from the start.

    Args:
        batch: All readings of the k series.
        rules: Of the k series.

    Raises:
        ReadingError: The batch names a series without rules.
    """
    return step(fresh_state(len(rules), rules.slots), batch, rules)
