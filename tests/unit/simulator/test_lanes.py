import pytest
from hypothesis import given
from hypothesis import strategies as st

from simulator.ambient import Weather, ambient_at, pressure_at
from simulator.fleet import Slot
from simulator.lanes import Lane, Stage, distance_km, plan_lane
from simulator.places import Position, load_atlas
from simulator.planning import plan_shipment
from simulator.script import script
from tests.strategies_simulator import slots

ATLAS = load_atlas()
FASTEST_KM_S = 0.3


@st.composite
def lanes(draw: st.DrawFn) -> Lane:
    origin = draw(st.sampled_from(ATLAS.sites_of("manufacturer")))
    destination = draw(st.sampled_from(ATLAS.sites_of("qtc_pharmacy")))
    dwell = draw(st.lists(st.floats(0.8, 1.3), min_size=6, max_size=6))
    return plan_lane(ATLAS, origin, destination, dwell)


@given(lane=lanes())
def test_a_lane_has_no_gap_in_time_or_place(lane: Lane) -> None:
    assert lane.segments[0].start == lane.origin.position
    assert lane.segments[-1].end == lane.destination.position
    for before, after in zip(lane.segments, lane.segments[1:], strict=False):
        assert before.ends_s == after.starts_s
        assert before.end == after.start
        assert before.ends_s > before.starts_s


@given(lane=lanes(), share=st.floats(0, 1), step_s=st.floats(1, 600))
def test_a_shipper_never_jumps(lane: Lane, share: float, step_s: float) -> None:
    at_s = share * lane.duration_s
    moved_km = distance_km(lane.position_at(at_s), lane.position_at(at_s + step_s))
    assert moved_km <= FASTEST_KM_S * step_s + 0.01


@given(lane=lanes(), extra_s=st.floats(0, 50_000))
def test_a_hold_up_shifts_what_follows_and_nothing_before(lane: Lane, extra_s: float) -> None:
    held = lane.held_up(Stage.HUB, extra_s)
    hub = lane.first(Stage.HUB)
    assert held.departs_s == lane.departs_s
    shift_s = 0.0 if hub is None else extra_s
    assert held.duration_s == pytest.approx(lane.duration_s + shift_s)


@given(lane=lanes(), share=st.floats(-0.1, 1.1))
def test_ambient_and_pressure_are_those_of_this_world(lane: Lane, share: float) -> None:
    at_s = share * lane.duration_s
    assert 5.0 < ambient_at(lane, Weather(), at_s) < 32.0
    assert 77_000 <= pressure_at(lane, at_s) <= 101_000


def test_memphis_to_seattle_is_as_far_as_it_is() -> None:
    memphis = Position(lat=35.0424, lon=-89.9767)
    seattle = Position(lat=47.4490, lon=-122.3093)
    assert distance_km(memphis, seattle) == pytest.approx(3_005, abs=5)


@given(slot=slots())
def test_the_same_slot_makes_the_same_shipment(slot: Slot) -> None:
    assert plan_shipment(7, slot, ATLAS) == plan_shipment(7, slot, ATLAS)


@given(slot=slots())
def test_every_handoff_has_an_offer_before_it_and_one_holder_at_a_time(slot: Slot) -> None:
    plan = plan_shipment(7, slot, ATLAS)
    holder, offered = None, None
    under_way = False
    for act in script(plan, ATLAS):
        if act.key == "accept-hub-unaware":
            assert act.answers == "offer-hub-refused"  # in conflict: it moves nothing
        elif act.kind == "commission":
            holder = act.giver
        elif act.kind == "offer":
            assert (act.giver, offered) == (holder, None)
            offered = act.receiver
        elif act.kind == "refuse":
            assert act.receiver == offered
            offered = None
        elif act.kind == "accept":
            assert act.receiver == offered
            holder, offered = offered, None
        elif act.kind in {"depart", "arrive"}:
            assert act.giver == holder
            assert under_way is (act.kind == "arrive")
            under_way = act.kind == "depart"
    assert holder == plan.lane.destination.party_id
    assert not under_way
