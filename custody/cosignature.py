"""Cosignatures: a witness says at what time it has seen a checkpoint (C2SP tlog-cosignature)."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime

from custody.key_file import SigningKeyPair
from custody.note import (
    COSIGNATURE_V1,
    TIME_BYTES,
    Note,
    NoteSignature,
    VerifierKey,
    cosigned_message,
    verified_signatures,
)
from schemas.errors import LedgerCorrupt

_LAST_SECOND = int(datetime(9999, 12, 31, 23, 59, 59, tzinfo=UTC).timestamp())


@dataclass(frozen=True, slots=True, kw_only=True)
class Cosignature:
    """One checked statement of a witness.

    Attributes:
        key: The witness's key.
        at: When it made the statement by its own clock, whole seconds, UTC.
    """

    key: VerifierKey
    at: datetime

    @property
    def name(self) -> str:
        """The name of the witness's key; a policy may name the witness otherwise."""
        return self.key.name


def witness_key(name: str, public: bytes) -> VerifierKey:
    """Return the key under which a witness's cosignatures are checked."""
    return VerifierKey(name=name, type=COSIGNATURE_V1, public=public)


def cosign(checkpoint_body: bytes, name: str, pair: SigningKeyPair, at: datetime) -> str:
    """Return the cosignature line (type 0x04, with its newline) of a witness.

    Args:
        checkpoint_body: The text of the note, all lines, without the signatures.
        name: The witness's name.
        pair: The witness's key, used for cosignatures under this name only.
        at: Now; parts of a second are dropped.
    """
    seconds = int(at.timestamp())
    signature = pair.sign(cosigned_message(checkpoint_body, seconds))
    signed = NoteSignature(
        name=name,
        key_id=witness_key(name, pair.public).key_id,
        signature=seconds.to_bytes(TIME_BYTES, "big") + signature,
    )
    return signed.to_line()


def check_cosignatures(note: Note, witness_keys: Iterable[VerifierKey]) -> list[Cosignature]:
    """Return the cosignatures these witnesses made, in the note's order; maybe none.

    Keys of another type than 0x04 are passed over: no log can pose as its own witness.

    Raises:
        LedgerCorrupt: A cosignature of a known key is bad, or tells no time before year 10000.
    """
    keys = [key for key in witness_keys if key.type == COSIGNATURE_V1]
    return [
        Cosignature(key=key, at=_time_of(signature))
        for signature, key in verified_signatures(note, keys)
    ]


def _time_of(signature: NoteSignature) -> datetime:
    seconds = int.from_bytes(signature.signature[:TIME_BYTES], "big")
    if seconds > _LAST_SECOND:
        message = f"The cosignature of {signature.name} tells no time before the year 10000."
        raise LedgerCorrupt(message)
    return datetime.fromtimestamp(seconds, tz=UTC)
