"""The planner: from a slot of the fleet to one shipment in every detail, seeded."""

from collections.abc import Callable

import numpy as np

from simulator.ambient import Weather
from simulator.charge import Journey, charge_crossing_at, warming_s
from simulator.dewar import QUALIFIED_HOLD_H as DEWAR_HOLD_H
from simulator.dewar import dewar
from simulator.dry_ice import QUALIFIED_HOLD_H as DRY_ICE_HOLD_H
from simulator.dry_ice import dry_ice_box
from simulator.fleet import Slot
from simulator.lanes import Lane, Segment, Stage, plan_lane
from simulator.logger import Encoding
from simulator.mishaps import CHANGES_HANDS, Mishap, MishapKind
from simulator.physics import Container
from simulator.places import Atlas, Party, Product
from simulator.refrigerated import QUALIFIED_HOLD_H as REFRIGERATED_HOLD_H
from simulator.refrigerated import refrigerated_box
from simulator.shipments import LoggerPlan, ShipmentPlan

HOUR_S = 3_600.0

_BUYS_AND_BILLS = 0.35
_CHANGES_COURIER = 0.5
_TWO_LOGGERS = 0.1
_WRITES_CBOR = 0.3
_FLIGHT_MODE = 0.1

_MAKES = (("Kestrel T4", "KT", 0.5), ("Boreal C2", "BC", 0.5), ("Fathom 9", "FM", 1.0))
_BOXES: dict[str, tuple[Callable[..., Container], float]] = {
    "ln2_dewar": (dewar, DEWAR_HOLD_H),
    "dry_ice": (dry_ice_box, DRY_ICE_HOLD_H),
    "refrigerated": (refrigerated_box, REFRIGERATED_HOLD_H),
}
_NEEDS_KIND = {
    MishapKind.TIPPED_DEWAR: "ln2_dewar",
    MishapKind.DRY_ICE_EXHAUSTION: "dry_ice",
    MishapKind.DOOR_OPEN: "refrigerated",
}
_INTO_THE_HUB_S = {
    MishapKind.DOOR_OPEN: 1_800.0,
    MishapKind.UNANSWERED_OFFER: 1.2 * HOUR_S,
    MishapKind.CUSTOMS_HOLD: 3.0 * HOUR_S,
    MishapKind.REFUSED_OFFER: 1_500.0,
    MishapKind.TWO_ANSWERS: 1_200.0,
    MishapKind.OFFLINE_ACCEPT: 1_200.0,
}
_THERMAL = {MishapKind.TIPPED_DEWAR, MishapKind.DRY_ICE_EXHAUSTION}
_NEVER_HEARD = {MishapKind.SILENT_LOGGER, MishapKind.LATE_DUMP}
"""In a first fleet these were never heard: silence counts from arrival, and all arrives at once."""

_HELD_UP = {MishapKind.CUSTOMS_HOLD, MishapKind.UNANSWERED_OFFER}
_TIPPED_BEFORE_DRY_S = 1.5 * HOUR_S
_CABIN_C = 15.0
_DOOR_TO_LIMIT_S = 850.0
_BEYOND_DOUBT_C = 0.6
"""What a logger of usual accuracy needs beyond a limit to be sure of it."""

_OPENS_AFTER_S = {
    MishapKind.TIPPED_DEWAR: 75.0,
    MishapKind.DOOR_OPEN: 95.0,
    MishapKind.DRY_ICE_EXHAUSTION: 115.0,
    MishapKind.LATE_DUMP: 120.0,
}
"""Real seconds after the start of a first fleet at which there is something to see."""


def plan_shipment(seed: int, slot: Slot, atlas: Atlas) -> ShipmentPlan:
    """Return the shipment of a slot; a pure function of its arguments."""
    rng = np.random.default_rng([seed, slot.ordinal])
    product = _choose_product(rng, slot.mishap, atlas)
    planned, phase = _choose_lane(rng, slot, product, atlas)
    lane = planned.held_up(Stage.HUB, 9 * HOUR_S) if slot.mishap in _HELD_UP else planned
    starts_s = slot.at_s - phase * planned.duration_s
    build, hold_h = _BOXES[product.shipper_kind]
    container = build(unit=float(rng.uniform(0.85, 1.15)))
    weather = Weather(tarmac_c=float(rng.uniform(12, 29)), phase=float(rng.uniform(0, 6.28)))
    mishaps = _mishaps(slot, product, container, lane, starts_s)
    charge = float(rng.uniform(0.85, 1.0))
    if slot.mishap in _THERMAL:
        tipped = slot.mishap is MishapKind.TIPPED_DEWAR
        journey = Journey(
            container=container,
            lane=lane,
            weather=weather,
            starts_s=starts_s,
            tipped_from_s=mishaps[0].from_s if tipped else None,
        )
        charge = charge_crossing_at(
            journey,
            limit_c=product.limit_c + _BEYOND_DOUBT_C,
            crosses_s=_crosses_s(slot, product, lane, starts_s),
        )
    couriers = [atlas.parties_of("courier")[i] for i in rng.permutation(3)]
    changes_hands = lane.hub is not None and (
        slot.mishap in CHANGES_HANDS or rng.random() < _CHANGES_COURIER
    )
    return ShipmentPlan(
        ordinal=slot.ordinal,
        product=product,
        container=container,
        charge=charge,
        hold_h=hold_h,
        weather=weather,
        lane=lane,
        planned_lane=planned,
        starts_s=starts_s,
        first_courier=couriers[0],
        second_courier=couriers[1] if changes_hands else couriers[0],
        buyer=_choose_buyer(rng, atlas),
        loggers=_choose_loggers(rng, slot),
        seals=(f"88-{1_000 + slot.ordinal}", f"88-{5_000 + slot.ordinal}"),
        mishaps=mishaps,
    )


def _choose_product(rng: np.random.Generator, mishap: MishapKind | None, atlas: Atlas) -> Product:
    kind = _NEEDS_KIND.get(mishap) if mishap is not None else None
    fitting = [one for one in atlas.products if kind is None or one.shipper_kind == kind]
    if mishap is MishapKind.CUSTOMS_HOLD:
        fitting = [one for one in atlas.products if len(one.site_glns) > 1]
    weights = np.array([one.weight for one in fitting])
    return fitting[int(rng.choice(len(fitting), p=weights / weights.sum()))]


def _choose_lane(
    rng: np.random.Generator, slot: Slot, product: Product, atlas: Atlas
) -> tuple[Lane, float]:
    """Return a lane that suits the slot, and the share of it done at the slot's moment."""
    centers = atlas.sites_of("qtc_pharmacy")
    origin_gln = product.site_glns[0]
    if slot.mishap is MishapKind.CUSTOMS_HOLD:
        origin_gln = product.site_glns[-1]
    lane, phase = None, 0.0
    for _ in range(60):
        center = centers[int(rng.integers(len(centers)))]
        lane = plan_lane(
            atlas, atlas.site(origin_gln), center, rng.uniform(0.85, 1.25, size=6).tolist()
        )
        phase = _phase(rng, slot, lane)
        if _suits(slot, lane, phase):
            break
    if lane is None:
        message = "no lane was drawn"
        raise AssertionError(message)
    return lane, phase


def _phase(rng: np.random.Generator, slot: Slot, lane: Lane) -> float:
    if slot.phase is not None:
        return slot.phase
    hub = lane.first(Stage.HUB)
    if slot.mishap in _INTO_THE_HUB_S and hub is not None:
        return (hub.starts_s + _INTO_THE_HUB_S[slot.mishap]) / lane.duration_s
    return 0.6 if slot.mishap in _THERMAL else float(rng.uniform(0.12, 0.85))


def _suits(slot: Slot, lane: Lane, phase: float) -> bool:
    if slot.mishap in _THERMAL:
        return lane.duration_s > 10 * HOUR_S
    if slot.mishap in _INTO_THE_HUB_S:
        return lane.hub is not None
    if slot.mishap in _NEVER_HEARD and phase * lane.duration_s < 3 * HOUR_S:
        return False
    moving = lane.segment_at(phase * lane.duration_s).stage in {Stage.TRUCK, Stage.FLIGHT}
    return moving or slot.phase is not None


def _turn_s(slot: Slot, lane: Lane, starts_s: float) -> float:
    """Return the world second around which the slot's mishap plays."""
    if slot.phase is None:
        return slot.at_s
    return starts_s + 0.5 * lane.duration_s


def _crosses_s(slot: Slot, product: Product, lane: Lane, starts_s: float) -> float:
    """Return the world second at which a thermal mishap passes the product's limit.

    In a first fleet that is long enough ago for the dwell to run out soon after the start.
    """
    turn_s = _turn_s(slot, lane, starts_s)
    if slot.phase is not None or slot.mishap is None:
        return turn_s
    return turn_s + _OPENS_AFTER_S.get(slot.mishap, 0.0) - product.dwell_s


def _mishaps(
    slot: Slot, product: Product, container: Container, lane: Lane, starts_s: float
) -> tuple[Mishap, ...]:
    if slot.mishap is None:
        return ()
    turn_s = _turn_s(slot, lane, starts_s)
    ends_s = starts_s + lane.duration_s
    crosses_s = _crosses_s(slot, product, lane, starts_s)
    hub = lane.first(Stage.HUB) or lane.segments[-1]
    if slot.mishap in _THERMAL:
        crosses_s -= warming_s(container, product.limit_c, _CABIN_C)
    from_s, to_s = _span(slot, turn_s, crosses_s, hub, starts_s, ends_s)
    return (Mishap(kind=slot.mishap, from_s=max(from_s, starts_s), to_s=to_s),)


def _span(
    slot: Slot, turn_s: float, begins_s: float, hub: Segment, starts_s: float, ends_s: float
) -> tuple[float, float]:
    heard_until_s = starts_s if slot.phase is None else turn_s
    dump_s = turn_s + _OPENS_AFTER_S[MishapKind.LATE_DUMP] * slot.speed
    at_hub_s = (starts_s + hub.starts_s, starts_s + hub.ends_s)
    spans = {
        MishapKind.TIPPED_DEWAR: (begins_s - _TIPPED_BEFORE_DRY_S, ends_s),
        MishapKind.DRY_ICE_EXHAUSTION: (begins_s, ends_s),
        MishapKind.DOOR_OPEN: (begins_s - _DOOR_TO_LIMIT_S, begins_s + 5 * HOUR_S),
        MishapKind.DEAD_SENSOR: (turn_s - HOUR_S, ends_s),
        MishapKind.SILENT_LOGGER: (heard_until_s, float("inf")),
        MishapKind.LATE_DUMP: (heard_until_s, dump_s),
        MishapKind.CUSTOMS_HOLD: at_hub_s,
        MishapKind.REFUSED_OFFER: at_hub_s,
        MishapKind.UNANSWERED_OFFER: at_hub_s,
        MishapKind.TWO_ANSWERS: at_hub_s,
        MishapKind.OFFLINE_ACCEPT: at_hub_s,
    }
    return spans.get(slot.mishap or MishapKind.SHUFFLE, (starts_s, ends_s))


def _choose_buyer(rng: np.random.Generator, atlas: Atlas) -> Party | None:
    buyers = atlas.parties_of("specialty_pharmacy")
    buyer = buyers[int(rng.integers(len(buyers)))]
    return buyer if rng.random() < _BUYS_AND_BILLS else None


def _choose_loggers(rng: np.random.Generator, slot: Slot) -> tuple[LoggerPlan, ...]:
    count = 2 if slot.mishap is None and rng.random() < _TWO_LOGGERS else 1
    # What goes wrong in time to be seen is measured well enough to be sure of it in time.
    makes = _MAKES[:2] if slot.mishap in _NEEDS_KIND else _MAKES
    loggers = []
    for number in range(count):
        make, prefix, accuracy_c = makes[int(rng.integers(len(makes)))]
        loggers.append(
            LoggerPlan(
                serial=f"{prefix}-{26_000 + slot.ordinal}{'AB'[number] if count > 1 else ''}",
                make=make,
                accuracy_c=accuracy_c,
                bias_c=float(rng.uniform(-0.2, 0.2)) * accuracy_c,
                encoding=Encoding.CBOR if rng.random() < _WRITES_CBOR else Encoding.JSON,
                flight_mode=bool(slot.mishap is None and rng.random() < _FLIGHT_MODE),
            )
        )
    return tuple(loggers)
