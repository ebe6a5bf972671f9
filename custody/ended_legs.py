"""The legs of shipments that have ended, as the ledger says, and what is sealed of each."""

from dataclasses import dataclass
from datetime import datetime

from custody.legs import Handoff, Leg, WatchedShipment, legs_of
from custody.reading import RecordedStatement, entries_of_order
from store import leg_seals as store
from store.database import Session
from store.watched_shipments import WatchedRow, find_watched, list_watched


@dataclass(frozen=True, slots=True, kw_only=True)
class LegFacts:
    """A leg as people are shown it.

    Attributes:
        begin: First instant that counts; None is the start of the watch, or before it.
        until: First instant that no longer counts; None while the leg runs.
        sealed_index: Index of the last seal's entry; None while it is not sealed.
        sealed_at: When that was recorded.
        count: How many readings are sealed.
        root: Root over them, hexadecimal.
    """

    number: int
    begin: datetime | None
    until: datetime | None
    sealed_index: int | None = None
    sealed_at: datetime | None = None
    count: int = 0
    root: str | None = None


def facts_of_legs(session: Session, shipment_code: str) -> list[LegFacts]:
    """Return a shipment's legs by number, the one that still runs as the last.

    Read from the list of work, not proven; for that there are the entries and the bundle.
    """
    watched = find_watched(session, shipment_code)
    if watched is None or watched.watched_from is None:
        return []
    legs = [
        LegFacts(
            number=row.leg,
            begin=row.begins_at,
            until=row.until_at,
            sealed_index=row.entry_index,
            sealed_at=row.sealed_at,
            count=row.readings,
            root=None if row.root is None else row.root.hex(),
        )
        for row in store.list_legs(session, watched.id)
    ]
    if watched.delivered_at is None:
        begin = legs[-1].until if legs else None
        legs.append(LegFacts(number=len(legs) + 1, begin=begin, until=None))
    return legs


def list_ended_legs(session: Session) -> None:
    """Put legs that ended since the last call on the list of those to be sealed."""
    for order in store.next_handoffs(session):
        entries = entries_of_order(session, order)
        for watched in list_watched(session, order):
            for leg in ended_legs(entries, watched):
                store.add_leg(
                    session,
                    shipment_id=watched.id,
                    leg=leg.number,
                    begins_at=leg.begin,
                    until_at=leg.until,
                )


def ended_legs(entries: list[RecordedStatement], watched: WatchedRow) -> list[Leg]:
    """Return the legs of a shipment that have ended, from its order's entries."""
    handoffs = (
        Handoff(
            statement=each.statement,
            recorded_at=each.recorded.recorded_at,
            conflict=each.recorded.conflict_with is not None,
        )
        for each in entries
    )
    return legs_of(
        handoffs,
        WatchedShipment(
            code=watched.code,
            destination_party_id=watched.destination_party_id,
            watched_from=watched.watched_from,
            delivered_at=watched.delivered_at,
        ),
    )
