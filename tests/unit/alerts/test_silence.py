"""The promises of the silence rule."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from alerts.silence import Miss, QuietWindow, missed
from schemas.errors import ReadingError

moments = st.integers(0, 500)


def misses(
    heard: list[int], now: int, quiet: list[QuietWindow] | None = None, *, grace: int = 10
) -> list[int]:
    shape = np.ones(len(heard), dtype=np.int64)
    found = missed(
        heard_us=np.array(heard, dtype=np.int64),
        expected_us=100 * shape,
        grace_us=grace * shape,
        quiet=quiet or [],
        now_us=now,
    )
    return [int(value) for value in found]


windows = st.builds(
    lambda series, start, length: QuietWindow(series=series, from_us=start, to_us=start + length),
    st.integers(0, 2),
    moments,
    st.integers(0, 200),
)


def test_the_first_and_the_second_miss_come_one_interval_apart() -> None:
    assert misses([0], 110) == [Miss.NONE]
    assert misses([0], 111) == [Miss.FIRST]
    assert misses([0], 210) == [Miss.FIRST]
    assert misses([0], 211) == [Miss.SECOND]


def test_a_planned_flight_is_not_silence_and_the_clock_goes_on_after_it() -> None:
    flight = [QuietWindow(series=0, from_us=50, to_us=1050)]
    assert misses([0], 1000, flight) == [Miss.NONE]
    assert misses([0], 1110, flight) == [Miss.NONE]
    assert misses([0], 1111, flight) == [Miss.FIRST]
    assert misses([1050], 1161, flight) == [Miss.FIRST]


@given(
    heard=st.lists(moments, min_size=3, max_size=3),
    now=st.integers(500, 1500),
    quiet=st.lists(windows, max_size=5),
)
def test_each_quiet_instant_counts_once(
    heard: list[int], now: int, quiet: list[QuietWindow]
) -> None:
    expected = []
    for series, last in enumerate(heard):
        planned = {
            instant
            for window in quiet
            if window.series == series
            for instant in range(max(window.from_us, last), min(window.to_us, now))
        }
        silent = now - last - len(planned)
        expected.append((silent > 110) + (silent > 210))
    assert misses(heard, now, quiet) == expected


@given(last=moments, now=st.integers(500, 1500), quiet=st.lists(windows, max_size=3))
def test_hearing_later_never_makes_it_worse(last: int, now: int, quiet: list[QuietWindow]) -> None:
    early, late = misses([last] * 3, now, quiet), misses([last + 1] * 3, now, quiet)
    assert all(after <= before for before, after in zip(early, late, strict=True))


def test_windows_of_unknown_series_and_ragged_columns_are_refused() -> None:
    with pytest.raises(ReadingError, match="series 3"):
        misses([0], 10, [QuietWindow(series=3, from_us=0, to_us=1)])
    one, two = np.zeros(1, dtype=np.int64), np.zeros(2, dtype=np.int64)
    with pytest.raises(ReadingError, match="shape"):
        missed(heard_us=one, expected_us=two, grace_us=one, now_us=0)
