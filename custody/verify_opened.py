"""What a file holds once it is read: its members by their meaning, not yet believed."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Generic, TypeVar

from custody.bundle_members import Form
from custody.checkpoint import Checkpoint
from custody.entry import Entry
from custody.note import Note, VerifierKey
from custody.policy import Policy
from custody.tlog_proof import TlogProof
from schemas.errors import ConfigurationError, LedgerCorrupt
from schemas.key_statement import KeyStatement
from schemas.statement import Statement

Said_co = TypeVar("Said_co", bound=Statement | KeyStatement, covariant=True)


class Unreadable(LedgerCorrupt):
    """A member is not strictly of its form; `index` is that of the entry it belongs to."""

    def __init__(self, index: int | None, detail: str) -> None:
        super().__init__(detail)
        self.index = index


@contextmanager
def reading(what: str, index: int | None = None) -> Iterator[None]:
    """Turn whatever a reader refuses into `Unreadable`, with the name of the member."""
    try:
        yield
    except (LedgerCorrupt, ConfigurationError) as error:
        raise Unreadable(index, f"{what} cannot be read: {error}") from error


@dataclass(frozen=True, slots=True, kw_only=True)
class About:
    """What a file says about itself: `about.json`."""

    form: Form
    log: str
    order: str
    entries: tuple[int, ...]
    size: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Shown(Generic[Said_co]):
    """An entry in the file: itself, what was said, and its hash."""

    entry: Entry
    said: Said_co
    leaf: bytes

    @property
    def index(self) -> int:
        """Position in the log."""
        return self.entry.index


@dataclass(frozen=True, slots=True, kw_only=True)
class SignedCheckpoint:
    """A checkpoint, the note that it came in, and the note's bytes."""

    checkpoint: Checkpoint
    note: Note
    data: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class Opened:
    """Everything in the file, by its meaning.

    Attributes:
        about: What the file says about itself.
        checkpoint: The one that all proofs lead to.
        policy: As the log claims it, with exactly one log.
        keys: The keys' chain, by index.
        statements: The entries shown, by index; none in the receipt of a key entry.
        proofs: By index.
        earlier: Earlier checkpoints, each with the consistency proof to the next, by size.
        readings: Lines by the index of the seal.
        timestamps: RFC 3161 responses by size of the checkpoint.
    """

    about: About
    checkpoint: SignedCheckpoint
    policy: Policy
    keys: tuple[Shown[KeyStatement], ...]
    statements: tuple[Shown[Statement], ...]
    proofs: Mapping[int, TlogProof]
    earlier: tuple[tuple[SignedCheckpoint, tuple[bytes, ...]], ...]
    readings: Mapping[int, list[bytes]]
    timestamps: Mapping[int, bytes]

    @property
    def log_key(self) -> VerifierKey:
        """The log's key, as the file claims it."""
        return self.policy.log_keys[0]

    @property
    def checkpoints(self) -> tuple[SignedCheckpoint, ...]:
        """All checkpoints of the file, by size."""
        return (*(each for each, _ in self.earlier), self.checkpoint)

    @property
    def shown(self) -> list[Shown[Statement] | Shown[KeyStatement]]:
        """Every entry of the file once, by index."""
        return sorted((*self.keys, *self.statements), key=lambda each: each.index)
