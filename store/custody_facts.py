"""What a statement is checked against beside the ledger: who and what is known, in written SQL."""

from collections.abc import Collection
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Row, text

from schemas.errors import NotFound
from store.database import Session


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderFacts:
    """An order, as far as its statements are checked against it.

    Attributes:
        coi_commitment: Salted hash of the chain-of-identity identifier.
        profile: Canonical document of its therapy's profile.
    """

    coi_commitment: str
    profile_sha256: str
    profile: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class IdentityFacts:
    """An order's chain of identity, as far as the ledger decides it.

    Attributes:
        commitment: Salted hash of the chain-of-identity identifier.
        salted: Whether the salt is there, without which nobody can open the commitment.
        hinted: Whether the end of the identifier or an alias of the person is there.
    """

    commitment: str
    salted: bool
    hinted: bool


def get_order_facts(session: Session, order_code: str) -> OrderFacts:
    """Return what an order's statements are checked against.

    Raises:
        NotFound: There is no such order.
    """
    rows = _run(
        session,
        """
        SELECT coi_commitment, profile_sha256, document AS profile
        FROM treatment_order
        JOIN therapy_profile ON therapy_profile.sha256 = profile_sha256
        WHERE code = :order_code
        """,
        order_code=order_code,
    )
    if not rows:
        raise NotFound("order", order_code)
    return OrderFacts(**rows[0]._mapping)


def check_exist(
    session: Session,
    *,
    parties: Collection[str],
    sites: Collection[str],
    items: Collection[str],
    order_code: str,
) -> None:
    """Check that a statement names parties and places that are known, and items of the order.

    Raises:
        NotFound: The first of them that is not.
    """
    unknown = _run(
        session,
        """
        SELECT 'party' AS noun, named.id
        FROM unnest(CAST(:parties AS text[])) AS named (id)
        WHERE NOT EXISTS (SELECT FROM party WHERE party.id = named.id)
        UNION ALL
        SELECT 'site', named.id
        FROM unnest(CAST(:sites AS text[])) AS named (id)
        WHERE NOT EXISTS (SELECT FROM site WHERE site.gln = named.id)
        UNION ALL
        SELECT 'item', named.id
        FROM unnest(CAST(:items AS text[])) AS named (id)
        WHERE NOT EXISTS (
            SELECT FROM item WHERE item.id = named.id AND item.order_code = :order_code
        )
        ORDER BY 1 DESC, 2
        LIMIT 1
        """,
        parties=list(parties),
        sites=list(sites),
        items=list(items),
        order_code=order_code,
    )
    if unknown:
        raise NotFound(unknown[0].noun, unknown[0].id)


def check_shipment(session: Session, *, shipment_code: str, order_code: str) -> None:
    """Check that the shipment carries the order.

    Raises:
        NotFound: There is no such shipment of this order.
    """
    found = _run(
        session,
        """
        SELECT id
        FROM shipment
        WHERE code = :shipment_code
        AND order_code = :order_code
        """,
        shipment_code=shipment_code,
        order_code=order_code,
    )
    if not found:
        raise NotFound("shipment", shipment_code)


def is_shipper_away(session: Session, grai: str) -> bool:
    """Return whether a shipper was sent back and has not been requalified since."""
    rows = _run(
        session,
        """
        SELECT returned_at > COALESCE(requalified_at, '-infinity') AS away
        FROM shipper
        WHERE grai = :grai
        """,
        grai=grai,
    )
    return bool(rows and rows[0].away)


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderParties:
    """The parties of an order, by what they do in it.

    Attributes:
        ends: Parties of its origins, its destinations and its treatment centre.
        carriers: Parties that carry its legs.
        destinations: Parties of its destinations.
        places: GLNs of its destinations.
    """

    ends: frozenset[str]
    carriers: frozenset[str]
    destinations: frozenset[str]
    places: frozenset[str]


def get_order_parties(session: Session, order_code: str) -> OrderParties:
    """Return who has to do with an order, as it is planned."""
    rows = _run(
        session,
        """
        SELECT 'origin' AS part, origin_gln AS gln, site.party_id
        FROM shipment JOIN site ON site.gln = origin_gln
        WHERE order_code = :order_code
        UNION
        SELECT 'destination', destination_gln, site.party_id
        FROM shipment JOIN site ON site.gln = destination_gln
        WHERE order_code = :order_code
        UNION
        SELECT 'centre', qtc_gln, site.party_id
        FROM treatment_order JOIN site ON site.gln = qtc_gln
        WHERE code = :order_code
        UNION
        SELECT 'carrier', '', carrier_party_id
        FROM leg JOIN shipment ON shipment.id = shipment_id
        WHERE order_code = :order_code
        """,
        order_code=order_code,
    )
    bound_for = [row for row in rows if row.part == "destination"]
    return OrderParties(
        ends=frozenset(row.party_id for row in rows if row.part != "carrier"),
        carriers=frozenset(row.party_id for row in rows if row.part == "carrier"),
        destinations=frozenset(row.party_id for row in bound_for),
        places=frozenset(row.gln for row in bound_for),
    )


def find_identities(
    session: Session, order_codes: Collection[str], size: int
) -> dict[str, IdentityFacts]:
    """Return of these orders the commitment, and whether it can still be opened.

    Orders that are not there are left out, and those with an entry from `size` on: their rows and
    entries are not of the same moment.
    """
    rows = _run(
        session,
        """
        SELECT code, coi_commitment AS commitment, coi_salt IS NOT NULL AS salted,
            coi_short <> '' OR patient_alias <> '' AS hinted
        FROM treatment_order
        WHERE code = ANY(CAST(:order_codes AS text[]))
        AND NOT EXISTS (
            SELECT FROM ledger_entry AS entry
            WHERE entry.order_code = treatment_order.code AND entry.index >= :size
        )
        """,
        order_codes=list(order_codes),
        size=size,
    )
    return {
        row.code: IdentityFacts(commitment=row.commitment, salted=row.salted, hinted=row.hinted)
        for row in rows
    }


def find_shipment_id(session: Session, order_code: str, shipment_code: str | None) -> int | None:
    """Return the number of the shipment named, else of the order's newest; None without any."""
    rows = _run(
        session,
        """
        SELECT id
        FROM shipment
        WHERE order_code = :order_code
        ORDER BY code = CAST(:shipment_code AS text) DESC NULLS LAST, id DESC
        LIMIT 1
        """,
        order_code=order_code,
        shipment_code=shipment_code,
    )
    return int(rows[0].id) if rows else None


def _run(session: Session, query: str, **values: object) -> list[Row[Any]]:
    return list(session.connection().execute(text(query), values))
