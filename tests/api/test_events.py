"""The live stream: nothing is lost, nobody sees too much, nothing hangs."""

import json
import queue
import threading
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

import httpx
import pytest
from sqlalchemy import Engine, text

from schemas.roles import Role
from store.database import Session, transaction
from store.outbox import publish
from store.sign_in import disable_account
from tests.support import world
from tests.support.running_api import DEADLINE_S, RunningApi, running_api
from tests.support.telemetry import open_alert, set_standing

EVENTS = "/api/v1/events"


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    kind: str
    data: dict[str, Any]
    id: str


@dataclass(kw_only=True)
class Stream:
    """What one client of the stream has received, and is receiving."""

    response: httpx.Response
    arrived: queue.Queue[Event | None] = field(default_factory=queue.Queue)

    def read(self) -> None:
        kind, data, event_id = "", "", ""
        try:
            for line in self.response.iter_lines():
                name, _, value = line.partition(": ")
                match name:
                    case "event":
                        kind = value
                    case "data":
                        data = value
                    case "id":
                        event_id = value
                    case "" if kind:
                        self.arrived.put(Event(kind=kind, data=json.loads(data), id=event_id))
                        kind = ""
        except (httpx.HTTPError, httpx.StreamError):
            pass
        self.arrived.put(None)

    def next(self, kind: str) -> Event:
        """Return the next event of a kind; others are passed over."""
        while (event := self.arrived.get(timeout=DEADLINE_S)) is not None:
            if event.kind == kind:
                return event
        message = f"the stream ended before {kind}"
        raise EOFError(message)

    def until_heartbeat(self) -> list[Event]:
        """Return what comes before the next heartbeat, and the heartbeat."""
        events = []
        while (event := self.arrived.get(timeout=DEADLINE_S)) is not None:
            events.append(event)
            if event.kind == "heartbeat":
                return events
        message = "the stream ended before a heartbeat"
        raise EOFError(message)

    def ended(self) -> bool:
        """Wait until the server ends the stream."""
        while self.arrived.get(timeout=DEADLINE_S) is not None:
            pass
        return True


@contextmanager
def listening(client: httpx.Client, last_event_id: str | None = None) -> Iterator[Stream]:
    headers = {"Last-Event-ID": last_event_id} if last_event_id else {}
    with client.stream("GET", EVENTS, headers=headers, timeout=None) as response:
        assert response.status_code == 200, response.read()
        stream = Stream(response=response)
        reader = threading.Thread(target=stream.read, daemon=True)
        reader.start()
        yield stream
    reader.join(DEADLINE_S)


def entry(session: Session, number: int, *, shipment: str = "U-1") -> None:
    payload = {"index": number, "order": shipment.replace("U", "A"), "shipment": shipment}
    publish(session, kind="entry", subject=shipment, payload=payload)


def publish_entry(engine: Engine, number: int, *, shipment: str = "U-1") -> None:
    with transaction(engine) as session:
        entry(session, number, shipment=shipment)


def test_a_newcomer_is_told_to_read_everything_and_where_to_go_on(service: httpx.Client) -> None:
    with listening(service) as stream:
        first, beat = stream.until_heartbeat()
    assert first.kind == "snapshot-needed"
    assert first.id == beat.id
    assert beat.data["at"].endswith("Z")


def test_the_stream_is_not_kept_and_not_held_back_on_its_way(service: httpx.Client) -> None:
    with listening(service) as stream:
        headers = stream.response.headers
    assert headers["content-type"].startswith("text/event-stream")
    assert headers["x-accel-buffering"] == "no"
    assert headers["cache-control"] == "no-store"
    assert "content-encoding" not in headers


def test_a_heartbeat_comes_at_least_every_five_seconds(service: httpx.Client) -> None:
    with listening(service) as stream:
        beats = [stream.next("heartbeat").data["at"] for _ in range(3)]
    assert len(set(beats)) == 3


def test_a_client_that_comes_back_gets_what_it_missed_once_and_in_order(
    api: RunningApi, service: httpx.Client
) -> None:
    world.two_shipments(service)
    with listening(service) as stream:
        stream.until_heartbeat()
        publish_entry(api.engine, 0)
        seen = stream.next("entry")
    for number in range(1, 40):
        publish_entry(api.engine, number)
    with listening(service, seen.id) as stream:
        missed = [event for event in stream.until_heartbeat() if event.kind == "entry"]
        assert [event.data["index"] for event in missed] == list(range(1, 40))
        publish_entry(api.engine, 40)
        assert stream.next("entry").data["index"] == 40


def test_nothing_is_lost_when_transactions_commit_out_of_order(
    api: RunningApi, service: httpx.Client
) -> None:
    """The earlier transaction commits last: a reader by id alone would have passed it."""
    world.two_shipments(service)
    with ExitStack() as stack:
        stream = stack.enter_context(listening(service))
        beat = stream.until_heartbeat()[-1]
        slow = stack.enter_context(Session(api.engine))
        entry(slow, 1)
        slow.flush()
        publish_entry(api.engine, 2)
        publish_entry(api.engine, 3)
        assert "entry" not in {event.kind for event in stream.until_heartbeat()}
        slow.commit()
        live = [stream.next("entry").data["index"] for _ in range(3)]
    assert sorted(live) == [1, 2, 3]
    with listening(service, beat.id) as stream:
        again = [event for event in stream.until_heartbeat() if event.kind == "entry"]
    assert [event.data["index"] for event in again] == live


def test_many_writers_and_a_client_that_keeps_falling_off_lose_nothing(
    api: RunningApi, service: httpx.Client
) -> None:
    world.two_shipments(service)
    writers, each = 4, 25

    def write(writer: int) -> None:
        for number in range(each):
            with transaction(api.engine) as session:
                entry(session, writer * each + number)

    with listening(service) as stream:
        last = stream.until_heartbeat()[-1].id
    threads = [threading.Thread(target=write, args=(writer,)) for writer in range(writers)]
    for thread in threads:
        thread.start()
    seen: list[int] = []
    while len(seen) < writers * each:
        with listening(service, last) as stream:
            for _ in range(min(15, writers * each - len(seen))):
                event = stream.next("entry")
                seen.append(event.data["index"])
                last = event.id
    for thread in threads:
        thread.join()
    assert sorted(seen) == list(range(writers * each))


@pytest.mark.parametrize(
    "unknown", ["nonsense", "1-1", "99999999999-5.0", "1-2.3.4", "-.", "9" * 400 + "-1.1"]
)
def test_who_comes_from_elsewhere_is_told_to_read_everything(
    service: httpx.Client, unknown: str
) -> None:
    with listening(service, unknown) as stream:
        assert stream.until_heartbeat()[0].kind == "snapshot-needed"


def test_who_was_away_longer_than_the_outbox_reaches_is_told_to_read_everything(
    api: RunningApi, service: httpx.Client
) -> None:
    world.two_shipments(service)
    with listening(service) as stream:
        old = stream.until_heartbeat()[-1].id
    for number in range(3):
        publish_entry(api.engine, number)
    with transaction(api.engine) as session:
        session.connection().execute(text("DELETE FROM outbox WHERE payload->>'index' < '2'"))
    with listening(service, old) as stream:
        assert stream.until_heartbeat()[0].kind == "snapshot-needed"


def test_a_judgement_and_an_alert_show_within_a_second_or_two(
    api: RunningApi, service: httpx.Client
) -> None:
    world.two_shipments(service)
    with listening(service) as stream:
        stream.until_heartbeat()
        set_standing(api.engine, "U-1", temp_c=-140.5, outcome="within")
        shown = stream.next("shipment")
        assert (shown.data["code"], shown.data["temp_c"]) == ("U-1", -140.5)
        alert = open_alert(api.engine, "U-1", api.clock())
        assert stream.next("shipment").data["severity"] == "critical"
        assert stream.next("alert").data["id"] == alert


def test_a_change_made_through_the_api_shows_in_the_stream(
    api: RunningApi, service: httpx.Client
) -> None:
    world.two_shipments(service)
    items = [world.item_id(1)]
    body = world.statement("commission", **{"from": world.MAKER, "items": items})
    with listening(service) as stream:
        stream.until_heartbeat()
        recorded = world.send(service, body).json()
        assert stream.next("shipment").data["holder"]["id"] == world.MAKER
        assert stream.next("entry").data["entry_hash"] == recorded["entry_hash"]


def test_a_client_that_comes_back_sees_judgements_made_meanwhile(
    api: RunningApi, service: httpx.Client
) -> None:
    world.two_shipments(service)
    with listening(service) as stream:
        last = stream.until_heartbeat()[-1].id
    set_standing(api.engine, "U-2", temp_c=-141.0)
    with listening(service, last) as stream:
        shown = {
            event.data["code"]: event.data["temp_c"]
            for event in stream.until_heartbeat()
            if event.kind == "shipment"
        }
    assert shown["U-2"] == -141.0


def test_everybody_hears_of_what_concerns_them_only(
    api: RunningApi, service: httpx.Client, as_role: Callable[..., httpx.Client]
) -> None:
    world.two_shipments(service)
    pharmacist = as_role(Role.PHARMACIST, site_gln=world.PHARMACY, party_id=world.CENTRE)
    with listening(pharmacist) as stream, listening(service) as office:
        last = stream.until_heartbeat()[-1].id
        office.until_heartbeat()
        publish_entry(api.engine, 1, shipment="U-2")
        open_alert(api.engine, "U-2", api.clock())
        with transaction(api.engine) as session:
            publish(session, kind="quarantine", subject="x", payload={})
        publish_entry(api.engine, 2, shipment="U-1")
        assert office.next("quarantine").data["id"] == "x"
        heard = [stream.next("entry").data["index"]]
        heard += [one.kind for one in stream.until_heartbeat() if one.kind != "shipment"]
    assert heard == [2, "heartbeat"]
    with listening(pharmacist, last) as stream:
        resumed = stream.until_heartbeat()
    assert {one.data["shipment"] for one in resumed if one.kind == "entry"} == {"U-1"}
    assert {one.data["code"] for one in resumed if one.kind == "shipment"} == {"U-1"}


def test_a_stream_ends_when_its_sign_in_does(api: RunningApi) -> None:
    api.account("amy", Role.COORDINATOR)
    with api.signed_in("amy") as amy, listening(amy) as stream:
        stream.until_heartbeat()
        with transaction(api.engine) as session:
            disable_account(session, "amy", api.clock())
        api.clock.ahead += timedelta(minutes=1)
        assert stream.ended()
        assert amy.get("/api/v1/session").status_code == 401


def test_a_client_that_goes_is_forgotten(api: RunningApi, service: httpx.Client) -> None:
    for _ in range(3):
        with listening(service) as stream:
            stream.until_heartbeat()
    live = api.app.state.live
    with listening(service) as stream:
        stream.next("heartbeat")
        stream.next("heartbeat")
        assert live.clients <= 2


def test_one_user_cannot_open_streams_without_end(service: httpx.Client) -> None:
    with ExitStack() as stack:
        answers = []
        for _ in range(25):
            response = stack.enter_context(service.stream("GET", EVENTS))
            answers.append(response.status_code)
        assert answers[0] == 200
        assert answers[-1] == 503


def test_the_server_stops_though_streams_are_open(engine: Engine) -> None:
    with ExitStack() as stack:
        with running_api(engine) as api:
            client = stack.enter_context(api.client(api.token(Role.SERVICE)))
            streams = [stack.enter_context(listening(client)) for _ in range(3)]
            for stream in streams:
                stream.until_heartbeat()
        assert all(stream.ended() for stream in streams)
