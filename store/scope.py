"""Which shipments somebody may see, as one condition that every query carries."""

from dataclasses import dataclass

from sqlalchemy import text

from store.database import Session


@dataclass(frozen=True, slots=True, kw_only=True)
class Scope:
    """What may be seen: everything, what touches a site, or what a party takes part in.

    With nothing set, nothing may be seen.
    """

    everything: bool = False
    site_gln: str | None = None
    party_id: str | None = None

    def parameters(self) -> dict[str, object]:
        """Return the values that `VISIBLE` is bound with."""
        return {
            "scope_all": self.everything,
            "scope_site": self.site_gln,
            "scope_party": self.party_id,
        }


VISIBLE = """(
    CAST(:scope_all AS boolean)
    OR CAST(:scope_site AS text) IN (s.origin_gln, s.destination_gln)
    OR CAST(:scope_party AS text) IN (s.holder_party_id, s.owner_party_id)
    OR EXISTS (
        SELECT FROM site
        WHERE site.gln IN (s.origin_gln, s.destination_gln)
        AND site.party_id = CAST(:scope_party AS text)
    )
    OR EXISTS (
        SELECT FROM leg
        WHERE leg.shipment_id = s.id
        AND (leg.carrier_party_id = CAST(:scope_party AS text)
            OR CAST(:scope_site AS text) IN (leg.from_gln, leg.to_gln))
    )
)"""
"""True for a row `s` of shipment that may be seen; bind with `Scope.parameters()`."""


def visible_shipments(session: Session, scope: Scope, codes: list[str]) -> set[str]:
    """Return those of the shipment codes that are there and may be seen."""
    if not codes:
        return set()
    rows = session.connection().execute(
        text(
            "SELECT s.code FROM shipment s "  # noqa: S608 - constants only
            "WHERE s.code = ANY(CAST(:codes AS text[])) AND " + VISIBLE
        ),
        {"codes": codes, **scope.parameters()},
    )
    return set(rows.scalars())


def visible_orders(session: Session, scope: Scope, codes: list[str]) -> set[str]:
    """Return those of the order codes that are there and may be seen.

    An order is seen by who sees one of its shipments, and by its treatment centre.
    """
    if not codes:
        return set()
    rows = session.connection().execute(
        text(
            "SELECT o.code FROM treatment_order o "  # noqa: S608 - constants only
            "WHERE o.code = ANY(CAST(:codes AS text[])) AND ("
            "CAST(:scope_all AS boolean) OR o.qtc_gln = CAST(:scope_site AS text) OR EXISTS ("
            "SELECT FROM shipment s WHERE s.order_code = o.code AND " + VISIBLE + "))"
        ),
        {"codes": codes, **scope.parameters()},
    )
    return set(rows.scalars())
