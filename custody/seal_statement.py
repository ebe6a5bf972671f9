"""The statement by which the service seals the readings of a leg, signed with its own key."""

from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from uuid import uuid4

from custody.canonical import signed_bytes
from custody.entry import instant_text
from custody.envelope import STATEMENT_TYPE, Envelope, Signature
from custody.key_file import SigningKeyPair
from custody.key_log import KeyRecord
from schemas.statement import Sealed, Seen, Signer, SignerRole, Statement, StatementKind

MEANING = "The service had received exactly these readings of this leg when it sealed them."
EARLIER_READINGS = "earlier_readings"
"""Key of `conditions` in which a further seal says what became of the readings sealed before."""


class EarlierReadings(StrEnum):
    """Whether the readings that were sealed before were all found again as they were.

    `unclear`: some were being stored while the seal before this one was made.
    """

    KEPT = "kept"
    NOT_KEPT = "not_kept"
    UNCLEAR = "unclear"


@dataclass(frozen=True, slots=True, kw_only=True)
class SealFacts:
    """What a seal is about.

    Attributes:
        log: Origin of the log.
        seen: Head of the order's chain; None without entries.
        earlier: What became of the readings sealed before; None in a leg's first seal.
    """

    log: str
    order: str
    shipment: str
    sealed: Sealed
    seen: Seen | None
    earlier: EarlierReadings | None


def seal_envelope(
    pair: SigningKeyPair, record: KeyRecord, facts: SealFacts, now: datetime
) -> Envelope:
    """Return the signed statement that seals a leg.

    Args:
        pair: The service's key pair.
        record: Whose it is, as it was enrolled.
        facts: What is sealed.
        now: Aware.
    """
    statement = Statement(
        log=facts.log,
        id=str(uuid4()),
        kind=StatementKind.SEAL_READINGS,
        order=facts.order,
        shipment=facts.shipment,
        claimed_at=instant_text(now),
        conditions={} if facts.earlier is None else {EARLIER_READINGS: facts.earlier.value},
        sealed=facts.sealed,
        signers=(
            Signer(
                user=record.user,
                name=record.name,
                party=record.party,
                role=SignerRole.SIGNER,
                key=record.key,
                meaning=MEANING,
            ),
        ),
        seen=facts.seen,
        remarks=(
            "Readings that were sealed before are not there as they were."
            if facts.earlier is EarlierReadings.NOT_KEPT
            else None
        ),
    )
    bare = Envelope(payload_type=STATEMENT_TYPE, payload=signed_bytes(statement))
    signature = Signature(key_id=pair.key_id, signature=pair.sign(bare.pae))
    return replace(bare, signatures=(signature,))
