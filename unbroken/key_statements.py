"""Statements about keys: founding, enrolling, revoking, signed with keys that lie in files here."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from uuid import uuid4

from custody.canonical import signed_bytes
from custody.entry import instant_text
from custody.envelope import KEY_STATEMENT_TYPE, STATEMENT_TYPE, Envelope, Signature
from custody.key_file import SigningKeyPair, load_or_make_key
from custody.second_place import seal_key_path
from schemas.key_statement import (
    Key,
    KeySigner,
    KeySignerRole,
    KeyStatement,
    KeyStatementKind,
)
from schemas.settings import Settings
from schemas.statement import Seen, Statement

_MEANINGS = {
    KeySignerRole.HOLDER: "This key is mine, and nobody else has it.",
    KeySignerRole.APPROVER: "I let these keys in or out.",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Holder:
    """Somebody, and the key pair on this machine.

    Attributes:
        user: User name.
        name: Printed name.
        party: The party that is signed for; None for none.
    """

    user: str
    name: str
    party: str | None = None
    pair: SigningKeyPair

    def as_key(self, *, approver: bool) -> Key:
        """Return the key as it is enrolled."""
        return Key(
            public=self.pair.public.hex(),
            user=self.user,
            name=self.name,
            party=self.party,
            approver="yes" if approver else "no",
        )

    def as_signer(self, role: KeySignerRole) -> KeySigner:
        """Return the person as a key statement names its signers."""
        return KeySigner(
            user=self.user,
            name=self.name,
            party=self.party,
            role=role,
            key=self.pair.key_id,
            meaning=_MEANINGS[role],
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class KeysHead:
    """The log that a key statement is made for, and the end of its chain of keys.

    Attributes:
        log: Origin of the log.
        seen: None before the keys are founded.
    """

    log: str
    seen: Seen | None


def notary_holder(settings: Settings) -> Holder:
    """Return the service's own key pair, by which it signs seals of readings."""
    return Holder(
        user="notary", name="Unbroken notary", pair=load_or_make_key(seal_key_path(settings))
    )


def founding(
    head: KeysHead, approvers: Sequence[Holder], others: Sequence[Holder], now: datetime
) -> Envelope:
    """Return the statement with which a log's keys begin, signed by all of them.

    Args:
        head: Of a log whose keys are not founded.
        approvers: At least two people who may let keys in and out.
        others: Whose keys may not, such as the notary's.
        now: Aware.
    """
    keys = [one.as_key(approver=True) for one in approvers]
    keys += [one.as_key(approver=False) for one in others]
    statement = KeyStatement(
        log=head.log,
        id=str(uuid4()),
        kind=KeyStatementKind.FOUND_KEYS,
        keys=tuple(keys),
        claimed_at=instant_text(now),
        signers=tuple(one.as_signer(KeySignerRole.HOLDER) for one in (*approvers, *others)),
        seen=head.seen,
    )
    return sign(statement, [one.pair for one in (*approvers, *others)])


def enrolment(
    head: KeysHead, new: Key, holder: Holder, approvers: Sequence[Holder], now: datetime
) -> Envelope:
    """Return the statement that lets a key in, signed by its holder and by two approvers.

    Args:
        head: Of a log whose keys are founded.
        new: The key.
        holder: Whose it is.
        approvers: Two other people.
        now: Aware.
    """
    statement = KeyStatement(
        log=head.log,
        id=str(uuid4()),
        kind=KeyStatementKind.ENROL_KEY,
        keys=(new,),
        claimed_at=instant_text(now),
        signers=(holder.as_signer(KeySignerRole.HOLDER), *_approving(approvers)),
        seen=head.seen,
    )
    return sign(statement, [holder.pair, *(one.pair for one in approvers)])


def revocation(
    head: KeysHead,
    keys: Sequence[str],
    approvers: Sequence[Holder],
    now: datetime,
    *,
    reason: str,
    suspect_since: datetime | None = None,
) -> Envelope:
    """Return the statement from which on keys no longer count, signed by two approvers.

    Args:
        head: Of a log whose keys are founded.
        keys: Ids of the keys.
        approvers: Two people.
        now: Aware.
        reason: Why.
        suspect_since: From when on the keys may have been in other hands.
    """
    statement = KeyStatement(
        log=head.log,
        id=str(uuid4()),
        kind=KeyStatementKind.REVOKE_KEY,
        revokes=tuple(keys),
        suspect_since=None if suspect_since is None else instant_text(suspect_since),
        claimed_at=instant_text(now),
        signers=tuple(_approving(approvers)),
        seen=head.seen,
        reason=reason,
    )
    return sign(statement, [one.pair for one in approvers])


def sign(statement: Statement | KeyStatement, pairs: Iterable[SigningKeyPair]) -> Envelope:
    """Return the envelope of a statement with the signatures of these keys, in this order."""
    is_of_keys = isinstance(statement, KeyStatement)
    bare = Envelope(
        payload_type=KEY_STATEMENT_TYPE if is_of_keys else STATEMENT_TYPE,
        payload=signed_bytes(statement),
    )
    signatures = (Signature(key_id=one.key_id, signature=one.sign(bare.pae)) for one in pairs)
    return replace(bare, signatures=tuple(signatures))


def _approving(approvers: Sequence[Holder]) -> list[KeySigner]:
    return [one.as_signer(KeySignerRole.APPROVER) for one in approvers]
