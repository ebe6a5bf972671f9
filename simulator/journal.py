"""Files that outlive the run: what the broker acknowledged, and what really happened."""

import json
import threading
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from types import TracebackType
from typing import Self

from simulator.mishaps import Label
from simulator.senml import Reading


@dataclass(frozen=True, slots=True, kw_only=True)
class JournalLine:
    """One acknowledged run of readings with consecutive sequence numbers.

    Attributes:
        serial: The logger.
        topic: Where it went.
        mid: MQTT packet identifier.
        from_seq: First sequence number.
        to_seq: Last sequence number; `to_seq - from_seq + 1` readings.
        from_us: Instant of the first, microseconds since 1970 UTC.
        to_us: Instant of the last.
        at_us: When the broker acknowledged.
    """

    serial: str
    topic: str
    mid: int
    from_seq: int
    to_seq: int
    from_us: int
    to_us: int
    at_us: int


class Journal:
    """JSON lines, one an acknowledged run of readings, each flushed before the next."""

    def __init__(self, path: Path | None) -> None:
        self._lock = threading.Lock()
        self._file = None if path is None else path.open("a", encoding="utf-8", buffering=1)

    def acknowledged(
        self, serial: str, topic: str, mid: int, readings: tuple[Reading, ...], at_us: int
    ) -> None:
        """Note that the broker acknowledged a message with these readings."""
        if self._file is None:
            return
        lines = "".join(
            _text(
                JournalLine(
                    serial=serial,
                    topic=topic,
                    mid=mid,
                    from_seq=run[0].seq,
                    to_seq=run[-1].seq,
                    from_us=run[0].measured_us,
                    to_us=run[-1].measured_us,
                    at_us=at_us,
                )
            )
            for run in _consecutive(readings)
        )
        with self._lock:
            self._file.write(lines)

    def write(self, line: JournalLine) -> None:
        """Note one acknowledged run."""
        if self._file is not None:
            with self._lock:
                self._file.write(_text(line))

    def close(self) -> None:
        """Close the file."""
        if self._file is not None:
            self._file.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        _type: type[BaseException] | None,
        _error: BaseException | None,
        _trace: TracebackType | None,
    ) -> None:
        self.close()


def _text(line: JournalLine) -> str:
    # By hand: five times as fast as `json.dumps(asdict(line))`, and load is measured beside it.
    return (
        f'{{"serial":"{line.serial}","topic":"{line.topic}","mid":{line.mid},'
        f'"from_seq":{line.from_seq},"to_seq":{line.to_seq},'
        f'"from_us":{line.from_us},"to_us":{line.to_us},"at_us":{line.at_us}}}\n'
    )


def read_journal(path: Path) -> Iterator[JournalLine]:
    """Yield the lines of a journal; a last line cut off by a crash is left out."""
    with path.open(encoding="utf-8") as lines:
        for line in lines:
            if line.endswith("\n"):
                yield JournalLine(**json.loads(line))


def acknowledged_seqs(path: Path) -> dict[str, set[int]]:
    """Return the sequence numbers the broker acknowledged, by serial."""
    seqs: dict[str, set[int]] = {}
    for line in read_journal(path):
        seqs.setdefault(line.serial, set()).update(range(line.from_seq, line.to_seq + 1))
    return seqs


def append_labels(path: Path | None, labels: list[Label]) -> None:
    """Append labels to the labels file, one JSON object a line."""
    if path is None or not labels:
        return
    with path.open("a", encoding="utf-8") as lines:
        lines.writelines(json.dumps(asdict(label), sort_keys=True) + "\n" for label in labels)


def _consecutive(readings: tuple[Reading, ...]) -> list[list[Reading]]:
    runs: list[list[Reading]] = []
    for reading in sorted(readings, key=lambda one: one.seq):
        if runs and runs[-1][-1].seq + 1 == reading.seq:
            runs[-1].append(reading)
        else:
            runs.append([reading])
    return runs
