import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from api.thinning import choose, find_gaps
from schemas.reading import FloatArray, IntArray

MAX_GAP_US = 900_000_000


@st.composite
def series(draw: st.DrawFn) -> tuple[IntArray, FloatArray]:
    n = draw(st.integers(1, 400))
    steps = draw(st.lists(st.integers(1, 3 * MAX_GAP_US), min_size=n, max_size=n))
    value = st.one_of(st.just(float("nan")), st.floats(-200, 50))
    values = draw(st.lists(value, min_size=n, max_size=n))
    return np.cumsum(np.array(steps, dtype=np.int64)), np.array(values)


@given(drawn=series(), points=st.integers(8, 100))
def test_what_is_drawn_is_a_part_in_order_and_not_much_more_than_asked_for(
    drawn: tuple[IntArray, FloatArray], points: int
) -> None:
    time_us, value = drawn
    kept = choose(time_us, value, points, MAX_GAP_US)
    assert (np.diff(kept) > 0).all()
    assert kept[0] == 0
    assert kept[-1] == len(time_us) - 1
    assert len(kept) <= max(points, points + 2 * (points // 4) + 4)


@given(drawn=series(), points=st.integers(8, 100))
def test_thinning_keeps_the_extremes(drawn: tuple[IntArray, FloatArray], points: int) -> None:
    time_us, value = drawn
    if np.isnan(value).all():
        return
    kept = value[choose(time_us, value, points, MAX_GAP_US)]
    assert np.nanmax(kept) == np.nanmax(value)
    assert np.nanmin(kept) == np.nanmin(value)


@given(drawn=series())
def test_few_readings_are_drawn_all(drawn: tuple[IntArray, FloatArray]) -> None:
    time_us, value = drawn
    assert len(choose(time_us, value, len(time_us), MAX_GAP_US)) == len(time_us)


@given(drawn=series())
def test_a_gap_is_where_the_next_reading_comes_too_late(
    drawn: tuple[IntArray, FloatArray],
) -> None:
    time_us, _ = drawn
    gaps = set(find_gaps(time_us, MAX_GAP_US).tolist())
    for index in range(len(time_us) - 1):
        assert bool(time_us[index + 1] - time_us[index] > MAX_GAP_US) is (index in gaps)
