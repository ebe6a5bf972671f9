from collections.abc import Callable
from datetime import timedelta
from uuid import uuid4

import httpx
import pytest

from api.entries import SENTENCES
from schemas.roles import Role
from schemas.statement import Statement, StatementKind
from tests.support import world
from tests.support.running_api import RunningApi
from tests.support.signing import desk, envelope_of, second
from tests.support.world import AMY, CENTRE, COURIER, MAKER, send, statement

FOUNDED = 1
"""Size of the log once the keys are founded."""


def commission(client: httpx.Client) -> httpx.Response:
    items = [world.item_id(1)]
    return send(client, statement("commission", **{"from": MAKER, "items": items}))


def hand_over(client: httpx.Client, giver: str, receiver: str, **said: object) -> None:
    both = {"from": giver, "to": receiver} | said
    assert send(client, statement("offer", **both)).status_code == 201
    accepted = send(client, statement("accept", **both))
    assert accepted.status_code == 201, accepted.text


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
    assert service.get("/api/v1/ledger").json()["size"] == FOUNDED + 1


def test_a_statement_under_another_address_is_malformed(service: httpx.Client) -> None:
    world.two_shipments(service)
    body = statement("commission", **{"from": MAKER, "items": [world.item_id(1)]})
    envelope = world.signed_json(service, body)
    answer = service.put(f"/api/v1/statements/{uuid4()}", json=envelope)
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
    assert entries[2]["signers"][0] == desk(COURIER).signer(meaning="I accept.") | {
        "party_name": "Swift"
    }
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
    by_her_desk = dict(good)
    good["signers"] = [AMY.signer("confirmer"), second(CENTRE).signer("verifier")]
    with api.signed_in("amy") as amy:
        assert send(amy, by_her_desk).status_code == 403
        assert send(amy, good | {"to": COURIER}).status_code == 403
        held = statement("hold", reason="warm", signers=[AMY.signer()])
        assert send(amy, held).status_code == 403
        assert send(amy, good).status_code == 201
    assert service.get("/api/v1/shipments/U-1").json()["holder"]["id"] == CENTRE


def test_nobody_makes_a_statement_about_an_order_out_of_scope(
    api: RunningApi, service: httpx.Client
) -> None:
    world.two_shipments(service)
    api.account("amy", Role.PHARMACIST, party_id=CENTRE, site_gln=world.PHARMACY)
    body = statement(
        "inspect", **{"from": CENTRE}, order="A-2", shipment="U-2", signers=[AMY.signer()]
    )
    with api.signed_in("amy") as amy:
        hidden, absent = send(amy, body), send(amy, body | {"order": "A-9"})
    assert hidden.status_code == absent.status_code == 404
    assert service.get("/api/v1/ledger").json()["size"] == FOUNDED


def test_a_bare_statement_without_an_envelope_is_malformed(service: httpx.Client) -> None:
    world.two_shipments(service)
    body = statement("commission", **{"from": MAKER, "items": [world.item_id(1)]})
    assert service.put(f"/api/v1/statements/{body['id']}", json=body).status_code == 422


def test_a_signature_of_somebody_else_is_refused_and_leaves_no_trace(
    service: httpx.Client,
) -> None:
    world.two_shipments(service)
    body = statement("commission", **{"from": MAKER, "items": [world.item_id(1)]})
    envelope = world.signed_json(service, body)
    forged = envelope_of(Statement.model_validate(body), desk(COURIER)).to_json()
    for wrong in (
        envelope | {"signatures": []},
        forged,
        envelope | {"signatures": [{**envelope["signatures"][0], "sig": "A" * 86 + "=="}]},
        envelope | {"payloadType": "application/json"},
    ):
        answer = service.put(f"/api/v1/statements/{body['id']}", json=wrong)
        assert answer.status_code == 422, answer.text
        assert answer.json()["type"] == "urn:unbroken:problem:SignatureRefused"
    assert service.get("/api/v1/ledger").json()["size"] == FOUNDED


def test_a_second_person_may_sign_later_on_another_device(service: httpx.Client) -> None:
    world.two_shipments(service)
    commission(service)
    send(service, statement("offer", **{"from": MAKER, "to": CENTRE}))
    both = {"from": MAKER, "to": CENTRE, "place": world.PHARMACY}
    body = statement("accept", **both)
    envelope = world.signed_json(service, body)
    address = f"/api/v1/statements/{body['id']}"
    first, other = ([one] for one in envelope["signatures"])
    waiting = service.put(address, json=envelope | {"signatures": first})
    assert (waiting.status_code, waiting.json()["state"]) == (202, "awaiting")
    assert [one["user"] for one in waiting.json()["missing"]] == [f"{CENTRE}.second"]
    assert service.get(address).json()["envelope"]["signatures"] == first
    assert service.get("/api/v1/shipments/U-1").json()["holder"]["id"] == MAKER
    recorded = service.put(address, json=envelope | {"signatures": other})
    assert (recorded.status_code, recorded.json()["state"]) == (201, "recorded")
    assert service.get(address).json()["envelope"] == envelope
    assert service.get("/api/v1/shipments/U-1").json()["holder"]["id"] == CENTRE


def test_a_person_sees_what_waits_for_the_own_signature(
    api: RunningApi, service: httpx.Client
) -> None:
    world.two_shipments(service)
    commission(service)
    send(service, statement("offer", **{"from": MAKER, "to": CENTRE}))
    api.account("amy", Role.PHARMACIST, party_id=CENTRE, site_gln=world.PHARMACY)
    body = statement(
        "accept",
        **{"from": MAKER, "to": CENTRE, "place": world.PHARMACY},
        signers=[desk(CENTRE).signer("confirmer"), AMY.signer("verifier")],
    )
    envelope = world.signed_json(service, body)
    service.put(
        f"/api/v1/statements/{body['id']}",
        json=envelope | {"signatures": envelope["signatures"][:1]},
    )
    with api.signed_in("amy") as amy:
        listed = amy.get("/api/v1/statements", params={"awaiting": "me"}).json()
        assert [one["id"] for one in listed] == [body["id"]]
        amy.put(
            f"/api/v1/statements/{body['id']}",
            json=envelope | {"signatures": envelope["signatures"][1:]},
        )
        assert amy.get("/api/v1/statements", params={"awaiting": "me"}).json() == []
    assert service.get("/api/v1/shipments/U-1").json()["holder"]["id"] == CENTRE


def test_a_checklist_left_out_and_a_second_person_missing_are_named(service: httpx.Client) -> None:
    world.two_shipments(service)
    commission(service)
    send(service, statement("offer", **{"from": MAKER, "to": CENTRE}))
    both = {"from": MAKER, "to": CENTRE, "place": world.PHARMACY}
    bare = send(service, statement("accept", **both, conditions={}))
    assert bare.status_code == 409
    assert "asks for the checklist receiving" in bare.json()["detail"]
    alone = send(service, statement("accept", **both, signers=[desk(CENTRE).signer()]))
    assert alone.status_code == 409
    assert "a second person must sign" in alone.json()["detail"]


def test_what_contradicts_what_others_did_meanwhile_is_recorded_in_conflict(
    service: httpx.Client,
) -> None:
    world.two_shipments(service)
    commission(service)
    offline = statement("offer", **{"from": MAKER, "to": CENTRE})
    world.signed(service, offline)  # the device sees the head now, and goes offline
    hand_over(service, MAKER, COURIER)
    answer = send(service, offline)
    assert answer.status_code == 201
    entries = service.get("/api/v1/orders/A-1/entries").json()
    assert answer.json()["conflict_with"] == entries[1]["entry_hash"]
    assert entries[3]["conflict"]
    assert service.get("/api/v1/shipments/U-1").json()["holder"]["id"] == COURIER
    alerts = service.get("/api/v1/alerts", params={"state": "open"}).json()
    assert [one["kind"] for one in alerts] == ["custody"]


def test_custody_tells_what_a_signer_must_know(service: httpx.Client) -> None:
    world.two_shipments(service)
    commission(service)
    send(service, statement("offer", **{"from": MAKER, "to": COURIER}))
    custody = service.get("/api/v1/orders/A-1/custody").json()
    assert (custody["holder"], custody["owner"]) == (MAKER, MAKER)
    assert custody["offer"]["receiver"] == COURIER
    assert custody["seen"]["sequence"] == 2
    assert {step["kind"] for step in custody["steps"]} >= {"pack", "accept"}
    keys = service.get("/api/v1/keys").json()
    assert {one["user"] for one in keys if one["approver"]} == {"qa.one", "qa.two"}


def test_a_signer_takes_back_what_waits_and_nobody_takes_back_what_is_recorded(
    api: RunningApi, service: httpx.Client
) -> None:
    world.two_shipments(service)
    commission(service)
    send(service, statement("offer", **{"from": MAKER, "to": CENTRE}))
    api.account("amy", Role.PHARMACIST, party_id=CENTRE, site_gln=world.PHARMACY)
    api.account("bob", Role.PHARMACIST, party_id=CENTRE, site_gln=world.PHARMACY)
    body = statement(
        "accept",
        **{"from": MAKER, "to": CENTRE, "place": world.PHARMACY},
        signers=[AMY.signer("confirmer"), desk(CENTRE).signer("verifier")],
    )
    envelope = world.signed_json(service, body)
    address = f"/api/v1/statements/{body['id']}"
    half = envelope | {"signatures": envelope["signatures"][:1]}
    with api.signed_in("amy") as amy, api.signed_in("bob") as bob:
        assert amy.put(address, json=half).status_code == 202
        assert bob.delete(address).status_code == 404
        assert amy.delete(address).status_code == 204
        assert amy.delete(address).status_code == 404
        assert amy.put(address, json=envelope).status_code == 201
        assert amy.delete(address).status_code == 409
