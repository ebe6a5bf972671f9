from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from api.profiles import ProfileFacts, profile_facts
from api.sparks import POINTS, STEP_S, spark_of
from schemas.profile import limits_c, load_profiles, profile_document
from store.board_hours import Steps

PROFILES = {profile.id: profile_facts(profile_document(profile)) for profile in load_profiles()}
FROZEN, COLD = PROFILES["carvykti"], PROFILES["hemgenix"]


@st.composite
def steps(draw: st.DrawFn) -> Steps:
    at = sorted(draw(st.sets(st.integers(0, POINTS - 1), min_size=1)))
    low_c = [draw(st.floats(-190, 30)) for _ in at]
    return Steps(
        start_s=[number * STEP_S for number in at],
        low_c=low_c,
        high_c=[low + draw(st.floats(0, 20)) for low in low_c],
    )


@given(drawn=steps(), profile=st.sampled_from([FROZEN, COLD]))
def test_a_spark_is_in_order_short_and_broken_exactly_at_gaps(
    drawn: Steps, profile: ProfileFacts
) -> None:
    spark = spark_of(drawn, profile)
    times = [at for at, _ in spark]
    assert times == sorted(set(times))
    assert len(spark) <= POINTS
    assert [at for at, value in spark if value is not None] == drawn.start_s
    for (before, first), (after, second) in pairwise(spark):
        if first is not None and second is not None:
            assert after - before <= profile.max_gap_s + STEP_S


@given(drawn=steps())
def test_a_spark_of_frozen_product_shows_the_warmest_of_each_step(drawn: Steps) -> None:
    shown = [value for _, value in spark_of(drawn, FROZEN) if value is not None]
    assert shown == [round(high, 2) for high in drawn.high_c]


@given(drawn=steps())
def test_a_spark_between_two_limits_hides_no_step_beyond_one(drawn: Steps) -> None:
    low_c, high_c = COLD.low_c, COLD.high_c
    assert low_c is not None
    assert high_c is not None
    shown = [value for _, value in spark_of(drawn, COLD) if value is not None]
    for value, low, high in zip(shown, drawn.low_c, drawn.high_c, strict=True):
        if low < low_c - 0.01 or high > high_c + 0.01:
            assert value < low_c or value > high_c


def test_the_limits_shown_are_those_of_the_profile() -> None:
    for profile in load_profiles():
        facts = PROFILES[profile.id]
        assert (facts.low_c, facts.high_c) == limits_c(profile)
