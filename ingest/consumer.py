"""The MQTT side of ingest: one persistent session, manual acknowledgement, QoS 1.

paho runs its own network thread. Its callbacks do one thing each and cannot raise: an exception
there would end the thread while `is_connected()` keeps saying True (paho issue 867).
"""

import logging
import ssl
import threading
import time
from collections.abc import Callable, Iterable
from typing import Any
from urllib.parse import unquote, urlsplit

import paho.mqtt.client as mqtt
from paho.mqtt.enums import CallbackAPIVersion
from paho.mqtt.packettypes import PacketTypes
from paho.mqtt.properties import Properties

from ingest.mailbox import Mailbox
from ingest.message import READINGS_FILTER, Message
from schemas.errors import ConfigurationError

logger = logging.getLogger(__name__)

_FOREVER_S = 0xFFFFFFFF
_KEEPALIVE_S = 60
_UNSUPPORTED_VERSION = {1, 132}  # MQTT 3.1.1 return code, MQTT 5 reason code


class Consumer:
    """Puts what arrives into the mailbox and acknowledges what was committed.

    Every connection has a number, the generation. An acknowledgement that belongs to an earlier
    connection is dropped: its packet identifier may by now mean another message.
    """

    def __init__(
        self,
        *,
        url: str,
        client_id: str,
        mailbox: Mailbox,
        receive_maximum: int,
        protocol: str = "3.1.1",
        on_session_lost: Callable[[], None],
    ) -> None:
        """Prepare; nothing is connected before `start`.

        Args:
            url: `mqtt[s]://user:password@host:port`.
            client_id: Fixed name under which the broker keeps the session.
            mailbox: Where messages go.
            receive_maximum: Unacknowledged messages to ask an MQTT 5 broker for.
            protocol: `3.1.1`, or `5`, which falls back to 3.1.1 where the broker refuses it.
            on_session_lost: Called when the broker has forgotten a session it should have; on the
                network thread, so it must not wait.
        """
        self._address = urlsplit(url)
        if self._address.scheme not in ("mqtt", "mqtts") or not self._address.hostname:
            raise ConfigurationError(
                f"UNBROKEN_MQTT_URL must look like mqtt://user:password@host:1883, not {url!r}."
            )
        self._client_id, self._mailbox = client_id, mailbox
        self._receive_maximum = receive_maximum
        self._on_session_lost = on_session_lost
        self._generation = 0
        self._lock = threading.Lock()
        self._subscribed = threading.Event()
        self._session_known = False
        self._client = self._make(mqtt.MQTTv5 if protocol == "5" else mqtt.MQTTv311)

    def _make(self, protocol: int) -> mqtt.Client:
        options: dict[str, Any] = {} if protocol == mqtt.MQTTv5 else {"clean_session": False}
        client = mqtt.Client(
            CallbackAPIVersion.VERSION2,
            client_id=self._client_id,
            protocol=protocol,  # type: ignore[arg-type]
            manual_ack=True,
            **options,
        )
        if self._address.username:
            client.username_pw_set(
                unquote(self._address.username), unquote(self._address.password or "")
            )
        if self._address.scheme == "mqtts":
            client.tls_set_context(ssl.create_default_context())
        client.reconnect_delay_set(min_delay=1, max_delay=15)
        client.on_connect = self._connected
        client.on_disconnect = self._disconnected
        client.on_message = self._arrived
        client.on_subscribe = self._subscribed_to
        return client

    def start(self, *, session_expected: bool = False) -> None:
        """Connect in the background and keep connecting.

        Args:
            session_expected: The broker should know our session from an earlier run.
        """
        self._session_known = session_expected
        self._connect()

    def _connect(self) -> None:
        port = self._address.port or (8883 if self._address.scheme == "mqtts" else 1883)
        host = str(self._address.hostname)
        if self._client.protocol == mqtt.MQTTv5:
            properties = Properties(PacketTypes.CONNECT)  # type: ignore[no-untyped-call]
            properties.SessionExpiryInterval = _FOREVER_S
            properties.ReceiveMaximum = self._receive_maximum
            self._client.connect_async(
                host, port, _KEEPALIVE_S, clean_start=False, properties=properties
            )
        else:
            self._client.connect_async(host, port, _KEEPALIVE_S)
        self._client.loop_start()

    def stop(self) -> None:
        """Disconnect and end the network thread; the broker keeps the session."""
        self._client.disconnect()
        self._client.loop_stop()

    def wait_until_subscribed(self, timeout_s: float) -> bool:
        """Return whether the subscription stands within the time given."""
        return self._subscribed.wait(timeout_s)

    @property
    def is_connected(self) -> bool:
        """Whether the broker has accepted the subscription on the present connection."""
        return self._subscribed.is_set()

    def acknowledge(self, messages: Iterable[Message]) -> None:
        """Acknowledge in arrival order what is committed; skip what an earlier connection sent."""
        with self._lock:
            for message in messages:
                if message.generation == self._generation:
                    self._client.ack(message.mid, 1)

    def publish(self, topic: str, payload: bytes) -> None:
        """Publish at most once; used for reports whose loss is harmless."""
        if self._subscribed.is_set():
            self._client.publish(topic, payload, qos=0)

    def _connected(self, client: mqtt.Client, _: object, flags: Any, reason: Any, __: Any) -> None:
        try:
            if reason.is_failure:
                self._refused(client, reason)
                return
            with self._lock:
                self._generation += 1
            client.subscribe(READINGS_FILTER, qos=1)
            lost, self._session_known = self._session_known and not flags.session_present, True
            if lost:
                logger.error("broker lost our session; loggers must replay")
                self._on_session_lost()
        except Exception:  # the network thread must live
            logger.exception("connect callback failed")

    def _refused(self, client: mqtt.Client, reason: Any) -> None:
        if reason.value in _UNSUPPORTED_VERSION and client.protocol == mqtt.MQTTv5:
            self._fall_back()
        else:
            logger.error("broker refused the connection", extra={"reason": str(reason)})

    def _fall_back(self) -> None:
        logger.info("broker does not speak MQTT 5; using 3.1.1")
        old, self._client = self._client, self._make(mqtt.MQTTv311)
        old.on_disconnect = None
        threading.Thread(target=self._replace, args=(old,), daemon=True).start()

    def _replace(self, old: mqtt.Client) -> None:
        old.disconnect()
        old.loop_stop()
        self._connect()

    def _subscribed_to(self, _: Any, __: Any, ___: int, reasons: Any, ____: Any) -> None:
        if any(reason.is_failure for reason in reasons):
            logger.error("broker refused the subscription to readings")
        else:
            self._subscribed.set()
            logger.info("subscribed to readings")

    def _disconnected(
        self, client: mqtt.Client, _: object, flags: Any, reason: Any, __: Any
    ) -> None:
        try:
            with self._lock:
                self._generation += 1  # acknowledgements still to come belong to the past
            if self._subscribed.is_set():
                self._subscribed.clear()
                logger.warning("broker connection lost", extra={"reason": str(reason)})
            elif (
                client.protocol == mqtt.MQTTv5
                and reason.is_failure  # not when we said goodbye
                and not flags.is_disconnect_packet_from_server
            ):
                # A 3.1.1-only broker may close the door on an MQTT 5 greeting without a word.
                self._fall_back()
        except Exception:
            logger.exception("disconnect callback failed")

    def _arrived(self, _: mqtt.Client, __: object, message: mqtt.MQTTMessage) -> None:
        try:
            # Not getattr: a property that is absent costs an exception, on every message.
            properties = vars(message.properties) if message.properties else {}
            try:
                topic = message.topic
            except UnicodeDecodeError:
                topic = "(topic is not UTF-8)"
            self._mailbox.put(
                Message(
                    self._generation,
                    message.mid,
                    topic,
                    bytes(message.payload),
                    properties.get("ContentType"),
                    time.time_ns() // 1000,
                )
            )
        except Exception:
            logger.exception("message callback failed")
