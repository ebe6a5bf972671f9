"""Parties, their sites, and which treatment centre is qualified for which therapy."""

from datetime import datetime
from enum import StrEnum

from sqlmodel import Field, SQLModel

from store.tables.instant import Instant


class PartyKind(StrEnum):
    """What an organisation does in the chain."""

    MANUFACTURER = "manufacturer"
    COURIER = "courier"
    SPECIALTY_PHARMACY = "specialty_pharmacy"
    THIRD_PARTY_LOGISTICS = "third_party_logistics"
    TREATMENT_CENTER = "treatment_center"


class SiteRole(StrEnum):
    """What a place is for (domain.md section 1)."""

    MANUFACTURER = "manufacturer"
    COURIER_HUB = "courier_hub"
    SPECIALTY_PHARMACY = "specialty_pharmacy"
    DEPOT = "depot"
    QTC_PHARMACY = "qtc_pharmacy"
    CELL_LAB = "cell_lab"


class Party(SQLModel, table=True):
    """An organisation: it holds product, owns product, employs people."""

    id: str = Field(primary_key=True)
    name: str
    kind: str


class Site(SQLModel, table=True):
    """A place with a GLN (13 digits), a role and a position in degrees."""

    gln: str = Field(primary_key=True)
    name: str
    role: str
    party_id: str = Field(foreign_key="party.id", index=True)
    lat: float
    lon: float
    time_zone: str


class Qualification(SQLModel, table=True):
    """A treatment centre's qualification for one therapy, with its end."""

    site_gln: str = Field(primary_key=True, foreign_key="site.gln")
    therapy_id: str = Field(primary_key=True, foreign_key="therapy.id")
    expires_at: datetime = Field(sa_type=Instant)
