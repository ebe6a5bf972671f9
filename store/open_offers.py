"""Offers of possession that nobody has answered, in written SQL."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import text

from store.database import Session


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenOffer:
    """An offer that is the last word on possession of a shipment's order.

    It may have been taken back by a correction, which only the order's story tells.
    """

    shipment_id: int
    shipment_code: str
    order_code: str
    giver_name: str
    receiver_name: str
    recorded_at: datetime


def list_open_offers(session: Session, *, before: datetime) -> list[OpenOffer]:
    """Return the offers recorded before an instant, of shipments not yet delivered, by shipment."""
    rows = session.connection().execute(
        text(
            """
            SELECT DISTINCT ON (shipment.order_code) shipment.id AS shipment_id,
                shipment.code AS shipment_code, shipment.order_code,
                coalesce(giver.name, last.from_party_id) AS giver_name,
                coalesce(receiver.name, last.to_party_id) AS receiver_name, last.recorded_at
            FROM shipment
            CROSS JOIN LATERAL (
                SELECT kind, from_party_id, to_party_id, recorded_at
                FROM ledger_entry
                WHERE ledger_entry.order_code = shipment.order_code
                AND kind IN ('offer', 'accept', 'refuse')
                AND conflict_with IS NULL
                ORDER BY order_sequence DESC
                LIMIT 1
            ) AS last
            LEFT JOIN party AS giver ON giver.id = last.from_party_id
            LEFT JOIN party AS receiver ON receiver.id = last.to_party_id
            WHERE shipment.state IN ('planned', 'released', 'in_transit')
            AND last.kind = 'offer'
            AND last.recorded_at < :before
            ORDER BY shipment.order_code, shipment.id
            """
        ),
        {"before": before},
    )
    return [OpenOffer(**row) for row in rows.mappings()]


def list_called_offers(session: Session) -> list[tuple[int, str]]:
    """Return shipment and rule of the open alerts about unanswered offers."""
    rows = session.connection().execute(
        text(
            """
            SELECT shipment_id, rule_id
            FROM alert
            WHERE kind = 'custody'
            AND rule_id LIKE 'offer-%'
            AND state <> 'resolved'
            """
        )
    )
    return [(row.shipment_id, row.rule_id) for row in rows]
