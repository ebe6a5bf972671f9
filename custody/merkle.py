"""The arithmetic of an append-only Merkle log (RFC 6962 section 2.1, RFC 9162 section 2.1).

Pure functions over SHA-256 hashes of 32 bytes. Checking a proof answers nothing or raises
`LedgerCorrupt`, whatever is wrong with it: a malformed proof is a failed proof.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from hashlib import sha256

from schemas.errors import LedgerCorrupt, NotFound

HASH_BYTES = 32
EMPTY_ROOT = sha256(b"").digest()
"""Root of the log without entries."""


def leaf_hash(entry: bytes) -> bytes:
    """Return the hash of an entry, SHA-256(0x00 ‖ entry)."""
    return sha256(b"\x00" + entry).digest()


def node_hash(left: bytes, right: bytes) -> bytes:
    """Return the hash of an inner node, SHA-256(0x01 ‖ left ‖ right)."""
    return sha256(b"\x01" + left + right).digest()


@dataclass(frozen=True, slots=True, kw_only=True)
class Frontier:
    """All that is needed to append: the roots of the complete subtrees, the widest first.

    Attributes:
        size: Number of leaves.
        peaks: One hash for each bit set in `size`, from the highest bit down.
    """

    size: int = 0
    peaks: tuple[bytes, ...] = ()

    def append(self, leaf: bytes) -> "Frontier":
        """Return the frontier with one leaf hash more."""
        peaks, carry = list(self.peaks), leaf
        for _ in range(_trailing_ones(self.size)):
            carry = node_hash(peaks.pop(), carry)
        return Frontier(size=self.size + 1, peaks=(*peaks, carry))

    def root(self) -> bytes:
        """Return the root of the log of this size."""
        if not self.peaks:
            return EMPTY_ROOT
        result = self.peaks[-1]
        for peak in self.peaks[-2::-1]:
            result = sha256(b"\x01" + peak + result).digest()  # `node_hash`, without the call
        return result

    def to_bytes(self) -> bytes:
        """Return the peaks one after the other, for storing."""
        return b"".join(self.peaks)

    @classmethod
    def from_bytes(cls, size: int, data: bytes) -> "Frontier":
        """Return the frontier that was stored by `to_bytes`.

        Raises:
            LedgerCorrupt: The number of peaks does not fit the size.
        """
        if size < 0 or len(data) != HASH_BYTES * size.bit_count():
            message = f"A frontier of {len(data)} bytes cannot belong to a log of size {size}."
            raise LedgerCorrupt(message)
        steps = range(0, len(data), HASH_BYTES)
        return cls(size=size, peaks=tuple(data[at : at + HASH_BYTES] for at in steps))


def grow(leaves: Iterable[bytes]) -> Frontier:
    """Return the frontier of the log with these leaf hashes."""
    frontier = Frontier()
    for leaf in leaves:
        frontier = frontier.append(leaf)
    return frontier


def root_of(leaves: Iterable[bytes]) -> bytes:
    """Return the root of the log with these leaf hashes."""
    return grow(leaves).root()


def inclusion_proof(leaves: Sequence[bytes], index: int) -> tuple[bytes, ...]:
    """Return the audit path of one leaf, from the leaf up (PATH of RFC 6962 2.1.1).

    Raises:
        NotFound: The log has no leaf of that index.
    """
    if not 0 <= index < len(leaves):
        raise NotFound("entry", index)
    proof: list[bytes] = []
    first, last = 0, len(leaves)
    while last - first > 1:
        middle = first + _split(last - first)
        if index < middle:
            proof.append(root_of(leaves[middle:last]))
            last = middle
        else:
            proof.append(root_of(leaves[first:middle]))
            first = middle
    return tuple(reversed(proof))


def check_inclusion(
    *, leaf: bytes, index: int, size: int, proof: Sequence[bytes], root: bytes
) -> None:
    """Check that a leaf hash stands at `index` in the log of `size` entries with `root`.

    Raises:
        LedgerCorrupt: It is not proven, for whatever reason.

    Source: RFC 9162 section 2.1.3.2, its step numbers below.
    """
    # (1)
    if not 0 <= index < size:
        message = f"Entry {index} cannot be in a log of size {size}."
        raise LedgerCorrupt(message)
    _refuse_malformed(leaf, root, *proof)
    # (2), (3)
    position, last, result = index, size - 1, leaf
    # (4)
    for sibling in proof:
        if last == 0:
            message = f"The inclusion proof of entry {index} is too long."
            raise LedgerCorrupt(message)
        if _is_right(position, last):
            result = node_hash(sibling, result)
        else:
            result = node_hash(result, sibling)
        position, last = _climb(position, last)
    # (5)
    if last != 0 or result != root:
        message = f"Entry {index} is not proven to be in the log of size {size}."
        raise LedgerCorrupt(message)


def consistency_proof(leaves: Sequence[bytes], old_size: int) -> tuple[bytes, ...]:
    """Return the proof that the log of `old_size` is the beginning of this one (RFC 6962 2.1.2).

    Raises:
        NotFound: The log has never had that size, or it was empty then.
    """
    if not 0 < old_size <= len(leaves):
        raise NotFound("log size", old_size)
    return tuple(_subproof(leaves, 0, len(leaves), old_size, complete=True))


def check_consistency(
    *, old_size: int, new_size: int, old_root: bytes, new_root: bytes, proof: Sequence[bytes]
) -> None:
    """Check that the log of `old_size` with `old_root` is the beginning of the newer log.

    Raises:
        LedgerCorrupt: It is not proven, for whatever reason.

    Source: RFC 9162 section 2.1.4.2, its step numbers below.
    """
    _refuse_malformed(old_root, new_root, *proof)
    begins_with_nothing = 0 == old_size < new_size
    is_the_same = old_size == new_size >= 0 and old_root == new_root
    if not proof and (is_the_same or begins_with_nothing):
        return
    if not (0 < old_size < new_size and proof):
        message = f"A log of size {old_size} is not proven to have become one of size {new_size}."
        raise LedgerCorrupt(message)
    # (2) a complete old tree is its own first node
    path = [old_root, *proof] if old_size & (old_size - 1) == 0 else list(proof)
    # (3), (4)
    position, last = old_size - 1, new_size - 1
    while position & 1:
        position, last = position >> 1, last >> 1
    # (5)
    old = new = path[0]
    # (6)
    for sibling in path[1:]:
        if last == 0:
            message = "The consistency proof is too long."
            raise LedgerCorrupt(message)
        if _is_right(position, last):
            old, new = node_hash(sibling, old), node_hash(sibling, new)
        else:
            new = node_hash(new, sibling)
        position, last = _climb(position, last)
    # (7)
    if last != 0 or old != old_root or new != new_root:
        message = f"The log of size {new_size} does not continue the one of size {old_size}."
        raise LedgerCorrupt(message)


def _is_right(position: int, last: int) -> bool:
    """Return whether the next hash of a proof stands to the left of this node."""
    return position & 1 == 1 or position == last


def _climb(position: int, last: int) -> tuple[int, int]:
    """Return the node's and the last node's position on the next level that has a sibling."""
    if position == last:
        while not position & 1 and position:
            position, last = position >> 1, last >> 1
    return position >> 1, last >> 1


def _subproof(
    leaves: Sequence[bytes], first: int, last: int, old_size: int, *, complete: bool
) -> list[bytes]:
    """SUBPROOF(m, D[first:last], complete) of RFC 6962 2.1.2."""
    size = last - first
    if old_size == size:
        return [] if complete else [root_of(leaves[first:last])]
    middle = _split(size)
    if old_size <= middle:
        inner = _subproof(leaves, first, first + middle, old_size, complete=complete)
        return [*inner, root_of(leaves[first + middle : last])]
    inner = _subproof(leaves, first + middle, last, old_size - middle, complete=False)
    return [*inner, root_of(leaves[first : first + middle])]


def _split(size: int) -> int:
    """Return the largest power of two smaller than `size`, which is at least 2."""
    return 1 << ((size - 1).bit_length() - 1)


def _trailing_ones(number: int) -> int:
    return (~number & (number + 1)).bit_length() - 1


def _refuse_malformed(*hashes: bytes) -> None:
    if not all(isinstance(each, bytes) and len(each) == HASH_BYTES for each in hashes):
        message = "A proof holds something that is not a hash of 32 bytes."
        raise LedgerCorrupt(message)
