"""The simulator against the running service: the two know only the wire of each other."""

import threading
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import Engine

from schemas.roles import Role
from simulator.acts import script
from simulator.clock import MICROSECONDS, WorldClock
from simulator.fleet import Slot
from simulator.handoffs import say
from simulator.mishaps import MishapKind
from simulator.office import Office
from simulator.places import load_atlas
from simulator.planning import plan_shipment
from simulator.registrar import first_free_ordinal, register_places, register_shipment
from simulator.run import SimulationSettings, simulate
from simulator.saved import load
from simulator.shipments import ShipmentPlan, shipment_code
from tests.support.processes import wait_until
from tests.support.running_api import RunningApi, running_api
from unbroken.embedded_broker import EmbeddedBroker

ATLAS = load_atlas()


@pytest.fixture
def api(engine: Engine) -> Iterator[RunningApi]:
    with running_api(engine) as running:
        yield running


@pytest.fixture
def office(api: RunningApi) -> Iterator[Office]:
    with Office(api.url, api.token(Role.SERVICE)) as office:
        register_places(office, ATLAS)
        yield office


def clock_of(api: RunningApi) -> WorldClock:
    return WorldClock.starting(round(api.clock().timestamp()) * MICROSECONDS, 30.0)


def arrived(ordinal: int, kind: MishapKind | None) -> ShipmentPlan:
    slot = Slot(ordinal=ordinal, mishap=kind, phase=1.9, at_s=0.0, speed=30.0)
    return plan_shipment(7, slot, ATLAS)


def test_every_script_is_taken_to_its_end(api: RunningApi, office: Office) -> None:
    clock = clock_of(api)
    kinds = [None, *MishapKind]
    for ordinal, kind in enumerate(kinds, start=1):
        plan = arrived(ordinal, kind)
        assert register_shipment(office, plan, clock)
        for act in script(plan, ATLAS):
            assert say(office, plan, act, clock, 7, live=False), (kind, act.key)
        shipment = office.get(f"/shipments/{plan.code}").body
        assert shipment["state"] == "delivered"
        assert shipment["holder"]["id"] == plan.lane.destination.party_id
        assert shipment["owner"]["id"] == plan.lane.destination.party_id
    assert first_free_ordinal(office) == len(kinds) + 1


def test_the_same_again_changes_nothing(api: RunningApi, office: Office) -> None:
    clock, plan = clock_of(api), arrived(1, None)
    for _ in range(2):
        assert register_shipment(office, plan, clock)
        for act in script(plan, ATLAS):
            assert say(office, plan, act, clock, 7, live=False)
    entries = office.get(f"/orders/{plan.order_code}/entries").body["items"]
    assert len(entries) == len(script(plan, ATLAS))


def test_a_second_run_continues_the_fleet_of_the_first(
    api: RunningApi, embedded_broker: EmbeddedBroker, tmp_path: Path
) -> None:
    state = tmp_path / "state.json"
    settings = SimulationSettings(
        api_url=api.url,
        token=api.token(Role.SERVICE),
        mqtt_url=embedded_broker.url,
        shipments=4,
        live_interval_s=0.5,
        journal_path=tmp_path / "journal.jsonl",
        labels_path=tmp_path / "labels.jsonl",
        state_path=state,
    )
    run_until_saved(settings, state)
    first = load(state, settings.seed)
    run_until_saved(settings, state)
    second = load(state, settings.seed)
    assert first is not None
    assert second is not None
    assert second.run == first.run + 1
    before = {one.slot: one for one in first.shipments}
    after = {one.slot: one for one in second.shipments}
    assert before.keys() <= after.keys()
    for slot, shipment in before.items():
        assert after[slot].said >= shipment.said
        for memory, later in zip(shipment.memories, after[slot].memories, strict=True):
            assert later.next_seq >= memory.next_seq


def test_after_a_long_pause_the_old_fleet_has_arrived_and_a_new_one_starts(
    api: RunningApi, embedded_broker: EmbeddedBroker, tmp_path: Path
) -> None:
    state = tmp_path / "state.json"
    settings = SimulationSettings(
        api_url=api.url,
        token=api.token(Role.SERVICE),
        mqtt_url=embedded_broker.url,
        shipments=3,
        state_path=state,
    )
    run_until_saved(settings, state)
    api.clock.ahead = timedelta(hours=7)
    run_until_saved(settings, state, api.clock)
    first, second = (f"/shipments/{shipment_code(number)}" for number in (1, 4))
    with Office(api.url, settings.token) as office:
        assert office.get(first).body["state"] == "delivered"
        assert office.get(second).body["state"] in {"planned", "released", "in_transit"}


def run_until_saved(
    settings: SimulationSettings,
    state: Path,
    clock: Callable[[], datetime] = lambda: datetime.now(UTC),
) -> None:
    before = state.stat().st_mtime_ns if state.exists() else 0
    stop = threading.Event()
    thread = threading.Thread(target=simulate, args=(settings, stop), kwargs={"clock": clock})
    thread.start()
    try:
        assert wait_until(lambda: state.exists() and state.stat().st_mtime_ns > before, wait_s=40)
    finally:
        stop.set()
        thread.join(30)
    assert not thread.is_alive()
