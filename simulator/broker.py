"""Where the broker is, and what is heard from the service through it."""

from dataclasses import dataclass
from urllib.parse import urlsplit


@dataclass(frozen=True, slots=True, kw_only=True)
class Broker:
    """Where the broker is, and which MQTT it speaks (4 is 3.1.1, 5 is 5)."""

    host: str
    port: int
    username: str | None = None
    password: str | None = None
    tls: bool = False
    protocol: int = 4

    @classmethod
    def of_url(cls, url: str, *, protocol: int = 4) -> "Broker":
        """Return the broker of `mqtt[s]://[user:password@]host[:port]`."""
        parts = urlsplit(url)
        tls = parts.scheme == "mqtts"
        return cls(
            host=parts.hostname or "127.0.0.1",
            port=parts.port or (8883 if tls else 1883),
            username=parts.username,
            password=parts.password,
            tls=tls,
            protocol=protocol,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Stored:
    """The service has stored these of a logger's readings: ranges of sequence numbers."""

    serial: str
    ranges: tuple[tuple[int, int], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Rewound:
    """This logger must send again: new connection, or nobody was there to receive."""

    serial: str


Event = Stored | Rewound
