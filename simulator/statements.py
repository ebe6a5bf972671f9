"""The text of a statement, written by hand: what a desk's device puts into it."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from simulator.acts import Act
from simulator.clock import MICROSECONDS, WorldClock
from simulator.desks import Desk, DeviceKey
from simulator.identifiers import derived_uuid
from simulator.office import Body, instant
from simulator.shipments import ShipmentPlan

_OF_THE_SHIPPER = {"condition", "return", "requalify"}
"""Kinds that say nothing about the items."""

_NAMES_SHIPPER = _OF_THE_SHIPPER | {
    *("pack", "offer", "accept", "refuse", "depart", "arrive", "inspect", "open")
}
_NAMES_SEALS = {"pack", "offer", "accept", "refuse", "inspect"}
_SCANS_IDENTITY = {"commission", "pack", "open"}
_SYNCED_BEFORE_US = 240 * MICROSECONDS
_OFFLINE_BEFORE_US = 3_600 * MICROSECONDS
_CHECKED = "I checked this together with the first signer."


@dataclass(frozen=True, slots=True, kw_only=True)
class Known:
    """What a desk's device got from the service before it signs.

    Attributes:
        log: Origin of the log.
        coi: Commitment to the chain-of-identity identifier.
        steps: What the therapy asks of each kind of statement.
        seen: Head of the order's chain; None before the first entry.
        answers: Hash of the offer's bytes, for an answer.
        verdict: The verdict on the screen.
    """

    log: str
    coi: str
    steps: list[dict[str, Any]]
    seen: Body | None
    answers: str | None = None
    verdict: Body | None = None


def statement_id(plan: ShipmentPlan, key: str, seed: int) -> str:
    """Return an act's identifier, the same on every run: saying it twice records it once."""
    return str(derived_uuid("statement", seed, plan.code, key))


def signing_desks(plan: ShipmentPlan, act: Act, known: Known) -> tuple[Desk, ...]:
    """Return who signs: one, or two where the therapy asks for a confirmer and a verifier."""
    people = max((step["people"] for step in _asked(plan, act, known)), default=1)
    return act.desks[:people]


def statement_document(
    plan: ShipmentPlan,
    act: Act,
    known: Known,
    signers: list[tuple[Desk, DeviceKey]],
    *,
    clock: WorldClock,
    seed: int,
) -> Body:
    """Return an act as the statement that its desks sign.

    Args:
        plan: The shipment.
        act: What to say.
        known: What the device got from the service.
        signers: Who signs, with their keys.
        clock: Turns lane time into the claimed instant.
        seed: Seed of the fleet.
    """
    claimed_us = clock.at_us(plan.starts_s + act.at_s)
    return {
        "v": 2,
        "log": known.log,
        "id": statement_id(plan, act.key, seed),
        "kind": act.kind,
        "order": plan.order_code,
        "shipment": None if act.before_shipment else plan.code,
        "items": [] if act.kind in _OF_THE_SHIPPER else [plan.item_id],
        **_numbers(plan, act),
        "from": act.giver,
        "to": act.receiver,
        "place": act.place,
        "claimed_at": instant(claimed_us, milliseconds=True),
        "clock": _device_clock(act, signers[0][1], claimed_us),
        "conditions": _conditions(plan, act, known),
        "verdict": known.verdict,
        "coi": known.coi if act.kind in _SCANS_IDENTITY else None,
        "sealed": None,
        "signers": list(_signers(act, signers)),
        "seen": known.seen,
        "answers": known.answers,
        "corrects": None,
        "remarks": act.remarks,
        "reason": act.reason,
    }


def _asked(plan: ShipmentPlan, act: Act, known: Known) -> Iterator[dict[str, Any]]:
    for step in known.steps:
        here = step["at"] is None or act.place == plan.lane.destination.gln
        if step["kind"] == act.kind and here:
            yield step


def _conditions(plan: ShipmentPlan, act: Act, known: Known) -> dict[str, str]:
    """Return all the therapy asks, answered as it should be, but for what the act knows better."""
    expected = {
        check["key"]: check["expected"]
        for step in _asked(plan, act, known)
        for check in step["checklist"]
        if check["expected"] != "text"
    }
    return expected | act.conditions


def _numbers(plan: ShipmentPlan, act: Act) -> dict[str, object]:
    closed = act.kind in _NAMES_SEALS
    seals = plan.seals if act.seals is None else act.seals
    return {
        "shipper": plan.shipper_grai if act.kind in _NAMES_SHIPPER else None,
        "waybill": plan.waybill if closed else None,
        "seals": list(seals) if closed else [],
    }


def _device_clock(act: Act, key: DeviceKey, claimed_us: int) -> Body:
    """Return what the device knows of its clock: some milliseconds off, the same every time."""
    before_us = _OFFLINE_BEFORE_US if act.late_s else _SYNCED_BEFORE_US
    return {
        "offset_ms": key.public[0] - 128,
        "error_ms": 900 if act.late_s else 20 + key.public[1] % 60,
        "synced_at": instant(claimed_us - before_us, milliseconds=True),
    }


def _signers(act: Act, signers: list[tuple[Desk, DeviceKey]]) -> Iterator[Body]:
    roles = ("signer",) if len(signers) == 1 else ("confirmer", "verifier")
    meanings = (act.meaning, _CHECKED)
    for (desk, key), role, meaning in zip(signers, roles, meanings, strict=False):
        yield {
            "user": desk.user,
            "name": desk.name,
            "party": desk.party,
            "role": role,
            "key": key.key_id,
            "meaning": meaning,
        }
