"""Orders and their items."""

from datetime import datetime

from sqlmodel import Field, SQLModel

from store.tables.instant import Instant


class TreatmentOrder(SQLModel, table=True):
    """One treatment for one patient, known by an alias.

    The chain-of-identity identifier is never stored: only its salted SHA-256, the salt, and its
    last characters for comparing with a label. Deleting the salt unlinks the person.
    """

    __tablename__ = "treatment_order"

    code: str = Field(primary_key=True)
    therapy_id: str = Field(foreign_key="therapy.id")
    profile_sha256: str = Field(foreign_key="therapy_profile.sha256")
    coi_commitment: str
    coi_salt: bytes | None
    coi_short: str
    patient_alias: str
    qtc_gln: str = Field(foreign_key="site.gln")
    created_at: datetime = Field(sa_type=Instant)


class Item(SQLModel, table=True):
    """A serialised unit of product; `id` is `GTIN.serial`."""

    id: str = Field(primary_key=True)
    order_code: str = Field(foreign_key="treatment_order.code", index=True)
    gtin: str
    serial: str
    lot: str
    expires_at: datetime = Field(sa_type=Instant)
