"""From the table of readings to the lines of a leg, and back to what exactly a seal was over."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

import numpy as np

from custody.entry import instant_of
from custody.sealed_readings import LegRoot, lines_of
from schemas.instants import from_us, to_us
from schemas.reading import ReadingBatch
from schemas.statement import Sealed
from store.database import Session
from store.leg_readings import LegWindow, stream_readings, windows_of


@dataclass(frozen=True, slots=True, kw_only=True)
class LegRead:
    """What the readings of a leg come to.

    Attributes:
        first_at: The earliest reading; None without readings.
        received_until: When the last of them to arrive did.
    """

    count: int
    root: bytes
    first_at: datetime | None
    received_until: datetime | None


def windows_of_seal(session: Session, shipment_id: int, sealed: Sealed) -> list[LegWindow]:
    """Return where the readings of a sealed leg are."""
    return windows_of(
        session,
        shipment_id,
        begin=None if sealed.from_ is None else instant_of(sealed.from_),
        until=instant_of(sealed.until),
    )


def read_leg(
    session: Session, windows: list[LegWindow], *, received_until: datetime | None = None
) -> LegRead:
    """Return number and root of the readings of a leg, in flat memory.

    Args:
        session: The transaction.
        windows: The leg, as `windows_of` gives it.
        received_until: Leave out what was received later; None takes everything.

    Raises:
        ReadingError: A reading has no line: it is not one that was ever taken in.
    """
    leg, first_us, received_us = LegRoot(), None, None
    for batch, lines in _stream(session, windows, received_until):
        leg.add(lines)
        if len(batch):
            first_us = int(batch.time_us[0]) if first_us is None else first_us
            received_us = max(received_us or 0, int(batch.received_us.max()))
    return LegRead(
        count=leg.count,
        root=leg.root(),
        first_at=None if first_us is None else from_us(first_us),
        received_until=None if received_us is None else from_us(received_us),
    )


def lines_of_seal(
    session: Session, shipment_id: int, sealed: Sealed, *, recorded_at: datetime
) -> list[bytes] | None:
    """Return the lines that a seal is over, for a bundle; None where they are not held any more.

    Readings that came after the seal are left out.

    Args:
        session: The transaction.
        shipment_id: The shipment.
        sealed: The seal.
        recorded_at: When its entry was recorded.
    """
    windows = windows_of_seal(session, shipment_id, sealed)
    for received_until in (None, recorded_at):
        leg, lines = LegRoot(), []
        for _, more in _stream(session, windows, received_until):
            lines += more
        leg.add(lines)
        if leg.root().hex() == sealed.root:
            return lines
    return None


def _stream(
    session: Session, windows: list[LegWindow], received_until: datetime | None
) -> Iterator[tuple[ReadingBatch, list[bytes]]]:
    serials = [window.serial for window in windows]
    for batch in stream_readings(session, windows):
        kept = batch
        if received_until is not None:
            kept = batch.take(np.flatnonzero(batch.received_us <= to_us(received_until)))
        yield kept, lines_of(kept, serials)
