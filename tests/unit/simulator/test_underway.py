import math
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from simulator.clock import MICROSECONDS, WorldClock
from simulator.fleet import Slot, first_slots
from simulator.lanes import Stage
from simulator.mishaps import Mishap, MishapKind, clock_behind_s, disordered
from simulator.places import load_atlas
from simulator.planning import plan_shipment
from simulator.shipments import ShipmentPlan, labels
from simulator.underway import Traveller, move, outgoing, set_off
from tests.strategies_simulator import EPOCH_US, slots

ATLAS = load_atlas()
CLOCK = WorldClock.starting(EPOCH_US, 30.0)
HISTORY_US = 300 * MICROSECONDS


def travelled(slot: Slot, *, live_s: int = 0, seed: int = 7) -> Traveller:
    """A shipment with its history up to the start, and then some real seconds live."""
    traveller = set_off(plan_shipment(seed, slot, ATLAS), seed)
    at_us = EPOCH_US - 160 * 3_600 * MICROSECONDS // 4
    while at_us < EPOCH_US:
        move([traveller], CLOCK, at_us, at_us + HISTORY_US)
        at_us += HISTORY_US
    for _ in range(live_s // 5):
        move([traveller], CLOCK, at_us, at_us + 5 * MICROSECONDS)
        at_us += 5 * MICROSECONDS
    return traveller


def temps(traveller: Traveller) -> list[float]:
    return [reading.channels["temp"] for reading in traveller.memories[0].kept]


def slot_with(kind: MishapKind | None, ordinal: int = 3) -> Slot:
    return Slot(ordinal=ordinal, mishap=kind, phase=None, at_s=0.0, speed=30.0)


def reading_at(traveller: Traveller, real_s: float) -> dict[str, float]:
    kept = traveller.memories[0].kept
    at_us = EPOCH_US + real_s * MICROSECONDS
    return dict(min(kept, key=lambda one: abs(one.measured_us - at_us)).channels)


@given(slot=slots())
def test_numbers_rise_by_one_and_instants_rise(slot: Slot) -> None:
    for memory in travelled(slot, live_s=60).memories:
        seqs = [reading.seq for reading in memory.kept]
        instants = [reading.measured_us for reading in memory.kept]
        assert seqs == list(range(1, len(seqs) + 1))
        assert all(a < b for a, b in pairwise(instants))
        assert all(at <= EPOCH_US + 60 * MICROSECONDS for at in instants)


@given(ordinal=st.integers(1, 3_000))
def test_a_shipment_without_a_mishap_stays_within_its_label(ordinal: int) -> None:
    traveller = travelled(slot_with(None, ordinal), live_s=120)
    product = traveller.plan.product
    low_c = 2.0 if product.shipper_kind == "refrigerated" else -196.0
    assert low_c < min(temps(traveller))
    assert max(temps(traveller)) < product.limit_c - 1.0


def test_the_same_seed_measures_the_same() -> None:
    slot = slot_with(None)
    assert travelled(slot).memories[0].kept == travelled(slot).memories[0].kept
    assert temps(travelled(slot)) != temps(travelled(slot, seed=8))


@pytest.mark.parametrize(
    "kind",
    [MishapKind.TIPPED_DEWAR, MishapKind.DRY_ICE_EXHAUSTION, MishapKind.DOOR_OPEN],
)
@pytest.mark.parametrize("ordinal", [2, 8, 11, 400])
def test_a_thermal_mishap_outlasts_its_dwell_within_two_minutes_and_a_half(
    kind: MishapKind, ordinal: int
) -> None:
    traveller = travelled(slot_with(kind, ordinal), live_s=150)
    product, kept = traveller.plan.product, traveller.memories[0].kept
    sure_c = product.limit_c + traveller.plan.loggers[0].accuracy_c
    instants_s = [(one.measured_us - EPOCH_US) / MICROSECONDS for one in kept]
    beyond_c = [one.channels["temp"] - sure_c for one in kept]
    number = next(n for n, beyond in enumerate(beyond_c) if beyond > 0)
    crossed_s = np.interp(
        0.0, beyond_c[number - 1 : number + 1], instants_s[number - 1 : number + 1]
    )
    assert -60 < crossed_s + product.dwell_s < 150


def test_a_tipped_dewar_lies_before_it_warms() -> None:
    traveller = travelled(slot_with(MishapKind.TIPPED_DEWAR))
    kept = traveller.memories[0].kept
    lying = next(one.seq for one in kept if one.channels["tilt"] > math.radians(60))
    warm = next(one.seq for one in kept if one.channels["temp"] > -180.0)
    assert lying < warm


def test_a_dead_sensor_says_the_same_for_ever() -> None:
    traveller = travelled(slot_with(MishapKind.DEAD_SENSOR), live_s=60)
    assert len(set(temps(traveller)[-12:])) <= 2


def test_a_silent_logger_sends_nothing_and_a_late_one_everything_at_once() -> None:
    silent = travelled(slot_with(MishapKind.SILENT_LOGGER), live_s=60)
    assert outgoing(silent, 60 * 30.0) == []
    late = travelled(slot_with(MishapKind.LATE_DUMP), live_s=60)
    assert outgoing(late, 60 * 30.0) == []
    dumped = outgoing(late, 130 * 30.0)
    assert sum(len(one.readings) for one in dumped) == len(late.memories[0].kept)


def test_a_shipment_in_the_air_moves_visibly_in_ten_seconds() -> None:
    flying = next(
        traveller
        for traveller in (travelled(slot_with(None, n), live_s=30) for n in range(1, 60))
        if stage_at_start(traveller.plan) is Stage.FLIGHT
    )
    before, after = reading_at(flying, 10), reading_at(flying, 20)
    assert abs(before["lon"] - after["lon"]) + abs(before["lat"] - after["lat"]) > 0.2


def stage_at_start(plan: ShipmentPlan) -> Stage:
    return plan.lane.segment_at(-plan.starts_s).stage


@given(behind_s=st.lists(st.floats(0, 200_000), min_size=2, max_size=9))
def test_a_drifting_clock_never_runs_backwards_nor_far(behind_s: list[float]) -> None:
    drift = [Mishap(kind=MishapKind.CLOCK_DRIFT, from_s=0.0, to_s=1e9)]
    shown = [at_s - clock_behind_s(drift, at_s) for at_s in sorted(behind_s)]
    assert shown == sorted(shown)
    assert all(0 <= clock_behind_s(drift, at_s) <= 240 for at_s in behind_s)


@pytest.mark.parametrize("kind", [MishapKind.DUPLICATES, MishapKind.SHUFFLE, None])
def test_disorder_loses_and_changes_no_reading(kind: MishapKind | None) -> None:
    traveller = travelled(slot_with(None))
    memory = traveller.memories[0]
    mishaps = [] if kind is None else [Mishap(kind=kind, from_s=0.0, to_s=1.0)]
    sent = disordered(mishaps, memory.uploads(), np.random.default_rng(1))
    assert {one for upload in sent for one in map(id, upload.readings)} == set(map(id, memory.kept))


def test_a_first_fleet_is_nearly_all_quiet_and_has_a_label_for_each_mishap() -> None:
    plans = [
        plan_shipment(7, slot, ATLAS)
        for slot in first_slots(7, 40, first_ordinal=1, at_s=0.0, speed=30.0, mishaps=True)
    ]
    told = [label for plan in plans for label in labels(plan, CLOCK)]
    assert len(plans) == 40
    assert {label.kind for label in told} >= {
        MishapKind.TIPPED_DEWAR,
        MishapKind.DRY_ICE_EXHAUSTION,
        MishapKind.SILENT_LOGGER,
        MishapKind.LATE_DUMP,
        MishapKind.DOOR_OPEN,
    }
    assert sum(not plan.mishaps for plan in plans) >= 28
    assert sum(0 < -plan.starts_s < plan.lane.duration_s for plan in plans) >= 34
