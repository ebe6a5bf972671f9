from collections.abc import Callable
from datetime import timedelta
from uuid import uuid4

import httpx
import pytest

from api.entries import SENTENCES
from schemas.roles import Role
from schemas.statement import StatementKind
from tests.support import world
from tests.support.running_api import RunningApi
from tests.support.world import CENTRE, COURIER, MAKER, send, statement


def commission(client: httpx.Client) -> httpx.Response:
    items = [world.item_id(1)]
    return send(client, statement("commission", **{"from": MAKER, "items": items}))


def hand_over(client: httpx.Client, giver: str, receiver: str, **said: object) -> None:
    both = {"from": giver, "to": receiver} | said
    assert send(client, statement("offer", **both)).status_code == 201
    assert send(client, statement("accept", **both)).status_code == 201


def test_the_same_statement_again_answers_the_same(service: httpx.Client) -> None:
    world.two_shipments(service)
    body = statement("commission", **{"from": MAKER, "items": [world.item_id(1)]})
    first, again = send(service, body), send(service, body)
    assert (first.status_code, again.status_code) == (201, 200)
    assert first.json() == again.json()
    assert first.json()["state"] == "recorded"
    assert len(first.json()["entry_hash"]) == 64


def test_other_contents_under_the_same_id_are_a_conflict(service: httpx.Client) -> None:
    world.two_shipments(service)
    body = statement("commission", **{"from": MAKER, "items": [world.item_id(1)]})
    assert send(service, body).status_code == 201
    assert send(service, body | {"remarks": "other"}).status_code == 409
    assert service.get("/api/v1/ledger").json()["size"] == 1


def test_a_statement_under_another_address_is_malformed(service: httpx.Client) -> None:
    world.two_shipments(service)
    body = statement("commission", **{"from": MAKER, "items": [world.item_id(1)]})
    answer = service.put(f"/api/v1/statements/{uuid4()}", json=body)
    assert answer.status_code == 422


def test_what_contradicts_custody_is_refused_with_a_sentence(service: httpx.Client) -> None:
    world.two_shipments(service)
    commission(service)
    answer = send(service, statement("offer", **{"from": COURIER, "to": CENTRE}))
    assert answer.status_code == 409
    assert answer.json()["type"] == "urn:unbroken:problem:CustodyConflict"
    assert COURIER in answer.json()["detail"]


def test_a_handoff_moves_the_holder_and_a_title_transfer_the_owner(service: httpx.Client) -> None:
    world.two_shipments(service)
    commission(service)
    send(service, statement("release", **{"from": MAKER}))
    hand_over(service, MAKER, COURIER)
    title = statement("transfer_title", **{"from": MAKER, "to": CENTRE})
    assert send(service, title).status_code == 201
    assert send(service, statement("depart", **{"from": COURIER})).status_code == 201
    row = service.get("/api/v1/shipments/U-1").json()
    assert row["holder"] == {"id": COURIER, "name": "Swift"}
    assert row["owner"] == {"id": CENTRE, "name": "Mercy"}
    assert row["state"] == "in_transit"
    hand_over(service, COURIER, CENTRE, place=world.PHARMACY)
    row = service.get("/api/v1/shipments/U-1").json()
    assert row["state"] == "delivered"
    assert row["next"] is None


def test_a_logger_is_free_for_the_next_shipment_once_the_first_is_delivered(
    service: httpx.Client,
) -> None:
    world.two_shipments(service)
    delivered = world.START + timedelta(hours=20)
    body = world.shipment("A-2", destination=world.OTHER_PHARMACY)
    body["loggers"] = [{"serial": "LG-1", "starts_at": world.iso(delivered)}]
    assert service.put("/api/v1/shipments/U-3", json=body).status_code == 409
    commission(service)
    hand_over(service, MAKER, COURIER)
    send(service, statement("depart", **{"from": COURIER}))
    hand_over(service, COURIER, CENTRE, place=world.PHARMACY, claimed_at=world.iso(delivered))
    watch = service.get("/api/v1/shipments/U-1").json()["loggers"][0]
    assert watch["ends_at"] == "2026-11-02T04:00:00Z"
    too_early = [{"serial": "LG-1", "starts_at": world.iso(delivered - timedelta(minutes=1))}]
    refused = service.put("/api/v1/shipments/U-3", json=body | {"loggers": too_early})
    assert refused.status_code == 409
    assert service.put("/api/v1/shipments/U-3", json=body).status_code == 201
    assert service.put("/api/v1/shipments/U-3", json=body).status_code == 200


def test_entries_read_as_sentences_with_names(service: httpx.Client) -> None:
    world.two_shipments(service)
    commission(service)
    hand_over(service, MAKER, COURIER)
    entries = service.get("/api/v1/shipments/U-1/entries").json()
    assert [one["sentence"] for one in entries] == [
        "Helix commissioned the items.",
        "Helix offered the items to Swift.",
        "Swift accepted the items from Helix.",
    ]
    assert [one["order_sequence"] for one in entries] == [1, 2, 3]
    assert entries[1]["from"] == MAKER
    assert entries == service.get("/api/v1/orders/A-1/entries").json()


def test_every_kind_of_statement_has_its_sentence() -> None:
    assert set(SENTENCES) == set(StatementKind)


@pytest.fixture
def pharmacist(as_role: Callable[..., httpx.Client]) -> httpx.Client:
    return as_role(Role.PHARMACIST, site_gln=world.PHARMACY, party_id=CENTRE)


def test_a_person_signs_as_oneself_for_the_own_party_a_kind_of_the_own_role(
    api: RunningApi, service: httpx.Client
) -> None:
    world.two_shipments(service)
    commission(service)
    send(service, statement("offer", **{"from": MAKER, "to": CENTRE}))
    api.account("amy", Role.PHARMACIST, party_id=CENTRE, site_gln=world.PHARMACY)
    good = statement("accept", **{"from": MAKER, "to": CENTRE})
    with api.signed_in("amy") as amy:
        assert send(amy, good | {"signer": "bob"}).status_code == 403
        assert send(amy, good | {"to": COURIER}).status_code == 403
        held = statement("hold", reason="warm")
        assert send(amy, held).status_code == 403
        assert send(amy, good).status_code == 201
    assert service.get("/api/v1/shipments/U-1").json()["holder"]["id"] == CENTRE


def test_nobody_makes_a_statement_about_an_order_out_of_scope(
    api: RunningApi, service: httpx.Client
) -> None:
    world.two_shipments(service)
    api.account("amy", Role.PHARMACIST, party_id=CENTRE, site_gln=world.PHARMACY)
    body = statement("inspect", **{"from": CENTRE}, order="A-2", shipment="U-2")
    with api.signed_in("amy") as amy:
        hidden, absent = send(amy, body), send(amy, body | {"order": "A-9"})
    assert hidden.status_code == absent.status_code == 404
    assert service.get("/api/v1/ledger").json()["size"] == 0
