"""Steps 6 and 7: who stands for this state of the log: the log itself, and its witnesses."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime
from itertools import pairwise

from custody.cosignature import Cosignature, check_cosignatures
from custody.merkle import check_consistency
from custody.note import Note, NoteSignature, VerifierKey
from custody.policy import NO_QUORUM, Policy
from custody.verify_opened import Opened, SignedCheckpoint
from custody.verify_result import Code, Finding, Severity, Witnessed
from schemas.errors import LedgerCorrupt


def check_checkpoint(opened: Opened, pinned: Policy | None) -> Iterator[Finding]:
    """Yield whether the log signed its checkpoints, and whether each continues the one before."""
    for each in opened.checkpoints:
        yield from _log_signature(each, opened.log_key)
    yield from _neighbours(opened)
    trusted = () if pinned is None else pinned.log_keys
    if not trusted:
        yield Finding(
            code=Code.LOG_NOT_PINNED,
            severity=Severity.NOTE,
            sentence=f"You gave no key of the log, so the file's own is used: "
            f"{opened.log_key.to_text()}. Compare it with one that you got elsewhere.",
        )
    elif opened.log_key not in trusted:
        yield Finding(
            code=Code.OTHER_LOG_KEY,
            sentence=f"The log's key is {opened.log_key.to_text()}, which is not the one you gave.",
        )


def check_witnesses(opened: Opened, pinned: Policy | None) -> tuple[list[Finding], Witnessed]:
    """Return what is wrong with the cosignatures, and what the good ones amount to."""
    is_pinned = pinned is not None and bool(pinned.witnesses)
    policy = pinned if pinned is not None and is_pinned else opened.policy
    keys = set(opened.policy.witness_keys) | set(policy.witness_keys)
    findings, good = [], list[Cosignature]()
    for each in opened.checkpoints:
        bad, good = _cosignatures(each.note, opened.log_key, keys)
        findings += bad
    if not is_pinned:
        findings.append(
            Finding(
                code=Code.WITNESSES_NOT_PINNED,
                severity=Severity.NOTE,
                sentence="You named no witnesses, so those that the log names are counted.",
            )
        )
    witnessed = _weigh(policy, good)  # those of the last one, `checkpoint.txt`
    if witnessed.quorum_met is False:
        findings.append(
            Finding(
                code=Code.QUORUM_NOT_MET,
                severity=Severity.FAULT if is_pinned else Severity.NOTE,
                sentence=f"{witnessed.count} witnesses have cosigned this checkpoint; "
                f"the policy asks for {policy.k} of {policy.n}.",
            )
        )
    return findings, witnessed


def _log_signature(signed: SignedCheckpoint, log_key: VerifierKey) -> Iterator[Finding]:
    lines = [one for one in signed.note.signatures if _is_by(one, log_key)]
    if len(lines) != 1 or not log_key.has_signed(signed.note.text, lines[0].signature):
        yield Finding(
            code=Code.CHECKPOINT_SIGNATURE_BAD,
            sentence=f"The checkpoint of size {signed.checkpoint.size} is not signed by the log.",
        )


def _neighbours(opened: Opened) -> Iterator[Finding]:
    proofs = [proof for _, proof in opened.earlier]
    for (old, new), proof in zip(pairwise(opened.checkpoints), proofs, strict=True):
        try:
            check_consistency(
                old_size=old.checkpoint.size,
                new_size=new.checkpoint.size,
                old_root=old.checkpoint.root,
                new_root=new.checkpoint.root,
                proof=proof,
            )
        except LedgerCorrupt as error:
            yield Finding(code=Code.CHECKPOINT_INCONSISTENT, sentence=str(error))


def _cosignatures(
    note: Note, log_key: VerifierKey, keys: set[VerifierKey]
) -> tuple[list[Finding], list[Cosignature]]:
    good: list[Cosignature] = []
    bad: list[Finding] = []
    for one in note.signatures:
        if _is_by(one, log_key):
            continue
        found = _cosignature(note, one, keys)
        if found is None or found.key in {each.key for each in good}:
            sentence = f"The cosignature of {one.name} does not belong to this checkpoint."
            if found is not None or not any(_is_by(one, key) for key in keys):
                sentence = f"{one.name} has cosigned, but is no witness of the policy, or is twice."
            bad.append(Finding(code=Code.COSIGNATURE_BAD, sentence=sentence))
        else:
            good.append(found)
    return bad, good


def _cosignature(note: Note, one: NoteSignature, keys: set[VerifierKey]) -> Cosignature | None:
    try:
        found = check_cosignatures(replace(note, signatures=(one,)), keys)
    except LedgerCorrupt:
        return None
    return found[0] if found else None


def _weigh(policy: Policy, good: list[Cosignature]) -> Witnessed:
    times: dict[VerifierKey, datetime] = {one.key: one.at for one in good}
    names = {name: known.key for name, known in policy.witnesses.items() if known.key in times}
    return Witnessed(
        count=len(names),
        quorum_met=None if policy.quorum == NO_QUORUM else policy.met_by(names),
        at=max((times[key] for key in names.values()), default=None),
    )


def _is_by(one: NoteSignature, key: VerifierKey) -> bool:
    return (one.name, one.key_id) == (key.name, key.key_id)
