"""Sealing one leg: look at its readings, and record a seal if the last one is not over them."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from custody.entry import instant_text
from custody.key_file import SigningKeyPair
from custody.key_log import KeyRecord
from custody.ledger import append
from custody.leg_lines import LegRead, read_leg
from custody.reading import Recorded, RecordedStatement, entries_of_order
from custody.seal_statement import EarlierReadings, SealFacts, seal_envelope
from schemas.errors import CustodyConflict
from schemas.statement import Sealed, Seen
from store import leg_seals as store
from store.database import Session
from store.ledger import get_origin
from store.leg_readings import LegWindow, count_readings, windows_of
from store.leg_seals import DueLeg, LegRow
from store.watched_shipments import get_watched


@dataclass(frozen=True, slots=True, kw_only=True)
class Sealer:
    """Who seals, and when."""

    pair: SigningKeyPair
    record: KeyRecord
    now: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class MadeSeal:
    """A seal that was made: its entry, and what it is over.

    Attributes:
        earlier: Whether the leg had been sealed before.
    """

    index: int
    order: str
    shipment: str
    leg: int
    count: int
    earlier: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class _LastSeal:
    """A leg's last seal as the ledger has it, whatever the list of legs says."""

    sealed: Sealed
    recorded: Recorded


def seal_leg(session: Session, due: DueLeg, sealer: Sealer) -> MadeSeal | None:
    """Seal a leg if that is due; None if somebody else does, or its last seal is still right.

    All reading and hashing comes before the ledger's locks, which `append` takes. What comes in
    between is late.

    Raises:
        CustodyConflict: The ledger does not take the seal.
        ReadingError: A reading is not one that was ever taken in.
    """
    locked = store.lock_leg(session, due)
    if locked is None:
        return None
    row, standing_at = locked
    row = replace(row, standing_at=standing_at, looked_at=sealer.now)
    windows = windows_of(session, row.shipment_id, begin=row.begins_at, until=row.until_at)
    # Readings are only ever added: a count tells whether any came, and is cheap.
    if row.entry_index is not None and count_readings(session, windows) <= row.readings:
        store.save_leg(session, row)
        return None
    watched = get_watched(session, row.shipment_id)
    entries = entries_of_order(session, watched.order_code)
    last = _last_seal(entries, watched.code, row.leg)
    read = read_leg(session, windows)
    if last is not None and _is_over(last.sealed, read):
        _save(session, row, read, last.recorded)
        return None
    facts = SealFacts(
        log=get_origin(session),
        order=watched.order_code,
        shipment=watched.code,
        sealed=_sealed(row, read, last),
        seen=_seen(entries),
        earlier=None if last is None else _became_of(session, windows, row, last),
    )
    return _record(session, row, read, facts, sealer)


def _record(
    session: Session, row: LegRow, read: LegRead, facts: SealFacts, sealer: Sealer
) -> MadeSeal:
    envelope = seal_envelope(sealer.pair, sealer.record, facts, sealer.now)
    recorded = append(session, envelope, sealer.now)
    if recorded.conflict_with is not None:
        message = f"Leg {row.leg} of {facts.shipment} was sealed by somebody else meanwhile."
        raise CustodyConflict(message)
    _save(session, row, read, recorded)
    return MadeSeal(
        index=recorded.index,
        order=facts.order,
        shipment=facts.shipment,
        leg=row.leg,
        count=read.count,
        earlier=facts.sealed.earlier is not None,
    )


def _save(session: Session, row: LegRow, read: LegRead, recorded: Recorded) -> None:
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


def _became_of(
    session: Session, windows: list[LegWindow], row: LegRow, last: _LastSeal
) -> EarlierReadings:
    """Return whether the readings sealed before are still there as they were.

    Those received until then may be more than were sealed, if some were being stored just then.
    """
    recorded_at = last.recorded.recorded_at
    until = min(row.received_until or recorded_at, recorded_at)
    before = read_leg(session, windows, received_until=until)
    if _is_over(last.sealed, before):
        return EarlierReadings.KEPT
    more = before.count > last.sealed.count
    return EarlierReadings.UNCLEAR if more else EarlierReadings.NOT_KEPT


def _is_over(sealed: Sealed, read: LegRead) -> bool:
    return (sealed.count, sealed.root) == (read.count, read.root.hex())


def _sealed(row: LegRow, read: LegRead, last: _LastSeal | None) -> Sealed:
    return Sealed.model_validate(
        {
            "leg": row.leg,
            "from": None if row.begins_at is None else instant_text(row.begins_at),
            "until": instant_text(row.until_at),
            "count": read.count,
            "root": read.root.hex(),
            "earlier": None if last is None else last.recorded.entry_hash.hex(),
        }
    )


def _last_seal(entries: Sequence[RecordedStatement], shipment: str, leg: int) -> _LastSeal | None:
    for each in reversed(entries):
        sealed = each.statement.sealed
        if sealed is None or each.recorded.conflict_with is not None:
            continue
        if (each.statement.shipment, sealed.leg) == (shipment, leg):
            return _LastSeal(sealed=sealed, recorded=each.recorded)
    return None


def _seen(entries: Sequence[RecordedStatement]) -> Seen | None:
    if not entries:
        return None
    last = entries[-1].recorded
    return Seen(sequence=last.order_sequence, hash=last.entry_hash.hex())
