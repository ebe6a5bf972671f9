"""The list of legs that have ended, their last seals, and what of them is due; in written SQL."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Row, text

from store.database import Session

ENTRIES_A_LOOK = 2_000
"""Entries that one look for handoffs goes through; a backlog takes several."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LegRow:
    """A row of `leg_seal`; see `store.tables.seals.LegSeal`."""

    shipment_id: int
    leg: int
    begins_at: datetime | None
    until_at: datetime
    entry_index: int | None
    entry_hash: bytes | None
    readings: int
    root: bytes | None
    sealed_at: datetime | None
    first_at: datetime | None
    received_until: datetime | None
    standing_at: datetime | None
    looked_at: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class DueLeg:
    """A leg to be looked at, and the order whose entry its seal will be."""

    shipment_id: int
    leg: int


_COLUMNS = """
    shipment_id, leg, begins_at, until_at, entry_index, entry_hash, readings, root, sealed_at,
    first_at, received_until, standing_at, looked_at
"""


def next_handoffs(session: Session) -> list[str]:
    """Return the orders that changed hands in the entries not looked at yet, and pass over these.

    None while another process is looking. Entries become visible in the order of their indexes, so
    nothing is passed over unseen.
    """
    if not _has_new_entries(session):
        return []
    _run(session, "INSERT INTO seal_progress VALUES (true, 0, NULL) ON CONFLICT DO NOTHING")
    looked = _run(
        session,
        """
        SELECT next_index, least(size, next_index + :entries) AS until
        FROM seal_progress, ledger_head
        FOR UPDATE OF seal_progress SKIP LOCKED
        """,
        entries=ENTRIES_A_LOOK,
    )
    if not looked or looked[0].until <= looked[0].next_index:
        return []
    span = {"first": looked[0].next_index, "until": looked[0].until}
    _run(session, "UPDATE seal_progress SET next_index = :until", until=span["until"])
    rows = _run(
        session,
        """
        SELECT DISTINCT order_code
        FROM ledger_entry
        WHERE index >= :first AND index < :until AND kind = 'accept'
        ORDER BY order_code
        """,
        **span,
    )
    return [row.order_code for row in rows]


def add_leg(
    session: Session, *, shipment_id: int, leg: int, begins_at: datetime | None, until_at: datetime
) -> None:
    """Put a leg that has ended on the list, once."""
    _run(
        session,
        """
        INSERT INTO leg_seal (shipment_id, leg, begins_at, until_at, readings)
        VALUES (:shipment_id, :leg, :begins_at, :until_at, 0)
        ON CONFLICT DO NOTHING
        """,
        shipment_id=shipment_id,
        leg=leg,
        begins_at=begins_at,
        until_at=until_at,
    )


def list_unsealed(session: Session, *, looked_before: datetime, limit: int) -> list[DueLeg]:
    """Return legs without a seal, not looked at since an instant, the longest waiting first."""
    rows = _run(
        session,
        """
        SELECT shipment_id, leg
        FROM leg_seal
        WHERE entry_index IS NULL
        AND (looked_at IS NULL OR looked_at <= :looked_before)
        ORDER BY looked_at NULLS FIRST, shipment_id, leg
        LIMIT :limit
        """,
        looked_before=looked_before,
        limit=limit,
    )
    return [DueLeg(shipment_id=row.shipment_id, leg=row.leg) for row in rows]


def list_moved(
    session: Session, *, now: datetime, swept_before: datetime, looked_before: datetime, limit: int
) -> list[DueLeg]:
    """Return sealed legs of shipments that readings came for since they were last looked at.

    None if the last sweep is not older than `swept_before`. Whoever stores readings of a shipment
    writes `shipment_status.updated_at` in the same transaction, or `due` where judging failed, so
    a value other than the one that was seen with the readings means that there may be more of
    them, and only then.
    """
    turn = _run(
        session,
        """
        UPDATE seal_progress
        SET late_looked_at = :now
        WHERE late_looked_at IS NULL OR late_looked_at <= :swept_before
        RETURNING late_looked_at
        """,
        now=now,
        swept_before=swept_before,
    )
    if not turn:
        return []
    rows = _run(
        session,
        """
        SELECT leg_seal.shipment_id, leg
        FROM leg_seal
        JOIN shipment_status ON shipment_status.shipment_id = leg_seal.shipment_id
        WHERE entry_index IS NOT NULL
        AND (standing_at IS DISTINCT FROM shipment_status.updated_at OR shipment_status.due)
        AND looked_at <= :looked_before
        ORDER BY looked_at, shipment_id, leg
        LIMIT :limit
        """,
        looked_before=looked_before,
        limit=limit,
    )
    return [DueLeg(shipment_id=row.shipment_id, leg=row.leg) for row in rows]


def lock_leg(session: Session, due: DueLeg) -> tuple[LegRow, datetime | None] | None:
    """Keep others from sealing a leg, and return it with its shipment's `updated_at` of now.

    Read the readings after this, never before. None while somebody else has it.
    """
    rows = _run(
        session,
        f"""
        SELECT {_COLUMNS}
        FROM leg_seal
        WHERE shipment_id = :shipment_id AND leg = :leg
        FOR UPDATE SKIP LOCKED
        """,  # noqa: S608 - our column names
        shipment_id=due.shipment_id,
        leg=due.leg,
    )
    if not rows:
        return None
    standing = _run(
        session,
        "SELECT updated_at FROM shipment_status WHERE shipment_id = :shipment_id",
        shipment_id=due.shipment_id,
    )
    return LegRow(**rows[0]._mapping), standing[0].updated_at if standing else None


def save_leg(session: Session, leg: LegRow) -> None:
    """Write a leg's last seal and when it was looked at. Only under `lock_leg`."""
    _run(
        session,
        """
        UPDATE leg_seal
        SET entry_index = :entry_index, entry_hash = :entry_hash, readings = :readings,
            root = :root, sealed_at = :sealed_at, first_at = :first_at,
            received_until = :received_until, standing_at = :standing_at, looked_at = :looked_at
        WHERE shipment_id = :shipment_id AND leg = :leg
        """,
        **{name: getattr(leg, name) for name in LegRow.__dataclass_fields__},
    )


def put_off(session: Session, due: DueLeg, now: datetime) -> None:
    """Have a leg that could not be sealed wait its turn."""
    _run(
        session,
        "UPDATE leg_seal SET looked_at = :now WHERE shipment_id = :shipment_id AND leg = :leg",
        now=now,
        shipment_id=due.shipment_id,
        leg=due.leg,
    )


def list_legs(session: Session, shipment_id: int) -> list[LegRow]:
    """Return a shipment's ended legs, by number."""
    rows = _run(
        session,
        f"SELECT {_COLUMNS} FROM leg_seal WHERE shipment_id = :id ORDER BY leg",  # noqa: S608 - our column names
        id=shipment_id,
    )
    return [LegRow(**row._mapping) for row in rows]


def _has_new_entries(session: Session) -> bool:
    """Whether there is anything to look at: this is asked every few seconds, and locks nothing."""
    (ends,) = _run(
        session,
        "SELECT size, (SELECT next_index FROM seal_progress) AS next_index FROM ledger_head",
    )
    return bool(ends.size > (ends.next_index or 0))


def _run(session: Session, query: str, **values: object) -> list[Row[Any]]:
    result = session.connection().execute(text(query), values)
    return list(result) if result.returns_rows else []
