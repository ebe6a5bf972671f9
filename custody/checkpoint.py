"""Checkpoints: what a log of a given size looks like, signed by the log (C2SP tlog-checkpoint)."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import NoReturn

from custody.base64_text import from_base64, to_base64
from custody.key_file import SigningKeyPair
from custody.merkle import HASH_BYTES
from custody.note import VerifierKey, open_note, refuse_control_characters, sign_note
from schemas.errors import LedgerCorrupt

LARGEST = 2**53 - 1
"""The largest size or index: beyond it, JSON's and JavaScript's readers part."""
_DECIMAL = re.compile("0|[1-9][0-9]{0,15}")
_LINES = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class Checkpoint:
    """The head of a log.

    Attributes:
        origin: Which log; not empty.
        size: Number of entries, 0 … 2⁵³ - 1.
        root: Root of the Merkle tree, 32 bytes.
        extensions: Lines the log may add, of no meaning here; ours adds none.
    """

    origin: str
    size: int
    root: bytes
    extensions: tuple[str, ...] = ()

    def to_bytes(self) -> bytes:
        """Return the text that is signed; inverse of `parse_checkpoint`."""
        lines = (self.origin, str(self.size), to_base64(self.root), *self.extensions)
        return "".join(f"{each}\n" for each in lines).encode("utf-8")


def parse_checkpoint(body: bytes) -> Checkpoint:
    """Return the checkpoint of a note's text.

    Raises:
        LedgerCorrupt: Not at least three lines of the form asked for, none of them empty.

    Source: C2SP tlog-checkpoint, Note text.
    """
    refuse_control_characters(body)
    try:
        lines = body.decode("utf-8").split("\n")
    except UnicodeDecodeError as error:
        message = f"A checkpoint is not UTF-8: {error}."
        raise LedgerCorrupt(message) from error
    if lines.pop() or len(lines) < _LINES or not all(lines):
        _refuse("A checkpoint is origin, size, root and extensions, each a line and none empty.")
    origin, size, root, *extensions = lines
    return Checkpoint(
        origin=origin,
        size=parse_decimal(size),
        root=parse_hash(root),
        extensions=tuple(extensions),
    )


def sign_checkpoint(checkpoint: Checkpoint, pair: SigningKeyPair) -> bytes:
    """Return the checkpoint as a note with the log's signature, the key named as the origin."""
    body = checkpoint.to_bytes()
    return body + b"\n" + sign_note(body, checkpoint.origin, pair).encode("utf-8")


def open_checkpoint(data: bytes, log_keys: Iterable[VerifierKey]) -> Checkpoint:
    """Return the checkpoint of a signed note, if one of these logs signed it for itself.

    Raises:
        LedgerCorrupt: The note or its text is malformed, a signature of a known key is bad, or
            none is of a key that bears the checkpoint's origin as its name.
    """
    note = open_note(data, log_keys)
    checkpoint = parse_checkpoint(note.text)
    if checkpoint.origin not in {each.name for each in note.signatures}:
        _refuse(f"The checkpoint of {checkpoint.origin} is signed by another log's key.")
    return checkpoint


def parse_decimal(text: str) -> int:
    """Return a size or index in its one decimal writing.

    Raises:
        LedgerCorrupt: Leading zeros, other digits than ASCII's, or larger than 2⁵³ - 1.
    """
    if not _DECIMAL.fullmatch(text) or int(text) > LARGEST:
        _refuse("A size or index is not written as a decimal number.")
    return int(text)


def parse_hash(text: str) -> bytes:
    """Return a hash of 32 bytes from base64.

    Raises:
        LedgerCorrupt: It is not base64 of 32 bytes.
    """
    raw = from_base64(text)
    if len(raw) != HASH_BYTES:
        _refuse(f"A hash has {HASH_BYTES} bytes, this one {len(raw)}.")
    return raw


def _refuse(message: str) -> NoReturn:
    raise LedgerCorrupt(message)
