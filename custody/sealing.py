"""Sealing readings: which legs of shipments are due, and their seals, signed by the service itself.

A leg is sealed once it has ended, and again when readings of it came late. Nothing that is sealed
is ever taken back: a further seal points at the one before it (docs/seals.md).
"""

import logging
from collections.abc import Callable
from datetime import datetime, timedelta

from custody.ended_legs import list_ended_legs
from custody.key_file import SigningKeyPair
from custody.key_log import KeyRecord
from custody.keys import current_keys
from custody.leg_sealing import MadeSeal, Sealer, seal_leg
from schemas.errors import (
    CustodyConflict,
    Duplicate,
    LedgerCorrupt,
    NotFound,
    ReadingError,
    SignatureRefused,
)
from store import leg_seals as store
from store.database import Engine, Session, transaction
from store.leg_seals import DueLeg

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
    made = [_seal_apart(engine, each, Sealer(pair=pair, record=signer, now=now)) for each in due]
    return [seal for seal in made if seal is not None]


def _seal_apart(engine: Engine, due: DueLeg, sealer: Sealer) -> MadeSeal | None:
    """Look at one leg in a transaction of its own; what fails leaves the others their turn."""
    try:
        with transaction(engine) as session:
            return seal_leg(session, due, sealer)
    except _foreseen:
        logger.exception("a leg cannot be sealed", extra={"leg": due.leg})
        with transaction(engine) as session:
            store.put_off(session, due, sealer.now)
        return None


def _say_once(key_id: str) -> None:
    if key_id not in _said_unknown:
        _said_unknown.add(key_id)
        logger.warning("readings are not sealed: the service's key is not enrolled")
