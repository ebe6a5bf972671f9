import json
import threading
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import cbor2
import paho.mqtt.client as mqtt
import pytest
from paho.mqtt.enums import CallbackAPIVersion, MQTTProtocolVersion

from simulator.broker import Broker, Rewound, Stored
from simulator.journal import Journal, acknowledged_seqs, read_journal
from simulator.load import LoadPlan, LoadSettings, run_load
from simulator.load_plan import order, serials
from simulator.logger import Encoding, StoreAndForward
from simulator.publisher import Publisher
from tests.support.processes import wait_until
from unbroken.embedded_broker import EmbeddedBroker
from unbroken.mosquitto import Mosquitto

START = datetime(2026, 11, 1, tzinfo=UTC)
NOW_US = 1_795_305_600_000_000


class Listener:
    """What a service would see: (serial, seq) of every reading, as often as it came."""

    def __init__(self) -> None:
        self.seqs: Counter[tuple[str, int]] = Counter()
        self.payloads: list[bytes] = []
        self.status: dict[str, str] = {}
        self.client: mqtt.Client | None = None

    def hear(self, _client: object, _data: object, message: mqtt.MQTTMessage) -> None:
        _, _, serial, kind = message.topic.split("/")
        if kind == "status":
            self.status[serial] = json.loads(message.payload)["state"]
            return
        self.payloads.append(bytes(message.payload))
        for seq in seqs_of(bytes(message.payload)):
            self.seqs[(serial, seq)] += 1


def seqs_of(payload: bytes) -> list[int]:
    if payload.startswith(b"["):
        return [one["v"] for one in json.loads(payload) if one["n"].endswith("seq")]
    pack: list[dict[int, Any]] = cbor2.loads(payload)
    return [one[2] for one in pack if one[0].endswith("seq")]


@contextmanager
def listening(url: str, protocol: int = 4) -> Iterator[Listener]:
    listener, ready = Listener(), threading.Event()
    broker = Broker.of_url(url)
    client = mqtt.Client(
        CallbackAPIVersion.VERSION2, "listener", protocol=MQTTProtocolVersion(protocol)
    )
    client.on_message = listener.hear
    client.on_connect = lambda c, *_: c.subscribe(
        [("unbroken/v1/+/readings", 1), ("unbroken/v1/+/status", 1)]
    )
    client.on_subscribe = lambda *_: ready.set()
    client.connect(broker.host, broker.port)
    client.loop_start()
    assert ready.wait(10)
    listener.client = client
    yield listener
    client.disconnect()
    client.loop_stop()


@contextmanager
def publishing(
    url: str, journal: Path | None = None, *, connections: int = 1, protocol: int = 4
) -> Iterator[Publisher]:
    with Journal(journal) as lines:
        publisher = Publisher(
            Broker.of_url(url, protocol=protocol),
            lines,
            clock_us=lambda: NOW_US,
            connections=connections,
        )
        yield publisher
        publisher.close()


def gather(events: list[object], publisher: Publisher) -> list[object]:
    events += publisher.events()
    return events


def filled(serial: str, count: int, encoding: Encoding = Encoding.JSON) -> StoreAndForward:
    logger = StoreAndForward(serial, encoding=encoding)
    for number in range(count):
        logger.record(NOW_US + number * 1_000_000, {"temp": -188.0, "lid": 0.0})
    return logger


@pytest.mark.parametrize("connections", [0, 1, 2])
def test_everything_published_arrives_and_stands_in_the_journal(
    embedded_broker: EmbeddedBroker, tmp_path: Path, connections: int
) -> None:
    journal = tmp_path / "journal.jsonl"
    loggers = [filled("KT-1", 100), filled("KT-2", 50, Encoding.CBOR), filled("KT-3", 1)]
    expected = {(one.serial, seq) for one in loggers for seq in range(1, len(one.kept) + 1)}
    with (
        listening(embedded_broker.url) as listener,
        publishing(embedded_broker.url, journal, connections=connections) as publisher,
    ):
        publisher.enrol(one.serial for one in loggers)
        for logger in loggers:
            publisher.publish(logger.uploads())
        assert publisher.wait_until_acknowledged(10)
        assert wait_until(lambda: set(listener.seqs) == expected)
        assert wait_until(
            lambda: listener.status == dict.fromkeys(["KT-1", "KT-2", "KT-3"], "online")
        )
    noted = {(s, seq) for s, seqs in acknowledged_seqs(journal).items() for seq in seqs}
    assert noted == expected


def test_what_the_service_stored_is_heard(embedded_broker: EmbeddedBroker) -> None:
    with (
        listening(embedded_broker.url) as listener,
        publishing(embedded_broker.url) as publisher,
    ):
        publisher.enrol(["KT-1"])
        assert publisher.wait_until_connected(10)
        assert wait_until(lambda: listener.status.get("KT-1") == "online")
        assert listener.client is not None
        listener.client.publish("unbroken/v1/KT-1/stored", b"not json", 1)
        listener.client.publish("unbroken/v1/KT-1/stored", b'{"stored":[[1,3],[7,7]]}', 1)
        heard: list[object] = []
        assert wait_until(lambda: bool(gather(heard, publisher)))
    assert heard == [Stored(serial="KT-1", ranges=((1, 3), (7, 7)))]


def test_a_broker_that_dies_makes_loggers_send_again_what_is_not_stored(
    broker: Mosquitto,
) -> None:
    logger = filled("KT-1", 10)
    with publishing(broker.url) as publisher:
        publisher.enrol(["KT-1"])
        publisher.publish(logger.uploads())
        assert publisher.wait_until_acknowledged(10)
        broker.kill()
        broker.start()
        events: list[object] = []
        assert wait_until(lambda: bool(gather(events, publisher)))
        assert events == [Rewound(serial="KT-1")]
        logger.rewind()
        with listening(broker.url) as listener:
            publisher.publish(logger.uploads())
            assert wait_until(lambda: len(listener.seqs) == 10, wait_s=20)


def test_a_logger_that_leaves_says_that_it_is_offline(embedded_broker: EmbeddedBroker) -> None:
    with listening(embedded_broker.url) as listener:
        with publishing(embedded_broker.url) as publisher:
            publisher.enrol(["KT-1"])
            assert wait_until(lambda: listener.status.get("KT-1") == "online")
        assert wait_until(lambda: listener.status.get("KT-1") == "offline")


@pytest.mark.parametrize("protocol", [4, 5])
@pytest.mark.parametrize("encoding", list(Encoding))
def test_a_disordered_load_arrives_whole_and_is_counted_right(
    broker: Mosquitto, tmp_path: Path, protocol: int, encoding: Encoding
) -> None:
    plan = LoadPlan(
        loggers=7,
        readings=5,
        messages=200,
        start_at=START,
        encoding=encoding,
        duplicates=0.2,
        shuffle=20,
        late=0.1,
    )
    journal = tmp_path / "journal.jsonl"
    with listening(broker.url, protocol) as listener:
        result = run_load(
            LoadSettings(plan=plan, mqtt_url=broker.url, protocol=protocol, journal_path=journal)
        )
        assert wait_until(lambda: sum(listener.seqs.values()) == result.sendings * plan.readings)
    assert (result.messages, result.readings) == (200, 1_000)
    assert result.sendings == len(order(plan)) > 200
    assert {serial for serial, _ in listener.seqs} == set(serials(plan))
    assert sum(len(seqs) for seqs in acknowledged_seqs(journal).values()) == 1_000
    assert len(list(read_journal(journal))) == result.sendings


def test_a_load_survives_the_broker_and_repeats_what_was_not_acknowledged(
    broker: Mosquitto,
) -> None:
    plan = LoadPlan(loggers=3, readings=1, messages=3_000, start_at=START)
    killed = threading.Event()

    def kill_once(_count: int) -> None:
        if not killed.is_set():
            killed.set()
            broker.kill()
            broker.start()

    result = run_load(
        LoadSettings(plan=plan, mqtt_url=broker.url, progress_every=500), on_progress=kill_once
    )
    assert result.reconnects >= 1
    assert result.messages == 3_000


def test_a_load_at_a_rate_keeps_to_it(broker: Mosquitto) -> None:
    plan = LoadPlan(loggers=3, readings=1, messages=200, start_at=START)
    result = run_load(LoadSettings(plan=plan, mqtt_url=broker.url, rate=400.0))
    assert 0.45 < result.seconds < 2.0
