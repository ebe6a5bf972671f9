"""A hand-written SenML pack, as a logger would publish it."""

import json
from collections.abc import Sequence
from datetime import UTC, datetime

from ingest.message import Message


def pack(serial: str, readings: Sequence[tuple[int, float, int]]) -> bytes:
    """Return a pack of (time in µs, °C, sequence number)."""
    records: list[dict[str, object]] = []
    for time_us, temp_c, seq in readings:
        at = time_us / 1e6
        records.append({"n": "temp", "u": "Cel", "v": temp_c, "t": at})
        records.append({"n": "seq", "v": seq, "t": at})
    if records:
        records[0] = {"bn": f"{serial}/", **records[0]}
    return json.dumps(records).encode()


def message(serial: str, readings: Sequence[tuple[int, float, int]]) -> Message:
    """Return the same as a message that arrived when its newest reading was a second old."""
    newest = max((at for at, _, _ in readings), default=0)
    return Message(
        0, 0, f"unbroken/v1/{serial}/readings", pack(serial, readings), None, newest + 1_000_000
    )


def now_us() -> int:
    """Return the present, microseconds since 1970."""
    return int(datetime.now(UTC).timestamp() * 1e6)


__all__ = ["message", "now_us", "pack"]
