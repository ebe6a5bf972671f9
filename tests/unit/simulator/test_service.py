"""The simulator against the running service: the two know only the wire of each other."""

import threading
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from http import HTTPStatus
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine

from schemas.roles import Role
from simulator.clock import MICROSECONDS, WorldClock
from simulator.desks import desk_of
from simulator.enrolment import Enrolment, read_approvers
from simulator.fleet import Slot
from simulator.handoffs import Speaker
from simulator.mishaps import MishapKind
from simulator.office import Answer, Body, Office, OfficeUnavailableError
from simulator.places import load_atlas
from simulator.planning import plan_shipment
from simulator.registrar import first_free_ordinal, register_places, register_shipment
from simulator.run import SimulationSettings, simulate
from simulator.saved import load
from simulator.script import script
from simulator.shipments import ShipmentPlan, shipment_code
from tests.support.approvers import found_keys, revoke_key
from tests.support.processes import wait_until
from tests.support.running_api import RunningApi, running_api
from unbroken.embedded_broker import EmbeddedBroker

ATLAS = load_atlas()


@pytest.fixture
def approvers(engine: Engine, tmp_path: Path) -> Path:
    folder = tmp_path / "approvers"
    found_keys(engine, folder)
    return folder


@pytest.fixture
def api(engine: Engine) -> Iterator[RunningApi]:
    with running_api(engine) as running:
        yield running


@pytest.fixture
def office(api: RunningApi) -> Iterator[Office]:
    with Office(api.url, api.token(Role.SERVICE)) as office:
        register_places(office, ATLAS)
        yield office


@pytest.fixture
def speaker(office: Office, approvers: Path) -> Speaker:
    return new_speaker(office, approvers)


def new_speaker(office: Office, approvers: Path) -> Speaker:
    return Speaker(office, Enrolment(office, "secret", read_approvers(approvers)), 7)


def say_all(clock: WorldClock, speaker: Speaker, plan: ShipmentPlan) -> list[str]:
    """Say all of a shipment's script; return the keys of the acts that do not stand."""
    acts = script(plan, ATLAS)
    assert register_shipment(speaker.office, plan, clock)
    desks = {desk for act in acts for desk in act.desks}
    assert speaker.enrolment.admit(desks, clock.anchors[0].at_us)
    return [act.key for act in acts if not speaker.say(plan, act, clock, live=False)]


def entries_of(office: Office, plan: ShipmentPlan) -> list[dict[str, Any]]:
    entries = office.get(f"/orders/{plan.order_code}/entries").body["items"]
    return sorted(entries, key=lambda entry: entry["index"])


def clock_of(api: RunningApi) -> WorldClock:
    return WorldClock.starting(round(api.clock().timestamp()) * MICROSECONDS, 30.0)


def arrived(ordinal: int, kind: MishapKind | None) -> ShipmentPlan:
    slot = Slot(ordinal=ordinal, mishap=kind, phase=1.9, at_s=0.0, speed=30.0)
    return plan_shipment(7, slot, ATLAS)


def test_every_script_is_taken_to_its_end(
    api: RunningApi, office: Office, speaker: Speaker
) -> None:
    kinds = [None, *MishapKind]
    for ordinal, kind in enumerate(kinds, start=1):
        plan = arrived(ordinal, kind)
        assert say_all(clock_of(api), speaker, plan) == []
        shipment = office.get(f"/shipments/{plan.code}").body
        assert shipment["state"] == "delivered"
        assert shipment["holder"]["id"] == plan.lane.destination.party_id
        assert shipment["owner"]["id"] == plan.lane.destination.party_id
    assert first_free_ordinal(office) == len(kinds) + 1


def test_two_answers_to_one_offer_end_in_a_conflict_that_moves_nothing(
    api: RunningApi, office: Office, speaker: Speaker
) -> None:
    plan = arrived(1, MishapKind.TWO_ANSWERS)
    say_all(clock_of(api), speaker, plan)

    entries = entries_of(office, plan)
    refusal = next(one for one in entries if one["kind"] == "refuse")
    in_conflict = [one for one in entries if one["conflict_with"] is not None]
    assert [one["kind"] for one in in_conflict] == ["accept"]
    assert in_conflict[0]["conflict_with"] == refusal["entry_hash"]


def test_two_people_sign_for_what_is_received(
    api: RunningApi, office: Office, speaker: Speaker
) -> None:
    plan = arrived(1, None)
    say_all(clock_of(api), speaker, plan)

    accepts = [one for one in entries_of(office, plan) if one["kind"] == "accept"]
    roles = [signer["role"] for signer in accepts[-1]["signers"]]
    assert roles == ["confirmer", "verifier"]
    assert len({signer["key"] for signer in accepts[-1]["signers"]}) == len(roles)


def test_the_same_again_changes_nothing(api: RunningApi, office: Office, approvers: Path) -> None:
    clock, plan = clock_of(api), arrived(1, MishapKind.TWO_ANSWERS)
    for _ in range(2):
        assert say_all(clock, new_speaker(office, approvers), plan) == []
    assert len(entries_of(office, plan)) == len(script(plan, ATLAS))


def test_what_one_of_two_had_signed_is_completed_by_a_second_run(
    api: RunningApi, office: Office, approvers: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    clock, plan, put = clock_of(api), arrived(1, None), office.put
    interrupted = new_speaker(office, approvers)

    def put_until_awaited(path: str, body: Body) -> Answer:
        answer = put(path, body)
        if answer.status == HTTPStatus.ACCEPTED:
            raise OfficeUnavailableError("gone")
        return answer

    monkeypatch.setattr(office, "put", put_until_awaited)
    with pytest.raises(OfficeUnavailableError):
        say_all(clock, interrupted, plan)
    monkeypatch.undo()

    assert say_all(clock, new_speaker(office, approvers), plan) == []


def test_without_approvers_no_desk_may_sign(office: Office, approvers: Path) -> None:
    enrolment = Enrolment(office, "secret", ())
    desk = desk_of(ATLAS.parties_of("courier")[0], "driver")

    assert not enrolment.admit({desk}, 0)
    assert Enrolment(office, "secret", read_approvers(approvers)).admit({desk}, 0)
    assert Enrolment(office, "secret", ()).admit({desk}, 0)


def test_a_desk_whose_key_was_let_out_is_refused_and_holds_up_nobody(
    api: RunningApi, office: Office, speaker: Speaker, approvers: Path
) -> None:
    plan = arrived(1, None)
    driver = desk_of(plan.first_courier, "driver")
    assert speaker.enrolment.admit({driver}, 0)
    revoke_key(api.engine, approvers, speaker.enrolment.key_of(driver).key_id)

    refused = say_all(clock_of(api), new_speaker(office, approvers), plan)

    assert "depart-origin" in refused
    assert "pack" not in refused


def test_a_second_run_continues_the_fleet_of_the_first(
    api: RunningApi, embedded_broker: EmbeddedBroker, approvers: Path, tmp_path: Path
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
        approvers_path=approvers,
        state_path=state,
    )
    run_until_saved(settings, state)
    first = load(state, settings.seed)
    run_until_saved(settings, state)
    second = load(state, settings.seed)
    assert first is not None
    assert second is not None
    assert second.run == first.run + 1
    assert second.secret == first.secret
    before = {one.slot: one for one in first.shipments}
    after = {one.slot: one for one in second.shipments}
    assert before.keys() <= after.keys()
    for slot, shipment in before.items():
        assert after[slot].said >= shipment.said
        for memory, later in zip(shipment.memories, after[slot].memories, strict=True):
            assert later.next_seq >= memory.next_seq


def test_after_a_long_pause_the_old_fleet_has_arrived_and_a_new_one_starts(
    api: RunningApi, embedded_broker: EmbeddedBroker, approvers: Path, tmp_path: Path
) -> None:
    state = tmp_path / "state.json"
    settings = SimulationSettings(
        api_url=api.url,
        token=api.token(Role.SERVICE),
        mqtt_url=embedded_broker.url,
        shipments=3,
        approvers_path=approvers,
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
