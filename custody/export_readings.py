"""The readings that a bundle shows: for each seal the lines it is over."""

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import TypeAlias

from custody.canonical import parse_signed
from custody.leg_lines import lines_of_seal, windows_of_seal
from custody.sealed_readings import lines_of, write_file
from schemas.errors import LedgerCorrupt, ReadingError
from schemas.statement import Sealed, Statement
from store.database import Session
from store.ledger import EntryRow
from store.leg_readings import held_since, stream_readings
from store.watched_shipments import WatchedRow, find_watched

_Lines: TypeAlias = list[bytes] | None


def readings_of_seals(
    session: Session, entries: Sequence[EntryRow], legs: Collection[int] | None
) -> dict[int, bytes]:
    """Return the file of lines of each seal among an order's entries, by the seal's index.

    Left out are legs that were not asked for, and readings that are held no longer. Readings that
    were changed are not left out: they are shown as they are now, beside the leg's last seal, and
    whoever verifies sees that they do not fit.

    Args:
        session: The transaction.
        entries: The order's entries, by index.
        legs: Numbers of the legs to show; None shows all.
    """
    seals = {row.index: sealed for row in entries if (sealed := _sealed(row)) is not None}
    last = {
        (row.shipment_code, seals[row.index].leg): row.index
        for row in entries
        if row.index in seals
    }
    shown: dict[int, bytes] = {}
    for row in entries:
        sealed = seals.get(row.index)
        watched = find_watched(session, row.shipment_code or "")
        if sealed is None or watched is None or (legs is not None and sealed.leg not in legs):
            continue
        lines = _as_sealed(session, watched, sealed, row.recorded_at)
        if lines is None and last[row.shipment_code, sealed.leg] == row.index:
            lines = _as_they_are(session, watched, sealed)
        if lines is not None:
            shown[row.index] = write_file(lines)
    return shown


def _sealed(row: EntryRow) -> Sealed | None:
    try:
        return parse_signed(Statement, row.statement_bytes).sealed
    except LedgerCorrupt:
        return None


def _as_sealed(session: Session, watched: WatchedRow, sealed: Sealed, at: datetime) -> _Lines:
    try:
        return lines_of_seal(session, watched.id, sealed, recorded_at=at)
    except ReadingError:
        return None


def _as_they_are(session: Session, watched: WatchedRow, sealed: Sealed) -> _Lines:
    """Return the lines of a leg as they are now; None if retention has dropped some of them."""
    windows = windows_of_seal(session, watched.id, sealed)
    since = held_since(session)
    if since is None or any(window.begin < since for window in windows):
        return None
    serials = [window.serial for window in windows]
    try:
        return [
            line for batch in stream_readings(session, windows) for line in lines_of(batch, serials)
        ]
    except ReadingError:
        return None
