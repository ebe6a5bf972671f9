"""Which keys count: the rules of enrolling, rotating and revoking, replayed purely.

Nobody lets a key in or out alone, and nobody approves a key of the own. A key's validity is judged
at the index of the entry that it signed, so what was signed before a revocation stays signed.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import NoReturn

from custody.ed25519 import key_id
from custody.entry import NO_ENTRY, instant_of
from schemas.errors import CustodyConflict
from schemas.key_statement import (
    Key,
    KeySignerRole,
    KeyStatement,
    KeyStatementKind,
)

APPROVERS = 2
"""How many different people let a key in or out."""


@dataclass(frozen=True, slots=True, kw_only=True)
class KeyRecord:
    """A key and whose it is.

    Attributes:
        key: Its id.
        public: 32 raw bytes.
        approver: Whether it may let keys in and out.
        enrolled_index: Index of the entry after which it counts.
        revoked_index: Index of the entry from which on it no longer counts.
        suspect_since: From when on it may have been in other hands before that.
    """

    key: str
    public: bytes
    user: str
    name: str
    party: str | None
    approver: bool
    enrolled_index: int
    revoked_index: int | None = None
    suspect_since: datetime | None = None

    def counts_at(self, index: int) -> bool:
        """Return whether the key may sign the entry of this index."""
        return self.enrolled_index < index and (
            self.revoked_index is None or index < self.revoked_index
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class KeyLog:
    """The keys after the key entries so far.

    Attributes:
        keys: Records by key id; a key that was enrolled stays here for ever.
        head: Hash of the last entry about keys; `NO_ENTRY` when there is none.
        sequence: How many there are.
    """

    keys: Mapping[str, KeyRecord] = field(default_factory=dict)
    head: bytes = NO_ENTRY
    sequence: int = 0

    def public_of(self, key: str) -> bytes | None:
        """Return a key's 32 bytes; None for a key that was never enrolled."""
        record = self.keys.get(key)
        return None if record is None else record.public

    def with_head(self, entry_hash: bytes) -> "KeyLog":
        """Return this log of keys once the statement that led to it stands in the ledger."""
        return replace(self, head=entry_hash, sequence=self.sequence + 1)


def apply_keys(log: KeyLog, statement: KeyStatement, index: int) -> KeyLog:
    """Return the keys after a statement about keys. Signatures are checked elsewhere.

    Args:
        log: The keys before it.
        statement: What is asserted.
        index: Index of its entry.

    Raises:
        CustodyConflict: It may not follow, or not be said by its signers.
    """
    founding = statement.kind is KeyStatementKind.FOUND_KEYS
    if founding != (log.sequence == 0):
        _refuse(
            "The keys are founded already."
            if founding
            else "No keys are founded yet: the first statement about keys must found them."
        )
    _check_new_keys(log, statement)
    _check_holders(statement)
    if founding:
        _check_founders(statement)
    else:
        _check_approvers(log, statement, index)
    keys = dict(log.keys) | {one.key: one for one in _enrolled(statement, index)}
    for record in _revoked(log, statement, index):
        keys[record.key] = record
    left = {one.user.lower() for one in keys.values() if one.approver and one.revoked_index is None}
    if len(left) < APPROVERS:
        _refuse(f"Fewer than {APPROVERS} approvers would be left, and nobody could enrol a key.")
    return replace(log, keys=keys)


def public_keys(log: KeyLog, statement: KeyStatement) -> dict[str, bytes]:
    """Return the public keys by which a key statement's signatures are checked, by key id."""
    return {key: record.public for key, record in log.keys.items()} | {
        _id(key): bytes.fromhex(key.public) for key in statement.keys
    }


def _check_new_keys(log: KeyLog, statement: KeyStatement) -> None:
    for key in statement.keys:
        if _id(key) in log.keys:
            _refuse(f"The key {_id(key)[:16]}… was enrolled before; a key is enrolled once.")


def _check_holders(statement: KeyStatement) -> None:
    """Each new key signs itself: whoever enrols it has it."""
    holders = [one for one in statement.signers if one.role is KeySignerRole.HOLDER]
    if [one.key for one in holders] != [_id(key) for key in statement.keys]:
        _refuse("Each new key, and no other, signs as its holder, in the order of the keys.")
    for signer, key in zip(holders, statement.keys, strict=True):
        if (signer.user, signer.name, signer.party) != (key.user, key.name, key.party):
            _refuse(f"{signer.user} signs for a key that is said to be of {key.user}.")


def _check_founders(statement: KeyStatement) -> None:
    if any(one.role is not KeySignerRole.HOLDER for one in statement.signers):
        _refuse("The founding statement is signed by its own keys only.")


def _check_approvers(log: KeyLog, statement: KeyStatement, index: int) -> None:
    approvers = [one for one in statement.signers if one.role is KeySignerRole.APPROVER]
    if len({one.user.lower() for one in approvers}) != APPROVERS or len(approvers) != APPROVERS:
        _refuse(f"{APPROVERS} different people must approve this.")
    subjects = {key.user.lower() for key in statement.keys}
    for signer in approvers:
        record = log.keys.get(signer.key)
        if record is None or not record.counts_at(index) or not record.approver:
            _refuse(f"The key of {signer.user} may not approve keys.")
        if (record.user, record.name, record.party) != (signer.user, signer.name, signer.party):
            _refuse(f"{signer.user} signs with a key of {record.user}.")
        if signer.user.lower() in subjects:
            _refuse(f"{signer.user} cannot approve a key of the own.")


def _enrolled(statement: KeyStatement, index: int) -> Iterator[KeyRecord]:
    for key in statement.keys:
        yield KeyRecord(
            key=_id(key),
            public=bytes.fromhex(key.public),
            user=key.user,
            name=key.name,
            party=key.party,
            approver=key.approver == "yes",
            enrolled_index=index,
        )


def _revoked(log: KeyLog, statement: KeyStatement, index: int) -> Iterator[KeyRecord]:
    owners = {key.user for key in statement.keys}
    for key in statement.revokes:
        record = log.keys.get(key)
        if record is None or record.revoked_index is not None:
            _refuse(f"The key {key[:16]}… is not in use, so it cannot be revoked.")
        if statement.kind is KeyStatementKind.ROTATE_KEY and record.user not in owners:
            _refuse(f"The key {key[:16]}… is of {record.user}, who gets no new one here.")
        since = statement.suspect_since
        yield replace(
            record,
            revoked_index=index,
            suspect_since=None if since is None else instant_of(since),
        )


def _id(key: Key) -> str:
    return key_id(bytes.fromhex(key.public))


def _refuse(sentence: str) -> NoReturn:
    raise CustodyConflict(sentence)
