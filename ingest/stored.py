"""What is safe: which sequence numbers of which loggers are committed.

A logger that can, keeps its readings until it hears that they are stored; the broker's PUBACK is
no such promise. The report names ranges, not a highest number: a gap below it may not exist here.
"""

import json
from collections import defaultdict
from datetime import datetime

import numpy as np

from schemas.reading import NO_SEQ, IntArray


class StoredReport:
    """Collects committed sequence numbers until they are published."""

    def __init__(self) -> None:
        self._serials: list[str] = []
        self._numbers: list[IntArray] = []

    def add(self, serials: list[str], seq: IntArray) -> None:
        """Add rows: the logger's serial and its sequence number, or `NO_SEQ`."""
        self._serials.extend(serials)
        self._numbers.append(seq)

    def extend(self, other: "StoredReport") -> None:
        """Add everything of another report."""
        self._serials.extend(other._serials)
        self._numbers.extend(other._numbers)

    def take(self, at: datetime) -> list[tuple[str, bytes]]:
        """Return topic and payload for each logger with something to report, and forget them."""
        if not self._serials:
            return []
        numbers: dict[str, list[int]] = defaultdict(list)
        for serial, seq in zip(self._serials, np.concatenate(self._numbers).tolist(), strict=True):
            if seq != NO_SEQ:
                numbers[serial].append(seq)
        self._serials, self._numbers = [], []
        return [
            (f"unbroken/v1/{serial}/stored", _payload(np.array(seqs, dtype=np.int64), at))
            for serial, seqs in numbers.items()
        ]


def _payload(seqs: IntArray, at: datetime) -> bytes:
    seqs = np.unique(seqs)
    breaks = np.flatnonzero(np.diff(seqs) != 1)
    firsts = seqs[np.r_[0, breaks + 1]]
    lasts = seqs[np.r_[breaks, len(seqs) - 1]]
    ranges = [[int(a), int(b)] for a, b in zip(firsts, lasts, strict=True)]
    return json.dumps({"stored": ranges, "at": at.isoformat()}, separators=(",", ":")).encode()
