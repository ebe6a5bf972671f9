import queue

import paho.mqtt.client as mqtt
import pytest
from paho.mqtt.enums import CallbackAPIVersion

from unbroken.embedded_broker import EmbeddedBroker
from unbroken.ports import accepts

pytestmark = pytest.mark.broker


def test_a_message_reaches_a_subscriber(embedded_broker: EmbeddedBroker) -> None:
    heard: queue.Queue[bytes | bytearray] = queue.Queue()
    client = mqtt.Client(CallbackAPIVersion.VERSION2, client_id="t", clean_session=False)
    client.on_message = lambda _client, _data, message: heard.put(message.payload)
    client.on_connect = lambda client, *_rest: client.subscribe("a/#", qos=1)
    client.on_subscribe = lambda client, *_rest: client.publish("a/b", b"x" * 300_000, qos=1)
    client.connect("127.0.0.1", embedded_broker.port)
    client.loop_start()
    try:
        assert heard.get(timeout=10) == b"x" * 300_000
    finally:
        client.disconnect()
        client.loop_stop()


def test_a_stopped_broker_leaves_its_port(embedded_broker: EmbeddedBroker) -> None:
    assert accepts(embedded_broker.port)

    embedded_broker.stop()

    assert not accepts(embedded_broker.port)
