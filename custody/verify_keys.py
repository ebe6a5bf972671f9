"""Step 3: who had which key when, replayed from the keys' chain."""

from bisect import bisect_left
from collections.abc import Iterator

from custody.bundle_hand import named_keys
from custody.ed25519 import verify
from custody.entry import NO_ENTRY
from custody.key_log import KeyLog, apply_keys
from custody.verify_opened import Opened, Shown
from custody.verify_result import Code, Finding
from schemas.errors import CustodyConflict
from schemas.key_statement import KeyStatement


def check_keys(opened: Opened) -> tuple[list[Finding], KeyLog]:
    """Return what is wrong with the keys' chain, and the keys as its statements leave them.

    A statement that breaks a rule changes no key; one with a bad signature does, and is reported.
    """
    findings: list[Finding] = []
    log, public = KeyLog(), dict[str, bytes]()
    leaves: list[bytes] = []
    for shown in opened.keys:
        public |= named_keys([shown.said])
        findings += _chain(shown, leaves)
        findings += _signatures(shown, public)
        try:
            _check_seen(shown.said, leaves)
            log = apply_keys(log, shown.said, shown.index)
        except CustodyConflict as error:
            findings.append(
                Finding(code=Code.KEY_RULE_BROKEN, index=shown.index, sentence=str(error))
            )
        log = log.with_head(shown.leaf)
        leaves.append(shown.leaf)
    findings += _pointers(opened)
    return findings, log


def _chain(shown: Shown[KeyStatement], leaves: list[bytes]) -> Iterator[Finding]:
    entry, previous = shown.entry, leaves[-1] if leaves else NO_ENTRY
    if entry.order_sequence != len(leaves) + 1 or entry.previous != previous:
        yield Finding(
            code=Code.KEY_CHAIN_BROKEN,
            index=entry.index,
            sentence=f"Entry {entry.index} does not follow the entry about keys in front of it: "
            "one was left out, put in or changed.",
        )


def _signatures(shown: Shown[KeyStatement], public: dict[str, bytes]) -> Iterator[Finding]:
    pae = shown.entry.envelope.pae
    for signer, one in zip(shown.said.signers, shown.entry.envelope.signatures, strict=True):
        key = public.get(one.key_id)
        if key is not None and not verify(key, one.signature, pae):
            yield Finding(
                code=Code.KEY_SIGNATURE_BAD,
                index=shown.index,
                sentence=f"The signature of {signer.user} in entry {shown.index} does not belong "
                "to what it says about keys.",
            )


def _check_seen(said: KeyStatement, leaves: list[bytes]) -> None:
    seen = said.seen
    if seen is not None and (
        seen.sequence > len(leaves) or leaves[seen.sequence - 1].hex() != seen.hash
    ):
        message = f"Its signers saw an entry {seen.sequence} about keys that is not in this chain."
        raise CustodyConflict(message)


def _pointers(opened: Opened) -> Iterator[Finding]:
    indexes = [shown.index for shown in opened.keys]
    for shown in opened.shown:
        before = bisect_left(indexes, shown.index)
        expected = opened.keys[before - 1].leaf if before else NO_ENTRY
        if shown.entry.keys != expected:
            yield Finding(
                code=Code.KEYS_POINTER_WRONG,
                index=shown.index,
                sentence=f"Entry {shown.index} was recorded under other keys than those shown.",
            )
