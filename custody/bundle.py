"""Making a receipt or a bundle out of what it shows; pure. Checking one is `custody.verify`."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from custody.base64_text import to_base64
from custody.bundle_hand import by_hand, named_keys
from custody.bundle_members import (
    ABOUT,
    CHECKPOINT,
    POLICY,
    README,
    SUMS,
    Form,
    Part,
    numbered,
    readme,
    sums_of,
)
from custody.canonical import encode
from custody.checkpoint import parse_checkpoint
from custody.container import build
from custody.entry import parse_entry
from custody.envelope import parse_payload
from custody.note import Note, parse_note
from custody.policy import parse_policy
from custody.tlog_proof import TlogProof
from schemas.key_statement import KeyStatement

FILE_VERSION = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Earlier:
    """An earlier checkpoint and the proof that the next one in the file continues it."""

    note: bytes
    consistency: tuple[bytes, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Material:
    """What a file shows (`docs/bundle.md`).

    Attributes:
        form: Receipt or bundle.
        order: Code of the order; empty for the receipt of an entry about keys.
        checkpoint: The signed note that all proofs lead to.
        policy: The log's own policy.
        entries: Bytes of the entries shown, by index.
        keys: Bytes of every entry about keys below the checkpoint's size, by index.
        paths: Inclusion proofs of all `entries`, and of the last of `keys`.
        earlier: Earlier checkpoints by size; bundles only.
        readings: The lines that an entry sealed, each ended by a line feed; bundles only.
        timestamps: RFC 3161 responses by size of the checkpoint.
    """

    form: Form
    order: str
    checkpoint: bytes
    policy: bytes
    entries: Mapping[int, bytes]
    keys: Mapping[int, bytes]
    paths: Mapping[int, tuple[bytes, ...]]
    earlier: Mapping[int, Earlier] = field(default_factory=dict)
    readings: Mapping[int, bytes] = field(default_factory=dict)
    timestamps: Mapping[int, bytes] = field(default_factory=dict)


def make_file(material: Material) -> bytes:
    """Return the receipt or bundle.

    Raises:
        LedgerCorrupt: What it is to show is not of its form.
        ConfigurationError: The policy is none.
    """
    return seal_members(members_of(material))


def members_of(material: Material) -> dict[str, bytes]:
    """Return the members, without `SHA256SUMS`."""
    note = parse_note(material.checkpoint)
    checkpoint = parse_checkpoint(note.text)
    about = {
        "v": FILE_VERSION,
        "form": material.form.value,
        "log": checkpoint.origin,
        "order": material.order,
        "entries": sorted(material.entries),
        "size": checkpoint.size,
    }
    members = {
        ABOUT: encode(about),
        README: readme(material.form),
        CHECKPOINT: material.checkpoint,
        POLICY: material.policy,
    }
    proofs = {
        index: TlogProof(index=index, hashes=path, checkpoint=material.checkpoint).to_bytes()
        for index, path in material.paths.items()
    }
    members |= _numbered(Part.ENTRY, material.entries)
    members |= _numbered(Part.KEY, material.keys)
    members |= _numbered(Part.PROOF, proofs)
    members |= _numbered(Part.READINGS, material.readings)
    members |= _numbered(Part.TIMESTAMP, material.timestamps)
    for size, each in material.earlier.items():
        members[numbered(Part.CHECKPOINT, size)] = each.note
        members[numbered(Part.CONSISTENCY, size)] = consistency_lines(each.consistency)
    if material.form is Form.RECEIPT:
        members |= _hand(material, note)
    return members


def seal_members(members: Mapping[str, bytes]) -> bytes:
    """Return the file of these members, with `SHA256SUMS` made for them."""
    return build({**members, SUMS: sums_of(members)})


def consistency_lines(proof: Iterable[bytes]) -> bytes:
    """Return a consistency proof as it stands in a bundle: one base64 hash a line."""
    return "".join(f"{to_base64(each)}\n" for each in proof).encode("ascii")


def _numbered(part: Part, found: Mapping[int, bytes]) -> dict[str, bytes]:
    return {numbered(part, number): data for number, data in found.items()}


def _hand(material: Material, note: Note) -> dict[str, bytes]:
    (data,) = material.entries.values()
    said = [parse_payload(parse_entry(each).envelope) for each in material.keys.values()]
    return by_hand(
        parse_entry(data).envelope,
        named_keys(each for each in said if isinstance(each, KeyStatement)),
        parse_policy(material.policy).log_keys[0],
        note,
    )
