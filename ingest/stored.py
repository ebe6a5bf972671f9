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
        self._numbers: dict[str, list[IntArray]] = defaultdict(list)

    def add(self, serials: list[str], logger: IntArray, seq: IntArray) -> None:
        """Add rows: `serials[logger]` and its sequence number or `NO_SEQ`, shape (n,)."""
        counted = seq != NO_SEQ
        logger, seq = logger[counted], seq[counted]
        order = np.argsort(logger, kind="stable")
        logger, seq = logger[order], seq[order]
        starts = np.flatnonzero(np.diff(logger, prepend=-1))
        for index, numbers in zip(
            logger[starts].tolist(), np.split(seq, starts[1:]), strict=len(seq) > 0
        ):
            self._numbers[serials[index]].append(numbers)

    def extend(self, other: "StoredReport") -> None:
        """Add everything of another report."""
        for serial, numbers in other._numbers.items():
            self._numbers[serial].extend(numbers)

    def take(self, at: datetime) -> list[tuple[str, bytes]]:
        """Return topic and payload for each logger with something to report, and forget them."""
        numbers, self._numbers = self._numbers, defaultdict(list)
        return [
            (f"unbroken/v1/{serial}/stored", _payload(np.concatenate(seqs), at))
            for serial, seqs in numbers.items()
        ]


def _payload(seqs: IntArray, at: datetime) -> bytes:
    seqs = np.unique(seqs)
    breaks = np.flatnonzero(np.diff(seqs) != 1)
    firsts = seqs[np.r_[0, breaks + 1]]
    lasts = seqs[np.r_[breaks, len(seqs) - 1]]
    ranges = [[int(a), int(b)] for a, b in zip(firsts, lasts, strict=True)]
    return json.dumps({"stored": ranges, "at": at.isoformat()}, separators=(",", ":")).encode()
