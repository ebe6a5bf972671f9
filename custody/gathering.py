"""Statements that need several signatures, made on several devices, one after another.

Each signer sends the same bytes with the own signature. What waits is not recorded and asserts
nothing; with the last signature it is recorded at once.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from custody.base64_text import to_base64
from custody.ed25519 import verify
from custody.envelope import Envelope, make_envelope
from custody.facts import check_log
from custody.key_log import KeyLog, public_keys
from custody.keys import current_keys
from custody.ledger import append, read_payload
from custody.people import false_names, invalid_keys, unsigned
from custody.reading import Recorded, story_of
from schemas.errors import CustodyConflict, Duplicate, NotFound, Overloaded, SignatureRefused
from schemas.key_statement import KeySigner, KeyStatement
from schemas.statement import Signer, Statement
from store.database import Session
from store.ledger import find_by_statement, list_entries_of_order, lock_statement, read_head
from store.outbox import publish
from store.signing_keys import Waiting, count_waiting, find_waiting, put_waiting, remove_waiting

MOST_WAITING = 200
"""How many statements may wait for one person, so that nobody's list is flooded."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Awaiting:
    """A statement that is not recorded yet, and who has not signed it."""

    envelope: Envelope
    missing: tuple[Signer | KeySigner, ...]


def take(session: Session, envelope: Envelope, now: datetime) -> Recorded | Awaiting:
    """Record a signed statement, or keep its signatures until the last one comes.

    Args:
        session: The transaction; committed by the caller.
        envelope: The signed bytes with at least one signature.
        now: Aware.

    Raises:
        SignatureRefused: A signature is of nobody who is to sign, or does not hold.
        Duplicate: The statement's id is taken by a statement of other contents.
        CustodyConflict: See `custody.ledger.append`, which is asked with the last signature.
    """
    said = read_payload(envelope)
    lock_statement(session, said.id)  # two who sign at the same time must not lose a signature
    if find_by_statement(session, said.id) is not None:
        return append(session, envelope, now)
    waiting = find_waiting(session, said.id)
    if waiting is not None and waiting.payload != envelope.payload:
        raise Duplicate("statement", said.id)
    merged = _merged(envelope, said, waiting, current_keys(session))
    if not unsigned(merged, said):
        if waiting is not None:
            remove_waiting(session, said.id)
        return append(session, merged, now)
    _check_may_wait(session, said)
    missing = missing_signers(merged, said)
    put_waiting(
        session,
        Waiting(
            id=said.id,
            payload_type=merged.payload_type,
            order_code=said.order if isinstance(said, Statement) else "",
            payload=merged.payload,
            signatures=tuple((one.key_id, to_base64(one.signature)) for one in merged.signatures),
            waiting_for=tuple(signer.user for signer in missing),
        ),
        now=now,
    )
    publish(session, kind="awaiting", subject=said.id, payload={"missing": len(missing)})
    return Awaiting(envelope=merged, missing=missing)


def _check_may_wait(session: Session, said: Statement | KeyStatement) -> None:
    """Refuse what could not be recorded if the last signature came now: it must not wait."""
    check_log(session, said.log)
    for signer in said.signers:
        if count_waiting(session, signer.user) >= MOST_WAITING:
            raise Overloaded(
                f"{MOST_WAITING} statements wait for {signer.user} already. Have some signed or "
                "taken back first."
            )
    if isinstance(said, KeyStatement):
        return
    keys = current_keys(session)
    size = read_head(session).size
    for sentence in (*invalid_keys(keys, said, size), *false_names(keys, said)):
        raise SignatureRefused(sentence)
    story_of(list_entries_of_order(session, said.order)).place(said)


def withdraw(session: Session, statement_id: str, username: str) -> None:
    """Take back what waits for a signature: one of its signers no longer wants it recorded.

    It asserted nothing, and leaves no trace; what is recorded stays for ever.

    Args:
        session: The transaction; committed by the caller.
        statement_id: Of the statement that waits.
        username: One of its signers.

    Raises:
        NotFound: Nothing of that id waits that this person is to sign.
        CustodyConflict: It is recorded.
    """
    lock_statement(session, statement_id)
    if find_by_statement(session, statement_id) is not None:
        raise CustodyConflict("It is recorded and stays. Record a correction that points at it.")
    waiting = find_waiting(session, statement_id)
    signers: Sequence[Signer | KeySigner] = ()
    if waiting is not None:
        signers = read_payload(envelope_of_waiting(waiting)).signers
    if username not in {signer.user for signer in signers}:
        raise NotFound("statement", statement_id)
    remove_waiting(session, statement_id)
    publish(session, kind="awaiting", subject=statement_id, payload={"missing": 0})


def awaiting_of(waiting: Waiting) -> Awaiting:
    """Return what waits as it was signed so far."""
    envelope = envelope_of_waiting(waiting)
    return Awaiting(envelope=envelope, missing=missing_signers(envelope, read_payload(envelope)))


def envelope_of_waiting(waiting: Waiting) -> Envelope:
    """Return the envelope of a statement that waits."""
    return make_envelope(
        payload=to_base64(waiting.payload),
        payload_type=waiting.payload_type,
        signatures=waiting.signatures,
    )


def missing_signers(
    envelope: Envelope, said: Statement | KeyStatement
) -> tuple[Signer | KeySigner, ...]:
    """Return who is to sign and has not."""
    missing = set(unsigned(envelope, said))
    return tuple(signer for signer in said.signers if signer.key in missing)


def _merged(
    envelope: Envelope, said: Statement | KeyStatement, waiting: Waiting | None, keys: KeyLog
) -> Envelope:
    """Return the envelope with the old and the new signatures, each checked, in signers' order."""
    public = (
        public_keys(keys, said)
        if isinstance(said, KeyStatement)
        else {key: record.public for key, record in keys.keys.items()}
    )
    signers: list[str] = [signer.key for signer in said.signers]
    if not envelope.signatures:
        raise SignatureRefused("Nobody has signed this. Sign it with your device's key.")
    for one in envelope.signatures:
        key = public.get(one.key_id)
        if one.key_id not in signers or key is None:
            message = "One of the signatures is by a key that is not to sign this, or not enrolled."
            raise SignatureRefused(message)
        if not verify(key, one.signature, envelope.pae):
            raise SignatureRefused("A signature does not belong to these bytes.")
    known = () if waiting is None else envelope_of_waiting(waiting).signatures
    by_key = {one.key_id: one for one in (*envelope.signatures, *known)}
    return Envelope(
        payload_type=envelope.payload_type,
        payload=envelope.payload,
        signatures=tuple(by_key[key] for key in signers if key in by_key),
    )
