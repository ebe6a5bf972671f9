"""Drives custody: makes each statement of a shipment's script when its moment has come."""

from contextlib import suppress
from typing import Any

from simulator.acts import Act
from simulator.clock import WorldClock
from simulator.identifiers import derived_uuid
from simulator.office import Body, Office, OfficeUnavailableError, instant
from simulator.shipments import ShipmentPlan


def statement_body(
    plan: ShipmentPlan, act: Act, clock: WorldClock, seed: int, verdict: Body | None
) -> Body:
    """Return an act as the statement that the service takes.

    Its identifier is the same on every run, so saying it twice records it once.
    """
    return {
        "v": 1,
        "id": str(derived_uuid("statement", seed, plan.code, act.key)),
        "kind": act.kind,
        "order": plan.order_code,
        "shipment": None if act.before_shipment else plan.code,
        "items": [plan.item_id],
        "shipper": plan.shipper_grai,
        "seals": list(plan.seals) if act.kind in {"pack", "offer", "accept", "refuse"} else [],
        "from": act.giver,
        "to": act.receiver,
        "place": act.place,
        "claimed_at": instant(clock.at_us(plan.starts_s + act.at_s), milliseconds=True),
        "conditions": act.conditions,
        "verdict": verdict,
        "meaning": act.meaning,
        "signer": act.desk,
        "remarks": act.remarks,
        "corrects": None,
        "reason": act.reason,
    }


def say(
    office: Office, plan: ShipmentPlan, act: Act, clock: WorldClock, seed: int, *, live: bool
) -> bool:
    """Make one statement; return whether it stands in the ledger.

    A refusal by the service (409: a rule is broken, or it was said before with another verdict on
    the screen) is final: it is not said again.

    Args:
        office: The service.
        plan: The shipment.
        act: What to say.
        clock: Turns lane time into the claimed instant.
        seed: Seed of the fleet.
        live: It happens now, so the verdict on the signer's screen belongs to it.

    Raises:
        OfficeUnavailableError: Try again later.
    """
    verdict = None
    if live and act.shows_verdict:
        with suppress(OfficeUnavailableError):  # a screen that shows no verdict holds up nobody
            verdict = _shown(office.get(f"/shipments/{plan.code}").body)
    body = statement_body(plan, act, clock, seed, verdict)
    return office.put(f"/statements/{body['id']}", body).is_good


def _shown(shipment: dict[str, Any]) -> Body | None:
    verdict = shipment.get("verdict")
    if not isinstance(verdict, dict) or "outcome" not in verdict:
        return None
    return {"outcome": verdict["outcome"], "version": verdict.get("version", 0)}
