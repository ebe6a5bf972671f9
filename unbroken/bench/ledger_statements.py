"""What is said about an order of a measurement: twelve statements, really signed."""

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from custody.canonical import Json, encode
from custody.entry import instant_text
from custody.envelope import STATEMENT_TYPE, Envelope, Signature
from unbroken.key_statements import Holder

COI = "0" * 64
PLANT, CLINIC = "0614141000012", "0614141000029"
STATEMENTS = 12
"""How many entries an order has."""
MILLISECOND = timedelta(milliseconds=1)
_UUIDS = 1 << 64

Fields = Mapping[str, Json]
STEPS: Sequence[tuple[str, str, Fields]] = (
    ("commission", "maker", {"from": "maker", "coi": COI, "place": PLANT}),
    ("pack", "maker", {"from": "maker", "waybill": "172-1", "seals": ["S1", "S2"]}),
    ("release", "maker", {}),
    ("offer", "maker", {"from": "maker", "to": "courier", "place": PLANT}),
    (
        "accept",
        "courier",
        {"from": "maker", "to": "courier", "place": PLANT, "seals": ["S1", "S2"]},
    ),
    ("depart", "courier", {"from": "courier"}),
    ("arrive", "courier", {"from": "courier", "place": CLINIC}),
    ("offer", "courier", {"from": "courier", "to": "clinic", "place": CLINIC}),
    (
        "accept",
        "clinic",
        {"from": "courier", "to": "clinic", "place": CLINIC, "seals": ["S1", "S2"]},
    ),
    ("store", "clinic", {"from": "clinic", "place": CLINIC}),
    ("inspect", "clinic", {"from": "clinic", "place": CLINIC}),
    ("infuse", "clinic", {"from": "clinic", "place": CLINIC}),
)
"""Kind, who signs, and what the statement says; the same for each order."""
_CONDITIONS = {"packaging_intact": "yes", "seals_intact": "yes", "label_read": "yes"}
_EMPTY: Fields = {
    "v": 2, "shipper": None, "waybill": None, "seals": [], "from": None, "to": None, "place": None,
    "clock": {"offset_ms": 0, "error_ms": 40, "synced_at": "2026-01-01T00:00:00.000Z"},
    "conditions": _CONDITIONS, "verdict": {"outcome": "within", "version": 1}, "coi": None,
    "sealed": None, "seen": None, "answers": None, "corrects": None, "remarks": None,
    "reason": None,
}  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class Parties:
    """Who signs: one person a party, whose keys are founded in a log."""

    log: str
    people: Mapping[str, Holder]
    signers: Mapping[str, Json]


def envelopes(parties: Parties, order: int, at: datetime) -> Iterator[tuple[str, Envelope]]:
    """Yield kind and signed statement of each of an order's steps, claimed from `at` on."""
    answers: str | None = None
    for number, (kind, who, fields) in enumerate(STEPS):
        own: dict[str, Json] = {"shipper": "G-1"} if fields.get("seals") else {}
        if kind == "accept":
            own["answers"] = answers
        said = sign(parties, who, order, number, kind, at + number * MILLISECOND, {**fields, **own})
        if kind == "offer":
            answers = hashlib.sha256(said.payload).hexdigest()
        yield kind, said


def sign(
    parties: Parties, who: str, order: int, number: int, kind: str, at: datetime, fields: Fields
) -> Envelope:
    """Return a statement about an order, signed by a party's person; `number` makes its id."""
    payload = encode(
        {
            **_EMPTY,
            "log": parties.log,
            "id": statement_id(order, number),
            "kind": kind,
            "order": f"A-{order}",
            "shipment": f"U-{order}",
            "items": [f"I.{order}"],
            "claimed_at": instant_text(at),
            "signers": [parties.signers[who]],
            **fields,
        }
    )
    bare = Envelope(payload_type=STATEMENT_TYPE, payload=payload)
    pair = parties.people[who].pair
    signature = Signature(key_id=pair.key_id, signature=pair.sign(bare.pae))
    return Envelope(payload_type=STATEMENT_TYPE, payload=payload, signatures=(signature,))


def statement_id(order: int, number: int) -> str:
    """Return the id of an order's statement."""
    return str(UUID(int=order * _UUIDS + number))
