"""From messages to columns. Pure: bytes in; readings, or a fault for each message, out.

Python touches every record a fixed number of times in comprehensions; whatever depends on values
(times, units, repetition) is decided for the whole batch in numpy.
"""

from dataclasses import dataclass

import numpy as np

from ingest.flat import Flat, Pack, flatten
from ingest.message import Message, serial_of
from ingest.rows import assemble
from ingest.senml import resolve
from schemas.errors import DecodeError, QuarantineReason
from schemas.reading import IntArray, ReadingBatch


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """What is plausible, judged against the instant each message arrived.

    Attributes:
        future_us: How far ahead a reading may lie.
        oldest_us: How old a reading may be.
        message_bytes: Size above which a message is not looked at.
    """

    future_us: int
    oldest_us: int
    message_bytes: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Decoded:
    """What became of a batch of messages: each has readings or a fault, never both.

    Attributes:
        serials: Distinct serials of the messages with readings.
        readings: The readings; `logger` indexes `serials`.
        message: Index of the message of each reading, shape (n,).
        faults: The fault of each message that has one, by its index.
        ignored_records: Records of a name that is not understood.
    """

    serials: list[str]
    readings: ReadingBatch
    message: IntArray
    faults: dict[int, DecodeError]
    ignored_records: int


def decode(messages: list[Message], limits: Limits) -> Decoded:
    """Return the readings of all messages without a fault, and the faults of the others."""
    faults: dict[int, DecodeError] = {}
    packs: list[Pack] = []
    for index, message in enumerate(messages):
        try:
            packs.append(_open(index, message, limits))
        except DecodeError as fault:
            faults[index] = fault
    flat = flatten(packs)
    rows = assemble(flat, future_us=limits.future_us, oldest_us=limits.oldest_us)
    faults.update({packs[pack].message: found for pack, found in rows.faults.items()})
    serials: dict[str, int] = {}
    logger_of_pack = np.array(
        [serials.setdefault(pack.serial, len(serials)) for pack in packs], dtype=np.int64
    )
    message_of_pack = np.array([pack.message for pack in packs], dtype=np.int64)
    readings = ReadingBatch(
        logger=logger_of_pack[rows.pack],
        time_us=rows.time_us,
        seq=rows.seq,
        received_us=flat.received_us[rows.pack],
        values=rows.values,
    )
    return Decoded(
        serials=list(serials),
        readings=readings,
        message=message_of_pack[rows.pack],
        faults=faults,
        ignored_records=flat.ignored,
    )


def _open(index: int, message: Message, limits: Limits) -> Pack:
    serial = serial_of(message.topic)
    if serial is None:
        detail = f"Topic {message.topic!r} is not unbroken/v1/{{serial}}/readings."
        raise DecodeError(QuarantineReason.IDENTITY_MISMATCH, detail)
    if len(message.payload) > limits.message_bytes:
        detail = (
            f"The message has {len(message.payload)} bytes; {limits.message_bytes} are taken. "
            "Send the backlog in smaller messages."
        )
        raise DecodeError(QuarantineReason.UNDECODABLE, detail)
    records = resolve(message.payload, message.content_type)
    if records.base and records.base.rstrip("/:") != serial:
        detail = f"The topic says logger {serial!r}, the base name says {records.base!r}."
        raise DecodeError(QuarantineReason.IDENTITY_MISMATCH, detail)
    return Pack(index, serial, message.received_us, records)


__all__ = ["Decoded", "Flat", "Limits", "decode"]
