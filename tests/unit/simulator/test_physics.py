import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from simulator import dry_ice, refrigerated
from simulator.dewar import dewar
from simulator.dry_ice import dry_ice_box
from simulator.physics import Container, Contents, Shippers, Surroundings
from simulator.refrigerated import refrigerated_box
from tests.strategies_simulator import containers, contents, surroundings

HOUR_S = 3_600.0
UPRIGHT = Surroundings(
    ambient_c=np.array([21.0]), tilt_deg=np.array([0.0]), lid_open=np.array([0.0])
)


def after(container: Container, now: Contents, around: Surroundings, *spans_s: float) -> Contents:
    shipper = Shippers([container])
    for span_s in spans_s:
        now = shipper.advance(now, around, np.array([span_s]))
    return now


def full(container: Container, charge: float = 1.0) -> Contents:
    return Shippers([container]).conditioned(np.array([21.0]), np.array([charge]))


@given(data=st.data(), container=containers(), around=surroundings(), span_s=st.floats(0, 1e6))
def test_payload_stays_between_its_start_the_refrigerant_and_the_ambient(
    data: st.DataObject, container: Container, around: Surroundings, span_s: float
) -> None:
    start = data.draw(contents(container))
    later = after(container, start, around, span_s)
    corners = (
        start.payload_c[0],
        around.ambient_c[0],
        container.source_c + container.offset_c,
        container.source_c,
    )
    margin = abs(container.offset_c) + 1e-6
    assert min(corners) - margin <= later.payload_c[0] <= max(corners) + margin
    assert 0.0 <= later.refrigerant_kg[0] <= container.capacity_kg


@given(
    data=st.data(),
    container=containers(),
    around=surroundings(),
    first_s=st.floats(0, 2e5),
    second_s=st.floats(0, 2e5),
)
def test_two_steps_end_where_one_long_step_ends(
    data: st.DataObject,
    container: Container,
    around: Surroundings,
    first_s: float,
    second_s: float,
) -> None:
    start = data.draw(contents(container))
    once = after(container, start, around, first_s + second_s)
    twice = after(container, start, around, first_s, second_s)
    assert twice.payload_c == pytest.approx(once.payload_c, abs=1e-6)
    assert twice.refrigerant_kg == pytest.approx(once.refrigerant_kg, abs=1e-6)


@given(container=containers())
def test_a_fleet_moves_as_its_shippers_would_alone(container: Container) -> None:
    others = [dewar(), dry_ice_box(), refrigerated_box(), container]
    n = len(others)
    fleet = Shippers(others)
    around = Surroundings(ambient_c=np.full(n, 25.0), tilt_deg=np.zeros(n), lid_open=np.zeros(n))
    together = fleet.advance(
        fleet.conditioned(around.ambient_c, np.full(n, 0.5)), around, np.full(n, 40 * HOUR_S)
    )
    alone = Shippers([container])
    one = Surroundings(ambient_c=np.array([25.0]), tilt_deg=np.zeros(1), lid_open=np.zeros(1))
    apart = alone.advance(
        alone.conditioned(one.ambient_c, np.array([0.5])), one, np.array([40 * HOUR_S])
    )
    assert together.payload_c[-1] == apart.payload_c[0]


def test_a_cold_dewar_keeps_the_payload_near_nitrogen() -> None:
    assert -191.0 < after(dewar(), full(dewar()), UPRIGHT, 100 * HOUR_S).payload_c[0] < -185.0


def test_a_dewar_outlasts_its_qualified_hold() -> None:
    assert after(dewar(), full(dewar()), UPRIGHT, 240 * HOUR_S).refrigerant_kg[0] > 0.0


def test_a_tipped_dewar_loses_nitrogen_eight_times_as_fast() -> None:
    lying = Surroundings(
        ambient_c=UPRIGHT.ambient_c, tilt_deg=np.array([86.0]), lid_open=np.zeros(1)
    )
    shipper = Shippers([dewar()])
    ratio = shipper.loss_kg_per_s(lying) / shipper.loss_kg_per_s(UPRIGHT)
    assert ratio[0] == pytest.approx(8.0)


def test_an_exhausted_shipper_warms_to_the_room() -> None:
    for container in (dewar(), dry_ice_box(), refrigerated_box()):
        warm = after(container, full(container, 0.0), UPRIGHT, 100 * HOUR_S)
        assert warm.payload_c[0] == pytest.approx(21.0, abs=0.01)


def test_dry_ice_loses_eight_per_cent_in_its_first_day() -> None:
    left = after(dry_ice_box(), full(dry_ice_box()), UPRIGHT, 24 * HOUR_S).refrigerant_kg[0]
    assert left / dry_ice_box().capacity_kg == pytest.approx(0.92)


def test_heat_leaks_follow_from_the_latent_heats() -> None:
    assert dry_ice.heat_leak_w(dry_ice_box()) == pytest.approx(6.37, abs=0.01)
    assert refrigerated.heat_leak_w(refrigerated_box()) == pytest.approx(1.81, abs=0.01)


def test_frozen_surroundings_freeze_a_refrigerated_payload_in_the_end() -> None:
    frost = Surroundings(ambient_c=np.array([-15.0]), tilt_deg=np.zeros(1), lid_open=np.zeros(1))
    start = full(refrigerated_box(), 0.2)
    assert after(refrigerated_box(), start, frost, 2 * HOUR_S).payload_c[0] > 2.0
    assert after(refrigerated_box(), start, frost, 300 * HOUR_S).payload_c[0] < -10.0


def test_an_open_lid_takes_a_refrigerated_payload_past_eight_degrees() -> None:
    lid_open = Surroundings(ambient_c=np.array([21.0]), tilt_deg=np.zeros(1), lid_open=np.ones(1))
    box = refrigerated_box()
    opened = after(box, full(box), lid_open, HOUR_S)
    assert opened.payload_c[0] > 8.0
    assert after(box, opened, UPRIGHT, 3 * HOUR_S).payload_c[0] < 6.0
