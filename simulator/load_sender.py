"""Sends a load over a bare socket and counts what the broker acknowledged."""

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from simulator.broker import Broker
from simulator.journal import Journal, JournalLine
from simulator.load_plan import LoadPlan, Round, rounds
from simulator.raw_mqtt import BrokerGoneError, RawPublisher


@dataclass(frozen=True, slots=True, kw_only=True)
class LoadSettings:
    """Where a load goes, and how.

    Attributes:
        plan: What is sent.
        mqtt_url: `mqtt://[user:password@]host:port`.
        protocol: 4 for MQTT 3.1.1, 5 for MQTT 5.
        rate: Messages a second; None for as fast as possible.
        seconds: End after so long even if messages are left; None for when all are sent.
        window: Messages in flight.
        encode_first: Encode everything before the clock starts; costs the memory of all payloads.
        reconnect_for_s: How long to keep trying when the broker goes away; 0 gives up at once.
        progress_every: Call `on_progress` each time so many more are acknowledged; 0 for never.
        journal_path: File for what was acknowledged.
    """

    plan: LoadPlan
    mqtt_url: str
    protocol: int = 4
    rate: float | None = None
    seconds: float | None = None
    window: int = 200
    encode_first: bool = True
    reconnect_for_s: float = 30.0
    client_id: str = "load"
    progress_every: int = 0
    journal_path: Path | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class LoadResult:
    """What a load came to.

    Attributes:
        messages: Different messages acknowledged at least once.
        readings: Readings in them: exactly these must be stored, each once.
        sendings: Acknowledged sendings, repetitions included.
        seconds: From the first sending to the last acknowledgement.
    """

    messages: int
    readings: int
    sendings: int
    reconnects: int
    payload_bytes: int
    seconds: float
    messages_per_s: float
    readings_per_s: float


def run_load(
    settings: LoadSettings, on_progress: Callable[[int], None] = lambda _count: None
) -> LoadResult:
    """Send a load and return what the broker acknowledged.

    Args:
        settings: What, where and how.
        on_progress: Called with the number of acknowledged sendings.

    Raises:
        BrokerGoneError: The broker went away and did not come back in time.
        OSError: The broker cannot be reached at all.
    """
    with Journal(settings.journal_path) as journal:
        return _Sender(settings, journal, on_progress).run()


class _Sender:
    def __init__(
        self, settings: LoadSettings, journal: Journal, on_progress: Callable[[int], None]
    ) -> None:
        self._settings, self._journal, self._on_progress = settings, journal, on_progress
        self._broker = Broker.of_url(settings.mqtt_url, protocol=settings.protocol)
        self._sent: list[Round | None] = []
        self._again: list[int] = []
        self._messages: set[int] = set()
        self._sendings = self._reconnects = self._bytes = 0

    def run(self) -> LoadResult:
        schedule = rounds(self._settings.plan)
        if self._settings.encode_first:
            schedule = iter(list(schedule))
        publisher = self._connect(deadline_s=time.monotonic() + self._settings.reconnect_for_s)
        begun_s = time.monotonic()
        while True:
            try:
                # A fresh source each time: one that ended would not notice what is to be repeated.
                source = self._paced(schedule, begun_s)
                publisher.publish(source, self._acknowledged, self._settings.plan.encoding.value)
                break
            except BrokerGoneError as gone:
                self._reconnects += 1
                self._again = gone.unacknowledged + self._again
                until_s = time.monotonic() + self._settings.reconnect_for_s
                if self._settings.reconnect_for_s <= 0:
                    raise
                publisher = self._connect(deadline_s=until_s)
        seconds = max(time.monotonic() - begun_s, 1e-9)
        publisher.close()
        readings = len(self._messages) * self._settings.plan.readings
        return LoadResult(
            messages=len(self._messages),
            readings=readings,
            sendings=self._sendings,
            reconnects=self._reconnects,
            payload_bytes=self._bytes,
            seconds=seconds,
            messages_per_s=self._sendings / seconds,
            readings_per_s=readings / seconds,
        )

    def _connect(self, *, deadline_s: float) -> RawPublisher:
        client_id = f"{self._settings.client_id}-{self._reconnects}"
        while True:
            try:
                return RawPublisher(self._broker, client_id, window=self._settings.window)
            except OSError:
                if time.monotonic() > deadline_s:
                    raise
                time.sleep(0.1)

    def _paced(
        self, schedule: Iterator[Round], begun_s: float
    ) -> Iterator[tuple[int, tuple[str, bytes]] | None]:
        """Yield what is to be sent, what a broken connection lost first; None while too early."""
        rate, seconds = self._settings.rate, self._settings.seconds
        while True:
            while self._again:
                yield self._numbered(self._again.pop(0))
            elapsed_s = time.monotonic() - begun_s
            if seconds is not None and elapsed_s > seconds:
                return
            if rate is not None and len(self._sent) > elapsed_s * rate:
                yield None
                continue
            upcoming = next(schedule, None)
            if upcoming is None:
                return
            self._sent.append(upcoming)
            yield self._numbered(len(self._sent) - 1)

    def _numbered(self, index: int) -> tuple[int, tuple[str, bytes]]:
        one = self._sent[index]
        assert one is not None  # noqa: S101 - forgotten only when acknowledged, then never asked
        return index, (one.topic, one.payload)

    def _acknowledged(self, index: int, packet_id: int) -> None:
        one, self._sent[index] = self._sent[index], None
        if one is None:
            return
        self._sendings += 1
        self._messages.add(one.number)
        self._bytes += len(one.payload)
        self._journal.write(
            JournalLine(
                serial=one.serial,
                topic=one.topic,
                mid=packet_id,
                from_seq=one.from_seq,
                to_seq=one.to_seq,
                from_us=one.from_us,
                to_us=one.to_us,
                at_us=round(datetime.now(UTC).timestamp() * 1_000_000),
            )
        )
        every = self._settings.progress_every
        if every and self._sendings % every == 0:
            self._on_progress(self._sendings)
