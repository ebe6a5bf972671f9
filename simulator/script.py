"""The script of one shipment: everything that will be said about it, and when."""

from collections.abc import Iterator

from simulator.acts import Act, Handover, accept, offer, refuse, title
from simulator.desks import desk_of
from simulator.lanes import Segment, Stage
from simulator.mishaps import MishapKind
from simulator.places import Atlas
from simulator.shipments import ShipmentPlan

_SEALED = {"case_intact": "yes", "lid_seal_intact": "yes", "lid_seal_matches": "yes"}
_SPOILT = {MishapKind.TIPPED_DEWAR, MishapKind.DRY_ICE_EXHAUSTION, MishapKind.DOOR_OPEN}
_ALARM = "A temperature alarm was shown; kept cold, quality called."
_OUT_OF_REACH_S = 1_500.0
_RETURNED_AFTER_S = 600.0
_REQUALIFIED_AFTER_S = 1_500.0
"""A shipper's way back takes days; here it takes minutes, before the shipment leaves the fleet."""


def script(plan: ShipmentPlan, atlas: Atlas) -> list[Act]:
    """Return everything that will be said about this shipment, in the order it is sent."""
    acts = [
        *_at_origin(plan, atlas),
        *_at_hub(plan),
        *_at_destination(plan, atlas),
        *_with_the_empty_shipper(plan, atlas),
    ]
    return sorted(acts, key=lambda act: act.sent_s)


def _at_origin(plan: ShipmentPlan, atlas: Atlas) -> Iterator[Act]:
    maker = atlas.party(plan.lane.origin.party_id)
    courier = plan.first_courier
    leaves_s = plan.lane.departs_s
    place = plan.lane.origin.gln
    quality, dispatch = desk_of(maker, "quality"), desk_of(maker, "dispatch")
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
        conditions={"seal_number": plan.seals[0]},
    )  # fmt: skip
    yield Act(
        key="release", kind="release", at_s=0.55 * leaves_s, giver=maker.id, place=place,
        desk=quality, meaning="I release this shipment.",
    )  # fmt: skip
    if plan.buyer is not None:
        yield title("title-buyer", 0.62 * leaves_s, plan.item_serial, maker, plan.buyer)
    pickup = Handover(key="pickup", giver=maker, receiver=courier, place=place, conditions=_SEALED)
    yield offer(pickup, 0.72 * leaves_s)
    yield accept(pickup, 0.9 * leaves_s)
    yield Act(
        key="depart-origin", kind="depart", at_s=leaves_s, giver=courier.id, place=place,
        desk=desk_of(courier, "driver"), meaning="I leave with the shipment.",
    )  # fmt: skip


def _at_hub(plan: ShipmentPlan) -> Iterator[Act]:
    hub, segment = plan.lane.hub, plan.lane.first(Stage.HUB)
    if hub is None or segment is None:
        return
    first, second = plan.first_courier, plan.second_courier
    yield Act(
        key="arrive-hub", kind="arrive", at_s=segment.starts_s + 120.0, giver=first.id,
        place=hub.gln, desk=desk_of(first, "hub"), meaning="The shipment reached this hub.",
    )  # fmt: skip
    if plan.has(MishapKind.CUSTOMS_HOLD):
        yield Act(
            key="customs", kind="inspect", at_s=segment.starts_s + 1_800.0, giver=first.id,
            place=hub.gln, desk=desk_of(first, "hub"), conditions=_SEALED,
            meaning="I inspected the shipper from outside.",
            remarks="Held for customs: a paper on the biological material is asked for.",
        )  # fmt: skip
    if first.id != second.id:
        yield from _change_of_courier(plan, segment, hub.gln)
    yield Act(
        key="depart-hub", kind="depart", at_s=segment.ends_s - 60.0, giver=second.id,
        place=hub.gln, desk=desk_of(second, "hub"), meaning="I leave with the shipment.",
    )  # fmt: skip


def _change_of_courier(plan: ShipmentPlan, segment: Segment, place: str) -> Iterator[Act]:
    first, second = plan.first_courier, plan.second_courier
    hub = Handover(key="hub", giver=first, receiver=second, place=place, conditions=_SEALED)
    offers_s = segment.starts_s + 900.0
    accepts_s, late_s = offers_s + 600.0, 0.0
    if plan.has(MishapKind.REFUSED_OFFER) or plan.has(MishapKind.TWO_ANSWERS):
        before = Handover(
            key="hub-refused", giver=first, receiver=second, place=place, conditions=_SEALED
        )
        yield offer(before, offers_s)
        yield refuse(before, offers_s + 700.0, (plan.seals[0], f"88-{9_000 + plan.ordinal}"))
        if plan.has(MishapKind.TWO_ANSWERS):
            yield _second_answer(plan, before, offers_s + 400.0)
        offers_s, accepts_s = offers_s + 1_800.0, offers_s + 2_400.0
    if plan.has(MishapKind.UNANSWERED_OFFER):
        accepts_s = segment.ends_s - 900.0
    if plan.has(MishapKind.OFFLINE_ACCEPT):
        late_s = max(0.0, min(_OUT_OF_REACH_S, segment.ends_s - 90.0 - accepts_s))
    yield offer(hub, offers_s)
    yield accept(hub, accepts_s, late_s=late_s)


def _second_answer(plan: ShipmentPlan, handover: Handover, at_s: float) -> Act:
    """Return the answer of a desk that was out of reach and knew nothing of the refusal."""
    answer = Handover(
        key="hub-unaware",
        giver=handover.giver,
        receiver=plan.second_courier,
        place=handover.place,
        conditions=_SEALED,
    )
    return accept(answer, at_s, offered=handover.key, late_s=800.0)


def _at_destination(plan: ShipmentPlan, atlas: Atlas) -> Iterator[Act]:
    lane = plan.lane
    center, courier = atlas.party(lane.destination.party_id), plan.second_courier
    maker = atlas.party(lane.origin.party_id)
    arrives_s, receiving_s = lane.arrives_s, lane.duration_s - lane.arrives_s
    place, pharmacy = lane.destination.gln, desk_of(center, "pharmacy")
    spoilt = any(plan.has(kind) for kind in _SPOILT)
    remarks = _ALARM if spoilt else None
    alarm = {"no_temperature_alarm": "no" if spoilt else "yes"}
    yield Act(
        key="arrive", kind="arrive", at_s=arrives_s + 60.0, giver=courier.id, place=place,
        desk=desk_of(courier, "driver"), meaning="The shipment reached its destination.",
    )  # fmt: skip
    delivery = Handover(
        key="delivery", giver=courier, receiver=center, place=place, conditions=alarm
    )
    yield offer(delivery, arrives_s + 0.2 * receiving_s)
    yield accept(delivery, arrives_s + 0.5 * receiving_s, remarks=remarks)
    yield Act(
        key="open", kind="open", at_s=arrives_s + 0.6 * receiving_s, giver=center.id, place=place,
        desk=pharmacy, meaning="I opened the shipper and took the item out.",
    )  # fmt: skip
    if spoilt:
        yield Act(
            key="hold", kind="hold", at_s=arrives_s + 0.65 * receiving_s, giver=None, place=place,
            desk=desk_of(maker, "quality"), meaning="I put the item on hold.",
            reason="Temperature excursion in transit; a disposition is to follow.",
        )  # fmt: skip
    yield Act(
        key="store", kind="store", at_s=arrives_s + 0.8 * receiving_s, giver=center.id, place=place,
        desk=pharmacy, conditions=alarm, remarks=remarks,
        meaning="I put the item into storage at the required temperature.",
    )  # fmt: skip
    seller = plan.buyer or maker
    sold_s = arrives_s + 0.9 * receiving_s
    yield title("title-center", sold_s, plan.item_serial, seller, center)


def _with_the_empty_shipper(plan: ShipmentPlan, atlas: Atlas) -> Iterator[Act]:
    lane = plan.lane
    center, maker = atlas.party(lane.destination.party_id), atlas.party(lane.origin.party_id)
    yield Act(
        key="return", kind="return", at_s=lane.duration_s + _RETURNED_AFTER_S, giver=center.id,
        receiver=maker.id, place=lane.destination.gln, desk=desk_of(center, "receiving"),
        meaning="I send the empty shipper back.", reason="Empty, with its logger inside.",
    )  # fmt: skip
    yield Act(
        key="requalify", kind="requalify", at_s=lane.duration_s + _REQUALIFIED_AFTER_S,
        giver=maker.id, place=lane.origin.gln, desk=desk_of(maker, "dispatch"),
        conditions={"requalified": "yes"}, meaning="I looked at this shipper; it is fit for use.",
    )  # fmt: skip
