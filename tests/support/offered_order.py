"""An order of a test's own in a running demo, which its maker offers to a pharmacy."""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from http import HTTPStatus
from pathlib import Path
from typing import Any
from uuid import uuid4

import httpx

from custody.entry import instant_text
from custody.envelope import Envelope
from custody.key_file import load_key, new_key
from custody.ledger import read_payload
from schemas.statement import Seen, Signer, SignerRole, Statement
from tests.support.demo import fetch
from unbroken.key_statements import Holder, KeysHead, enrolment, sign

APPROVERS = ("Demo approver 1", "Demo approver 2")
TRIES = 5
GTIN = "09521141021071"


def approvers(folder: Path) -> list[Holder]:
    """Return the demo's approvers, whose keys lie in `folder`."""
    return [
        Holder(user=path.stem, name=name, pair=load_key(path))
        for path, name in zip(sorted(folder.glob("*.pem")), APPROVERS, strict=True)
    ]


def put(client: httpx.Client, where: str, envelope: Envelope) -> bool:
    """Return whether it was recorded; False when it came too late, because the record moved on."""
    answer = client.put(f"/{where}/{read_payload(envelope).id}", json=envelope.to_json())
    assert answer.status_code in {HTTPStatus.CREATED, HTTPStatus.CONFLICT}, answer.text
    return answer.status_code == HTTPStatus.CREATED


def enrolled(client: httpx.Client, folder: Path) -> Holder:
    """Return whoever is signed in, with a new key that the demo's approvers let in."""
    who = fetch(client, "/session")
    holder = Holder(
        user=who["username"], name=who["display_name"], party=who["party_id"], pair=new_key()
    )
    for _ in range(TRIES):
        head = fetch(client, "/keys/head")
        seen = KeysHead(log=head["log"], seen=Seen(sequence=head["sequence"], hash=head["hash"]))
        key, now = holder.as_key(approver=False), datetime.now(UTC)
        if put(client, "key-statements", enrolment(seen, key, holder, approvers(folder), now)):
            return holder
    message = "other keys were let in all the time"
    raise AssertionError(message)


def plan_order(coordinator: httpx.Client, origin: str, destination: str) -> tuple[str, str]:
    """Return the codes of a new shipment, without logger, and of its order."""
    mark = uuid4().hex[:8].upper()
    order, shipment, grai = f"A-T{mark}", f"U-T{mark}", f"T-{mark}"
    leaves = datetime.now(UTC) + timedelta(hours=1)
    arrives, later = leaves + timedelta(hours=6), leaves + timedelta(days=200)
    item = {"gtin": GTIN, "serial": mark, "lot": "L1", "expires_at": later.isoformat()}
    times = {"conditioned_at": datetime.now(UTC).isoformat(), "requalify_by": later.isoformat()}
    leg = {
        "carrier_party_id": "polar-line",
        "from_gln": origin,
        "to_gln": destination,
        "planned_departure_at": leaves.isoformat(),
        "planned_arrival_at": arrives.isoformat(),
    }
    bodies: Mapping[str, Mapping[str, Any]] = {
        f"/shippers/{grai}": {"kind": "dry_ice", "qualified_hold_h": 96.0, **times},
        f"/orders/{order}": {
            "therapy_id": "abecma",
            "coi": f"COI-{mark}",
            "patient_alias": f"P-{mark}",
            "qtc_gln": destination,
            "items": [item],
        },
        f"/shipments/{shipment}": {
            "order_code": order,
            "shipper_grai": grai,
            "origin_gln": origin,
            "destination_gln": destination,
            "planned_pickup_at": leaves.isoformat(),
            "planned_delivery_at": arrives.isoformat(),
            "legs": [leg],
            "loggers": [],
        },
    }
    for path, body in bodies.items():
        answer = coordinator.put(path, json=body)
        assert answer.is_success, answer.text
    return shipment, order


def offer(maker: httpx.Client, holder: Holder, *, shipment: str, order: str, to: str) -> None:
    """Commission the order and offer it to a party, signed by its maker."""
    items = tuple(one["id"] for one in fetch(maker, f"/orders/{order}")["items"])
    for kind, receiver in (("commission", None), ("offer", to)):
        custody = fetch(maker, f"/orders/{order}/custody")
        commission = {"coi": custody["coi_commitment"], "items": items}
        said = Statement.model_validate(
            {
                "log": custody["log"],
                "id": str(uuid4()),
                "kind": kind,
                "order": order,
                "shipment": shipment,
                "from": holder.party,
                "to": receiver,
                "claimed_at": instant_text(datetime.now(UTC)),
                "signers": (_signer(holder),),
                "seen": custody["seen"],
                **(commission if kind == "commission" else {}),
            }
        )
        assert put(maker, "statements", sign(said, [holder.pair]))


def _signer(holder: Holder) -> Signer:
    return Signer(
        user=holder.user,
        name=holder.name,
        party=holder.party,
        role=SignerRole.SIGNER,
        key=holder.pair.key_id,
        meaning="I say so in a test.",
    )
