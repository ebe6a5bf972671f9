import pytest
from hypothesis import given
from hypothesis import strategies as st

from simulator.clock import MICROSECONDS, WorldClock
from tests.strategies_simulator import EPOCH_US

DAY_US = 86_400 * MICROSECONDS


@st.composite
def clocks(draw: st.DrawFn) -> WorldClock:
    clock = WorldClock.starting(EPOCH_US, draw(st.floats(1, 60)))
    at_us = EPOCH_US
    for _ in range(draw(st.integers(0, 3))):
        stopped_us = at_us + draw(st.integers(1, DAY_US))
        at_us = stopped_us + draw(st.integers(1, DAY_US))
        clock = clock.resumed(stopped_us, at_us, draw(st.floats(1, 60)))
    return clock


@given(clock=clocks(), at_us=st.integers(EPOCH_US - DAY_US, EPOCH_US + 8 * DAY_US))
def test_the_world_reaches_its_second_no_later_than_the_instant_it_came_from(
    clock: WorldClock, at_us: int
) -> None:
    world_s = clock.world_s(at_us)
    reached_us = clock.at_us(world_s)
    assert reached_us <= at_us + 1
    assert clock.world_s(reached_us) == pytest.approx(world_s, abs=1e-3)


@given(clock=clocks(), a=st.integers(0, 8 * DAY_US), b=st.integers(0, 8 * DAY_US))
def test_the_world_never_goes_back(clock: WorldClock, a: int, b: int) -> None:
    first, second = sorted((EPOCH_US - DAY_US + a, EPOCH_US - DAY_US + b))
    assert clock.world_s(first) <= clock.world_s(second)


def test_a_stopped_simulator_leaves_the_world_where_it_was() -> None:
    stopped_us, at_us = EPOCH_US + 10 * MICROSECONDS, EPOCH_US + DAY_US
    clock = WorldClock.starting(EPOCH_US, 30.0).resumed(stopped_us, at_us, 30.0)
    assert clock.world_s(at_us) == clock.world_s(stopped_us) == 300.0
