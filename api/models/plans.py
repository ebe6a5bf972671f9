"""Orders and shipments as they are placed, on the wire."""

from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from api.models.wire import Body, Code, Gln, Gtin, Instant, Serial, Slug, View
from store.plans import NewOrder, NewShipment
from store.tables.orders import Item
from store.tables.shipments import Leg, Shipment

Grai = Annotated[str, Field(pattern=r"^[0-9A-Za-z._-]{1,40}$")]


class ItemBody(Body):
    """A serialised unit of product."""

    gtin: Gtin
    serial: Serial
    lot: Serial
    expires_at: Instant


class OrderBody(Body):
    """One treatment for one patient. The COI is hashed with a salt and then forgotten."""

    therapy_id: Slug
    coi: Annotated[str, Field(pattern=r"^[!-~]{6,60}$")]
    patient_alias: Annotated[str, Field(pattern=r"^[A-Za-z0-9._-]{1,40}$")]
    qtc_gln: Gln
    items: Annotated[list[ItemBody], Field(min_length=1, max_length=200)]

    @model_validator(mode="after")
    def _items_differ(self) -> Self:
        if len({(item.gtin, item.serial) for item in self.items}) < len(self.items):
            message = "the same item stands here twice"
            raise ValueError(message)
        return self

    def placed(self, code: str) -> NewOrder:
        """Return the order under its code, as the store takes it."""
        return NewOrder(
            code=code,
            therapy_id=self.therapy_id,
            coi=self.coi,
            patient_alias=self.patient_alias,
            qtc_gln=self.qtc_gln,
            items=tuple(
                Item(id=f"{item.gtin}.{item.serial}", order_code=code, **item.model_dump())
                for item in self.items
            ),
        )


class ItemView(View):
    """A serialised unit of product; `id` is `GTIN.serial`."""

    id: str
    gtin: str
    serial: str
    lot: str
    expires_at: Instant


class OrderView(View):
    """An order. Of the COI only the last characters, for comparing with a label."""

    code: str
    therapy_id: str
    profile_sha256: str
    coi_short: str
    patient_alias: str
    qtc_gln: str
    created_at: Instant
    items: list[ItemView]


class LegBody(Body):
    """One carrier's part of the way; in the air loggers are quiet by plan."""

    carrier_party_id: Slug
    from_gln: Gln
    to_gln: Gln
    mode: Literal["road", "air"] = "road"
    planned_departure_at: Instant
    planned_arrival_at: Instant

    @model_validator(mode="after")
    def _arrives_after_departing(self) -> Self:
        if self.planned_arrival_at <= self.planned_departure_at:
            message = "a leg arrives after it departs"
            raise ValueError(message)
        return self


class WatchBody(Body):
    """A logger that watches the shipment from then on."""

    serial: Serial
    starts_at: Instant


class ShipmentBody(Body):
    """One transport of an order's items, planned."""

    order_code: Code
    shipper_grai: Grai
    origin_gln: Gln
    destination_gln: Gln
    planned_pickup_at: Instant
    planned_delivery_at: Instant
    legs: Annotated[list[LegBody], Field(min_length=1, max_length=20)]
    loggers: Annotated[list[WatchBody], Field(max_length=20)]

    @model_validator(mode="after")
    def _hangs_together(self) -> Self:
        if self.planned_delivery_at <= self.planned_pickup_at:
            message = "delivery comes after pick-up"
            raise ValueError(message)
        stops = [self.origin_gln, *(leg.to_gln for leg in self.legs)]
        starts = [leg.from_gln for leg in self.legs]
        if starts != stops[:-1] or stops[-1] != self.destination_gln:
            message = "the legs do not lead from the origin to the destination without a break"
            raise ValueError(message)
        if len({one.serial for one in self.loggers}) < len(self.loggers):
            message = "the same logger stands here twice"
            raise ValueError(message)
        return self

    def planned(self, code: str) -> NewShipment:
        """Return the shipment under its code, as the store takes it."""
        return NewShipment(
            shipment=Shipment(
                code=code, profile_sha256="", **self.model_dump(exclude={"legs", "loggers"})
            ),
            legs=tuple(
                Leg(shipment_id=0, number=number, **leg.model_dump())
                for number, leg in enumerate(self.legs, start=1)
            ),
            loggers=tuple((one.serial, one.starts_at) for one in self.loggers),
        )


class Placed(View):
    """What a put of an order or a shipment answers."""

    code: str
