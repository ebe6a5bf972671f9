"""Where an order stands: who holds it, who owns it, what has become of its items."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from enum import StrEnum


class ItemState(StrEnum):
    """What has become of an item; `infused` and `wasted` are final."""

    COMMISSIONED = "commissioned"
    PACKED = "packed"
    THAWED = "thawed"
    RETURNED = "returned"
    INFUSED = "infused"
    WASTED = "wasted"


FINAL = frozenset({ItemState.INFUSED, ItemState.WASTED})


@dataclass(frozen=True, slots=True, kw_only=True)
class Offer:
    """Possession offered and neither accepted nor refused yet.

    Attributes:
        statement: Hash of the statement's bytes; the answer names it, and so can be signed before
            anybody knows the offer's place in the ledger.
        entry: Hash of the entry that recorded it; a correction of it takes the offer back.
    """

    giver: str
    receiver: str
    items: frozenset[str]
    statement: str
    entry: str | None = None


@dataclass(frozen=True, slots=True)
class Recorded:
    """The hashes of an order's entries, last first: shared by all states, so none copies them."""

    entry_hash: str
    before: "Recorded | None"

    def __contains__(self, entry_hash: object) -> bool:
        """Return whether an entry is among them."""
        link: Recorded | None = self
        while link is not None:
            if link.entry_hash == entry_hash:
                return True
            link = link.before
        return False


@dataclass(frozen=True, slots=True, kw_only=True)
class Packing:
    """What the items were packed into, and what closes it.

    Attributes:
        shipper: GRAI of the shipper.
        waybill: Number of the air waybill; None while none was named.
        seals: Numbers of the tamper seals; empty while none was named.
    """

    shipper: str
    waybill: str | None
    seals: frozenset[str]


@dataclass(frozen=True, slots=True, kw_only=True)
class LegSeal:
    """The last seal over the readings of one leg.

    Attributes:
        entry: Hash of the entry that recorded it; None until it stands in the ledger.
    """

    from_: str | None
    until: str
    entry: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class CustodyState:
    """Where an order stands after the statements so far.

    Attributes:
        holder: The party in possession; None before commissioning.
        owner: The party that has the title, which is not who holds it.
        offer: The open offer, if there is one.
        items: What has become of each item.
        held: Items on hold, which may not be infused until a disposition releases them.
        released: Codes of the shipments that were released.
        in_transit: Code of the shipment under way.
        site: GLN of the place where the items were last said to be; None under way or unsaid.
        coi: Commitment to the chain-of-identity identifier.
        packing: What the items are packed into; None before packing and after opening.
        away: GRAIs of shippers that were returned empty and not requalified since.
        seals: The last seal over the readings of each leg, by shipment and number of the leg.
        erased: Whether the identity behind the commitment was erased.
        packed_into: GRAIs of all shippers that the order's items were ever packed into.
        returned: Items that were sent back; for ever, whatever became of them since.
        recorded: The order's entries; None before the first.
    """

    holder: str | None = None
    owner: str | None = None
    offer: Offer | None = None
    items: Mapping[str, ItemState] = field(default_factory=dict)
    held: frozenset[str] = frozenset()
    released: frozenset[str] = frozenset()
    in_transit: str | None = None
    site: str | None = None
    coi: str | None = None
    packing: Packing | None = None
    away: frozenset[str] = frozenset()
    seals: Mapping[tuple[str, int], LegSeal] = field(default_factory=dict)
    erased: bool = False
    packed_into: frozenset[str] = frozenset()
    returned: frozenset[str] = frozenset()
    recorded: Recorded | None = None

    @property
    def active(self) -> frozenset[str]:
        """The items that are neither infused nor wasted."""
        return frozenset(item for item, state in self.items.items() if state not in FINAL)

    def with_entry(self, entry_hash: str) -> "CustodyState":
        """Return this state once the statement that led to it stands in the ledger."""
        offer, seals = self.offer, self.seals
        if offer is not None and offer.entry is None:
            offer = replace(offer, entry=entry_hash)
        if any(seal.entry is None for seal in seals.values()):
            seals = {
                leg: seal if seal.entry is not None else replace(seal, entry=entry_hash)
                for leg, seal in seals.items()
            }
        recorded = Recorded(entry_hash, self.recorded)
        return replace(self, offer=offer, seals=seals, recorded=recorded)
