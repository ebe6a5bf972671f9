"""One message as it came from the broker."""

from typing import NamedTuple

TOPIC_PREFIX = "unbroken/v1/"
READINGS_FILTER = "unbroken/v1/+/readings"


class Message(NamedTuple):
    """What the network thread hands over. A tuple, because a million of them pass a minute.

    Attributes:
        generation: Number of the connection it came on; an acknowledgement belongs to it alone.
        mid: MQTT packet identifier, 0 where there is nothing to acknowledge.
        topic: Topic name.
        payload: The bytes.
        content_type: MQTT 5 content type, None where not given.
        received_us: Instant of arrival, microseconds since 1970 UTC.
    """

    generation: int
    mid: int
    topic: str
    payload: bytes
    content_type: str | None
    received_us: int


def serial_of(topic: str) -> str | None:
    """Return the logger's serial that a readings topic names, None for any other topic."""
    serial = topic.removeprefix(TOPIC_PREFIX).removesuffix("/readings")
    if topic == f"{TOPIC_PREFIX}{serial}/readings" and serial and "/" not in serial:
        return serial
    return None
