"""Sets up over HTTP what a shipment needs before it can travel: parties, sites, order, loggers."""

from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor

from simulator.clock import MICROSECONDS, WorldClock
from simulator.lanes import Lane
from simulator.office import Body, Office, instant
from simulator.places import Atlas
from simulator.shipments import ShipmentPlan, shipment_code

_DAY_US = 86_400 * MICROSECONDS
_LOGGING_S = 300
_UPLOAD_S = 300
_AT_ONCE = 4


def register_places(office: Office, atlas: Atlas) -> None:
    """Put all parties, then all sites; the same again changes nothing.

    Raises:
        OfficeUnavailableError: Try again later.
    """
    _put_all(
        office,
        ((f"/parties/{party.id}", {"name": party.name, "kind": party.kind})
         for party in atlas.parties),
    )  # fmt: skip
    _put_all(
        office,
        (
            (
                f"/sites/{site.gln}",
                {
                    "name": site.name,
                    "role": site.role,
                    "party_id": site.party_id,
                    "lat": site.position.lat,
                    "lon": site.position.lon,
                    "time_zone": site.time_zone,
                },
            )
            for site in atlas.sites
        ),
    )


def first_free_ordinal(office: Office) -> int:
    """Return the lowest number such that no shipment has it or a higher one.

    Relies on numbers being given without gaps; asks a few dozen times at most.

    Raises:
        OfficeUnavailableError: Try again later.
    """
    beyond = 1
    while is_used(office, beyond):
        beyond *= 2
    used = beyond // 2
    while beyond - used > 1:
        middle = (used + beyond) // 2
        used, beyond = (middle, beyond) if is_used(office, middle) else (used, middle)
    return beyond


def is_used(office: Office, ordinal: int) -> bool:
    """Return whether the service has a shipment with this number.

    Raises:
        OfficeUnavailableError: Try again later.
    """
    return office.get(f"/shipments/{shipment_code(ordinal)}").is_good


def register_shipment(office: Office, plan: ShipmentPlan, clock: WorldClock) -> bool:
    """Put a shipment and everything it names; return whether the service took it.

    The same plan and clock give the same bodies, so a repetition changes nothing.

    Raises:
        OfficeUnavailableError: Try again later.
    """
    order = office.put(f"/orders/{plan.order_code}", order_body(plan, clock))
    equipment = (
        (
            f"/sites/{plan.lane.destination.gln}/qualifications/{plan.product.therapy_id}",
            {"expires_at": "2028-12-31T00:00:00Z"},
        ),
        (f"/shippers/{plan.shipper_grai}", _shipper_body(plan, clock)),
        *((f"/loggers/{logger.serial}",
           {
               "make": logger.make,
               "accuracy_c": logger.accuracy_c,
               "calibration_expires_at": instant(clock.at_us(plan.starts_s) + 200 * _DAY_US),
               "logging_interval_s": _LOGGING_S,
               "upload_interval_s": _UPLOAD_S,
           }) for logger in plan.loggers),
    )  # fmt: skip
    taken = [office.put(path, body).is_good for path, body in equipment]
    shipment = office.put(f"/shipments/{plan.code}", shipment_body(plan, clock))
    return order.is_good and all(taken) and shipment.is_good


def order_body(plan: ShipmentPlan, clock: WorldClock) -> Body:
    """Return the order of a shipment as the service takes it."""
    made_us = clock.at_us(plan.starts_s)
    item = {
        "gtin": plan.product.gtin,
        "serial": plan.item_serial,
        "lot": f"L{plan.ordinal:05d}",
        "expires_at": instant(made_us + 270 * _DAY_US),
    }
    return {
        "therapy_id": plan.product.therapy_id,
        "coi": plan.coi,
        "patient_alias": plan.patient_alias,
        "qtc_gln": plan.lane.destination.gln,
        "items": [item],
    }


def shipment_body(plan: ShipmentPlan, clock: WorldClock) -> Body:
    """Return a shipment as planned, mishaps unforeseen, as the service takes it."""
    lane = plan.planned_lane
    delivery_s = (lane.arrives_s + lane.duration_s) / 2
    return {
        "order_code": plan.order_code,
        "shipper_grai": plan.shipper_grai,
        "origin_gln": lane.origin.gln,
        "destination_gln": lane.destination.gln,
        "planned_pickup_at": instant(clock.at_us(plan.starts_s + lane.departs_s)),
        "planned_delivery_at": instant(clock.at_us(plan.starts_s + delivery_s)),
        "legs": _legs(plan, lane, clock),
        "loggers": [
            {"serial": logger.serial, "starts_at": instant(clock.at_us(plan.starts_s))}
            for logger in plan.loggers
        ],
    }


def _legs(plan: ShipmentPlan, lane: Lane, clock: WorldClock) -> list[Body]:
    stops = [(lane.origin.gln, lane.departs_s, lane.departs_s)]
    if lane.hub is not None:
        dwell = next(one for one in lane.segments if one.stage == "hub")
        stops.append((lane.hub.gln, dwell.starts_s, dwell.ends_s))
    stops.append((lane.destination.gln, lane.arrives_s, lane.arrives_s))
    carriers = (plan.first_courier, plan.second_courier)
    return [
        {
            "carrier_party_id": carrier.id,
            "from_gln": leaves[0],
            "to_gln": reaches[0],
            "planned_departure_at": instant(clock.at_us(plan.starts_s + leaves[2])),
            "planned_arrival_at": instant(clock.at_us(plan.starts_s + reaches[1])),
        }
        for carrier, leaves, reaches in zip(carriers, stops[:-1], stops[1:], strict=False)
    ]


def _shipper_body(plan: ShipmentPlan, clock: WorldClock) -> Body:
    packed_us = clock.at_us(plan.starts_s)
    return {
        "kind": plan.product.shipper_kind,
        "qualified_hold_h": plan.hold_h,
        "conditioned_at": instant(packed_us - 6 * 3_600 * MICROSECONDS),
        "requalify_by": instant(packed_us + 90 * _DAY_US),
    }


def _put_all(office: Office, calls: Iterable[tuple[str, Body]]) -> None:
    with ThreadPoolExecutor(_AT_ONCE) as pool:
        list(pool.map(lambda call: office.put(*call), calls))
