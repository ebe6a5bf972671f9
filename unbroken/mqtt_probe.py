"""A client that asks a broker questions, one after the other, and waits for each answer."""

import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any
from urllib.parse import unquote, urlsplit

import paho.mqtt.client as mqtt
from paho.mqtt.enums import CallbackAPIVersion, MQTTProtocolVersion
from paho.mqtt.packettypes import PacketTypes
from paho.mqtt.properties import Properties
from paho.mqtt.reasoncodes import ReasonCode
from paho.mqtt.subscribeoptions import SubscribeOptions

_WAIT_S = 5.0
_SESSION_S = 120
PORTS = {"mqtt": 1883, "mqtts": 8883}


@dataclass(frozen=True, slots=True, kw_only=True)
class Welcome:
    """How the broker answered a connection.

    Attributes:
        reached: Whether anybody answered at all.
        accepted: Whether we were let in.
        session_present: Whether it knew our session.
        reason: In words.
    """

    reached: bool
    accepted: bool
    session_present: bool
    reason: str


class Probe:
    """One connection. Use `probing`, which also closes it."""

    def __init__(
        self, url: str, *, client_id: str, version: MQTTProtocolVersion, keep: bool, sign_in: bool
    ) -> None:
        self._address = urlsplit(url)
        self._keep, self._version = keep, version
        five = version is MQTTProtocolVersion.MQTTv5
        options: dict[str, Any] = {} if five else {"clean_session": not keep}
        self._client = mqtt.Client(
            CallbackAPIVersion.VERSION2, client_id=client_id, protocol=version, **options
        )
        if sign_in and self._address.username:
            self._client.username_pw_set(
                unquote(self._address.username), unquote(self._address.password or "")
            )
        if self._address.scheme == "mqtts":
            self._client.tls_set_context(ssl.create_default_context())
        self._answered = threading.Event()
        self._granted: bool | None = None
        self._welcome = Welcome(
            reached=False, accepted=False, session_present=False, reason="no answer"
        )
        self._arrived = threading.Condition()
        self.messages: list[mqtt.MQTTMessage] = []
        self._client.on_connect = self._on_connect
        self._client.on_disconnect = self._on_disconnect
        self._client.on_subscribe = self._on_subscribe
        self._client.on_message = self._on_message

    def connect(self) -> Welcome:
        """Connect and return how we were welcomed."""
        arguments: dict[str, Any] = {}
        if self._version is MQTTProtocolVersion.MQTTv5:
            properties = Properties(PacketTypes.CONNECT)  # type: ignore[no-untyped-call]
            properties.SessionExpiryInterval = _SESSION_S if self._keep else 0
            arguments = {"clean_start": not self._keep, "properties": properties}
        port = self._address.port or PORTS.get(self._address.scheme, 1883)
        try:
            self._client.connect(str(self._address.hostname), port, keepalive=30, **arguments)
        except (OSError, ValueError) as error:
            return Welcome(reached=False, accepted=False, session_present=False, reason=str(error))
        self._client.loop_start()
        self._answered.wait(_WAIT_S)
        return self._welcome

    def subscribe(self, topic: str) -> bool:
        """Subscribe with QoS 1 and return whether the broker granted it."""
        self._answered.clear()
        if self._version is MQTTProtocolVersion.MQTTv5:
            self._client.subscribe(topic, options=SubscribeOptions(qos=1))
        else:
            self._client.subscribe(topic, qos=1)
        return self._answered.wait(_WAIT_S) and bool(self._granted)

    def publish(self, topic: str, number: int) -> bool:
        """Publish `number` small QoS 1 messages; return whether all were acknowledged in time."""
        for n in range(number):
            last = self._client.publish(topic, str(n).encode(), qos=1)
        last.wait_for_publish(2 * _WAIT_S)
        return last.is_published()

    def collect(self, number: int, *, quiet_s: float = 1.0) -> int:
        """Wait until `number` messages came or none comes any more; return how many came."""
        with self._arrived:
            while len(self.messages) < number and self._arrived.wait(quiet_s):
                pass
            return len(self.messages)

    def close(self) -> None:
        """Disconnect."""
        self._client.disconnect()
        self._client.loop_stop()

    def _on_connect(
        self,
        _client: object,
        _data: object,
        flags: mqtt.ConnectFlags,
        code: ReasonCode,
        _properties: object,
    ) -> None:
        self._welcome = Welcome(
            reached=True,
            accepted=not code.is_failure,
            session_present=bool(flags.session_present),
            reason=str(code),
        )
        self._answered.set()

    def _on_disconnect(self, *_about: object) -> None:
        self._answered.set()  # hung up instead of answering

    def _on_subscribe(
        self,
        _client: object,
        _data: object,
        _mid: int,
        codes: list[ReasonCode],
        _properties: object,
    ) -> None:
        self._granted = not any(code.is_failure for code in codes)
        self._answered.set()

    def _on_message(self, _client: object, _data: object, message: mqtt.MQTTMessage) -> None:
        with self._arrived:
            self.messages.append(message)
            self._arrived.notify_all()


@contextmanager
def probing(
    url: str,
    *,
    client_id: str = "",
    version: MQTTProtocolVersion = MQTTProtocolVersion.MQTTv311,
    keep: bool = False,
    sign_in: bool = True,
) -> Iterator[tuple[Probe, Welcome]]:
    """Yield a connection to the broker and how it was welcomed.

    Args:
        url: `mqtt[s]://user:password@host:port`.
        client_id: Name of the session; empty for one of the broker's choice.
        version: Of MQTT.
        keep: Ask the broker to keep the session for two minutes.
        sign_in: Use the URL's user and password.
    """
    probe = Probe(url, client_id=client_id, version=version, keep=keep, sign_in=sign_in)
    try:
        yield probe, probe.connect()
    finally:
        probe.close()
