"""Step 2: what the members say, read strictly and in the order of `docs/bundle.md`."""

from collections.abc import Iterator, Mapping
from typing import TypeVar

from custody.bundle_hand import by_hand, named_keys
from custody.bundle_members import (
    ABOUT,
    CHECKPOINT,
    POLICY,
    Form,
    Part,
    is_by_hand,
    numbered,
)
from custody.checkpoint import parse_checkpoint, parse_hash
from custody.entry import KEYS_CHAIN, parse_entry
from custody.envelope import parse_payload
from custody.merkle import leaf_hash
from custody.note import parse_note
from custody.policy import Policy, parse_policy
from custody.sealed_readings import read_file
from custody.tlog_proof import TlogProof, parse_proof
from custody.verify_about import Numbered, by_number, check_numbers, parse_about
from custody.verify_opened import About, Opened, Shown, SignedCheckpoint, Unreadable, reading
from schemas.errors import LedgerCorrupt
from schemas.key_statement import KeyStatement
from schemas.statement import Statement, StatementKind

Said = TypeVar("Said", Statement, KeyStatement)


def read_members(members: Mapping[str, bytes], form: Form) -> Opened:
    """Return what the members of an undamaged file say.

    Raises:
        Unreadable: The first member that does not say it in the one form there is.
    """
    with reading(ABOUT):
        about = parse_about(members[ABOUT], form)
    of = by_number(members)
    check_numbers(of, about)
    with reading(CHECKPOINT):
        checkpoint = _checkpoint(members[CHECKPOINT], about.size)
    with reading(POLICY):
        policy = _policy(members[POLICY])
    keys = tuple(_entries(of, Part.KEY, KEYS_CHAIN, KeyStatement))
    statements = _statements(of, about)
    opened = Opened(
        about=about,
        checkpoint=checkpoint,
        policy=policy,
        keys=keys,
        statements=statements,
        proofs=dict(_proofs(of, checkpoint)),
        earlier=tuple(_earlier(of)),
        readings=dict(_readings(of, statements)),
        timestamps=of[Part.TIMESTAMP],
    )
    if form is Form.RECEIPT:
        _check_by_hand(members, opened)
    return opened


def _checkpoint(data: bytes, size: int) -> SignedCheckpoint:
    note = parse_note(data)
    checkpoint = parse_checkpoint(note.text)
    if checkpoint.size != size:
        message = f"It is of size {checkpoint.size}, not {size}."
        raise LedgerCorrupt(message)
    return SignedCheckpoint(checkpoint=checkpoint, note=note, data=data)


def _policy(data: bytes) -> Policy:
    policy = parse_policy(data)
    if len(policy.logs) != 1:
        message = "A log's own policy names this one log."
        raise LedgerCorrupt(message)
    return policy


def _entries(of: Numbered, part: Part, order: str, form: type[Said]) -> Iterator[Shown[Said]]:
    for index, data in of[part].items():
        with reading(numbered(part, index), index):
            entry = parse_entry(data)
            said = parse_payload(entry.envelope)
            if not isinstance(said, form) or (entry.index, entry.order) != (index, order):
                message = "It is another entry than its name says."
                raise LedgerCorrupt(message)
            keys = [one.key for one in said.signers]
            if [one.key_id for one in entry.envelope.signatures] != keys:
                message = "Its signatures are not one of each signer, in their order."
                raise LedgerCorrupt(message)
        yield Shown(entry=entry, said=said, leaf=leaf_hash(data))


def _statements(of: Numbered, about: About) -> tuple[Shown[Statement], ...]:
    if about.order != KEYS_CHAIN:
        return tuple(_entries(of, Part.ENTRY, about.order, Statement))
    for index, data in of[Part.ENTRY].items():
        if data != of[Part.KEY][index]:
            name = numbered(Part.ENTRY, index)
            raise Unreadable(index, f"{name} is not the entry that stands in keys/.")
    return ()


def _proofs(of: Numbered, checkpoint: SignedCheckpoint) -> Iterator[tuple[int, TlogProof]]:
    for index, data in of[Part.PROOF].items():
        with reading(numbered(Part.PROOF, index), index):
            proof = parse_proof(data)
            if proof.index != index or proof.extra is not None:
                message = "It is the proof of another entry, or has something extra."
                raise LedgerCorrupt(message)
            if proof.checkpoint != checkpoint.data:
                message = f"It leads to another checkpoint than {CHECKPOINT}."
                raise LedgerCorrupt(message)
        yield index, proof


def _earlier(of: Numbered) -> Iterator[tuple[SignedCheckpoint, tuple[bytes, ...]]]:
    for size, data in of[Part.CHECKPOINT].items():
        with reading(numbered(Part.CHECKPOINT, size)):
            checkpoint = _checkpoint(data, size)
        with reading(numbered(Part.CONSISTENCY, size)):
            proof = _hashes(of[Part.CONSISTENCY][size])
        yield checkpoint, proof


def _hashes(data: bytes) -> tuple[bytes, ...]:
    try:
        lines = data.decode("ascii").split("\n")
    except UnicodeDecodeError as error:
        message = "It is not ASCII."
        raise LedgerCorrupt(message) from error
    if lines.pop():
        message = "Its last line does not end."
        raise LedgerCorrupt(message)
    return tuple(parse_hash(line) for line in lines)


def _readings(
    of: Numbered, statements: tuple[Shown[Statement], ...]
) -> Iterator[tuple[int, list[bytes]]]:
    seals = {s.index for s in statements if s.said.kind is StatementKind.SEAL_READINGS}
    for index, data in of[Part.READINGS].items():
        with reading(numbered(Part.READINGS, index), index):
            if index not in seals:
                message = "The entry seals no readings."
                raise LedgerCorrupt(message)
            lines = read_file(data)
        yield index, lines


def _check_by_hand(members: Mapping[str, bytes], opened: Opened) -> None:
    shown: Shown[Statement] | Shown[KeyStatement]
    (index,) = opened.about.entries
    (shown,) = (each for each in opened.shown if each.index == index)
    derived = by_hand(
        shown.entry.envelope,
        named_keys(each.said for each in opened.keys),
        opened.log_key,
        opened.checkpoint.note,
    )
    if derived != {name: members[name] for name in members if is_by_hand(name)}:
        raise Unreadable(None, "hand/ is not what follows from the other members.")
