"""The members of a receipt that serve for following it by hand; all derived from the others."""

from collections.abc import Iterable, Mapping

from custody.ed25519 import key_id
from custody.envelope import Envelope
from custody.key_file import public_pem
from custody.note import Note, VerifierKey
from schemas.key_statement import KeyStatement


def by_hand(
    envelope: Envelope, public: Mapping[str, bytes], log_key: VerifierKey, checkpoint: Note
) -> dict[str, bytes]:
    """Return the members of `hand/` (`docs/bundle.md`).

    Args:
        envelope: That of the receipt's entry.
        public: The keys that any statement of the keys' chain enrols, by key id.
        log_key: The log's.
        checkpoint: The note that the receipt leads to.
    """
    members = {
        "hand/statement.json": envelope.payload,
        "hand/statement.pae": envelope.pae,
        "hand/log.pem": public_pem(log_key.public).encode("ascii"),
        "hand/checkpoint.body": checkpoint.text,
    }
    for number, one in enumerate(envelope.signatures, start=1):
        members[f"hand/signature-{number}.bin"] = one.signature
        if one.key_id in public:
            pem = public_pem(public[one.key_id])
            members[f"hand/signer-{number}.pem"] = pem.encode("ascii")
    for line in checkpoint.signatures:
        if (line.name, line.key_id) == (log_key.name, log_key.key_id):
            members.setdefault("hand/checkpoint.sig", line.signature)
    return members


def named_keys(statements: Iterable[KeyStatement]) -> dict[str, bytes]:
    """Return every public key that these statements name, by key id, allowed or not."""
    raw = (bytes.fromhex(key.public) for said in statements for key in said.keys)
    return {key_id(public): public for public in raw}
