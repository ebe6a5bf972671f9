"""Which spans of time a shipment's readings are sealed in: its legs, cut where it changed hands.

Pure. A leg here is what lies between two handoffs, whatever was planned.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from custody.instants import (
    BEGINNING,
    Handoff,
    RecordedEntry,
    effective_instant,
    latest_instant,
)
from schemas.statement import StatementKind

__all__ = ["Handoff", "Leg", "WatchedShipment", "legs_of"]


@dataclass(frozen=True, slots=True, kw_only=True)
class WatchedShipment:
    """A shipment, as far as its legs depend on it.

    Attributes:
        code: Code of the shipment.
        destination_party_id: The party whose acceptance delivers it.
        watched_from: When the first of its loggers began to watch; None without loggers.
        delivered_at: When it was delivered; None while it was not.
    """

    code: str
    destination_party_id: str | None
    watched_from: datetime | None
    delivered_at: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Leg:
    """A span of a shipment's watch that one holder answers for.

    Attributes:
        number: From 1.
        begin: First instant that counts; None is the start of the watch.
        until: First instant that no longer counts.
    """

    number: int
    begin: datetime | None
    until: datetime


def legs_of(entries: Iterable[RecordedEntry], shipment: WatchedShipment) -> list[Leg]:
    """Return the legs of a shipment that have ended, by number.

    Each `accept` of the order that names this shipment or none, once the watch has begun, ends a
    leg at its instant (`custody.instants`). The acceptance that delivers
    ends the last one. A later entry never changes an earlier leg: where somebody claims a time
    before the last handoff, the leg between the two is empty.

    Args:
        entries: The order's entries, by `order_sequence`.
        shipment: The shipment.
    """
    legs: list[Leg] = []
    if shipment.watched_from is None:
        return legs
    begin: datetime | None = None
    latest = BEGINNING
    for entry in entries:
        not_before, latest = latest, latest_instant(entry, latest)
        if not _hands_over(entry, shipment):
            continue
        at = effective_instant(entry.statement, entry.recorded_at, not_before)
        delivers = at == shipment.delivered_at and (
            entry.statement.to_party == shipment.destination_party_id
        )
        if at > shipment.watched_from:
            until = at if begin is None else max(begin, at)
            legs.append(Leg(number=len(legs) + 1, begin=begin, until=until))
            begin = until
        if delivers:
            break
    return legs


def _hands_over(entry: RecordedEntry, shipment: WatchedShipment) -> bool:
    statement = entry.statement
    named = statement.shipment in {None, shipment.code}
    return statement.kind is StatementKind.ACCEPT and named and not entry.conflict
