"""What the ledger says about a shipment, copied into its row in the entry's own transaction."""

from datetime import datetime

from sqlalchemy import text

from store.database import Session


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
    at the destination itself, it is delivered even if nobody recorded the departure.
    """
    session.connection().execute(
        text(
            """
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
