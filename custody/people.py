"""Who signed: whether each signature is there, is good, and is of whom the statement names."""

from collections.abc import Iterator, Mapping, Sequence

from custody.ed25519 import verify
from custody.entry import instant_of
from custody.envelope import Envelope
from custody.key_log import KeyLog
from schemas.errors import LedgerCorrupt
from schemas.key_statement import KeySigner, KeyStatement
from schemas.statement import Signer, Statement


def unsigned(envelope: Envelope, statement: Statement | KeyStatement) -> list[str]:
    """Return the keys that are to sign and have not, in the order of the signers."""
    signed = {one.key_id for one in envelope.signatures}
    return [signer.key for signer in statement.signers if signer.key not in signed]


def check_signatures(
    envelope: Envelope, statement: Statement | KeyStatement, public: Mapping[str, bytes]
) -> None:
    """Check that exactly the named signers signed these bytes, in their order.

    Args:
        envelope: The bytes and signatures.
        statement: What the bytes say.
        public: Public keys by key id.

    Raises:
        LedgerCorrupt: A signature is missing, bad, superfluous, or by a key that is unknown.
    """
    signers: Sequence[Signer | KeySigner] = statement.signers
    if [one.key_id for one in envelope.signatures] != [one.key for one in signers]:
        message = "The signatures are not those of the signers, one each, in their order."
        raise LedgerCorrupt(message)
    pae = envelope.pae
    for signer, one in zip(signers, envelope.signatures, strict=True):
        key = public.get(one.key_id)
        if key is None:
            message = f"The key of {signer.user} was never enrolled, so nobody can check it."
            raise LedgerCorrupt(message)
        if not verify(key, one.signature, pae):
            message = f"The signature of {signer.user} does not belong to these bytes."
            raise LedgerCorrupt(message)


def invalid_keys(log: KeyLog, statement: Statement, index: int) -> Iterator[str]:
    """Yield a sentence for each signer whose key does not count at the entry's index."""
    for signer in statement.signers:
        record = log.keys.get(signer.key)
        if record is None:
            yield f"The key of {signer.user} is not enrolled."
        elif record.enrolled_index >= index:
            yield f"The key of {signer.user} was enrolled later, at entry {record.enrolled_index}."
        elif not record.counts_at(index):
            yield f"The key of {signer.user} was revoked at entry {record.revoked_index}."


def false_names(log: KeyLog, statement: Statement) -> Iterator[str]:
    """Yield a sentence for each signer who is not who the key's record says, or acts for others.

    The first signer acts, and can act for the own party only; a second one is of the same party.
    """
    for signer in statement.signers:
        record = log.keys.get(signer.key)
        if record is None:
            continue
        if (record.user, record.name, record.party) != (signer.user, signer.name, signer.party):
            yield f"{signer.user} ({signer.name}) signs with the key of {record.user}."
    acting = statement.signers[0]
    for second in statement.signers[1:]:
        if second.party != acting.party:
            yield f"{second.user} verifies for {second.party}, and {acting.user} acts for another."
    if statement.actor is not None and acting.party != statement.actor:
        yield f"{acting.user} signs for {acting.party}, and cannot act for {statement.actor}."


def suspect_keys(log: KeyLog, statement: Statement) -> Iterator[str]:
    """Yield a sentence for each key that may have been in other hands when it signed this."""
    for signer in statement.signers:
        record = log.keys.get(signer.key)
        since = None if record is None else record.suspect_since
        if since is not None and instant_of(statement.claimed_at) >= since:
            yield (
                f"The key of {signer.user} was revoked later, and may have been in other hands "
                "when this was claimed: look at it again."
            )
