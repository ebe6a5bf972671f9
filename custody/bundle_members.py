"""What the members of a receipt or a bundle are called (`docs/bundle.md`, *The file*)."""

import hashlib
import re
from collections.abc import Mapping
from enum import StrEnum
from importlib.resources import files

ABOUT = "about.json"
CHECKPOINT = "checkpoint.txt"
POLICY = "policy.txt"
README = "README.md"
SUMS = "SHA256SUMS"
FIXED = frozenset({ABOUT, CHECKPOINT, POLICY, README, SUMS})
"""The members that every file has."""


class Form(StrEnum):
    """What a file proves: one entry, or all entries of an order."""

    RECEIPT = "receipt"
    BUNDLE = "bundle"


class Part(StrEnum):
    """The numbered members: each kind's folder and ending."""

    ENTRY = "entries/.json"
    KEY = "keys/.json"
    PROOF = "proofs/.txt"
    CHECKPOINT = "checkpoints/.txt"
    CONSISTENCY = "checkpoints/.consistency"
    READINGS = "readings/.jsonl"
    TIMESTAMP = "timestamps/.tsr"


_OF_RECEIPT = frozenset({Part.ENTRY, Part.KEY, Part.PROOF, Part.TIMESTAMP})
_NUMBERED = re.compile(r"([a-z]+/)([0-9]{10})(\.[a-z]+)")
_BY_HAND = re.compile(
    r"hand/(statement\.json|statement\.pae|log\.pem|checkpoint\.body|checkpoint\.sig"
    r"|signature-[1-9][0-9]?\.bin|signer-[1-9][0-9]?\.pem)"
)
_README_FILES = {Form.RECEIPT: "readme_receipt.md", Form.BUNDLE: "readme_bundle.md"}


def numbered(part: Part, number: int) -> str:
    """Return the name of a numbered member: `entries/0000000012.json`."""
    folder, _, ending = part.partition("/")
    return f"{folder}/{number:010}{ending}"


def part_of(name: str) -> tuple[Part, int] | None:
    """Return which numbered member a name is, None if it is none."""
    match = _NUMBERED.fullmatch(name)
    if match is None:
        return None
    folder_and_ending = match[1] + match[3]
    if folder_and_ending not in _PARTS:
        return None
    return Part(folder_and_ending), int(match[2])


def is_by_hand(name: str) -> bool:
    """Return whether a member is one of those that serve for following a receipt by hand."""
    return _BY_HAND.fullmatch(name) is not None


def belongs(name: str, form: Form) -> bool:
    """Return whether a file of this form may have a member of this name."""
    if name in FIXED:
        return True
    numbered_part = part_of(name)
    if form is Form.BUNDLE:
        return numbered_part is not None
    return is_by_hand(name) or (numbered_part is not None and numbered_part[0] in _OF_RECEIPT)


def readme(form: Form) -> bytes:
    """Return the fixed text that a file of this form carries."""
    return files("custody").joinpath(_README_FILES[form]).read_bytes()


def sums_of(members: Mapping[str, bytes]) -> bytes:
    """Return `SHA256SUMS` for the other members, as `sha256sum --check` reads it."""
    lines = (
        f"{hashlib.sha256(members[name]).hexdigest()}  {name}\n"
        for name in sorted(members)
        if name != SUMS
    )
    return "".join(lines).encode("ascii")


_PARTS = frozenset(Part)
