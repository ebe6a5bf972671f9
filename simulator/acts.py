"""What people say about custody on a lane, and when: the script of one shipment."""

from collections.abc import Iterator
from dataclasses import dataclass, field

from simulator.lanes import Segment, Stage
from simulator.mishaps import MishapKind
from simulator.places import Atlas, Party
from simulator.shipments import ShipmentPlan

_PACKED = {"identifier_scanned": "yes", "case_intact": "yes", "logger_recording": "yes"}
_SEALED = {"case_intact": "yes", "lid_seal_intact": "yes", "lid_seal_matches": "yes"}
_RECEIVED = {
    "identifier_scanned": "yes",
    "case_intact": "yes",
    "container_secured": "yes",
    "consignee_pouch": "yes",
    "lid_seal_intact": "yes",
    "lid_seal_matches": "yes",
    "shipper_matches": "yes",
}
_SPOILT = {MishapKind.TIPPED_DEWAR, MishapKind.DRY_ICE_EXHAUSTION, MishapKind.DOOR_OPEN}


@dataclass(frozen=True, slots=True, kw_only=True)
class Act:
    """One statement to come.

    Attributes:
        key: Names the act within its shipment; makes its identifier.
        at_s: Lane time at which it is claimed to happen.
        giver: Party in `from`.
        receiver: Party in `to`.
        desk: Who signs, a role and never a person.
        shows_verdict: Whether the signer has the verdict on the screen.
        before_shipment: It is about the order; there is no shipment yet.
    """

    key: str
    kind: str
    at_s: float
    giver: str | None
    receiver: str | None = None
    place: str | None = None
    desk: str
    meaning: str
    conditions: dict[str, str] = field(default_factory=dict)
    remarks: str | None = None
    reason: str | None = None
    shows_verdict: bool = False
    before_shipment: bool = False


def script(plan: ShipmentPlan, atlas: Atlas) -> list[Act]:
    """Return everything that will be said about this shipment, in order of time."""
    acts = [*_at_origin(plan, atlas), *_at_hub(plan), *_at_destination(plan, atlas)]
    return sorted(acts, key=lambda act: act.at_s)


def _at_origin(plan: ShipmentPlan, atlas: Atlas) -> Iterator[Act]:
    maker = atlas.party(plan.lane.origin.party_id)
    courier = plan.first_courier
    leaves_s = plan.lane.departs_s
    place = plan.lane.origin.gln
    quality, dispatch = f"{maker.name} quality desk", f"{maker.name} dispatch desk"
    yield Act(
        key="commission", kind="commission", at_s=-7_200.0, giver=maker.id, place=place,
        desk=quality, meaning="I bring this item into being for this order.", before_shipment=True,
    )  # fmt: skip
    yield Act(
        key="condition", kind="condition", at_s=-5_400.0, giver=maker.id, place=place,
        desk=dispatch, meaning="I conditioned this shipper.", before_shipment=True,
    )  # fmt: skip
    yield Act(
        key="pack", kind="pack", at_s=0.25 * leaves_s, giver=maker.id, place=place,
        desk=dispatch, meaning="I packed the item and closed the shipper under these seals.",
        conditions={**_PACKED, "seal_number": plan.seals[0], "labels_reconciled": "yes"},
    )  # fmt: skip
    yield Act(
        key="release", kind="release", at_s=0.55 * leaves_s, giver=maker.id, place=place,
        desk=quality, meaning="I release this shipment.",
    )  # fmt: skip
    if plan.buyer is not None:
        yield _title(plan, "title-buyer", 0.62 * leaves_s, maker, plan.buyer)
    yield from _handoff("pickup", 0.72 * leaves_s, 0.9 * leaves_s, maker, courier, place, _SEALED)
    yield Act(
        key="depart-origin", kind="depart", at_s=leaves_s, giver=courier.id, place=place,
        desk=f"{courier.name} driver desk", meaning="I leave with the shipment.",
    )  # fmt: skip


def _at_hub(plan: ShipmentPlan) -> Iterator[Act]:
    hub, segment = plan.lane.hub, plan.lane.first(Stage.HUB)
    if hub is None or segment is None:
        return
    first, second = plan.first_courier, plan.second_courier
    yield Act(
        key="arrive-hub", kind="arrive", at_s=segment.starts_s + 120.0, giver=first.id,
        place=hub.gln, desk=f"{first.name} hub desk", meaning="The shipment reached this hub.",
    )  # fmt: skip
    if plan.has(MishapKind.CUSTOMS_HOLD):
        yield Act(
            key="customs", kind="inspect", at_s=segment.starts_s + 1_800.0, giver=first.id,
            place=hub.gln, desk=f"{first.name} hub desk", conditions=_SEALED,
            meaning="I inspected the shipper from outside.",
            remarks="Held for customs: a paper on the biological material is asked for.",
        )  # fmt: skip
    if first.id != second.id:
        yield from _change_of_courier(plan, segment, hub.gln)
    yield Act(
        key="depart-hub", kind="depart", at_s=segment.ends_s - 60.0, giver=second.id,
        place=hub.gln, desk=f"{second.name} hub desk", meaning="I leave with the shipment.",
    )  # fmt: skip


def _change_of_courier(plan: ShipmentPlan, segment: Segment, place: str) -> Iterator[Act]:
    first, second = plan.first_courier, plan.second_courier
    offers_s = segment.starts_s + 900.0
    accepts_s = offers_s + 600.0
    if plan.has(MishapKind.REFUSED_OFFER):
        refused_offer, _ = _handoff("hub-refused", offers_s, 0.0, first, second, place, _SEALED)
        yield refused_offer
        yield Act(
            key="refuse-hub", kind="refuse", at_s=offers_s + 700.0, giver=first.id,
            receiver=second.id, place=place, desk=f"{second.name} hub desk",
            conditions={**_SEALED, "lid_seal_matches": "no"},
            meaning="I do not take the shipment over.",
            reason="The seal number on the lid is not the one on the air waybill.",
        )  # fmt: skip
        offers_s, accepts_s = offers_s + 1_800.0, offers_s + 2_400.0
    if plan.has(MishapKind.UNANSWERED_OFFER):
        accepts_s = segment.ends_s - 900.0
    yield from _handoff("hub", offers_s, accepts_s, first, second, place, _SEALED)


def _at_destination(plan: ShipmentPlan, atlas: Atlas) -> Iterator[Act]:
    lane = plan.lane
    center, courier = atlas.party(lane.destination.party_id), plan.second_courier
    maker = atlas.party(lane.origin.party_id)
    arrives_s, receiving_s = lane.arrives_s, lane.duration_s - lane.arrives_s
    place = lane.destination.gln
    yield Act(
        key="arrive", kind="arrive", at_s=arrives_s + 60.0, giver=courier.id, place=place,
        desk=f"{courier.name} driver desk", meaning="The shipment reached its destination.",
    )  # fmt: skip
    spoilt = any(plan.has(kind) for kind in _SPOILT)
    yield from _handoff(
        "delivery",
        arrives_s + 0.2 * receiving_s,
        arrives_s + 0.5 * receiving_s,
        courier,
        center,
        place,
        {**_RECEIVED, "no_temperature_alarm": "no" if spoilt else "yes"},
        remarks="A temperature alarm was shown; kept cold, quality called." if spoilt else None,
    )
    yield Act(
        key="store", kind="store", at_s=arrives_s + 0.8 * receiving_s, giver=center.id, place=place,
        desk=f"{center.name} pharmacy desk", conditions={"placed_in_storage": "yes"},
        meaning="I put the item into storage at the required temperature.",
    )  # fmt: skip
    if spoilt:
        yield Act(
            key="hold", kind="hold", at_s=arrives_s + 0.65 * receiving_s, giver=None, place=place,
            desk=f"{maker.name} quality desk", meaning="I put the item on hold.",
            reason="Temperature excursion in transit; a disposition is to follow.",
        )  # fmt: skip
    seller = plan.buyer or maker
    yield _title(plan, "title-center", arrives_s + 0.9 * receiving_s, seller, center)


def _handoff(
    key: str,
    offers_s: float,
    accepts_s: float,
    giver: Party,
    receiver: Party,
    place: str,
    conditions: dict[str, str],
    *,
    remarks: str | None = None,
) -> tuple[Act, Act]:
    offer = Act(
        key=f"offer-{key}", kind="offer", at_s=offers_s, giver=giver.id, receiver=receiver.id,
        place=place, desk=f"{giver.name} dispatch desk",
        meaning=f"I offer the sealed shipper to {receiver.name}.", shows_verdict=True,
    )  # fmt: skip
    accept = Act(
        key=f"accept-{key}", kind="accept", at_s=accepts_s, giver=giver.id, receiver=receiver.id,
        place=place, desk=f"{receiver.name} receiving desk", conditions=conditions, remarks=remarks,
        meaning=f"I take the shipper over from {giver.name} as described.", shows_verdict=True,
    )  # fmt: skip
    return offer, accept


def _title(plan: ShipmentPlan, key: str, at_s: float, seller: Party, buyer: Party) -> Act:
    return Act(
        key=key, kind="transfer_title", at_s=at_s, giver=seller.id, receiver=buyer.id,
        desk=f"{seller.name} contracts desk",
        meaning=f"Title to {plan.item_serial} passes from {seller.name} to {buyer.name}.",
    )  # fmt: skip
