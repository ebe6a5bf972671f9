"""Publishing as many loggers over one or few MQTT connections."""

import threading
from collections.abc import Callable, Iterable, Sequence
from queue import Empty, SimpleQueue
from time import monotonic

from simulator.broker import Broker, Event
from simulator.connection import Connection
from simulator.journal import Journal
from simulator.logger import Upload


class Publisher:
    """Loggers spread over `connections` clients; 0 means one connection for each logger.

    Messages wait in paho until the broker acknowledges them and are sent again after a reconnect;
    acknowledgements go into the journal. What the service says is read with `events`.
    """

    def __init__(
        self,
        broker: Broker,
        journal: Journal,
        *,
        clock_us: Callable[[], int],
        connections: int = 2,
        client_prefix: str = "simulator",
    ) -> None:
        self._broker, self._journal, self._clock_us = broker, journal, clock_us
        self._wanted, self._prefix = connections, client_prefix
        self._connections: list[Connection] = []
        self._of: dict[str, Connection] = {}
        self._events: SimpleQueue[Event] = SimpleQueue()

    def enrol(self, serials: Iterable[str]) -> None:
        """Take charge of these loggers: connect if need be, subscribe, announce them online."""
        for serial in serials:
            if serial not in self._of:
                connection = self._connection_for(serial)
                self._of[serial] = connection
                connection.add(serial)

    def retire(self, serials: Iterable[str]) -> None:
        """Announce these loggers offline and forget them."""
        for serial in serials:
            connection = self._of.pop(serial, None)
            if connection is not None:
                connection.remove(serial)

    def is_connected(self, serial: str) -> bool:
        """Return whether this logger's connection stands."""
        return self._of[serial].is_connected

    def publish(self, uploads: Sequence[Upload]) -> None:
        """Hand messages to the connection of their logger; returns before they are sent."""
        for upload in uploads:
            self._of[upload.serial].publish(upload)

    def events(self) -> list[Event]:
        """Return what was heard since the last call; replace connections that broke."""
        for connection in self._connections:
            connection.revive()
        heard = []
        while True:
            try:
                heard.append(self._events.get_nowait())
            except Empty:
                return heard

    @property
    def unacknowledged(self) -> int:
        """Messages handed over that the broker has not acknowledged."""
        return sum(connection.in_flight for connection in self._connections)

    def wait_until_connected(self, timeout_s: float) -> bool:
        """Return whether all connections stand, waiting for them for at most `timeout_s`."""
        return self._wait(lambda: all(one.is_connected for one in self._connections), timeout_s)

    def wait_until_acknowledged(self, timeout_s: float) -> bool:
        """Return whether the broker has acknowledged everything, waiting at most `timeout_s`."""
        return self._wait(lambda: self.unacknowledged == 0, timeout_s)

    def _wait(self, is_true: Callable[[], bool], timeout_s: float) -> bool:
        deadline_s = monotonic() + timeout_s
        pause = threading.Event()
        while not is_true():
            if monotonic() > deadline_s:
                return False
            pause.wait(0.02)
        return True

    def close(self) -> None:
        """Announce all loggers offline and disconnect."""
        for connection in self._connections:
            connection.close()

    def _connection_for(self, serial: str) -> "Connection":
        if self._wanted and len(self._connections) >= self._wanted:
            return self._connections[len(self._of) % self._wanted]
        connection = Connection(
            self._broker,
            self._journal,
            self._events,
            clock_us=self._clock_us,
            client_id=f"{self._prefix}-{len(self._connections)}",
            will_for=serial if self._wanted == 0 else None,
        )
        self._connections.append(connection)
        return connection
