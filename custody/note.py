"""Signed notes: text with the signatures of named keys (C2SP signed-note v1).

Checking a note raises `LedgerCorrupt`, whatever is wrong with it: a malformed note is no note.
"""

import hashlib
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import NoReturn

from custody.base64_text import from_base64, to_base64
from custody.ed25519 import PUBLIC_BYTES, SIGNATURE_BYTES, verify
from custody.key_file import SigningKeyPair
from schemas.errors import LedgerCorrupt

ED25519 = 0x01
"""Signature type of a log's own signature: Ed25519 over the text."""
COSIGNATURE_V1 = 0x04
"""Signature type of a witness: a time, and Ed25519 over the time and the text."""

MAX_NOTE_BYTES = 1 << 20
MAX_SIGNATURES = 100
KEY_ID_BYTES = 4
TIME_BYTES = 8

# The code points with the property White_Space, written out: languages differ in their `\s`.
# Control characters and lone surrogates stand in no note.
_UNFIT = "\x00-\x20\x85\xa0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000\ud800-\udfff"
_NAME = re.compile(f"[^+{_UNFIT}]+")
_CONTROL = re.compile(rb"[\x00-\x09\x0b-\x1f]")
_KEY_ID = re.compile("[0-9a-f]{8}")
_DASH = "\N{EM DASH} "


@dataclass(frozen=True, slots=True, kw_only=True)
class NoteSignature:
    """One signature line, checked or not.

    Attributes:
        name: Name of the key.
        key_id: First 4 bytes of a hash over name, type and public key; an address, no proof.
        signature: The bytes that follow the key id, at least one.
    """

    name: str
    key_id: bytes
    signature: bytes

    def to_line(self) -> str:
        """Return the line as it stands in a note, with its newline."""
        return f"{_DASH}{self.name} {to_base64(self.key_id + self.signature)}\n"


@dataclass(frozen=True, slots=True, kw_only=True)
class Note:
    """A text and its signature lines.

    Attributes:
        text: What is signed, UTF-8, ends with a newline.
        signatures: At least one, in their order in the note.
    """

    text: bytes
    signatures: tuple[NoteSignature, ...]

    def to_bytes(self) -> bytes:
        """Return the note as it is stored and sent; inverse of `parse_note`."""
        lines = "".join(each.to_line() for each in self.signatures)
        return self.text + b"\n" + lines.encode("utf-8")


@dataclass(frozen=True, slots=True, kw_only=True)
class VerifierKey:
    """A public key under a name, for one type of signature.

    Attributes:
        name: Without spaces and `+`; the origin of a log, the name of a witness.
        type: `ED25519` or `COSIGNATURE_V1`.
        public: 32 raw bytes.
    """

    name: str
    type: int
    public: bytes

    @property
    def key_id(self) -> bytes:
        """The 4 bytes that stand before this key's signatures."""
        told = self.name.encode("utf-8") + b"\n" + bytes([self.type]) + self.public
        return hashlib.sha256(told).digest()[:KEY_ID_BYTES]

    def to_text(self) -> str:
        """Return the key for people to pass on, `name+key id+base64`; inverse of `parse_vkey`."""
        return f"{self.name}+{self.key_id.hex()}+{to_base64(bytes([self.type]) + self.public)}"

    def has_signed(self, text: bytes, signature: bytes) -> bool:
        """Return whether this key made this signature (without key id) over a note's text."""
        if self.type == ED25519:
            return verify(self.public, signature, text)
        if len(signature) != TIME_BYTES + SIGNATURE_BYTES:
            return False
        seconds = int.from_bytes(signature[:TIME_BYTES], "big")
        return verify(self.public, signature[TIME_BYTES:], cosigned_message(text, seconds))


def parse_note(data: bytes) -> Note:
    """Return the note of these bytes, its signatures not yet checked.

    Raises:
        LedgerCorrupt: Not UTF-8, a control character, no signature, more than `MAX_SIGNATURES`,
            longer than `MAX_NOTE_BYTES`, or a signature line that is not exactly of its form.

    Source: C2SP signed-note, Format.
    """
    if len(data) > MAX_NOTE_BYTES:
        _refuse(f"A note of {len(data)} bytes is longer than {MAX_NOTE_BYTES}.")
    refuse_control_characters(data)
    text, blank_line, rest = data.rpartition(b"\n\n")
    if not blank_line or not rest.endswith(b"\n"):
        _refuse("A note is a text, an empty line, and lines of signatures.")
    lines = _utf8(rest).split("\n")[:-1]
    _utf8(text)
    if len(lines) > MAX_SIGNATURES:
        _refuse(f"A note of {len(lines)} signatures has more than {MAX_SIGNATURES}.")
    return Note(text=text + b"\n", signatures=tuple(parse_signature_line(each) for each in lines))


def parse_signature_line(line: str) -> NoteSignature:
    """Return the signature of one line, given without its newline.

    Raises:
        LedgerCorrupt: It is not an em dash, a name, and at least 5 bytes in base64.
    """
    name, space, encoded = line.removeprefix(_DASH).partition(" ")
    if not line.startswith(_DASH) or not space or not is_key_name(name):
        _refuse("A signature line is an em dash, the key's name, and base64.")
    raw = from_base64(encoded)
    if len(raw) <= KEY_ID_BYTES:
        _refuse(f"The signature of {name} is too short.")
    return NoteSignature(name=name, key_id=raw[:KEY_ID_BYTES], signature=raw[KEY_ID_BYTES:])


def parse_vkey(text: str) -> VerifierKey:
    """Return the key of `name+key id+base64`; inverse of `VerifierKey.to_text`.

    Raises:
        LedgerCorrupt: Not of that form, its key id is another's, or not an Ed25519 key
            (types 0x01 and 0x04 alone are known here).
    """
    name, _, rest = text.partition("+")
    key_id, plus, encoded = rest.partition("+")
    if not plus or not is_key_name(name) or not _KEY_ID.fullmatch(key_id):
        _refuse("A verifier key is a name, 8 hexadecimal digits and base64, joined by `+`.")
    raw = from_base64(encoded)
    if len(raw) != 1 + PUBLIC_BYTES or raw[0] not in {ED25519, COSIGNATURE_V1}:
        _refuse(f"The verifier key {name} is not an Ed25519 key of type 0x01 or 0x04.")
    key = VerifierKey(name=name, type=raw[0], public=raw[1:])
    if key.key_id.hex() != key_id:
        _refuse(f"The verifier key {name} has another key id than {key_id}.")
    return key


def sign_note(text: bytes, name: str, pair: SigningKeyPair) -> str:
    """Return the signature line (type 0x01, with its newline) of this key over a note's text."""
    key = VerifierKey(name=name, type=ED25519, public=pair.public)
    signed = NoteSignature(name=name, key_id=key.key_id, signature=pair.sign(text))
    return signed.to_line()


def open_note(data: bytes, verifier_keys: Iterable[VerifierKey]) -> Note:
    """Return the note with those signatures only that these keys made.

    Signatures of unknown keys are left out. Each signature of a known key is checked, also a
    second one of the same key.

    Raises:
        LedgerCorrupt: The note is malformed, a signature of a known key is bad, or there is none.

    Source: C2SP signed-note, Signatures.
    """
    note = parse_note(data)
    verified = tuple(each for each, _ in verified_signatures(note, verifier_keys))
    if not verified:
        _refuse("None of the trusted keys has signed this note.")
    return replace(note, signatures=verified)


def verified_signatures(
    note: Note, verifier_keys: Iterable[VerifierKey]
) -> list[tuple[NoteSignature, VerifierKey]]:
    """Return the signatures these keys made, in the note's order; none is no error here.

    Raises:
        LedgerCorrupt: A signature of a known key is bad, or two keys share name and key id.
    """
    known = _by_name_and_id(verifier_keys)
    found: list[tuple[NoteSignature, VerifierKey]] = []
    for each in note.signatures:
        key = known.get((each.name, each.key_id))
        if key is None:
            continue
        if not key.has_signed(note.text, each.signature):
            _refuse(f"The signature of {each.name} does not belong to this note.")
        found.append((each, key))
    return found


def cosigned_message(text: bytes, seconds: int) -> bytes:
    """Return what a witness signs: the time, seconds since 1970, and the note's text."""
    return f"cosignature/v1\ntime {seconds}\n".encode("ascii") + text


def is_key_name(name: str) -> bool:
    """Return whether a key may have this name: not empty, no spaces, no `+`."""
    return _NAME.fullmatch(name) is not None


def refuse_control_characters(data: bytes) -> None:
    """Check that no ASCII control character but the newline occurs.

    Raises:
        LedgerCorrupt: One does.
    """
    if _CONTROL.search(data):
        _refuse("A note holds a control character.")


def _by_name_and_id(keys: Iterable[VerifierKey]) -> Mapping[tuple[str, bytes], VerifierKey]:
    known: dict[tuple[str, bytes], VerifierKey] = {}
    for key in keys:
        if known.setdefault((key.name, key.key_id), key) != key:
            _refuse(f"Two trusted keys are both named {key.name} and {key.key_id.hex()}.")
    return known


def _utf8(data: bytes) -> str:
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError as error:
        message = f"A note is not UTF-8: {error}."
        raise LedgerCorrupt(message) from error


def _refuse(message: str) -> NoReturn:
    raise LedgerCorrupt(message)
