"""Where things are: real airports and cities, invented parties and sites (files in `data/`)."""

import csv
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

from simulator.identifiers import gln, gtin


@dataclass(frozen=True, slots=True, kw_only=True)
class Position:
    """A point on the Earth, degrees."""

    lat: float
    lon: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Airport:
    """A real airport; `hub_gln` where one of the couriers keeps a hub there."""

    code: str
    name: str
    position: Position
    time_zone: str
    hub_gln: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Party:
    """An invented organisation."""

    id: str
    name: str
    kind: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Site:
    """An invented place of a party, in a real city."""

    gln: str
    name: str
    role: str
    party_id: str
    position: Position
    time_zone: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Product:
    """A real product and what its label asks for.

    Attributes:
        limit_c: Upper limit in transit, °C (`field.md` section e). The simulator needs it only to
            choose when a mishap begins and to write down what it expects to be noticed.
        dwell_s: How long beyond the limit counts as an excursion; a programme setting, same use.
        weight: How often it is shipped, relative to the others.
    """

    therapy_id: str
    maker: str
    site_glns: tuple[str, ...]
    gtin: str
    shipper_kind: str
    limit_c: float
    dwell_s: float
    weight: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Atlas:
    """Everything there is to ship from, to, through and by."""

    airports: tuple[Airport, ...]
    parties: tuple[Party, ...]
    sites: tuple[Site, ...]
    products: tuple[Product, ...]

    def site(self, site_gln: str) -> Site:
        """Return the site with this GLN."""
        return next(site for site in self.sites if site.gln == site_gln)

    def party(self, party_id: str) -> Party:
        """Return the party with this id."""
        return next(party for party in self.parties if party.id == party_id)

    def sites_of(self, role: str) -> tuple[Site, ...]:
        """Return the sites with this role, in file order."""
        return tuple(site for site in self.sites if site.role == role)

    def parties_of(self, kind: str) -> tuple[Party, ...]:
        """Return the parties of this kind, in file order."""
        return tuple(party for party in self.parties if party.kind == kind)

    @property
    def hubs(self) -> tuple[Airport, ...]:
        """The airports with a courier hub."""
        return tuple(airport for airport in self.airports if airport.hub_gln is not None)


@cache
def load_atlas() -> Atlas:
    """Return the places and parties of the files in `data/`."""
    airports = tuple(
        Airport(
            code=row["code"],
            name=row["name"],
            position=Position(lat=float(row["lat"]), lon=float(row["lon"])),
            time_zone=row["time_zone"],
            hub_gln=gln(int(row["hub_ref"])) if row["hub_ref"] else None,
        )
        for row in _rows("airports.csv")
    )
    parties = tuple(
        Party(id=row["id"], name=row["name"], kind=row["kind"]) for row in _rows("parties.csv")
    )
    couriers = [party for party in parties if party.kind == "courier"]
    hub_airports = [airport for airport in airports if airport.hub_gln is not None]
    hubs = tuple(
        _hub(airport, couriers[number % len(couriers)])
        for number, airport in enumerate(hub_airports)
    )
    return Atlas(airports=airports, parties=parties, sites=_sites() + hubs, products=_products())


def _sites() -> tuple[Site, ...]:
    return tuple(
        Site(
            gln=gln(int(row["ref"])),
            name=row["name"],
            role=row["role"],
            party_id=row["party_id"],
            position=Position(lat=float(row["lat"]), lon=float(row["lon"])),
            time_zone=row["time_zone"],
        )
        for row in _rows("sites.csv")
    )


def _hub(airport: Airport, courier: Party) -> Site:
    return Site(
        gln=airport.hub_gln or "",
        name=f"{courier.name} hub, {airport.code}",
        role="courier_hub",
        party_id=courier.id,
        position=airport.position,
        time_zone=airport.time_zone,
    )


def _products() -> tuple[Product, ...]:
    return tuple(
        Product(
            therapy_id=row["therapy_id"],
            maker=row["maker"],
            site_glns=tuple(gln(int(ref)) for ref in row["site_refs"].split("|")),
            gtin=gtin(int(row["item_ref"])),
            shipper_kind=row["shipper"],
            limit_c=float(row["limit_c"]),
            dwell_s=float(row["dwell_s"]),
            weight=float(row["weight"]),
        )
        for row in _rows("products.csv")
    )


def _rows(name: str) -> list[dict[str, str]]:
    text = (files("simulator") / "data" / name).read_text(encoding="utf-8")
    return list(csv.DictReader(text.splitlines()))
