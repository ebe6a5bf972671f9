"""A log in memory with its key, to submit to witnesses; and the same log gone wrong."""

from dataclasses import dataclass, replace

from custody.checkpoint import Checkpoint, sign_checkpoint
from custody.key_file import SigningKeyPair
from custody.merkle import consistency_proof, leaf_hash, root_of
from custody.note import ED25519, VerifierKey
from custody.witness import Request

LOG_PAIR = SigningKeyPair(bytes(range(32)))


@dataclass(frozen=True, slots=True, kw_only=True)
class WitnessedLog:
    """The log `origin`, whose entries from index `parted_at` on are other ones in each branch."""

    origin: str = "unbroken/test"
    pair: SigningKeyPair = LOG_PAIR
    branch: str = ""
    parted_at: int = 0

    @property
    def key(self) -> VerifierKey:
        """The log's key."""
        return VerifierKey(name=self.origin, type=ED25519, public=self.pair.public)

    def forked(self, parted_at: int, branch: str = "other") -> "WitnessedLog":
        """Return the log that is the same below an index, and other from there on."""
        return replace(self, branch=branch, parted_at=parted_at)

    def leaves(self, size: int) -> list[bytes]:
        """Return the first leaf hashes."""
        return [
            leaf_hash(f"{index} {self.branch if index >= self.parted_at else ''}".encode())
            for index in range(size)
        ]

    def note(self, size: int) -> bytes:
        """Return the signed checkpoint of a size."""
        root = root_of(self.leaves(size))
        return sign_checkpoint(Checkpoint(origin=self.origin, size=size, root=root), self.pair)

    def proof(self, old: int, size: int) -> tuple[bytes, ...]:
        """Return the proof that the size continues the old one; empty where none is needed."""
        return consistency_proof(self.leaves(size), old) if 0 < old < size else ()

    def request(self, old: int, size: int) -> bytes:
        """Return the body of an add-checkpoint request."""
        return Request(old_size=old, proof=self.proof(old, size), note=self.note(size)).to_bytes()
