"""What the log signed and others saw, held against the entries as they are now."""

import heapq
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field

from custody.checkpoint import Checkpoint, open_checkpoint
from custody.cosignature import check_cosignatures
from custody.findings import Findings
from custody.merkle import Frontier
from custody.note import (
    TIME_BYTES,
    VerifierKey,
    parse_note,
    parse_signature_line,
    parse_vkey,
)
from schemas.errors import LedgerCorrupt
from store.checkpoints import CheckpointRow, CosignatureRow

Head = tuple[int, bytes, str]
"""Size, root, and who saw it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Witness:
    """A head of the log that somebody else keeps: the second place, a witness, a phone, a paper.

    Attributes:
        source: Who keeps it, as it stands in a sentence.
    """

    source: str
    size: int
    root: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class Trust:
    """What an audit believes beside the entries' own bytes.

    Attributes:
        log_key: The log's key, from outside of the database; None when it is not at hand.
        witness_keys: Keys of the policy's witnesses.
        heads: Heads of the log that others keep.
    """

    log_key: VerifierKey | None = None
    witness_keys: Sequence[VerifierKey] = ()
    heads: Sequence[Witness] = field(default_factory=tuple)


class CheckpointCheck:
    """Holds each signed size against the tree when the audit passes by it."""

    def __init__(
        self, findings: Findings, trust: Trust, checkpoints: Iterable[CheckpointRow], origin: str
    ) -> None:
        """Prepare.

        Args:
            findings: Takes what is wrong.
            trust: Keys and heads from outside of the database.
            checkpoints: What the database says was signed, the smallest first; read as needed.
            origin: The log's name.
        """
        self._findings, self._trust, self._origin = findings, trust, origin
        others = sorted((one.size, one.root, one.source) for one in trust.heads)
        self._heads = heapq.merge(self._signed(checkpoints), others, key=lambda one: one[0])
        self._next = next(self._heads, None)

    def pass_by(self, frontier: Frontier) -> None:
        """Compare the heads of this size with the tree over the entries."""
        while self._next is not None and self._next[0] <= frontier.size:
            size, root, source = self._next
            if size == frontier.size and root != frontier.root():
                self._findings.add(
                    max(size - 1, 0),
                    None,
                    f"{source} has another root over the first {size} entries: the log was "
                    f"rewritten or forked before entry {size}.",
                )
            self._next = next(self._heads, None)

    def end(self, size: int) -> None:
        """Report the heads that are larger than the log: its tail was cut, or it is a backup."""
        while self._next is not None:
            larger, _, source = self._next
            self._findings.add(
                size,
                None,
                f"{source} saw {larger} entries, and the log has {size}: its tail was cut off, "
                "or an old backup was restored.",
            )
            self._next = next(self._heads, None)

    def _signed(self, checkpoints: Iterable[CheckpointRow]) -> Iterator[Head]:
        for row in checkpoints:
            self._check_note(row)
            yield row.size, row.root, f"The checkpoint of size {row.size}"

    def _check_note(self, row: CheckpointRow) -> None:
        at = max(row.size - 1, 0)
        try:
            key = self._trust.log_key or parse_vkey(row.vkey)
            found = open_checkpoint(row.note, [key])
        except LedgerCorrupt as error:
            self._findings.add(at, None, f"Checkpoint of size {row.size}: {error}")
            return
        if row.vkey != key.to_text():
            self._findings.add(
                at,
                None,
                f"Checkpoint of size {row.size}: its row names another key than the log's.",
            )
        if found != Checkpoint(origin=self._origin, size=row.size, root=row.root):
            self._findings.add(
                at,
                None,
                f"Checkpoint of size {row.size}: its columns or its origin are not what is signed.",
            )


def check_cosigned(
    rows: Sequence[CosignatureRow], note: bytes, trust: Trust, size: int, findings: Findings
) -> None:
    """Check the stored cosignatures of a checkpoint, those by the policy's witnesses in full."""
    at = max(size - 1, 0)
    for row in rows:
        if not _says_what_its_line_says(row):
            findings.add(
                at,
                None,
                f"Checkpoint of size {size}: the columns of {row.name}'s cosignature are not "
                "what its line says.",
            )
    if not rows or not trust.witness_keys:
        return
    cosigned = note + "".join(row.line for row in rows).encode()
    try:
        check_cosignatures(parse_note(cosigned), list(trust.witness_keys))
    except LedgerCorrupt as error:
        findings.add(at, None, f"Checkpoint of size {size}: {error}")


def _says_what_its_line_says(row: CosignatureRow) -> bool:
    try:
        signature = parse_signature_line(row.line.removesuffix("\n"))
    except LedgerCorrupt:
        return False
    seconds = int.from_bytes(signature.signature[:TIME_BYTES], "big")
    said = (signature.name, signature.key_id.hex(), seconds, signature.to_line())
    return said == (row.name, row.key_id, row.at.timestamp(), row.line)
