"""One line of the ledger: a statement's bytes with their place in the order and in the log.

The bytes of an entry are what the log hashes. Signatures stand in the entry and outside of the
statement: they are made over the statement's bytes, before anybody knows the entry's place.
"""

import base64
from dataclasses import dataclass
from datetime import UTC, datetime

from custody.canonical import Json, encode, load
from custody.merkle import HASH_BYTES, leaf_hash
from schemas.errors import LedgerCorrupt

ENTRY_VERSION = 1
NO_ENTRY = bytes(HASH_BYTES)
"""`previous` of an order's first entry."""

_FIELDS = {
    "v",
    "index",
    "order",
    "order_sequence",
    "previous",
    "recorded_at",
    "statement",
    "signatures",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """A statement recorded.

    Attributes:
        index: Position in the log, from 0 without gaps.
        order: Code of the order.
        order_sequence: Position among the order's entries, from 1 without gaps.
        previous: Hash of the order's previous entry; `NO_ENTRY` for the first.
        recorded_at: When the ledger took it, UTC, whole milliseconds; never before the entry
            in front of it.
        statement: The statement's canonical bytes, exactly as they came.
    """

    index: int
    order: str
    order_sequence: int
    previous: bytes
    recorded_at: datetime
    statement: bytes

    def to_bytes(self) -> bytes:
        """Return the canonical bytes that the log hashes and stores."""
        return encode(
            {
                "v": ENTRY_VERSION,
                "index": self.index,
                "order": self.order,
                "order_sequence": self.order_sequence,
                "previous": self.previous.hex(),
                "recorded_at": instant_text(self.recorded_at),
                "statement": base64.b64encode(self.statement).decode("ascii"),
                "signatures": [],
            }
        )

    @property
    def leaf_hash(self) -> bytes:
        """The entry's hash: its leaf in the log, and `previous` of the order's next entry."""
        return leaf_hash(self.to_bytes())


def parse_entry(data: bytes) -> Entry:
    """Return the entry whose canonical bytes these are; inverse of `Entry.to_bytes`.

    Raises:
        LedgerCorrupt: The bytes are not canonical or not an entry.
    """
    fields = load(data)
    if not isinstance(fields, dict) or fields.keys() != _FIELDS or fields["v"] != ENTRY_VERSION:
        message = f"These bytes are not an entry of version {ENTRY_VERSION}."
        raise LedgerCorrupt(message)
    try:
        entry = Entry(
            index=_whole(fields["index"]),
            order=_text(fields["order"]),
            order_sequence=_whole(fields["order_sequence"]),
            previous=bytes.fromhex(_text(fields["previous"])),
            recorded_at=instant_of(_text(fields["recorded_at"])),
            statement=base64.b64decode(_text(fields["statement"]), validate=True),
        )
    except (ValueError, OverflowError) as error:
        message = f"These bytes are not an entry: {error}."
        raise LedgerCorrupt(message) from error
    if len(entry.previous) != HASH_BYTES or entry.to_bytes() != data:
        message = "These bytes are an entry, but not in canonical form."
        raise LedgerCorrupt(message)
    return entry


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


def _whole(value: Json) -> int:
    if not isinstance(value, int) or isinstance(value, bool) or value < 0:
        message = "a position is not a whole number"
        raise ValueError(message)
    return value


def _text(value: Json) -> str:
    if not isinstance(value, str):
        message = "a field is not text"
        raise ValueError(message)  # noqa: TRY004 - one error for whatever is wrong
    return value
