"""What the live stream says: from happenings in the outbox to events for each who may see them."""

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from api.shipment_rows import alert_view, rows_of
from api.sparks import Sparks
from store.board import ALL_STATES, list_codes_of_orders, list_shipments
from store.board_alerts import ANY_ALERT_STATE, list_alerts
from store.database import Session
from store.outbox import OutboxRow
from store.scope import Scope, visible_orders, visible_shipments

_ALL = Scope(everything=True)
_MOST_DIGITS = 19


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """One event of the stream.

    Attributes:
        id: Where to go on after a broken connection; None leaves the client's as it is.
        shipment: Only for who may see this shipment.
        order: Only for who may see this order, where it names no shipment.
        office_only: Only for who sees everything.
    """

    kind: str
    data: str
    id: str | None = None
    shipment: str | None = None
    order: str | None = None
    office_only: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Position:
    """Where a client stands: the outbox cursor, and the newest judgement it may have seen.

    Leaves as `xid-id.ms`, opaque to clients.
    """

    cursor: str
    judged_ms: int

    def __str__(self) -> str:
        return f"{self.cursor}.{self.judged_ms}"

    @property
    def key(self) -> tuple[int, int]:
        """Its place in the outbox's order."""
        xid, _, row_id = self.cursor.partition("-")
        return int(xid), int(row_id)


def parse_position(text: str | None) -> Position | None:
    """Return the position that a Last-Event-ID names, None when it names none."""
    cursor, _, judged = (text or "").partition(".")
    xid, _, row_id = cursor.partition("-")
    digits = (xid, row_id, judged)
    if not all(one.isascii() and one.isdigit() and len(one) <= _MOST_DIGITS for one in digits):
        return None
    return Position(cursor=cursor, judged_ms=int(judged))


@dataclass(frozen=True, slots=True, kw_only=True)
class Moment:
    """When events are composed, where the stream stands *before* them, and the kept sparks."""

    now: datetime
    at: Position
    sparks: Sparks


def compose(
    session: Session, rows: Sequence[OutboxRow], judged: Iterable[str], moment: Moment
) -> list[Event]:
    """Return what to tell about these happenings and judgements.

    Shipments come first, with the position *before* the happenings: a client that loses the
    connection half-way asks for the happenings again, and gets the shipments with them.

    Args:
        session: The transaction to read in.
        rows: What happened, oldest first.
        judged: Codes of shipments that were judged anew.
        moment: Now, and the position before the happenings.
    """
    at = moment.at
    told = [event for row in rows for event in _of_row(row, at)]
    alerts = _alert_events(session, rows, at)
    touched = {*judged, *(event.shipment for event in (*told, *alerts) if event.shipment)}
    orders = {event.order for event in told if event.order}
    if orders:
        touched.update(list_codes_of_orders(session, orders))
    order_of = {row.cursor: place for place, row in enumerate(rows)}
    happened = sorted(
        (*told, *alerts), key=lambda event: order_of[(event.id or "").partition(".")[0]]
    )
    return [*_shipment_events(session, touched, moment), *happened]


def _id_of(row: OutboxRow, at: Position) -> str:
    return str(Position(cursor=row.cursor, judged_ms=at.judged_ms))


def _of_row(row: OutboxRow, at: Position) -> list[Event]:
    match row.kind:
        case "entry":
            shipment, order = row.payload.get("shipment"), row.payload.get("order")
            return [
                Event(
                    kind="entry",
                    data=json.dumps(row.payload),
                    id=_id_of(row, at),
                    shipment=str(shipment) if shipment else None,
                    order=str(order) if order else None,
                )
            ]
        case "ledger":
            data = json.dumps({"happened": row.subject, **row.payload})
            return [Event(kind="ledger", data=data, id=_id_of(row, at))]
        case "quarantine":
            data = json.dumps({"id": row.subject, **row.payload})
            return [Event(kind="quarantine", data=data, id=_id_of(row, at), office_only=True)]
        case _:
            return []


def _alert_events(session: Session, rows: Sequence[OutboxRow], at: Position) -> list[Event]:
    """Return one event an alert, at the place of its last happening, in its state of now."""
    last = {UUID(row.subject): row for row in rows if row.kind == "alert"}
    if not last:
        return []
    found = list_alerts(session, _ALL, states=ANY_ALERT_STATE, ids=list(last), limit=len(last))
    return [
        Event(
            kind="alert",
            data=alert_view(one).model_dump_json(),
            id=_id_of(last[one.id], at),
            shipment=one.shipment,
            office_only=one.shipment is None,
        )
        for one in found
    ]


def _shipment_events(session: Session, codes: set[str], moment: Moment) -> list[Event]:
    if not codes:
        return []
    now, at = moment.now, str(moment.at)
    facts = list_shipments(session, _ALL, now=now, states=ALL_STATES, codes=sorted(codes))
    return [
        Event(kind="shipment", data=row.model_dump_json(), id=at, shipment=row.code)
        for row in rows_of(session, facts, now, moment.sparks)
    ]


def visible_to(session: Session, scope: Scope, events: Sequence[Event]) -> list[Event]:
    """Return the events that somebody of this scope may see, in the same order."""
    if scope.everything:
        return list(events)
    shipments = {event.shipment for event in events if event.shipment}
    orders = {event.order for event in events if event.order and not event.shipment}
    seen = visible_shipments(session, scope, sorted(shipments))
    seen_orders = visible_orders(session, scope, sorted(orders))
    return [event for event in events if _may_see(event, seen, seen_orders)]


def _may_see(event: Event, shipments: set[str], orders: set[str]) -> bool:
    if event.office_only:
        return False
    if event.shipment is not None:
        return event.shipment in shipments
    return event.order is None or event.order in orders
