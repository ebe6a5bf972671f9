"""Proof files: one entry's place in a log, to be checked offline (C2SP tlog-proof)."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import NoReturn

from custody.base64_text import from_base64, to_base64
from custody.checkpoint import (
    Checkpoint,
    open_checkpoint,
    parse_checkpoint,
    parse_decimal,
    parse_hash,
)
from custody.merkle import check_inclusion
from custody.note import VerifierKey, parse_note
from schemas.errors import LedgerCorrupt

_FIRST_LINE = "c2sp.org/tlog-proof@v1"
_EXTRA = "extra "
_INDEX = "index "
_MAX_HASHES = 63
_MAX_BYTES = 1 << 21


@dataclass(frozen=True, slots=True, kw_only=True)
class TlogProof:
    """An entry's inclusion proof with the checkpoint it leads to, not yet checked.

    Attributes:
        index: The entry's index, from 0.
        hashes: Audit path from the leaf up, 32 bytes each.
        checkpoint: The signed note, byte for byte.
        extra: Data of no meaning here, and not signed by anybody; None if there is none.
    """

    index: int
    hashes: tuple[bytes, ...]
    checkpoint: bytes
    extra: bytes | None = None

    def to_bytes(self) -> bytes:
        """Return the proof file; inverse of `parse_proof`."""
        extra = [] if self.extra is None else [_EXTRA + to_base64(self.extra)]
        hashes = [to_base64(each) for each in self.hashes]
        lines = [_FIRST_LINE, *extra, f"{_INDEX}{self.index}", *hashes, ""]
        return "".join(f"{each}\n" for each in lines).encode("ascii") + self.checkpoint


def parse_proof(data: bytes) -> TlogProof:
    """Return the proof of a file, neither its hashes nor its signatures checked yet.

    Raises:
        LedgerCorrupt: It is not exactly of its form; its checkpoint included.

    Source: C2SP tlog-proof, Format.
    """
    head, blank_line, checkpoint = data.partition(b"\n\n")
    if not blank_line or len(data) > _MAX_BYTES:
        _refuse("A proof is lines, an empty line, and a checkpoint.")
    try:
        lines = head.decode("ascii").split("\n")
    except UnicodeDecodeError as error:
        message = "The lines of a proof are not ASCII."
        raise LedgerCorrupt(message) from error
    extra, rest = _take_extra(_take_first(lines))
    if not rest or not rest[0].startswith(_INDEX) or len(rest) > 1 + _MAX_HASHES:
        _refuse("A proof tells the index of its entry, and at most 63 hashes.")
    parse_checkpoint(parse_note(checkpoint).text)
    return TlogProof(
        index=parse_decimal(rest[0].removeprefix(_INDEX)),
        hashes=tuple(parse_hash(each) for each in rest[1:]),
        checkpoint=checkpoint,
        extra=extra,
    )


def check_proof(proof: TlogProof, *, leaf: bytes, log_keys: Iterable[VerifierKey]) -> Checkpoint:
    """Return the checkpoint of one of these logs that holds the leaf at the proof's index.

    Witnesses are not asked here: see `Policy.cosigners`.

    Args:
        proof: The proof.
        leaf: Leaf hash of the entry, 32 bytes.
        log_keys: Keys of the logs that are trusted, each named as its log's origin.

    Raises:
        LedgerCorrupt: It is not proven, for whatever reason.
    """
    checkpoint = open_checkpoint(proof.checkpoint, log_keys)
    check_inclusion(
        leaf=leaf,
        index=proof.index,
        size=checkpoint.size,
        proof=proof.hashes,
        root=checkpoint.root,
    )
    return checkpoint


def _take_first(lines: Sequence[str]) -> Sequence[str]:
    if lines[0] != _FIRST_LINE:
        _refuse(f"A proof begins with the line {_FIRST_LINE}.")
    return lines[1:]


def _take_extra(lines: Sequence[str]) -> tuple[bytes | None, Sequence[str]]:
    if not lines or not lines[0].startswith(_EXTRA):
        return None, lines
    return from_base64(lines[0].removeprefix(_EXTRA)), lines[1:]


def _refuse(message: str) -> NoReturn:
    raise LedgerCorrupt(message)
