"""A store-and-forward logger: it forgets a reading only when the service says it is stored."""

from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from simulator.senml import Reading, to_cbor, to_json


class Encoding(StrEnum):
    """How a logger writes its messages."""

    JSON = "application/senml+json"
    CBOR = "application/senml+cbor"


@dataclass(frozen=True, slots=True, kw_only=True)
class Upload:
    """One message: what goes into it, and its bytes."""

    serial: str
    encoding: Encoding
    readings: tuple[Reading, ...]

    @property
    def topic(self) -> str:
        """The topic of this logger's readings."""
        return f"unbroken/v1/{self.serial}/readings"

    @property
    def payload(self) -> bytes:
        """The SenML pack."""
        write = to_json if self.encoding is Encoding.JSON else to_cbor
        return write(self.serial, self.readings)


class StoreAndForward:
    """The memory of one logger.

    Kept readings are in order of sequence number; what was sent since the last connection is the
    front part of them. A reading stays until `stored` names it, or, when the memory is full, until
    newer ones overwrite it; that is counted.
    """

    def __init__(
        self,
        serial: str,
        *,
        encoding: Encoding = Encoding.JSON,
        per_message: int = 36,
        capacity: int = 16_384,
        next_seq: int = 1,
    ) -> None:
        self.serial, self.encoding = serial, encoding
        self.per_message, self.capacity = per_message, capacity
        self.next_seq = next_seq
        self.overwritten = 0
        self._kept: deque[Reading] = deque()
        self._sent = 0

    @property
    def kept(self) -> tuple[Reading, ...]:
        """Readings not yet known to be stored, oldest first."""
        return tuple(self._kept)

    @property
    def unsent(self) -> int:
        """How many kept readings were not sent since the last connection."""
        return len(self._kept) - self._sent

    @property
    def awaiting(self) -> int:
        """How many kept readings were sent and are not yet known to be stored."""
        return self._sent

    def record(self, measured_us: int, channels: dict[str, float]) -> Reading:
        """Keep a new reading under the next sequence number and return it."""
        reading = Reading(seq=self.next_seq, measured_us=measured_us, channels=channels)
        self.next_seq += 1
        self.restore([reading])
        return reading

    def restore(self, readings: Sequence[Reading]) -> None:
        """Take up readings that carry their sequence numbers already (after a restart)."""
        for reading in readings:
            self._kept.append(reading)
            if len(self._kept) > self.capacity:
                self._kept.popleft()
                self._sent = max(self._sent - 1, 0)
                self.overwritten += 1

    def uploads(self) -> list[Upload]:
        """Return messages for all that is unsent, oldest first, and count it as sent."""
        waiting = list(self._kept)[self._sent :]
        self._sent = len(self._kept)
        return [
            Upload(
                serial=self.serial,
                encoding=self.encoding,
                readings=tuple(waiting[first : first + self.per_message]),
            )
            for first in range(0, len(waiting), self.per_message)
        ]

    def stored(self, ranges: Sequence[tuple[int, int]]) -> int:
        """Forget the readings that the service names as stored; return how many.

        Args:
            ranges: First and last sequence number of each range, both included.
        """
        before = len(self._kept)
        sent = list(self._kept)[: self._sent]
        self._sent -= sum(_within(reading.seq, ranges) for reading in sent)
        self._kept = deque(one for one in self._kept if not _within(one.seq, ranges))
        return before - len(self._kept)

    def rewind(self) -> None:
        """Count everything kept as unsent again (new connection, or no answer for long)."""
        self._sent = 0


def _within(seq: int, ranges: Sequence[tuple[int, int]]) -> bool:
    return any(first <= seq <= last for first, last in ranges)
