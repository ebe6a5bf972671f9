"""Orders and shipments as they are placed and planned: stored once, never changed.

The same contents again are the same; other contents under the same code are a `Duplicate`. What
happens to a shipment afterwards is the custody ledger's to say.
"""

import hashlib
import hmac
import secrets
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import text
from sqlalchemy.dialects.postgresql import insert
from sqlmodel import select

from schemas.errors import ColdChainError, Duplicate
from store.database import Session
from store.nouns import Put, get, get_current_profile, get_logger, table_of
from store.tables.equipment import Logger, Shipper
from store.tables.judgement import ShipmentStatus
from store.tables.orders import Item, TreatmentOrder
from store.tables.parties import Party, Site
from store.tables.shipments import Assignment, Leg, Shipment

__all__ = [
    "Item",
    "LoggerBusy",
    "NewOrder",
    "NewShipment",
    "Put",
    "Shipment",
    "commit_to_coi",
    "list_items",
    "put_order",
    "put_shipment",
]

SALT_BYTES = 16
SHORT_COI = 5


class LoggerBusy(ColdChainError):
    """The logger watches another shipment at that time."""

    def __init__(self, *, serial: str, shipment: str) -> None:
        super().__init__(
            f"Logger {serial} already watches shipment {shipment} at that time. "
            "End that assignment first, or take another logger."
        )
        self.serial, self.shipment = serial, shipment


@dataclass(frozen=True, slots=True, kw_only=True)
class NewOrder:
    """An order as it is placed. The COI is used and forgotten: only its commitment is kept."""

    code: str
    therapy_id: str
    coi: str
    patient_alias: str
    qtc_gln: str
    items: tuple[Item, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class NewShipment:
    """A shipment as it is planned: `legs` numbered from 1, `loggers` as (serial, starts_at)."""

    shipment: Shipment
    legs: tuple[Leg, ...]
    loggers: tuple[tuple[str, datetime], ...]


def commit_to_coi(coi: str, salt: bytes) -> str:
    """Return the commitment to a chain-of-identity identifier: SHA-256 of salt and UTF-8, hex."""
    return hashlib.sha256(salt + coi.encode()).hexdigest()


def put_order(session: Session, order: NewOrder, now: datetime) -> Put:
    """Store an order and its items, once.

    Raises:
        Duplicate: The code is taken by other contents, or an item belongs to another order.
        NotFound: The therapy or the treatment centre is not there.
    """
    get(session, Site, order.qtc_gln)
    profile = get_current_profile(session, order.therapy_id)
    salt = secrets.token_bytes(SALT_BYTES)
    row = {
        "code": order.code,
        "therapy_id": order.therapy_id,
        "profile_sha256": profile.sha256,
        "coi_commitment": commit_to_coi(order.coi, salt),
        "coi_salt": salt,
        "coi_short": "·" + order.coi[-SHORT_COI:],
        "patient_alias": order.patient_alias,
        "qtc_gln": order.qtc_gln,
        "created_at": now,
    }
    table = table_of(TreatmentOrder)
    inserted = session.connection().execute(
        insert(table).values(row).on_conflict_do_nothing().returning(table.c.code)
    )
    if inserted.scalar_one_or_none() is None:
        return _check_same_order(session, order)
    for item in order.items:
        _put_item(session, item)
    return Put.NEW


def _put_item(session: Session, item: Item) -> None:
    table = table_of(Item)
    inserted = session.connection().execute(
        insert(table).values(item.model_dump()).on_conflict_do_nothing().returning(table.c.id)
    )
    if inserted.scalar_one_or_none() is None:
        raise Duplicate("item", item.id)


def _check_same_order(session: Session, order: NewOrder) -> Put:
    row = get(session, TreatmentOrder, order.code)
    items = session.exec(select(Item).where(Item.order_code == order.code)).all()
    # An order whose salt was deleted has been forgotten: nobody can prove the same person again.
    same_coi = row.coi_salt is not None and hmac.compare_digest(
        row.coi_commitment, commit_to_coi(order.coi, row.coi_salt)
    )
    same = (
        same_coi
        and (row.therapy_id, row.patient_alias, row.qtc_gln)
        == (order.therapy_id, order.patient_alias, order.qtc_gln)
        and _by_id(items) == _by_id(order.items)
    )
    if not same:
        raise Duplicate("order", order.code)
    return Put.SAME


def _by_id(items: Iterable[Item]) -> dict[str, dict[str, object]]:
    return {item.id: item.model_dump() for item in items}


def list_items(session: Session, order_code: str) -> list[Item]:
    """Return an order's items, by id."""
    found = session.exec(select(Item).where(Item.order_code == order_code)).all()
    return sorted(found, key=lambda item: item.id)


def put_shipment(session: Session, new: NewShipment, now: datetime) -> Put:
    """Store a planned shipment with its legs and the loggers that watch it, once.

    Raises:
        Duplicate: The code is taken by other contents.
        NotFound: It names an order, shipper, site, party or logger that is not there.
        LoggerBusy: A logger watches another shipment at that time.
    """
    shipment = new.shipment
    order = get(session, TreatmentOrder, shipment.order_code)
    get(session, Shipper, shipment.shipper_grai)
    for gln in _sites_of(new):
        get(session, Site, gln)
    for party_id in sorted({leg.carrier_party_id for leg in new.legs}):
        get(session, Party, party_id)
    loggers = [(get_logger(session, serial), starts_at) for serial, starts_at in new.loggers]
    shipment_id = _insert_shipment(session, shipment, order.profile_sha256)
    if shipment_id is None:
        return _check_same_shipment(session, new)
    for leg in new.legs:
        values = leg.model_dump() | {"shipment_id": shipment_id}
        session.connection().execute(insert(table_of(Leg)).values(values))
    for logger, starts_at in loggers:
        _assign(session, shipment_id, logger, starts_at)
    session.connection().execute(
        insert(table_of(ShipmentStatus)).values(
            ShipmentStatus(shipment_id=shipment_id, updated_at=now).model_dump()
        )
    )
    return Put.NEW


def _sites_of(new: NewShipment) -> list[str]:
    ends = {new.shipment.origin_gln, new.shipment.destination_gln}
    return sorted(ends.union(*({leg.from_gln, leg.to_gln} for leg in new.legs)))


def _insert_shipment(session: Session, shipment: Shipment, profile_sha256: str) -> int | None:
    table = table_of(Shipment)
    values = shipment.model_dump(exclude={"id"}) | {"profile_sha256": profile_sha256}
    result = session.connection().execute(
        insert(table).values(values).on_conflict_do_nothing().returning(table.c.id)
    )
    found: int | None = result.scalar_one_or_none()
    return found


def _assign(session: Session, shipment_id: int, logger: Logger, starts_at: datetime) -> None:
    busy = session.connection().execute(
        text(
            "SELECT s.code FROM assignment a JOIN shipment s ON s.id = a.shipment_id "
            "WHERE a.logger_id = :logger_id AND coalesce(a.ends_at, 'infinity') > :starts_at "
            "ORDER BY a.starts_at LIMIT 1"
        ),
        {"logger_id": logger.id, "starts_at": starts_at},
    )
    code = busy.scalar_one_or_none()
    if code is not None:
        raise LoggerBusy(serial=logger.serial, shipment=code)
    values = {"logger_id": logger.id, "shipment_id": shipment_id, "starts_at": starts_at}
    session.connection().execute(insert(table_of(Assignment)).values(values))


_PLANNED = {
    "order_code",
    "shipper_grai",
    "origin_gln",
    "destination_gln",
    "planned_pickup_at",
    "planned_delivery_at",
}


def _check_same_shipment(session: Session, new: NewShipment) -> Put:
    code = new.shipment.code
    row = session.exec(select(Shipment).where(Shipment.code == code)).one()
    legs = session.exec(select(Leg).where(Leg.shipment_id == row.id)).all()
    watched = session.exec(
        select(Logger.serial, Assignment.starts_at)
        .where(Assignment.logger_id == Logger.id)
        .where(Assignment.shipment_id == row.id)
    ).all()
    same = (
        row.model_dump(include=_PLANNED) == new.shipment.model_dump(include=_PLANNED)
        and _by_number(legs) == _by_number(new.legs)
        and {(serial, at) for serial, at in watched} == set(new.loggers)
    )
    if not same:
        raise Duplicate("shipment", code)
    return Put.SAME


def _by_number(legs: Iterable[Leg]) -> dict[int, dict[str, object]]:
    return {leg.number: leg.model_dump(exclude={"shipment_id"}) for leg in legs}
