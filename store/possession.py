"""What the ledger says about a shipment, copied into its row in the entry's own transaction."""

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import text

from store.database import Session


@dataclass(frozen=True, slots=True, kw_only=True)
class ShipmentFacts:
    """A shipment's row as far as the ledger decides it, and where the shipment is bound."""

    code: str
    order_code: str
    destination_gln: str
    destination_party_id: str | None
    state: str
    holder_party_id: str | None
    owner_party_id: str | None
    departed_at: datetime | None
    delivered_at: datetime | None


_FACTS = """
    SELECT shipment.code, order_code, destination_gln, site.party_id AS destination_party_id,
        state, holder_party_id, owner_party_id, departed_at, delivered_at
    FROM shipment
    LEFT JOIN site ON site.gln = shipment.destination_gln
"""


def list_facts_of_orders(
    session: Session, order_codes: Collection[str], size: int
) -> list[ShipmentFacts]:
    """Return these orders' shipments, by code; none of an order with an entry from `size` on.

    One statement sees rows and entries of the same moment, whoever is appending.
    """
    rows = session.connection().execute(
        text(
            f"""
            {_FACTS}
            WHERE order_code = ANY(CAST(:order_codes AS text[]))
            AND NOT EXISTS (
                SELECT FROM ledger_entry AS entry
                WHERE entry.order_code = shipment.order_code AND entry.index >= :size
            )
            ORDER BY code
            """
        ),
        {"order_codes": list(order_codes), "size": size},
    )
    return [ShipmentFacts(**row) for row in rows.mappings()]


def stream_facts_without_entries(session: Session) -> Iterator[ShipmentFacts]:
    """Yield the shipments of orders about which nothing is recorded; few in memory at a time."""
    result = session.connection().execute(
        text(
            f"""
            {_FACTS}
            WHERE NOT EXISTS (
                SELECT FROM ledger_entry AS entry WHERE entry.order_code = shipment.order_code
            )
            ORDER BY code
            """
        ),
        execution_options={"yield_per": 500},
    )
    with result:
        for row in result.mappings():
            yield ShipmentFacts(**row)


def set_possession(
    session: Session, *, order_code: str, holder_party_id: str | None, owner_party_id: str | None
) -> None:
    """Write down who holds and who owns what the order's open shipments carry."""
    session.connection().execute(
        text(
            """
            UPDATE shipment
            SET holder_party_id = :holder, owner_party_id = :owner
            WHERE order_code = :order_code
            AND state NOT IN ('closed', 'cancelled')
            AND (holder_party_id, owner_party_id) IS DISTINCT FROM
                (CAST(:holder AS text), CAST(:owner AS text))
            """
        ),
        {"order_code": order_code, "holder": holder_party_id, "owner": owner_party_id},
    )


def set_released(session: Session, shipment_code: str) -> None:
    """Move a planned shipment on to `released`."""
    session.connection().execute(
        text(
            """
            UPDATE shipment
            SET state = 'released'
            WHERE code = :shipment_code
            AND state = 'planned'
            """
        ),
        {"shipment_code": shipment_code},
    )


def set_departed(session: Session, shipment_code: str, at: datetime) -> None:
    """Move a shipment on to `in_transit`; its first departure is the one that counts."""
    session.connection().execute(
        text(
            """
            UPDATE shipment
            SET state = 'in_transit', departed_at = COALESCE(departed_at, :at)
            WHERE code = :shipment_code
            AND state IN ('planned', 'released')
            """
        ),
        {"shipment_code": shipment_code, "at": at},
    )


def set_delivered_to(
    session: Session,
    *,
    order_code: str,
    shipment_code: str | None,
    party_id: str,
    place_gln: str | None,
    at: datetime,
) -> None:
    """Move a shipment on to `delivered` if `party_id`, who took it over, is where it was bound.

    A shipment code of None stands for whichever of the order's shipments is under way. Taken over
    at the destination itself, it is delivered even if nobody recorded the departure. Its loggers
    are then free for the next shipment; a watch that was to start later ends as it starts.
    """
    session.connection().execute(
        text(
            """
            WITH delivered AS (
                UPDATE shipment
                SET state = 'delivered', delivered_at = :at
                FROM site
                WHERE site.gln = shipment.destination_gln
                AND site.party_id = :party_id
                AND shipment.order_code = :order_code
                AND shipment.code = COALESCE(CAST(:shipment_code AS text), shipment.code)
                AND (
                    shipment.state = 'in_transit'
                    OR (shipment.state IN ('planned', 'released') AND site.gln = :place_gln)
                )
                RETURNING shipment.id
            )
            UPDATE assignment
            SET ends_at = greatest(CAST(:at AS timestamptz), starts_at + interval '1 microsecond')
            FROM delivered
            WHERE assignment.shipment_id = delivered.id AND assignment.ends_at IS NULL
            """
        ),
        {
            "order_code": order_code,
            "shipment_code": shipment_code,
            "party_id": party_id,
            "place_gln": place_gln,
            "at": at,
        },
    )


def replace_time(
    session: Session, *, order_code: str, written: datetime, settled: datetime
) -> None:
    """Replace a departure or delivery, and the end of watches, written in this transaction."""
    session.connection().execute(
        text(
            """
            WITH watched AS (
                UPDATE assignment
                SET ends_at = :settled
                FROM shipment
                WHERE assignment.shipment_id = shipment.id
                AND shipment.order_code = :order_code
                AND shipment.delivered_at = :written
                AND assignment.ends_at = :written
                AND assignment.starts_at < :settled
            )
            UPDATE shipment
            SET departed_at = CASE WHEN departed_at = :written THEN :settled ELSE departed_at END,
                delivered_at =
                    CASE WHEN delivered_at = :written THEN :settled ELSE delivered_at END
            WHERE order_code = :order_code
            AND :written IN (departed_at, delivered_at)
            """
        ),
        {"order_code": order_code, "written": written, "settled": settled},
    )


def set_shipper_returned(session: Session, grai: str, at: datetime) -> None:
    """Write down that an empty shipper was sent back."""
    session.connection().execute(
        text("UPDATE shipper SET returned_at = :at WHERE grai = :grai"), {"grai": grai, "at": at}
    )


def set_shipper_requalified(session: Session, grai: str, at: datetime) -> None:
    """Write down that a shipper passed its requalification and may be used again."""
    session.connection().execute(
        text("UPDATE shipper SET requalified_at = :at WHERE grai = :grai"),
        {"grai": grai, "at": at},
    )


def erase_identity(session: Session, order_code: str) -> None:
    """Delete what links an order to a person: salt, end of the identifier, alias."""
    session.connection().execute(
        text(
            """
            UPDATE treatment_order
            SET coi_salt = NULL, coi_short = '', patient_alias = ''
            WHERE code = :order_code
            """
        ),
        {"order_code": order_code},
    )
