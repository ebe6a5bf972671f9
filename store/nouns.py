"""Parties, sites, qualifications, shippers, loggers: put under their natural names, read back.

Putting the same twice changes nothing; putting something else renews it (a calibration is
extended, a shipper conditioned again).
"""

from enum import StrEnum
from typing import Any, TypeVar

from sqlalchemy import Boolean, Table, inspect, literal_column
from sqlalchemy.dialects.postgresql import insert
from sqlmodel import SQLModel, col, select

from schemas.errors import NotFound
from store.database import Session
from store.tables.equipment import Logger, Shipper
from store.tables.orders import TreatmentOrder
from store.tables.parties import Party, Qualification, Site
from store.tables.therapies import Therapy, TherapyProfile

__all__ = [
    "Logger",
    "Party",
    "Put",
    "Qualification",
    "Shipper",
    "Site",
    "Therapy",
    "TherapyProfile",
    "TreatmentOrder",
    "get",
    "get_current_profile",
    "get_logger",
    "list_qualifications",
    "list_rows",
    "put",
    "table_of",
]

Row = TypeVar("Row", bound=SQLModel)


class Put(StrEnum):
    """What a put did."""

    NEW = "new"
    SAME = "same"
    RENEWED = "renewed"


def table_of(noun: type[SQLModel]) -> Table:
    """Return the table of a noun."""
    table = inspect(noun).local_table
    assert isinstance(table, Table)  # noqa: S101 - narrows for the type checker
    return table


def put(session: Session, row: SQLModel) -> Put:
    """Store or renew a party, site, qualification, shipper or logger under its natural name.

    Raises:
        NotFound: It names a party, site or therapy that is not there.
    """
    _check_references(session, row)
    table = table_of(type(row))
    key = ["serial"] if isinstance(row, Logger) else [c.name for c in table.primary_key]
    values = row.model_dump(exclude={"id"} if isinstance(row, Logger) else None)
    rest = [name for name in values if name not in key]
    statement = insert(table).values(values)
    changed = [getattr(statement.excluded, name).is_distinct_from(table.c[name]) for name in rest]
    result = session.connection().execute(
        statement.on_conflict_do_update(
            index_elements=key,
            set_={name: getattr(statement.excluded, name) for name in rest},
            where=_any_of(changed),
        ).returning(literal_column("xmax = 0", Boolean))
    )
    inserted: bool | None = result.scalar_one_or_none()
    if inserted is None:
        return Put.SAME
    return Put.NEW if inserted else Put.RENEWED


def _any_of(conditions: list[Any]) -> Any:  # noqa: ANN401 - SQLAlchemy's own types
    either = conditions[0]
    for condition in conditions[1:]:
        either = either | condition
    return either


def _check_references(session: Session, row: SQLModel) -> None:
    match row:
        case Site():
            get(session, Party, row.party_id)
        case Qualification():
            get(session, Site, row.site_gln)
            get(session, Therapy, row.therapy_id)


_NOUN: dict[type[SQLModel], str] = {
    Party: "party",
    Site: "site",
    Therapy: "therapy",
    Shipper: "shipper",
    Logger: "logger",
    Qualification: "qualification",
    TreatmentOrder: "order",
}


def get(session: Session, noun: type[Row], key: object) -> Row:
    """Return one row by its primary key.

    Raises:
        NotFound: There is none.
    """
    row = session.get(noun, key)
    if row is None:
        raise NotFound(_NOUN[noun], key)
    return row


def get_logger(session: Session, serial: str) -> Logger:
    """Return a logger by its serial.

    Raises:
        NotFound: There is none.
    """
    row = session.exec(select(Logger).where(Logger.serial == serial)).first()
    if row is None:
        raise NotFound("logger", serial)
    return row


def list_rows(session: Session, noun: type[Row]) -> list[Row]:
    """Return all rows of a small noun, by natural name."""
    order = col(Logger.serial) if noun is Logger else table_of(noun).primary_key.columns[0]
    return list(session.exec(select(noun).order_by(order)).all())


def list_qualifications(session: Session, gln: str) -> list[Qualification]:
    """Return a site's qualifications, by therapy."""
    get(session, Site, gln)
    return list(
        session.exec(
            select(Qualification)
            .where(Qualification.site_gln == gln)
            .order_by(col(Qualification.therapy_id))
        ).all()
    )


def get_current_profile(session: Session, therapy_id: str) -> TherapyProfile:
    """Return the highest version of a therapy's profile.

    Raises:
        NotFound: There is no such therapy, or it has no profile.
    """
    row = session.exec(
        select(TherapyProfile)
        .where(TherapyProfile.therapy_id == therapy_id)
        .order_by(col(TherapyProfile.version).desc())
    ).first()
    if row is None:
        raise NotFound("therapy", therapy_id)
    return row
