"""Sealing readings: which legs of shipments are due, and their seals, signed by the service itself.

A leg is sealed once it has ended, and again when readings of it came late. Nothing that is sealed
is ever taken back: a further seal points at the one before it (docs/seals.md).
"""

import logging
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from custody.ended_legs import list_ended_legs
from custody.entry import instant_text
from custody.key_file import SigningKeyPair
from custody.key_log import KeyRecord
from custody.keys import current_keys
from custody.ledger import append
from custody.leg_lines import LegRead, read_leg
from custody.reading import RecordedStatement, entries_of_order
from custody.seal_statement import EarlierReadings, SealFacts, seal_envelope
from schemas.errors import (
    CustodyConflict,
    Duplicate,
    LedgerCorrupt,
    NotFound,
    ReadingError,
    SignatureRefused,
)
from schemas.statement import Sealed, Seen
from store import leg_seals as store
from store.database import Engine, Session, transaction
from store.ledger import get_origin
from store.leg_readings import count_readings, windows_of
from store.leg_seals import DueLeg, LegRow
from store.watched_shipments import get_watched

REST_BETWEEN_SEALS = timedelta(minutes=10)
"""A sealed leg is looked at again no sooner, however many readings of it still arrive."""
LATE_SWEEP_EVERY = timedelta(minutes=1)
"""How often sealed legs are looked through for late readings."""
TRY_AGAIN_AFTER = timedelta(minutes=1)
"""A leg that could not be sealed leaves the others their turn for so long."""
LEGS_A_ROUND = 50
"""Legs looked at in one call at the most: the notary has other things to do."""

logger = logging.getLogger(__name__)
_foreseen = (CustodyConflict, Duplicate, LedgerCorrupt, NotFound, ReadingError, SignatureRefused)
_said_unknown: set[str] = set()


@dataclass(frozen=True, slots=True, kw_only=True)
class MadeSeal:
    """A seal that was made: its entry, and what it is over."""

    index: int
    order: str
    shipment: str
    leg: int
    count: int
    earlier: bool


def signer_of(session: Session, pair: SigningKeyPair) -> KeyRecord | None:
    """Return whose key this is, None while it is not enrolled or once it was revoked."""
    record = current_keys(session).keys.get(pair.key_id)
    return record if record is not None and record.revoked_index is None else None


def sealer(engine: Engine, pair: SigningKeyPair) -> Callable[[datetime], None]:
    """Return what seals everything that is due, as the notary calls it."""

    def seal(now: datetime) -> None:
        with transaction(engine) as session:
            signer = signer_of(session, pair)
        seal_due(engine, pair, signer, now)

    return seal


def seal_due(
    engine: Engine, pair: SigningKeyPair, signer: KeyRecord | None, now: datetime
) -> list[MadeSeal]:
    """Seal what is due, each leg in a transaction of its own, and return what was sealed.

    Cheap when nothing is: two small queries, and one sweep a minute (docs/seals.md).

    Args:
        engine: The database.
        pair: The service's own key pair.
        signer: Its enrolled record (`signer_of`); with None nothing is sealed, and that is said
            once.
        now: Aware.
    """
    if signer is None:
        _say_once(pair.key_id)
        return []
    _said_unknown.discard(pair.key_id)
    with transaction(engine) as session:
        list_ended_legs(session)
    with transaction(engine) as session:
        due = store.list_unsealed(session, looked_before=now - TRY_AGAIN_AFTER, limit=LEGS_A_ROUND)
        due += store.list_moved(
            session,
            now=now,
            swept_before=now - LATE_SWEEP_EVERY,
            looked_before=now - REST_BETWEEN_SEALS,
            limit=LEGS_A_ROUND,
        )
    sealer = _Sealer(pair=pair, record=signer, now=now)
    made = [_seal_apart(engine, each, sealer) for each in due]
    return [seal for seal in made if seal is not None]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Sealer:
    pair: SigningKeyPair
    record: KeyRecord
    now: datetime


def _seal_apart(engine: Engine, due: DueLeg, sealer: _Sealer) -> MadeSeal | None:
    """Look at one leg in a transaction of its own; what fails leaves the others their turn."""
    try:
        with transaction(engine) as session:
            return _look_at(session, due, sealer)
    except _foreseen:
        logger.exception("a leg cannot be sealed", extra={"leg": due.leg})
        with transaction(engine) as session:
            store.put_off(session, due, sealer.now)
        return None


def _look_at(session: Session, due: DueLeg, sealer: _Sealer) -> MadeSeal | None:
    locked = store.lock_leg(session, due)
    if locked is None:
        return None
    row, standing_at = locked
    looked = replace(row, standing_at=standing_at, looked_at=sealer.now)
    windows = windows_of(session, row.shipment_id, begin=row.begins_at, until=row.until_at)
    if row.entry_index is not None and count_readings(session, windows) <= row.readings:
        store.save_leg(session, looked)
        return None
    # All reading and hashing comes before the ledger's locks, which `append` takes.
    read = read_leg(session, windows)
    earlier = None
    if row.entry_index is not None:
        before = read_leg(session, windows, received_until=row.received_until)
        earlier = _became_of_earlier(row, before)
    return _record(session, looked, read, earlier, sealer)


def _became_of_earlier(row: LegRow, before: LegRead) -> EarlierReadings:
    """Return whether the readings sealed before are still there as they were.

    Those received until then may be more than were sealed, if some were being stored just then.
    """
    if before.root == row.root:
        return EarlierReadings.KEPT
    more = before.count > row.readings
    return EarlierReadings.UNCLEAR if more else EarlierReadings.NOT_KEPT


def _record(
    session: Session,
    row: LegRow,
    read: LegRead,
    earlier: EarlierReadings | None,
    sealer: _Sealer,
) -> MadeSeal:
    watched = get_watched(session, row.shipment_id)
    entries = entries_of_order(session, watched.order_code)
    last = _last_seal(entries, watched.code, row.leg)
    facts = SealFacts(
        log=get_origin(session),
        order=watched.order_code,
        shipment=watched.code,
        sealed=_sealed(row, read, last),
        seen=_seen(entries),
        earlier=earlier,
    )
    envelope = seal_envelope(sealer.pair, sealer.record, facts, sealer.now)
    recorded = append(session, envelope, sealer.now)
    store.save_leg(
        session,
        replace(
            row,
            entry_index=recorded.index,
            entry_hash=recorded.entry_hash,
            readings=read.count,
            root=read.root,
            sealed_at=recorded.recorded_at,
            first_at=read.first_at,
            received_until=read.received_until,
        ),
    )
    return MadeSeal(
        index=recorded.index,
        order=watched.order_code,
        shipment=watched.code,
        leg=row.leg,
        count=read.count,
        earlier=last is not None,
    )


def _sealed(row: LegRow, read: LegRead, earlier: str | None) -> Sealed:
    return Sealed.model_validate(
        {
            "leg": row.leg,
            "from": None if row.begins_at is None else instant_text(row.begins_at),
            "until": instant_text(row.until_at),
            "count": read.count,
            "root": read.root.hex(),
            "earlier": earlier,
        }
    )


def _last_seal(entries: list[RecordedStatement], shipment: str, leg: int) -> str | None:
    """Return the hash of a leg's last seal as the ledger has it, whatever the list of legs says."""
    for each in reversed(entries):
        sealed = each.statement.sealed
        if sealed is None or each.recorded.conflict_with is not None:
            continue
        if (each.statement.shipment, sealed.leg) == (shipment, leg):
            return each.recorded.entry_hash.hex()
    return None


def _seen(entries: list[RecordedStatement]) -> Seen | None:
    if not entries:
        return None
    last = entries[-1].recorded
    return Seen(sequence=last.order_sequence, hash=last.entry_hash.hex())


def _say_once(key_id: str) -> None:
    if key_id not in _said_unknown:
        _said_unknown.add(key_id)
        logger.warning("readings are not sealed: the service's key is not enrolled")
