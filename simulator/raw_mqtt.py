"""MQTT 3.1.1 and 5 publishing at QoS 1 on a bare socket, many messages in flight.

A load generator must cost less than what it loads. This speaks only CONNECT, PUBLISH, PUBACK and
DISCONNECT; it subscribes to nothing.
"""

import select
import socket
import struct
from collections.abc import Callable, Iterator

from simulator.broker import Broker

_CONNACK, _PUBACK = 0x20, 0x40
_PUBLISH_QOS1 = 0x32
_NO_SUBSCRIBER = 0x10
_CHUNK = 256 * 1024
_MQTT5 = 5
_ID_ONLY = 2

Message = tuple[str, bytes]
"""Topic and payload."""


class BrokerGoneError(Exception):
    """The connection ended; what was not acknowledged is `unacknowledged`, in order of sending."""

    def __init__(self, cause: str, unacknowledged: list[int]) -> None:
        super().__init__(f"the broker is gone: {cause}")
        self.unacknowledged = unacknowledged


class RawPublisher:
    """One connection. Not thread-safe; use one a thread or process."""

    def __init__(self, broker: Broker, client_id: str, *, window: int = 200) -> None:
        """Connect.

        Args:
            broker: Where, and which MQTT.
            client_id: Unique at the broker.
            window: Messages in flight at the most, below 65,536.

        Raises:
            OSError: The broker cannot be reached or refuses.
        """
        self._v5, self._window = broker.protocol == _MQTT5, window
        self._socket = socket.create_connection((broker.host, broker.port), timeout=10)
        self._socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._inbox = bytearray()
        self._flying: dict[int, int] = {}
        self._next_id = 1
        try:
            self._socket.sendall(_connect_packet(broker, client_id))
            self._await_connack()
        except OSError:
            self._socket.close()
            raise
        self._socket.setblocking(False)

    def publish(
        self,
        messages: Iterator[tuple[int, Message] | None],
        on_acknowledged: Callable[[int, int], None],
        content_type: str,
    ) -> None:
        """Send all messages and wait until each is acknowledged.

        Args:
            messages: Index and message; None stands for "nothing yet, ask again shortly".
            on_acknowledged: Called with the index and the packet identifier.
            content_type: Sent along under MQTT 5.

        Raises:
            BrokerGoneError: The connection ended before that.
        """
        properties = _content_type(content_type) if self._v5 else b""
        outbox = bytearray()
        more = True
        try:
            while more or outbox or self._flying:
                paused = False
                while more and not paused and self._has_room(outbox):
                    upcoming = next(messages, _END)
                    more = upcoming is not _END
                    paused = upcoming is None
                    if isinstance(upcoming, tuple):
                        index, (topic, payload) = upcoming
                        outbox += self._packet(index, topic, payload, properties)
                self._exchange(outbox, on_acknowledged, wait_s=0.002 if paused else 1.0)
        except OSError as error:
            self._socket.close()
            raise BrokerGoneError(str(error), list(self._flying.values())) from error

    def close(self) -> None:
        """Say goodbye and close."""
        try:
            self._socket.setblocking(True)
            self._socket.sendall(b"\xe0\x00")
        except OSError:
            pass
        self._socket.close()

    def _has_room(self, outbox: bytearray) -> bool:
        return len(self._flying) < self._window and len(outbox) < _CHUNK

    def _packet(self, index: int, topic: str, payload: bytes, properties: bytes) -> bytes:
        packet_id = self._next_id
        self._next_id = packet_id % 0xFFFF + 1
        self._flying[packet_id] = index
        name = topic.encode()
        head = struct.pack(">H", len(name)) + name + struct.pack(">H", packet_id) + properties
        return bytes([_PUBLISH_QOS1]) + _length(len(head) + len(payload)) + head + payload

    def _exchange(
        self, outbox: bytearray, on_acknowledged: Callable[[int, int], None], wait_s: float
    ) -> None:
        sockets = [self._socket]
        readable, writable, _ = select.select(sockets, sockets if outbox else [], [], wait_s)
        if readable:
            received = self._socket.recv(_CHUNK)
            if not received:
                message = "closed by the other side"
                raise ConnectionResetError(message)
            self._inbox += received
            for kind, body in self._packets():
                if kind == _PUBACK:
                    self._acknowledge(body, on_acknowledged)
        if writable:
            del outbox[: self._socket.send(outbox)]

    def _acknowledge(self, body: bytes, on_acknowledged: Callable[[int, int], None]) -> None:
        packet_id = body[0] << 8 | body[1]
        index = self._flying.pop(packet_id, None)
        if index is not None and (len(body) <= _ID_ONLY or body[2] in {0, _NO_SUBSCRIBER}):
            on_acknowledged(index, packet_id)

    def _packets(self) -> Iterator[tuple[int, bytes]]:
        """Yield complete packets as kind and body, and take them out of the inbox."""
        inbox, at = self._inbox, 0
        while at + 2 <= len(inbox):
            length, start = inbox[at + 1] & 0x7F, at + 2
            if inbox[at + 1] & 0x80:
                message = "a packet of more than 127 bytes, which nobody asked for"
                raise ConnectionError(message)
            if start + length > len(inbox):
                break
            yield inbox[at] & 0xF0, bytes(inbox[start : start + length])
            at = start + length
        del inbox[:at]

    def _await_connack(self) -> None:
        while True:
            received = self._socket.recv(1_024)
            if not received:
                message = "the broker closed the connection instead of accepting it"
                raise ConnectionRefusedError(message)
            self._inbox += received
            for kind, body in self._packets():
                if kind == _CONNACK and body[1] == 0:
                    return
                message = f"the broker answered CONNECT with {kind:#x} {body.hex()}"
                raise ConnectionRefusedError(message)


_END = object()


def _connect_packet(broker: Broker, client_id: str) -> bytes:
    flags = 0x02
    payload = _text(client_id)
    if broker.username is not None:
        flags |= 0x80
        payload += _text(broker.username)
    if broker.password is not None:
        flags |= 0x40
        payload += _text(broker.password)
    keepalive_s = 0
    head = _text("MQTT") + bytes([broker.protocol, flags]) + struct.pack(">H", keepalive_s)
    if broker.protocol == _MQTT5:
        head += b"\x00"
    return b"\x10" + _length(len(head) + len(payload)) + head + payload


def _content_type(content_type: str) -> bytes:
    prop = b"\x03" + _text(content_type)
    return _length(len(prop)) + prop


def _text(text: str) -> bytes:
    raw = text.encode()
    return struct.pack(">H", len(raw)) + raw


def _length(length: int) -> bytes:
    """Return MQTT's variable length: seven bits a byte, low ones first."""
    encoded = bytearray()
    while True:
        length, low = divmod(length, 128)
        encoded.append(low | (0x80 if length else 0))
        if not length:
            return bytes(encoded)
