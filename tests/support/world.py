"""A small world set up through the API: a manufacturer, a courier, two centres, two orders."""

from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

import httpx

from custody.envelope import Envelope
from custody.ledger import read_payload
from schemas.statement import Statement
from tests.support.signing import NOTARY, Person, desk, envelope_of, founding, second

START = datetime(2026, 11, 1, 8, tzinfo=UTC)
MAKER, COURIER, CENTRE, OTHER_CENTRE = "helix", "swift", "mercy", "summit"
PLANT, HUB, PHARMACY, OTHER_PHARMACY = (f"95211410000{n}{n}" for n in range(1, 5))
AMY = Person(user="amy", party=CENTRE)
"""A pharmacist, for tests in which somebody signs in."""
THERAPY = "carvykti"
GTIN = "09521141000017"


def iso(at: datetime) -> str:
    """Return an instant as statements want it."""
    return at.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def put(client: httpx.Client, path: str, body: dict[str, Any]) -> None:
    """Put, and insist."""
    answer = client.put(f"/api/v1/{path}", json=body)
    assert answer.status_code in {200, 201}, answer.text


def site(name: str, role: str, party_id: str) -> dict[str, Any]:
    """Return the body of a site."""
    return {
        "name": name,
        "role": role,
        "party_id": party_id,
        "lat": 47.6,
        "lon": -122.3,
        "time_zone": "America/Los_Angeles",
    }


def set_up(client: httpx.Client) -> None:
    """Set up parties, sites, a shipper and four loggers."""
    kinds = {
        MAKER: "manufacturer",
        COURIER: "courier",
        CENTRE: "treatment_center",
        OTHER_CENTRE: "treatment_center",
    }
    for party_id, kind in kinds.items():
        put(client, f"parties/{party_id}", {"name": party_id.title(), "kind": kind})
    put(client, f"sites/{PLANT}", site("Helix plant", "manufacturer", MAKER))
    put(client, f"sites/{HUB}", site("Swift hub", "courier_hub", COURIER))
    put(client, f"sites/{PHARMACY}", site("Mercy pharmacy", "qtc_pharmacy", CENTRE))
    put(client, f"sites/{OTHER_PHARMACY}", site("Summit pharmacy", "qtc_pharmacy", OTHER_CENTRE))
    put(client, "shippers/SHP-1", shipper())
    for number in range(1, 5):
        put(client, f"loggers/LG-{number}", logger())
    found_keys(client)


def shipper() -> dict[str, Any]:
    """Return the body of a shipper."""
    return {
        "kind": "ln2_dewar",
        "qualified_hold_h": 240,
        "conditioned_at": iso(START),
        "requalify_by": iso(START + timedelta(days=300)),
    }


def logger() -> dict[str, Any]:
    """Return the body of a logger."""
    return {
        "make": "Acme T1",
        "accuracy_c": 0.5,
        "calibration_expires_at": iso(START + timedelta(days=300)),
        "logging_interval_s": 300,
        "upload_interval_s": 600,
    }


def order(number: int, *, qtc_gln: str = PHARMACY) -> dict[str, Any]:
    """Return the body of an order."""
    return {
        "therapy_id": THERAPY,
        "coi": f"COI-{number:06d}-4F7A2",
        "patient_alias": f"PT-{number}",
        "qtc_gln": qtc_gln,
        "items": [
            {
                "gtin": GTIN,
                "serial": f"S{number}",
                "lot": "L1",
                "expires_at": iso(START + timedelta(days=365)),
            }
        ],
    }


def shipment(
    order_code: str, *, destination: str = PHARMACY, loggers: tuple[str, ...] = ()
) -> dict[str, Any]:
    """Return the body of a shipment over the courier's hub."""
    half = START + timedelta(hours=10)
    return {
        "order_code": order_code,
        "shipper_grai": "SHP-1",
        "origin_gln": PLANT,
        "destination_gln": destination,
        "planned_pickup_at": iso(START),
        "planned_delivery_at": iso(START + timedelta(hours=20)),
        "legs": [
            leg(PLANT, HUB, START + timedelta(minutes=10), half),
            leg(HUB, destination, half + timedelta(hours=1), START + timedelta(hours=20)),
        ],
        "loggers": [{"serial": serial, "starts_at": iso(START)} for serial in loggers],
    }


def leg(start: str, end: str, departs: datetime, arrives: datetime) -> dict[str, Any]:
    """Return the body of a leg."""
    return {
        "carrier_party_id": COURIER,
        "from_gln": start,
        "to_gln": end,
        "planned_departure_at": iso(departs),
        "planned_arrival_at": iso(arrives),
    }


def item_id(number: int) -> str:
    """Return the id of the only item of an order."""
    return f"{GTIN}.S{number}"


def two_shipments(client: httpx.Client) -> None:
    """Set up order A-1 with shipment U-1 to Mercy, and A-2 with U-2 to Summit."""
    set_up(client)
    put(client, "orders/A-1", order(1))
    put(client, "shipments/U-1", shipment("A-1", loggers=("LG-1",)))
    put(client, "orders/A-2", order(2, qtc_gln=OTHER_PHARMACY))
    put(client, "shipments/U-2", shipment("A-2", destination=OTHER_PHARMACY, loggers=("LG-2",)))


RECEIVED = {
    "identifier_scanned": "yes",
    "case_intact": "yes",
    "container_secured": "yes",
    "consignee_pouch": "yes",
    "lid_seal_intact": "yes",
    "lid_seal_matches": "yes",
    "shipper_matches": "yes",
}
"""The receiving checklist of the world's therapy, all as it should be."""
PACKED = {
    "identifier_scanned": "yes",
    "case_intact": "yes",
    "logger_recording": "yes",
    "seal_number": "88-1207",
    "labels_reconciled": "yes",
}


def found_keys(client: httpx.Client) -> None:
    """Found the keys: the founders, quality, and two people of each party."""
    parties = (MAKER, COURIER, CENTRE, OTHER_CENTRE, None)
    people = [who(party) for party in parties for who in (desk, second)]
    log = client.get("/api/v1/keys/head").json()["log"]
    envelope = founding(*people, AMY, NOTARY, log=log)
    statement_id = read_payload(envelope).id
    put(client, f"key-statements/{statement_id}", envelope.to_json())


def statement(kind: str, **said: Any) -> dict[str, Any]:
    """Return a statement about order A-1 and shipment U-1, with what else is said.

    The desk of the acting party signs; at the destination two people do, with the checklist. What
    only the service knows (log, head, offer, identity) is asked for when it is sent.
    """
    party = said.get("to" if kind in {"accept", "refuse"} else "from")
    meaning = f"I {kind.replace('_', ' ')}."
    document: dict[str, Any] = {
        "id": str(uuid4()),
        "kind": kind,
        "order": "A-1",
        "shipment": "U-1",
        "claimed_at": iso(START),
        "signers": [desk(party).signer(meaning=meaning)],
    }
    if kind == "accept" and party in {CENTRE, OTHER_CENTRE}:
        document["conditions"] = RECEIVED
        document["signers"] = [
            desk(party).signer("confirmer", meaning),
            second(party).signer("verifier", meaning),
        ]
    return document | said


def signed(client: httpx.Client, body: dict[str, Any]) -> Envelope:
    """Return a statement's envelope; what was asked for is kept in `body`, for sending it again."""
    if "log" not in body:
        found = client.get(f"/api/v1/orders/{body['order']}/custody")
        custody = found.json() if found.status_code == 200 else {}
        body["log"] = custody.get("log", "unbroken/unknown")
        body["seen"] = custody.get("seen")
        if body["kind"] == "commission":
            body["coi"] = custody.get("coi_commitment", "00" * 32)
        if body["kind"] in {"accept", "refuse"}:
            offer = custody.get("offer")
            body["answers"] = offer["statement"] if offer else "00" * 32
    return envelope_of(Statement.model_validate(body))


def signed_json(client: httpx.Client, body: dict[str, Any]) -> dict[str, Any]:
    """Return a statement's envelope as it goes over the wire."""
    return dict(signed(client, body).to_json())


def send(client: httpx.Client, body: dict[str, Any]) -> httpx.Response:
    """Sign a statement and put it under its own id."""
    return client.put(f"/api/v1/statements/{body['id']}", json=signed(client, body).to_json())
