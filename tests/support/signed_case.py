"""A signed log in memory, made without a database: keys, orders, seals, checkpoints, witnesses.

What it says is true: every step of the verifier passes. Tests then change it. Everything follows
from the seed; signatures are real.
"""

import random
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from typing import Any
from uuid import UUID

from custody.bundle import Earlier, Material, make_file
from custody.bundle_members import Form
from custody.canonical import signed_bytes
from custody.checkpoint import Checkpoint, sign_checkpoint
from custody.cosignature import cosign, witness_key
from custody.entry import KEYS_CHAIN, NO_ENTRY, Entry, instant_text
from custody.envelope import KEY_STATEMENT_TYPE, STATEMENT_TYPE, Envelope, Signature
from custody.key_file import SigningKeyPair
from custody.key_log import KeyLog, apply_keys
from custody.merkle import Frontier, consistency_proof, inclusion_proof, leaf_hash
from custody.note import ED25519, VerifierKey
from custody.policy import Group, Known, Policy
from custody.story import Story
from schemas.key_statement import KeyStatement
from schemas.statement import Statement

START = datetime(2026, 11, 1, 6, 0, tzinfo=UTC)


@dataclass(frozen=True, slots=True, kw_only=True)
class Person:
    """Somebody with a key."""

    user: str
    name: str
    party: str | None
    pair: SigningKeyPair
    approver: bool = False

    def as_signer(self, role: str, meaning: str) -> dict[str, Any]:
        """Return the person as a statement names its signers."""
        return {
            "user": self.user,
            "name": self.name,
            "party": self.party,
            "role": role,
            "key": self.pair.key_id,
            "meaning": meaning,
        }

    def as_key(self) -> dict[str, Any]:
        """Return the person's key as it is enrolled."""
        return {
            "public": self.pair.public.hex(),
            "user": self.user,
            "name": self.name,
            "party": self.party,
            "approver": "yes" if self.approver else "no",
        }


@dataclass
class Chain:
    """The entries of one order, or of the keys."""

    indexes: list[int] = field(default_factory=list)
    leaves: list[bytes] = field(default_factory=list)

    @property
    def seen(self) -> dict[str, Any] | None:
        """The chain's head, as a statement names it."""
        if not self.leaves:
            return None
        return {"sequence": len(self.leaves), "hash": self.leaves[-1].hex()}


class SignedLog:
    """A log, and everybody's private keys."""

    def __init__(self, seed: int, *, witnesses: int = 3, quorum: int = 2) -> None:
        self.rng = random.Random(seed)  # noqa: S311 - tests repeat
        self.origin = f"unbroken/{self.new_id()}"
        self.pair = self.new_pair()
        self.now = START
        self.entries: list[bytes] = []
        self.leaves: list[bytes] = []
        self.frontier = Frontier()
        self.key_log = KeyLog()
        self.chains: dict[str, Chain] = {}
        self.stories: dict[str, Story] = {}
        self.readings: dict[int, bytes] = {}
        self.notes: dict[int, bytes] = {}
        self.witnesses = {f"example.org/w{n}": self.new_pair() for n in range(witnesses)}
        self.quorum = quorum

    @property
    def log_key(self) -> VerifierKey:
        """The log's public key."""
        return VerifierKey(name=self.origin, type=ED25519, public=self.pair.public)

    @property
    def policy(self) -> Policy:
        """The log, its witnesses, and how many of them it takes."""
        witnesses = {
            f"w{number}": Known(key=witness_key(name, pair.public))
            for number, (name, pair) in enumerate(self.witnesses.items())
        }
        if not witnesses:
            return Policy(logs=(Known(key=self.log_key),))
        group = Group(threshold=self.quorum, members=tuple(witnesses))
        return Policy(
            logs=(Known(key=self.log_key),),
            witnesses=witnesses,
            groups={"enough": group},
            quorum="enough",
        )

    def new_id(self) -> str:
        """Return an identifier for a statement."""
        return str(UUID(bytes=self.rng.randbytes(16), version=4))

    def new_pair(self) -> SigningKeyPair:
        """Return a key pair that follows from the seed."""
        return SigningKeyPair(self.rng.randbytes(32))

    def chain(self, order: str) -> Chain:
        """Return an order's chain; `KEYS_CHAIN` for the keys'."""
        return self.chains.setdefault(order, Chain())

    def story(self, order: str) -> Story:
        """Return an order's story."""
        return self.stories.setdefault(order, Story())

    def statement(
        self, kind: str, order: str, people: Sequence[Person], **fields: Any
    ) -> Statement:
        """Return a statement by one or two people who have seen the order's head."""
        roles = ("signer",) if len(people) == 1 else ("confirmer", "verifier")
        document = {
            "log": self.origin,
            "id": self.new_id(),
            "kind": kind,
            "order": order,
            "claimed_at": instant_text(self.now),
            "signers": [
                person.as_signer(role, f"I {kind} as {role}")
                for person, role in zip(people, roles, strict=True)
            ],
            "seen": self.chain(order).seen,
        }
        return Statement.model_validate(document | fields)

    def key_statement(self, kind: str, signers: Sequence[dict[str, Any]], **fields: Any) -> Any:
        """Return a statement about keys."""
        document = {
            "log": self.origin,
            "id": self.new_id(),
            "kind": kind,
            "claimed_at": instant_text(self.now),
            "signers": signers,
            "seen": self.chain(KEYS_CHAIN).seen,
        }
        return KeyStatement.model_validate(document | fields)

    def record(self, said: Statement, people: Sequence[Person]) -> Entry:
        """Record a statement where the rules place it, in conflict or not.

        Raises:
            CustodyConflict: It may not follow; nothing is recorded.
        """
        story = self.story(said.order)
        placed = story.place(said)
        envelope = signed(STATEMENT_TYPE, said, people)
        entry = self._append(said.order, envelope, placed.conflict_with)
        story.add(self.leaves[-1], said, placed)
        return entry

    def record_keys(self, said: KeyStatement, people: Sequence[Person]) -> Entry:
        """Record a statement about keys.

        Raises:
            CustodyConflict: It may not follow; nothing is recorded.
        """
        after = apply_keys(self.key_log, said, len(self.entries))
        entry = self._append(KEYS_CHAIN, signed(KEY_STATEMENT_TYPE, said, people), None)
        self.key_log = after.with_head(self.leaves[-1])
        return entry

    def place(self, order: str, envelope: Envelope, conflict_with: bytes | None = None) -> Entry:
        """Return the entry that an envelope would have next, unchecked."""
        chain = self.chain(order)
        return Entry(
            index=len(self.entries),
            order=order,
            order_sequence=len(chain.leaves) + 1,
            previous=chain.leaves[-1] if chain.leaves else NO_ENTRY,
            keys=self.key_log.head,
            recorded_at=self.now,
            conflict_with=conflict_with,
            envelope=envelope,
        )

    def force(self, entry: Entry) -> None:
        """Append an entry whatever it says, as somebody with the log's key could."""
        data = entry.to_bytes()
        leaf = leaf_hash(data)
        self.entries.append(data)
        self.leaves.append(leaf)
        self.frontier = self.frontier.append(leaf)
        chain = self.chain(entry.order)
        chain.indexes.append(entry.index)
        chain.leaves.append(leaf)
        self.now += timedelta(milliseconds=self.rng.randrange(1, 600_000))

    def checkpoint(self, *, cosigned_by: int | None = None) -> bytes:
        """Sign and return a checkpoint of the present size, cosigned by the first n witnesses."""
        checkpoint = Checkpoint(
            origin=self.origin, size=self.frontier.size, root=self.frontier.root()
        )
        note = sign_checkpoint(checkpoint, self.pair)
        chosen = list(self.witnesses.items())[:cosigned_by]
        for seconds, (name, pair) in enumerate(chosen):
            at = self.now + timedelta(seconds=seconds)
            note += cosign(checkpoint.to_bytes(), name, pair, at).encode()
        self.notes[checkpoint.size] = note
        return note

    def receipt_material(self, index: int) -> Material:
        """Return what the receipt of an entry shows, under the last checkpoint."""
        for order, chain in self.chains.items():
            if index in chain.indexes:
                return self._material(Form.RECEIPT, order, [index])
        raise KeyError(index)

    def bundle_material(self, order: str) -> Material:
        """Return what the bundle of an order shows, under the last checkpoint."""
        material = self._material(Form.BUNDLE, order, self.chains[order].indexes)
        sizes = sorted(self.notes)
        earlier = {
            old: Earlier(
                note=self.notes[old],
                consistency=consistency_proof(self.leaves[:new], old),
            )
            for old, new in pairwise(sizes)
        }
        readings = {
            index: self.readings[index] for index in material.entries if index in self.readings
        }
        return replace(material, earlier=earlier, readings=readings)

    def receipt(self, index: int) -> bytes:
        """Return the receipt of an entry."""
        return make_file(self.receipt_material(index))

    def bundle(self, order: str) -> bytes:
        """Return the bundle of an order."""
        return make_file(self.bundle_material(order))

    def _material(self, form: Form, order: str, indexes: Sequence[int]) -> Material:
        size = max(self.notes)
        keys = [index for index in self.chain(KEYS_CHAIN).indexes if index < size]
        below = [index for index in indexes if index < size]
        return Material(
            form=form,
            order=order,
            checkpoint=self.notes[size],
            policy=self.policy.to_bytes(),
            entries={index: self.entries[index] for index in below},
            keys={index: self.entries[index] for index in keys},
            paths={
                index: inclusion_proof(self.leaves[:size], index) for index in {*below, *keys[-1:]}
            },
        )

    def _append(self, order: str, envelope: Envelope, conflict_with: bytes | None) -> Entry:
        entry = self.place(order, envelope, conflict_with)
        self.force(entry)
        return entry


def signed(payload_type: str, said: Statement | KeyStatement, people: Sequence[Person]) -> Envelope:
    """Return the envelope around a statement, signed by these people in this order."""
    unsigned = Envelope(payload_type=payload_type, payload=signed_bytes(said))
    return replace(
        unsigned,
        signatures=tuple(
            Signature(key_id=each.pair.key_id, signature=each.pair.sign(unsigned.pae))
            for each in people
        ),
    )
