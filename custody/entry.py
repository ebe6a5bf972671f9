"""One line of the ledger: signed bytes with their place in their order and in the log.

The bytes of an entry are what the log hashes. Signatures are made over the statement's bytes,
before anybody knows the entry's place, and stand in the entry: its hash covers them.
"""

from dataclasses import dataclass
from datetime import UTC, datetime

import msgspec

from custody.canonical import LARGEST_INTEGER, encode
from custody.envelope import Envelope, make_envelope
from custody.merkle import HASH_BYTES, leaf_hash
from schemas.errors import LedgerCorrupt

ENTRY_VERSION = 2
NO_ENTRY = bytes(HASH_BYTES)
"""`previous` of a chain's first entry, and `keys` while there is no key."""
KEYS_CHAIN = ""
"""`order` of entries about keys; no order has this code."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """A statement recorded.

    Attributes:
        index: Position in the log, from 0 without gaps.
        order: Code of the order; `KEYS_CHAIN` for entries about keys.
        order_sequence: Position in that chain, from 1 without gaps.
        previous: Hash of the chain's previous entry; `NO_ENTRY` for the first.
        keys: Hash of the last entry about keys before this one: which keys counted.
        recorded_at: When the ledger took it, UTC, whole milliseconds; never before the entry
            in front of it.
        conflict_with: Hash of the entry that this one contradicts; None when it contradicts none.
        envelope: The signed bytes, exactly as they came, and the signatures.
    """

    index: int
    order: str
    order_sequence: int
    previous: bytes
    keys: bytes
    recorded_at: datetime
    conflict_with: bytes | None = None
    envelope: Envelope

    def to_bytes(self) -> bytes:
        """Return the canonical bytes that the log hashes and stores."""
        return encode(
            {
                "v": ENTRY_VERSION,
                "index": self.index,
                "order": self.order,
                "order_sequence": self.order_sequence,
                "previous": self.previous.hex(),
                "keys": self.keys.hex(),
                "recorded_at": instant_text(self.recorded_at),
                "conflict_with": None if self.conflict_with is None else self.conflict_with.hex(),
                "envelope": self.envelope.to_json(),
            }
        )

    @property
    def leaf_hash(self) -> bytes:
        """The entry's hash: its leaf in the log, and `previous` of the chain's next entry."""
        return leaf_hash(self.to_bytes())


class _SignatureWire(msgspec.Struct, forbid_unknown_fields=True):
    keyid: str
    sig: str


class _EnvelopeWire(msgspec.Struct, forbid_unknown_fields=True):
    payload: str
    payload_type: str = msgspec.field(name="payloadType")
    signatures: list[_SignatureWire]


class _EntryWire(msgspec.Struct, forbid_unknown_fields=True):
    v: int
    index: int
    order: str
    order_sequence: int
    previous: str
    keys: str
    recorded_at: str
    conflict_with: str | None
    envelope: _EnvelopeWire


_read = msgspec.json.Decoder(_EntryWire, strict=True).decode
_write = msgspec.json.Encoder(order="sorted").encode


def parse_entry(data: bytes) -> Entry:
    """Return the entry whose canonical bytes these are; inverse of `Entry.to_bytes`.

    Raises:
        LedgerCorrupt: The bytes are not canonical or not an entry.
    """
    try:
        wire = _read(data)
        entry = Entry(
            index=wire.index,
            order=wire.order,
            order_sequence=wire.order_sequence,
            previous=_hash(wire.previous),
            keys=_hash(wire.keys),
            recorded_at=instant_of(wire.recorded_at),
            conflict_with=None if wire.conflict_with is None else _hash(wire.conflict_with),
            envelope=make_envelope(
                payload=wire.envelope.payload,
                payload_type=wire.envelope.payload_type,
                signatures=tuple((one.keyid, one.sig) for one in wire.envelope.signatures),
            ),
        )
    except (msgspec.DecodeError, ValueError, OverflowError, RecursionError) as error:
        message = f"These bytes are not an entry: {error}."
        raise LedgerCorrupt(message) from error
    if wire.v != ENTRY_VERSION or min(entry.index, entry.order_sequence - 1) < 0:
        message = f"These bytes are not an entry of version {ENTRY_VERSION}."
        raise LedgerCorrupt(message)
    if not _is_written_so(data, wire, entry) and entry.to_bytes() != data:
        message = "These bytes are an entry, but not in canonical form."
        raise LedgerCorrupt(message)
    return entry


def _is_written_so(data: bytes, wire: _EntryWire, entry: Entry) -> bool:
    """Return whether `Entry.to_bytes` writes these bytes, without writing them; False if unsure.

    Base64 was compared when it was read; audits spend their time here.
    """
    conflict = entry.conflict_with
    return (
        wire.index <= LARGEST_INTEGER
        and wire.order_sequence <= LARGEST_INTEGER
        and wire.previous == entry.previous.hex()
        and wire.keys == entry.keys.hex()
        and wire.conflict_with == (None if conflict is None else conflict.hex())
        and wire.recorded_at == instant_text(entry.recorded_at)
        and _write(wire) == data
    )


def whole_milliseconds(instant: datetime) -> datetime:
    """Return the instant in UTC, cut to the milliseconds that the ledger writes down."""
    utc = instant.astimezone(UTC)
    return utc.replace(microsecond=utc.microsecond // 1000 * 1000)


def instant_text(instant: datetime) -> str:
    """Return an instant as the ledger writes it: RFC 3339, UTC, three decimals."""
    utc = instant.astimezone(UTC).replace(tzinfo=None)
    return f"{utc.isoformat(timespec='milliseconds')}Z"


def instant_of(text: str) -> datetime:
    """Return the instant that `instant_text` wrote.

    Raises:
        ValueError: It is not an instant.
    """
    instant = datetime.fromisoformat(text)
    if instant.tzinfo is None:
        message = f"{text} has no time zone"
        raise ValueError(message)
    return instant.astimezone(UTC)


def _hash(text: str) -> bytes:
    data = bytes.fromhex(text)
    if len(data) != HASH_BYTES:
        message = f"{text[:70]} is not a hash"
        raise ValueError(message)
    return data
