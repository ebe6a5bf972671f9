"""A batch relies on nothing: what is out of order or absent never gets into one."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from alerts.batch import Batch
from schemas.errors import ReadingError
from tests.strategies_alerts import World, to_batch, worlds


@given(world=worlds(), data=st.data())
def test_the_same_rows_in_any_order_make_the_same_batch(world: World, data: st.DataObject) -> None:
    one, other = world.batch(), to_batch(data.draw(st.permutations(world.rows)))
    assert one.series.tolist() == other.series.tolist()
    assert one.time_us.tolist() == other.time_us.tolist()
    assert one.value.tolist() == other.value.tolist()
    sizes = np.diff(one.starts).tolist()
    assert np.repeat(one.ids, sizes).tolist() == one.series.tolist()


@pytest.mark.parametrize(
    "columns",
    [
        ([1, 0], [1, 2], [0.0, 0.0]),
        ([0, 0], [2, 1], [0.0, 0.0]),
        ([0, 0], [1, 1], [0.0, 0.0]),
        ([-1, 0], [1, 1], [0.0, 0.0]),
        ([0, 0], [1, 2], [0.0, math.nan]),
        ([0, 0], [1, 2], [0.0, math.inf]),
        ([0, 0, 1], [1, 2], [0.0, 0.0]),
        ([0, 1, 0], [1, 1, 2], [0.0, 0.0, 0.0]),
    ],
)
def test_a_batch_out_of_order_or_not_finite_is_refused(
    columns: tuple[list[int], list[int], list[float]],
) -> None:
    with pytest.raises(ReadingError):
        Batch(
            series=np.array(columns[0], dtype=np.int64),
            time_us=np.array(columns[1], dtype=np.int64),
            value=np.array(columns[2], dtype=np.float64),
        )


def test_finite_values_whose_sum_is_not_are_taken() -> None:
    assert len(to_batch([(0, 1, 1.7e308), (0, 2, 1.7e308)])) == 2
