"""A whole ledger to attack: two orders, keys, checkpoints, cosignatures; and a strong attacker.

What the attacker writes fits in itself: places, chains, hashes, roots, nodes, head and columns.
"""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, fields, replace
from typing import Any

from sqlalchemy import Engine, text

from custody.audit import audit
from custody.audit_checkpoints import Trust, Witness
from custody.audit_state import AuditState
from custody.checkpoint import Checkpoint, sign_checkpoint
from custody.cosignature import cosign, witness_key
from custody.entry import KEYS_CHAIN, NO_ENTRY, Entry, parse_entry
from custody.envelope import Envelope, parse_payload
from custody.findings import AuditReport
from custody.key_file import SigningKeyPair
from custody.merkle import Frontier, leaf_hash
from custody.note import ED25519, VerifierKey
from custody.policy import Known, Policy
from custody.projection import row_of
from custody.tree import new_nodes
from schemas.statement import Statement
from store.checkpoints import (
    CheckpointRow,
    CosignatureRow,
    insert_checkpoint,
    insert_cosignature,
)
from store.database import Session, transaction
from store.ledger import EntryRow, HeadRow, insert_entry, read_head, update_head
from store.ledger_nodes import insert_nodes
from store.ledger_stream import stream_by_index
from tests.support.bare_log import AS_SUPERUSER
from tests.support.custody_case import NOW, record, seed, story
from tests.support.signing import LOG, envelope_of
from tests.support.witnesses import k_of

SIZE = 25
"""The keys, then two orders of twelve entries in turns: A-1 has the odd indexes, A-2 the even."""
SIGNED = (10, 17, SIZE)
"""Sizes of the checkpoints."""
LOG_PAIR = SigningKeyPair(b"the log's own key, 32 bytes long")
ATTACKER = SigningKeyPair(b"a key that the attacker has made")
WITNESSES = {name: SigningKeyPair(name.encode().ljust(32, b".")) for name in ("w0", "w1", "w2")}


def build(engine: Engine) -> None:
    """Record both orders, sign a checkpoint at each of `SIGNED`, and have two witnesses cosign."""
    seed(engine, ["A-1", "A-2"])
    for one, other in zip(story("A-1"), story("A-2"), strict=True):
        for statement in (one, other):
            (recorded,) = record(engine, statement)
            if recorded.index + 1 in SIGNED:
                with transaction(engine) as session:
                    sign(session)


def sign(session: Session, pair: SigningKeyPair = LOG_PAIR, *, witnesses: int = 2) -> bytes:
    """Sign a checkpoint over what the head says, cosigned by some; return the note."""
    head = read_head(session)
    checkpoint = Checkpoint(origin=LOG, size=head.size, root=head.root)
    note = sign_checkpoint(checkpoint, pair)
    vkey = VerifierKey(name=LOG, type=ED25519, public=pair.public).to_text()
    row = CheckpointRow(size=head.size, root=head.root, note=note, vkey=vkey, signed_at=NOW)
    insert_checkpoint(session, row)
    for name, witness in list(WITNESSES.items())[:witnesses]:
        line = cosign(checkpoint.to_bytes(), name, witness, NOW)
        key_id = witness_key(name, witness.public).key_id.hex()
        at = NOW.replace(microsecond=0)
        insert_cosignature(
            session, CosignatureRow(size=head.size, name=name, key_id=key_id, line=line, at=at)
        )
    return note


def log_key() -> VerifierKey:
    """Return the log's public key."""
    return VerifierKey(name=LOG, type=ED25519, public=LOG_PAIR.public)


def policy() -> Policy:
    """Return what an auditor pins: the log, and two of three witnesses."""
    known = {name: Known(key=witness_key(name, one.public)) for name, one in WITNESSES.items()}
    return replace(k_of(2, known), logs=(Known(key=log_key()),))


@dataclass
class Attacked:
    """The ledger in a transaction that is never committed, and what others keep of it.

    Attributes:
        trust: The log's key, the witnesses' keys, and no head.
        witnessed: The same, and the head of all entries that a witness cosigned.
        state: Where an audit ended before the attack.
    """

    session: Session
    trust: Trust
    witnessed: Trust
    state: AuditState

    def run(self, *statements: str, **values: object) -> None:
        """Run statements as a superuser; each must change something."""
        for statement in statements:
            done = self.session.connection().execute(text(statement), values)
            assert done.rowcount, f"changed nothing: {statement}"

    def rows(self) -> list[EntryRow]:
        """Return all rows by index."""
        return list(stream_by_index(self.session, 10_000))

    def entries(self) -> list[Entry]:
        """Return all entries, read from their bytes."""
        return [parse_entry(row.entry_bytes) for row in self.rows()]

    def put_row(self, row: EntryRow) -> None:
        """Overwrite the row of this index."""
        names = [field.name for field in fields(EntryRow) if field.name != "index"]
        assignments = ", ".join(f"{name} = :{name}" for name in names)
        values = {field.name: getattr(row, field.name) for field in fields(EntryRow)}
        self.run(f"UPDATE ledger_entry SET {assignments} WHERE index = :index", **values)

    def replace_log(self, entries: Sequence[Entry]) -> None:
        """Rewrite the whole log: each entry at a new place, all that follows from it recomputed."""
        before = [row.entry_bytes for row in self.rows()]
        self.session.connection().execute(text("DELETE FROM ledger_entry"))
        self.session.connection().execute(text("DELETE FROM ledger_node"))
        empty = Frontier()
        self._head(empty, None, NO_ENTRY)
        self.append(entries)
        assert [row.entry_bytes for row in self.rows()] != before, "nothing was rewritten"

    def append(self, entries: Sequence[Entry]) -> None:
        """Put entries at the end of the log, whatever they say, fitting in all else."""
        rows = self.rows()
        head = read_head(self.session)
        frontier, keys = Frontier.from_bytes(head.size, head.frontier), head.keys
        last = {row.order_code: row for row in rows}
        for entry in entries:
            chain = last.get(entry.order)
            placed = replace(
                entry,
                index=frontier.size,
                order_sequence=chain.order_sequence + 1 if chain else 1,
                previous=chain.leaf_hash if chain else NO_ENTRY,
                keys=keys,
            )
            leaf = placed.leaf_hash
            insert_nodes(self.session, new_nodes(frontier, leaf))
            frontier = frontier.append(leaf)
            row = fitting(placed, root=frontier.root())
            insert_entry(self.session, row)
            last[entry.order] = row
            keys = leaf if entry.order == KEYS_CHAIN else keys
            self._head(frontier, row, keys)

    def say(self, statement: Statement, envelope: Envelope | None = None, **place: Any) -> None:
        """Append a statement that nobody checked."""
        self.append([self.entry_of(statement, envelope, **place)])

    def entry_of(
        self, statement: Statement, envelope: Envelope | None = None, **place: Any
    ) -> Entry:
        """Return a statement's entry, to be given a place."""
        last = self.entries()[-1]
        said: dict[str, Any] = {
            "order": statement.order,
            "envelope": envelope or envelope_of(statement),
            "recorded_at": last.recorded_at,
            "conflict_with": None,
        }
        return replace(last, **(said | place))

    def resign(self, pair: SigningKeyPair, *, witnesses: int = 0) -> None:
        """Replace all checkpoints by one over what the log is now, signed by this key."""
        for table in ("ledger_checkpoint", "ledger_cosignature"):
            self.session.connection().execute(text(f"DELETE FROM {table}"))
        sign(self.session, pair, witnesses=witnesses)

    def forget_checkpoints(self) -> None:
        """Delete all checkpoints and cosignatures."""
        self.run("DELETE FROM ledger_cosignature", "DELETE FROM ledger_checkpoint")

    def audit(self, trust: Trust | None = None, since: AuditState | None = None) -> AuditReport:
        """Audit what is there now, by default knowing the keys and no head."""
        self.session.flush()
        self.session.expire_all()
        return audit(self.session, self.trust if trust is None else trust, since)

    def named(self, index: int, sentence: str, trust: Trust | None = None) -> None:
        """Check that the audit's first finding is at this index, and one there says so."""
        report = self.audit(trust)
        assert report.first is not None, f"not found: {sentence}"
        assert report.first.index == index, report.findings
        said = [one.sentence for one in report.findings if one.index == index]
        assert any(sentence in one for one in said), said

    def passes(self, trust: Trust | None = None) -> None:
        """Check that the audit finds nothing: the attacker is as strong as claimed."""
        report = self.audit(trust)
        assert report.ok, report.findings

    def _head(self, frontier: Frontier, row: EntryRow | None, keys: bytes) -> None:
        update_head(
            self.session,
            HeadRow(
                size=frontier.size,
                frontier=frontier.to_bytes(),
                root=frontier.root(),
                recorded_at=row.recorded_at if row else None,
                keys=keys,
            ),
        )


def fitting(entry: Entry, *, root: bytes) -> EntryRow:
    """Return an entry's row with the hash and all columns that its bytes call for."""
    said = parse_payload(entry.envelope)
    return row_of(entry, said, data=entry.to_bytes(), root=root)


def rebuilt(data: bytes, row: EntryRow) -> EntryRow:
    """Return the row with other bytes and the hash that fits them."""
    return replace(row, entry_bytes=data, leaf_hash=leaf_hash(data))


_BEFORE: dict[str, tuple[AuditState, Witness]] = {}
"""Of each database: where the audit ended that found nothing, and the head of that moment."""


@contextmanager
def attacked(engine: Engine) -> Iterator[Attacked]:
    """Yield a built ledger as a superuser finds it, triggers off; all is undone at the end."""
    keys = [known.key for known in policy().witnesses.values()]
    trust = Trust(log_key=log_key(), witness_keys=keys)
    with Session(engine) as session:
        session.connection().execute(text(AS_SUPERUSER))
        state, seen = _before(session, str(engine.url), trust)
        try:
            yield Attacked(
                session=session,
                trust=trust,
                witnessed=replace(trust, heads=(seen,)),
                state=state,
            )
        finally:
            session.rollback()


def _before(session: Session, database: str, trust: Trust) -> tuple[AuditState, Witness]:
    if database not in _BEFORE:
        head = read_head(session)
        seen = Witness(source="Witness w0", size=head.size, root=head.root)
        before = audit(session, replace(trust, heads=(seen,)))
        assert before.ok, before.findings
        _BEFORE[database] = before.state, seen
    return _BEFORE[database]
