"""Verdicts in columns are the verdicts judged one by one."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from alerts.findings import Certainty
from alerts.state import fresh_state
from alerts.verdict_columns import Windows, judge_shipments
from tests.support.one_verdict import Coverage, Terms, judge_verdict

MINUTE_US = 60_000_000
BEGIN_US = 1_793_491_200_000_000
TERMS = Terms(max_gap_us=15 * MINUTE_US, minimum_coverage_pct=90, logging_interval_us=MINUTE_US)
minutes = st.integers(0, 300).map(lambda m: m * MINUTE_US)


@st.composite
def coverages(draw: st.DrawFn) -> Coverage:
    received = draw(st.sampled_from([0, 1, 50, 300]))
    first = BEGIN_US + draw(minutes)
    return Coverage(
        first_us=first,
        last_us=first + draw(minutes),
        received=received,
        unmonitored_us=draw(minutes),
        longest_gap_us=draw(minutes),
    )


shipments = st.lists(
    st.tuples(
        st.lists(coverages(), min_size=1, max_size=3),
        minutes,
        st.integers(0, 2),
        st.integers(0, 2),
    ),
    min_size=1,
    max_size=4,
)


@given(drawn=shipments)
def test_verdicts_in_columns_equal_those_judged_one_by_one(
    drawn: list[tuple[list[Coverage], int, int, int]],
) -> None:
    series = [(row, facts) for row, (many, _, _, _) in enumerate(drawn) for facts in many]
    state = fresh_state(len(series), 0)
    for place, (_, facts) in enumerate(series):
        for name in ("first_us", "last_us", "received", "unmonitored_us", "longest_gap_us"):
            state[name][place] = getattr(facts, name)
    count = len(drawn)
    ends = np.array([BEGIN_US + lasted for _, lasted, _, _ in drawn])
    verdicts = judge_shipments(
        state,
        np.array([row for row, _ in series]),
        Windows(
            begin_us=np.full(count, BEGIN_US),
            end_us=ends,
            max_gap_us=np.full(count, TERMS.max_gap_us),
            minimum_pct=np.full(count, TERMS.minimum_coverage_pct),
            interval_us=np.full(count, TERMS.logging_interval_us),
        ),
        np.array([confirmed for _, _, confirmed, _ in drawn]),
        np.array([possible for _, _, _, possible in drawn]),
    )
    for row, (many, _, confirmed, possible) in enumerate(drawn):
        certainties = [Certainty.CONFIRMED] * confirmed + [Certainty.POSSIBLE] * possible
        as_of = int(ends[row])
        expected = judge_verdict(
            terms=TERMS,
            series=many,
            certainties=certainties,
            window_us=(BEGIN_US, as_of),
            as_of_us=as_of,
        )
        assert verdicts.at(row, as_of) == expected
