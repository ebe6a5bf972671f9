"""What is safe: which sequence numbers of which loggers are committed.

A logger that can, keeps its readings until it hears that they are stored; the broker's PUBACK is
no such promise. The report names ranges, not a highest number: a gap below it may not exist here.
"""

from collections import defaultdict
from datetime import datetime

import numpy as np

from schemas.reading import NO_SEQ, IntArray


class StoredReport:
    """Collects committed sequence numbers until they are published."""

    def __init__(self) -> None:
        self._parts: list[tuple[list[str], IntArray, IntArray]] = []

    def add(self, serials: list[str], logger: IntArray, seq: IntArray) -> None:
        """Add rows: `serials[logger]` and its sequence number or `NO_SEQ`, shape (n,)."""
        counted = seq != NO_SEQ
        self._parts.append((serials, logger[counted], seq[counted]))

    def extend(self, other: "StoredReport") -> None:
        """Add everything of another report."""
        self._parts.extend(other._parts)

    def take(self, at: datetime) -> list[tuple[str, bytes]]:
        """Return topic and payload for each logger with something to report, and forget them."""
        parts, self._parts = self._parts, []
        places: dict[str, int] = {}
        loggers, numbers = [], []
        for serials, logger, seq in parts:
            place = np.array([places.setdefault(s, len(places)) for s in serials], dtype=np.int64)
            loggers.append(place[logger])
            numbers.append(seq)
        if not parts:
            return []
        ranges = _ranges(np.concatenate(loggers), np.concatenate(numbers))
        said = at.isoformat()
        return [
            (
                f"unbroken/v1/{serial}/stored",
                f'{{"stored":[{",".join(ranges[place])}],"at":"{said}"}}'.encode(),
            )
            for serial, place in places.items()
            if place in ranges
        ]


def _ranges(logger: IntArray, seq: IntArray) -> dict[int, list[str]]:
    """Return the runs of consecutive sequence numbers of each logger, as JSON `[first,last]`."""
    if not len(seq):
        return {}  # loggers that do not count; nobody waits for an answer
    order = np.lexsort((seq, logger))
    logger, seq = logger[order], seq[order]
    breaks = np.flatnonzero((np.diff(logger) != 0) | (np.diff(seq) > 1)) + 1
    first = np.r_[0, breaks]
    last = np.r_[breaks, len(seq)] - 1
    found: dict[int, list[str]] = defaultdict(list)
    for place, a, b in zip(
        logger[first].tolist(), seq[first].tolist(), seq[last].tolist(), strict=True
    ):
        found[place].append(f"[{a},{b}]")
    return found
