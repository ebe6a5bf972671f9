"""The readings of one leg under one hash: their order, the tree over their lines, its proofs.

Pure, for the verifier as well: what is sealed is bytes, and where they came from is no matter here.
"""

from collections.abc import Iterable, Sequence
from hashlib import sha256

import numpy as np

from custody.entry import instant_of
from custody.merkle import EMPTY_ROOT, check_inclusion, inclusion_proof, leaf_hash
from custody.reading_lines import lines_of, parse_lines
from schemas.errors import LedgerCorrupt
from schemas.instants import to_us
from schemas.reading import IntArray, ReadingBatch
from schemas.statement import Sealed

__all__ = [
    "LegRoot",
    "check_reading",
    "check_seal",
    "in_order",
    "lines_of",
    "parse_lines",
    "prove_reading",
    "read_file",
    "write_file",
]


class LegRoot:
    """Takes a leg's lines in their order and gives the root over them; keeps O(log n) hashes."""

    def __init__(self) -> None:
        self.count = 0
        self._peaks: list[bytes] = []

    def add(self, lines: Iterable[bytes]) -> None:
        """Take the next lines."""
        peaks, count = self._peaks, self.count
        for line in lines:
            node, size = sha256(b"\x00" + line).digest(), count
            while size & 1:
                node, size = sha256(b"\x01" + peaks.pop() + node).digest(), size >> 1
            peaks.append(node)
            count += 1
        self.count = count

    def root(self) -> bytes:
        """Return the root over the lines so far (RFC 6962 section 2.1)."""
        if not self._peaks:
            return EMPTY_ROOT
        result = self._peaks[-1]
        for peak in reversed(self._peaks[:-1]):
            result = sha256(b"\x01" + peak + result).digest()
        return result


def in_order(batch: ReadingBatch, serials: Sequence[str]) -> ReadingBatch:
    """Return the readings as they are sealed: by instant, then by the UTF-8 bytes of the serial."""
    by_bytes = sorted(range(len(serials)), key=lambda index: serials[index].encode())
    rank = np.empty(len(serials), dtype=np.int64)
    rank[by_bytes] = np.arange(len(serials))
    return batch.take(np.lexsort((rank[batch.logger], batch.time_us)))


def write_file(lines: Iterable[bytes]) -> bytes:
    """Return the file of a leg's lines, each ended by a line feed."""
    return b"".join(line + b"\n" for line in lines)


def read_file(data: bytes) -> list[bytes]:
    """Return the lines of a file of readings, without line feeds; inverse of `write_file`.

    Raises:
        LedgerCorrupt: The last line does not end, or a line is not in its strict form. Their order
            is `check_seal`'s to judge.
    """
    lines = data.split(b"\n")
    if lines.pop():
        message = "The last line of sealed readings does not end."
        raise LedgerCorrupt(message)
    parse_lines(lines)
    return lines


def check_seal(sealed: Sealed, lines: Sequence[bytes]) -> None:
    """Check that these lines are the readings of this seal: all of them, in order, no others.

    Raises:
        LedgerCorrupt: A line is not in its strict form, the lines are not in order, one lies
            outside of the leg, or number or root differ.
    """
    batch, _ = parse_lines(lines)
    _check_order(batch)
    _check_bounds(sealed, batch.time_us)
    if len(lines) != sealed.count:
        message = f"The seal is over {sealed.count} readings; here are {len(lines)}."
        raise LedgerCorrupt(message)
    leg = LegRoot()
    leg.add(lines)
    if leg.root().hex() != sealed.root:
        message = "The root over these readings is not the one sealed: at least one was changed."
        raise LedgerCorrupt(message)


def prove_reading(lines: Sequence[bytes], index: int) -> tuple[bytes, ...]:
    """Return the audit path that proves one line of a leg without showing the others.

    Raises:
        NotFound: The leg has no such line.
    """
    return inclusion_proof([leaf_hash(line) for line in lines], index)


def check_reading(line: bytes, index: int, sealed: Sealed, proof: Sequence[bytes]) -> None:
    """Check that a line is number `index` (from 0) of a sealed leg.

    Raises:
        LedgerCorrupt: It is not proven, for whatever reason.
    """
    parse_lines([line])
    check_inclusion(
        leaf=leaf_hash(line),
        index=index,
        size=sealed.count,
        proof=proof,
        root=bytes.fromhex(sealed.root),
    )


def _check_order(batch: ReadingBatch) -> None:
    """Check that instants ascend, and the serials' bytes within one instant.

    Serials stand sorted by code points, which is the order of their UTF-8 bytes, so that their
    indexes can be compared.
    """
    step, same = np.diff(batch.time_us), np.diff(batch.logger)
    wrong = np.flatnonzero((step < 0) | ((step == 0) & (same <= 0)))
    if len(wrong):
        message = f"Line {int(wrong[0]) + 2} of the readings does not stand where it belongs."
        raise LedgerCorrupt(message)


def _check_bounds(sealed: Sealed, time_us: IntArray) -> None:
    begin = None if sealed.from_ is None else to_us(instant_of(sealed.from_))
    outside = time_us >= to_us(instant_of(sealed.until))
    if begin is not None:
        outside |= time_us < begin
    if outside.any():
        message = f"Line {int(np.flatnonzero(outside)[0]) + 1} lies outside of leg {sealed.leg}."
        raise LedgerCorrupt(message)
