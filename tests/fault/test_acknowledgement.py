"""Acknowledgements over connections that break: none may confirm what is not committed."""

import itertools
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from ingest.consumer import Consumer
from ingest.mailbox import Mailbox
from ingest.message import Message
from schemas.errors import StoreUnavailable
from simulator.broker import Broker
from simulator.raw_mqtt import RawPublisher
from tests.support.processes import wait_until
from tests.support.proxy import Proxy
from tests.support.services import missing
from unbroken.mosquitto import Mosquitto, mosquitto, mosquitto_program

pytestmark = [pytest.mark.fault, pytest.mark.broker]

numbers = itertools.count()


class Receiver:
    """A consumer behind a cable, and what it has received."""

    def __init__(self, broker: Mosquitto) -> None:
        self.cable = Proxy((broker.host, broker.port))
        self.lost_sessions = 0
        self.mailbox = Mailbox(
            messages=1000, budget_bytes=10**6, batch_messages=1000, batch_bytes=10**6
        )
        self.consumer = Consumer(
            url=f"mqtt://127.0.0.1:{self.cable.port}",
            client_id="ingest-under-test",
            mailbox=self.mailbox,
            receive_maximum=1000,
            on_session_lost=self._count,
        )
        self._batches = self.mailbox.batches()

    def _count(self) -> None:
        self.lost_sessions += 1
        raise StoreUnavailable("as it is when database and broker fail together", transient=True)

    def take(self, count: int) -> list[Message]:
        """Return the next `count` messages, all that came."""
        assert wait_until(lambda: len(self.mailbox._waiting) >= count)
        batch = next(self._batches)
        assert len(batch) == count
        return batch

    def flush(self) -> None:
        """Wait until the broker has seen everything that was written to it."""
        self.consumer.publish("unbroken/v1/LG-1/readings", b"echo")
        assert payloads_of(self.take(1)) == [b"echo"]

    def reconnect(self) -> None:
        """Break the connection and let the consumer find its way back."""
        self.cable.cut()
        assert wait_until(lambda: not self.consumer.is_connected)
        self.cable.mend()
        assert self.consumer.wait_until_subscribed(20)


@contextmanager
def receiver(broker: Mosquitto) -> Iterator[Receiver]:
    one = Receiver(broker)
    one.consumer.start()
    assert one.consumer.wait_until_subscribed(20)
    try:
        yield one
    finally:
        one.mailbox.close()
        one.consumer.stop()
        one.cable.cut()


def publish(broker: Mosquitto, *payloads: bytes, content_type: str = "") -> None:
    """Publish over MQTT 5 (with a content type) or 3.1.1, and wait for the acknowledgements."""
    where = Broker.of_url(broker.url, protocol=5 if content_type else 4)
    publisher = RawPublisher(where, f"logger-{next(numbers)}")
    messages = [(n, ("unbroken/v1/LG-1/readings", payload)) for n, payload in enumerate(payloads)]
    publisher.publish(iter(messages), lambda _index, _packet_id: None, content_type)
    publisher.close()


def payloads_of(batch: list[Message]) -> list[bytes]:
    return [message.payload for message in batch]


def test_an_acknowledgement_of_an_earlier_connection_confirms_nothing(broker: Mosquitto) -> None:
    sent = [b"%d" % number for number in range(5)]
    with receiver(broker) as here:
        publish(broker, *sent)
        held = here.take(5)
        here.reconnect()
        assert payloads_of(here.take(5)) == sent
        here.consumer.acknowledge(held)
        here.flush()
        here.reconnect()
        again = here.take(5)
        assert payloads_of(again) == sent
        here.consumer.acknowledge(again)
        here.flush()
        publish(broker, b"last")
        last = here.take(1)
        here.reconnect()
        assert payloads_of(here.take(1)) == payloads_of(last) == [b"last"]


@pytest.fixture
def forgetful(pytestconfig: pytest.Config, tmp_path: Path) -> Iterator[Mosquitto]:
    """Return a broker that loses its sessions when it is killed."""
    program = mosquitto_program()
    if program is None:
        missing(pytestconfig, "broker", "Install Mosquitto: apt-get install mosquitto")
    with mosquitto(program, tmp_path, {"persistence": "false"}) as broker:
        yield broker


def test_a_late_acknowledgement_does_not_confirm_another_message_of_its_number(
    forgetful: Mosquitto,
) -> None:
    with receiver(forgetful) as here:
        publish(forgetful, b"before the crash")
        (held,) = here.take(1)
        forgetful.kill()
        assert wait_until(lambda: not here.consumer.is_connected)
        forgetful.start()
        assert here.consumer.wait_until_subscribed(20)
        publish(forgetful, b"after the crash")
        (new,) = here.take(1)
        assert new.mid == held.mid, "the numbers differ: nothing is tried here"
        here.consumer.acknowledge([held])
        here.flush()
        here.reconnect()
        assert payloads_of(here.take(1)) == [b"after the crash"]


def test_a_lost_session_is_told_and_subscribed_anew_even_when_telling_fails(
    forgetful: Mosquitto,
) -> None:
    with receiver(forgetful) as here:
        forgetful.kill()
        assert wait_until(lambda: not here.consumer.is_connected)
        forgetful.start()
        assert here.consumer.wait_until_subscribed(20)
        assert here.lost_sessions == 1
        publish(forgetful, b"heard")
        assert payloads_of(here.take(1)) == [b"heard"]


def test_a_message_that_breaks_the_client_library_blocks_nothing(broker: Mosquitto) -> None:
    with receiver(broker) as here:
        # paho refuses U+FEFF in a property; the broker passes it on.
        publish(broker, b"poison", content_type="application/senml\ufeff+json")
        publish(broker, b"good", content_type="application/senml+json")
        assert wait_until(lambda: len(here.mailbox._waiting) >= 2, wait_s=20)
        batch = here.take(2)
        assert payloads_of(batch) == [b"poison", b"good"]
        here.consumer.acknowledge(batch)
        publish(broker, b"later")
        assert payloads_of(here.take(1)) == [b"later"]
