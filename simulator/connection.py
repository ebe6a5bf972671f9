"""One MQTT connection (paho) that carries some loggers, QoS 1."""

import json
import logging
import threading
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from queue import SimpleQueue

import paho.mqtt.client as mqtt
from paho.mqtt.enums import CallbackAPIVersion, MQTTProtocolVersion
from paho.mqtt.packettypes import PacketTypes
from paho.mqtt.properties import Properties
from paho.mqtt.reasoncodes import ReasonCode

from simulator.broker import Broker, Event, Rewound, Stored
from simulator.journal import Journal
from simulator.logger import Upload

log = logging.getLogger(__name__)

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_WILDCARD_FROM = 50
_NO_SUBSCRIBER = 0x10


class Connection:
    """Some loggers on one client.

    A broken connection is replaced by a fresh client rather than resumed: paho would first repeat
    what was not acknowledged and thereby overtake older readings that the broker lost. The loggers
    themselves send again, in order, what is not known to be stored.
    """

    def __init__(
        self,
        broker: Broker,
        journal: Journal,
        events: SimpleQueue[Event],
        *,
        clock_us: Callable[[], int],
        client_id: str,
        will_for: str | None,
    ) -> None:
        self._broker, self._client_id, self._will_for = broker, client_id, will_for
        self._journal, self._events, self._clock_us = journal, events, clock_us
        self._lock = threading.Lock()
        self._serials: set[str] = set()
        self._sent: dict[int, Upload | None] = {}
        self._early: set[int] = set()
        self._broken = False
        self._client = self._open()

    @property
    def in_flight(self) -> int:
        """Messages the broker has not acknowledged."""
        with self._lock:
            return len(self._sent)

    @property
    def is_connected(self) -> bool:
        """Whether the broker has accepted the connection."""
        return self._client.is_connected()

    def add(self, serial: str) -> None:
        """Carry this logger: hear what is stored of it, announce it online."""
        with self._lock:
            self._serials.add(serial)
        if self._client.is_connected():
            self._subscribe(self._client, [serial])
            self._announce(self._client, serial, "online")

    def remove(self, serial: str) -> None:
        """Announce this logger offline and carry it no longer."""
        with self._lock:
            self._serials.discard(serial)
        self._announce(self._client, serial, "offline")

    def publish(self, upload: Upload) -> None:
        """Hand a message to paho, which sends it when it can."""
        properties = None
        if self._broker.protocol == MQTTProtocolVersion.MQTTv5:
            properties = Properties(PacketTypes.PUBLISH)  # type: ignore[no-untyped-call]
            properties.ContentType = upload.encoding.value
        info = self._client.publish(upload.topic, upload.payload, 1, properties=properties)
        self._remember(info.mid, upload)

    def revive(self) -> None:
        """If the connection broke, open a new one and ask its loggers to send again."""
        with self._lock:
            if not self._broken:
                return
            self._broken = False
            self._sent.clear()
            self._early.clear()
            serials = sorted(self._serials)
        self._client.loop_stop()
        self._client = self._open()
        for serial in serials:
            self._events.put(Rewound(serial=serial))

    def close(self) -> None:
        """Announce the loggers offline and disconnect."""
        with self._lock:
            serials = sorted(self._serials)
        if self._client.is_connected():
            for serial in serials:
                self._announce(self._client, serial, "offline")
        self._client.disconnect()
        self._client.loop_stop()

    def _open(self) -> mqtt.Client:
        protocol = MQTTProtocolVersion(self._broker.protocol)
        client = mqtt.Client(CallbackAPIVersion.VERSION2, self._client_id, protocol=protocol)
        if self._broker.username is not None:
            client.username_pw_set(self._broker.username, self._broker.password)
        if self._broker.tls:
            client.tls_set()
        if self._will_for is not None:
            topic = f"unbroken/v1/{self._will_for}/status"
            client.will_set(topic, self._status("offline"), 1, retain=True)
        client.max_queued_messages_set(0)
        client.reconnect_delay_set(1, 8)
        client.on_connect = self._on_connect
        client.on_disconnect = self._on_disconnect
        client.on_message = self._on_message
        client.on_publish = self._on_publish
        client.connect_async(self._broker.host, self._broker.port, keepalive=30)
        client.loop_start()
        return client

    def _subscribe(self, client: mqtt.Client, serials: list[str]) -> None:
        with self._lock:
            many = len(self._serials) > _WILDCARD_FROM
        topics = ["unbroken/v1/+/stored"] if many else [f"unbroken/v1/{s}/stored" for s in serials]
        if serials:
            client.subscribe([(topic, 1) for topic in topics])

    def _announce(self, client: mqtt.Client, serial: str, state: str) -> None:
        topic = f"unbroken/v1/{serial}/status"
        info = client.publish(topic, self._status(state), 1, retain=True)
        self._remember(info.mid, None)

    def _remember(self, mid: int, upload: Upload | None) -> None:
        with self._lock:
            # paho sends before it returns the identifier, so the acknowledgement can overtake us.
            early = mid in self._early
            self._early.discard(mid)
            if not early:
                self._sent[mid] = upload
        if early:
            self._note(upload, mid)

    def _on_connect(
        self,
        client: mqtt.Client,
        _data: object,
        _flags: mqtt.ConnectFlags,
        reason: ReasonCode,
        _properties: Properties | None,
    ) -> None:
        if reason.is_failure:
            log.warning("the broker refused a simulated logger", extra={"reason": str(reason)})
            return
        with self._lock:
            serials = sorted(self._serials)
        self._subscribe(client, serials)
        for serial in serials:
            self._announce(client, serial, "online")

    def _on_disconnect(
        self,
        client: mqtt.Client,
        _data: object,
        _flags: mqtt.DisconnectFlags,
        _reason: ReasonCode,
        _properties: Properties | None,
    ) -> None:
        client.disconnect()
        with self._lock:
            self._broken = True

    def _on_publish(
        self,
        _client: mqtt.Client,
        _data: object,
        mid: int,
        reason: ReasonCode,
        _properties: Properties,
    ) -> None:
        with self._lock:
            if mid not in self._sent:
                self._early.add(mid)
                return
            upload = self._sent.pop(mid)
        if upload is not None and reason.value == _NO_SUBSCRIBER:
            self._events.put(Rewound(serial=upload.serial))
            return
        self._note(upload, mid)

    def _note(self, upload: Upload | None, mid: int) -> None:
        if upload is not None:
            at_us = self._clock_us()
            self._journal.acknowledged(upload.serial, upload.topic, mid, upload.readings, at_us)

    def _on_message(self, _client: object, _data: object, message: mqtt.MQTTMessage) -> None:
        event = _heard(message.topic, message.payload)
        with self._lock:
            ours = event is not None and event.serial in self._serials
        if ours and event is not None:
            self._events.put(event)

    def _status(self, state: str) -> str:
        at = _EPOCH + timedelta(microseconds=self._clock_us())
        return json.dumps({"state": state, "at": f"{at:%Y-%m-%dT%H:%M:%S}Z"})


def _heard(topic: str, payload: bytes | bytearray) -> Stored | None:
    """Return what a `stored` message says; None, and a log line, if it makes no sense."""
    try:
        ranges = tuple((int(first), int(last)) for first, last in json.loads(payload)["stored"])
        return Stored(serial=topic.split("/")[2], ranges=ranges)
    except (ValueError, KeyError, TypeError, IndexError):
        log.warning("a message on a stored topic makes no sense", extra={"topic": topic})
        return None
