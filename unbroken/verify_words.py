"""What `unbroken verify` prints: each step, each finding, and what is proven by it all."""

from collections.abc import Iterator

from custody.bundle_members import Form
from custody.verify_result import Code, Severity, Verification


def lines_of(found: Verification) -> Iterator[str]:
    """Yield the steps with what each found, and what is proven by it all."""
    for step in found.steps:
        yield f"{step.number:2}. {step.title}: {'' if step.findings else 'nothing wrong.'}".rstrip()
        for one in step.findings:
            place = "" if one.index is None else f" at entry {one.index}"
            yield f"    {one.severity}{place}, {one.code}: {one.sentence}"
    yield _closing(found)


def _closing(found: Verification) -> str:
    if found.form is None:
        return "Nothing is proven: the file is damaged, or not a receipt or bundle of this log."
    if not found.ok:
        findings = [one for step in found.steps for one in step.findings]
        faults = [one for one in findings if one.severity is Severity.FAULT]
        return f"Not proven. Faults: {len(faults)}; the first: {faults[0].sentence}"
    codes = {one.code for step in found.steps for one in step.findings}
    return " ".join((_proven(found), *_not_proven(found, codes)))


def _proven(found: Verification) -> str:
    what = f"All {found.entries} entries of order {found.order} shown here"
    if found.form is Form.RECEIPT:
        what = "The entry of this receipt"
    return (
        f"Proven: {what}: said and signed by the people named, unchanged, and in the log "
        f"{found.log} of size {found.size}, which {_witnesses(found)}."
    )


def _witnesses(found: Verification) -> str:
    at, count = found.witnessed.at, found.witnessed.count
    if at is None:
        return "no witness saw"
    return f"{count} {'witness' if count == 1 else 'witnesses'} saw by {at:%Y-%m-%d %H:%M:%S} UTC"


def _not_proven(found: Verification, codes: set[Code]) -> Iterator[str]:
    yield "Not proven: that what was said is true;"
    if found.form is Form.RECEIPT:
        yield "that it did not contradict the order's other entries;"
    else:
        yield "that nothing was recorded after the last entry shown;"
    if Code.READINGS_NOT_SHOWN in codes:
        yield "readings that are not in the file;"
    if Code.LOG_NOT_PINNED in codes:
        yield "that this is the log you mean (give --log or --policy);"
    if Code.WITNESSES_NOT_PINNED in codes:
        yield "that the witnesses are independent of the log (give --policy);"
    if Code.KEY_SUSPECT in codes:
        yield "signatures by keys that may have been in other hands;"
    if Code.QUORUM_NOT_MET in codes:
        yield "that enough witnesses saw this log;"
    yield "that the keys are of the people named, beyond what two approvers signed."
