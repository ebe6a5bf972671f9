"""Drives custody: makes each statement of a shipment's script when its moment has come."""

import base64
import hashlib
from contextlib import suppress
from dataclasses import dataclass, field, replace
from typing import Any

from simulator.acts import Act
from simulator.clock import WorldClock
from simulator.desks import DeviceKey
from simulator.enrolment import Enrolment
from simulator.envelopes import STATEMENT_TYPE, canonical, envelope
from simulator.office import Answer, Body, Office, OfficeUnavailableError
from simulator.shipments import ShipmentPlan
from simulator.statements import Known, signing_desks, statement_document, statement_id

_CONFLICT = 409


@dataclass(frozen=True, slots=True, kw_only=True)
class _Standing:
    """A statement that stands in the ledger: where, and its bytes."""

    seen: Body
    payload: bytes


@dataclass(slots=True, kw_only=True)
class _Order:
    """What the desks of one order know, and the acts that stand, by key."""

    known: Known
    stands: dict[str, _Standing] = field(default_factory=dict)


class Speaker:
    """Speaks for all desks of a fleet. One thread at a time.

    Attributes:
        office: The service.
        enrolment: The desks' keys.
    """

    def __init__(self, office: Office, enrolment: Enrolment, seed: int) -> None:
        self.office, self.enrolment = office, enrolment
        self._seed = seed
        self._orders: dict[str, _Order] = {}

    def say(self, plan: ShipmentPlan, act: Act, clock: WorldClock, *, live: bool) -> bool:
        """Make one statement; return whether it stands in the ledger.

        A refusal by the service (a rule is broken) is final: it is not said again.

        Args:
            plan: The shipment.
            act: What to say; its desks' keys must be enrolled.
            clock: Turns lane time into the claimed instant.
            live: It happens now, so the verdict on the signer's screen belongs to it.

        Raises:
            OfficeUnavailableError: Try again later.
        """
        order = self._order(plan, fresh=live)
        if order is None:
            return False
        known = self._known(plan, act, order, live=live)
        if known is None:
            return False
        signers = [(desk, self.enrolment.key_of(desk)) for desk in signing_desks(plan, act, known)]
        document = statement_document(plan, act, known, signers, clock=clock, seed=self._seed)
        keys = [key for _, key in signers]
        standing = self._send(str(document["id"]), canonical(document), keys)
        if standing is None:
            return False
        order.stands[act.key] = standing
        order.known = replace(order.known, seen=standing.seen)
        return True

    def _order(self, plan: ShipmentPlan, *, fresh: bool) -> _Order | None:
        order = self._orders.get(plan.order_code)
        if order is not None and not fresh:
            return order
        answer = self.office.get(f"/orders/{plan.order_code}/custody")
        if not answer.is_good:
            return None
        body = answer.body
        known = Known(
            log=body["log"], coi=body["coi_commitment"], steps=body["steps"], seen=body["seen"]
        )
        if order is None:
            order = self._orders[plan.order_code] = _Order(known=known)
        order.known = known
        return order

    def _known(self, plan: ShipmentPlan, act: Act, order: _Order, *, live: bool) -> Known | None:
        """Return what the signer's device knows; None when it knows no offer to answer."""
        known = order.known
        if act.answers is not None:
            offered = self._find(plan, act.answers, order)
            if offered is None:
                return None
            known = replace(known, answers=hashlib.sha256(offered.payload).hexdigest())
        if act.saw is not None and (seen := self._find(plan, act.saw, order)) is not None:
            return replace(known, seen=seen.seen)
        if live and act.shows_verdict:
            with suppress(OfficeUnavailableError):  # a screen without a verdict holds up nobody
                shown = _shown(self.office.get(f"/shipments/{plan.code}").body)
                known = replace(known, verdict=shown)
        return known

    def _find(self, plan: ShipmentPlan, key: str, order: _Order) -> _Standing | None:
        """Return an act that was said before, perhaps in an earlier run."""
        if key not in order.stands:
            found = self._adopt(statement_id(plan, key, self._seed), [])
            if found is None:
                return None
            order.stands[key] = found
        return order.stands[key]

    def _send(self, name: str, payload: bytes, keys: list[DeviceKey]) -> _Standing | None:
        """Send a statement with one signature after another, as from several devices."""
        answer = self._sign(name, payload, keys)
        if answer.is_good:
            return _standing(answer, payload)
        if answer.status == _CONFLICT:
            return self._adopt(name, keys)
        return None

    def _adopt(self, name: str, keys: list[DeviceKey]) -> _Standing | None:
        """Return what was said before in other bytes, with the signatures it lacked; else None."""
        found = self.office.get(f"/statements/{name}")
        if not found.is_good:
            return None
        said = found.body["envelope"]
        payload = base64.b64decode(said["payload"])
        missing = {one["key"] for one in found.body["missing"]}
        if missing:
            absent = [key for key in keys if key.key_id in missing]
            answer = self._sign(name, payload, absent) if absent else found
        else:
            answer = self.office.put(f"/statements/{name}", said)  # it says where it stands
        return _standing(answer, payload) if "entry_hash" in answer.body else None

    def _sign(self, name: str, payload: bytes, keys: list[DeviceKey]) -> Answer:
        for number, key in enumerate(keys, start=1):
            signed = envelope(STATEMENT_TYPE, payload, [key])
            answer = self.office.put(f"/statements/{name}", signed)
            if number == len(keys) or not answer.is_taken:
                return answer
        message = "a statement needs somebody who signs it"
        raise AssertionError(message)


def _standing(answer: Answer, payload: bytes) -> _Standing:
    seen = {"sequence": answer.body["order_sequence"], "hash": answer.body["entry_hash"]}
    return _Standing(seen=seen, payload=payload)


def _shown(shipment: dict[str, Any]) -> Body | None:
    verdict = shipment.get("verdict")
    if not isinstance(verdict, dict) or "outcome" not in verdict:
        return None
    return {"outcome": verdict["outcome"], "version": verdict.get("version", 0)}
