"""Checking a receipt or a bundle: bytes in, findings out. No database, no network, no clock.

The eleven steps are those of `docs/bundle.md`; the first two end the check when they find a fault,
because what cannot be read cannot be judged.
"""

from custody.policy import Policy
from custody.verify_chain import check_chain, check_included
from custody.verify_checkpoint import check_checkpoint, check_witnesses
from custody.verify_file import open_file
from custody.verify_form import read_members
from custody.verify_keys import check_keys
from custody.verify_opened import Opened, Unreadable
from custody.verify_people import check_people
from custody.verify_result import Code, Finding, Verification, step_of
from custody.verify_rules import check_readings, check_rules
from custody.verify_timestamps import check_timestamps
from schemas.errors import LedgerCorrupt


def verify(data: bytes, policy: Policy | None = None) -> Verification:
    """Return what a receipt or a bundle proves, and what is wrong with it; never raises.

    Args:
        data: The file.
        policy: Whom the reader trusts: keys of logs, witnesses, a quorum. None: the file's own
            claims are used, and the result says so.
    """
    try:
        form, members = open_file(data)  # (1)
    except LedgerCorrupt as error:
        damaged = Finding(code=Code.FILE_DAMAGED, sentence=str(error))
        return Verification(steps=(step_of(1, [damaged]),))
    try:
        opened = read_members(members, form)  # (2)
    except Unreadable as error:
        unreadable = Finding(code=Code.UNREADABLE, index=error.index, sentence=str(error))
        return Verification(steps=(step_of(1, []), step_of(2, [unreadable])))
    return check_opened(opened, policy)


def check_opened(opened: Opened, policy: Policy | None) -> Verification:
    """Return what a file proves that was read without a fault: steps 3 to 11."""
    key_findings, keys = check_keys(opened)
    witness_findings, witnessed = check_witnesses(opened, policy)
    steps = (
        (),
        (),
        key_findings,
        check_chain(opened),
        check_included(opened),
        check_checkpoint(opened, policy),
        witness_findings,
        check_people(opened, keys),
        check_rules(opened),
        check_readings(opened),
        check_timestamps(opened),
    )
    return Verification(
        form=opened.about.form,
        log=opened.about.log,
        order=opened.about.order,
        size=opened.about.size,
        root=opened.checkpoint.checkpoint.root,
        entries=len(opened.about.entries),
        witnessed=witnessed,
        steps=tuple(step_of(number, found) for number, found in enumerate(steps, start=1)),
    )
