"""Step 8: did the people who are named sign this, with keys that counted?"""

from collections.abc import Iterator

from custody.ed25519 import verify
from custody.key_log import KeyLog
from custody.people import false_names, invalid_keys, suspect_keys
from custody.verify_opened import Opened, Shown
from custody.verify_result import Code, Finding, Severity
from schemas.statement import Statement


def check_people(opened: Opened, keys: KeyLog) -> Iterator[Finding]:
    """Yield what is wrong with the signatures under each statement."""
    for shown in opened.statements:
        index, said = shown.index, shown.said
        for sentence in invalid_keys(keys, said, index):
            yield Finding(code=Code.KEY_NOT_VALID, index=index, sentence=sentence)
        yield from _signatures(shown, keys)
        for sentence in false_names(keys, said):
            yield Finding(code=Code.SIGNER_DIFFERS, index=index, sentence=sentence)
        for sentence in suspect_keys(keys, said):
            yield Finding(
                code=Code.KEY_SUSPECT, severity=Severity.NOTE, index=index, sentence=sentence
            )


def _signatures(shown: Shown[Statement], keys: KeyLog) -> Iterator[Finding]:
    envelope = shown.entry.envelope
    pae = envelope.pae
    for signer, one in zip(shown.said.signers, envelope.signatures, strict=True):
        public = keys.public_of(one.key_id)
        if public is not None and not verify(public, one.signature, pae):
            yield Finding(
                code=Code.SIGNATURE_BAD,
                index=shown.index,
                sentence=f"The signature of {signer.user} does not belong to what entry "
                f"{shown.index} says.",
            )
