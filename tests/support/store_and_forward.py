"""Loggers that keep their readings until they hear that they are stored."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from time import monotonic

from schemas.instants import to_us
from simulator.broker import Broker, Stored
from simulator.journal import Journal
from simulator.logger import StoreAndForward
from simulator.publisher import Publisher
from tests.support.journal_check import Key
from tests.support.processes import wait_until

_PATIENCE_S = 2.0


class PatientLoggers:
    """Some loggers on one connection; drive them with `tick`.

    Attributes:
        recorded: Every reading that was ever recorded.
    """

    def __init__(self, mqtt_url: str, serials: list[str], journal: Path) -> None:
        self._memories = {
            serial: StoreAndForward(serial, per_message=5, next_seq=1) for serial in serials
        }
        self._journal = Journal(journal)
        self._publisher = Publisher(
            Broker.of_url(mqtt_url, protocol=5), self._journal, clock_us=_now_us, connections=1
        )
        self._publisher.enrol(serials)
        self._heard_at_s = monotonic()
        self.recorded: set[Key] = set()

    @property
    def kept(self) -> int:
        """How many readings are not yet known to be stored."""
        return sum(len(memory.kept) for memory in self._memories.values())

    def record(self, at: datetime, temp_c: Callable[[str], float]) -> None:
        """Have every logger measure."""
        for serial, memory in self._memories.items():
            reading = memory.record(to_us(at), {"temp": temp_c(serial)})
            self.recorded.add(Key(serial, reading.seq, reading.measured_us))

    def tick(self) -> None:
        """Send what is unsent, listen, and send again what nobody confirmed for long."""
        for event in self._publisher.events():
            memory = self._memories[event.serial]
            if isinstance(event, Stored):
                memory.stored(event.ranges)
                self._heard_at_s = monotonic()
            else:
                memory.rewind()
        if monotonic() - self._heard_at_s > _PATIENCE_S:
            self._heard_at_s = monotonic()
            for memory in self._memories.values():
                memory.rewind()
        for serial, memory in self._memories.items():
            if self._publisher.is_connected(serial):
                self._publisher.publish(memory.uploads())

    def wait_until_stored(self, *, wait_s: float = 40.0) -> bool:
        """Go on until every reading is known to be stored."""

        def done() -> bool:
            self.tick()
            return self.kept == 0

        return wait_until(done, wait_s=wait_s)

    def close(self) -> None:
        """Disconnect."""
        self._publisher.close()
        self._journal.close()


def _now_us() -> int:
    return to_us(datetime.now(UTC))


def minutes_before_now(count: int) -> list[datetime]:
    """Return the last `count` whole minutes, oldest first."""
    now = datetime.now(UTC).replace(second=0, microsecond=0)
    return [now - timedelta(minutes=count - number) for number in range(count)]
