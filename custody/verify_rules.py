"""Steps 9 and 10: could each statement follow, and are the readings those that were sealed?"""

from collections.abc import Iterator

from custody.bundle_members import Form
from custody.sealed_readings import check_seal
from custody.story import Placed, Story
from custody.verify_opened import Opened, Shown
from custody.verify_result import Code, Finding, Severity
from schemas.errors import CustodyConflict, LedgerCorrupt
from schemas.statement import Sealed, Statement


def check_rules(opened: Opened) -> Iterator[Finding]:
    """Yield each statement that stands where the rules do not let it, or is in conflict.

    A receipt has one entry: that it is in conflict is told, whether it had to be is not known.
    """
    yield from _in_conflict(opened)
    if opened.about.form is Form.RECEIPT:
        return
    yield from _repeated(opened)
    story = Story()
    for shown in opened.statements:
        entry, sentence, state = shown.entry, None, story.state
        try:
            placed = story.place(shown.said)
        except CustodyConflict as error:
            sentence = str(error)
        else:
            if placed.conflict_with == entry.conflict_with:
                state = placed.state
            else:
                sentence = placed.conflict or "It is marked as in conflict, and is not, or not so."
        if sentence is not None:
            yield Finding(code=Code.RULE_BROKEN, index=entry.index, sentence=sentence)
        placed = Placed(state=state, conflict_with=entry.conflict_with)
        story.add(shown.leaf, shown.said, placed)


def _in_conflict(opened: Opened) -> Iterator[Finding]:
    """Yield a note for each statement that is on record and changed nothing."""
    for shown in opened.statements:
        if shown.entry.conflict_with is not None:
            yield Finding(
                code=Code.IN_CONFLICT,
                severity=Severity.NOTE,
                index=shown.index,
                sentence=f"Entry {shown.index} contradicts what others recorded meanwhile: "
                "it is on record and changed nothing.",
            )


def _repeated(opened: Opened) -> Iterator[Finding]:
    """Yield each statement that was recorded before: replayed, not said again."""
    known = set[str]()
    for shown in opened.statements:
        if shown.said.id in known:
            yield Finding(
                code=Code.RULE_BROKEN,
                index=shown.index,
                sentence=f"Entry {shown.index} records a statement that was recorded before.",
            )
        known.add(shown.said.id)


def check_readings(opened: Opened) -> Iterator[Finding]:
    """Yield each seal whose readings are missing or changed, or that hides an earlier one."""
    last: dict[tuple[str | None, int], bytes] = {}
    for shown in opened.statements:
        sealed = shown.said.sealed
        if sealed is None:
            continue
        yield from _readings(opened, shown, sealed)
        if opened.about.form is Form.RECEIPT or shown.entry.conflict_with is not None:
            continue
        leg = (shown.said.shipment, sealed.leg)
        earlier = last.get(leg)
        if sealed.earlier != (None if earlier is None else earlier.hex()):
            yield Finding(
                code=Code.SEAL_RULE_BROKEN,
                index=shown.index,
                sentence=f"The seal of leg {sealed.leg} does not name the seal before it.",
            )
        last[leg] = shown.leaf


def _readings(opened: Opened, shown: Shown[Statement], sealed: Sealed) -> Iterator[Finding]:
    lines = opened.readings.get(shown.index)
    if lines is None:
        yield Finding(
            code=Code.READINGS_NOT_SHOWN,
            severity=Severity.NOTE,
            index=shown.index,
            sentence=f"The {sealed.count} readings of leg {sealed.leg} are not in this file.",
        )
        return
    try:
        check_seal(sealed, lines)
    except LedgerCorrupt as error:
        yield Finding(code=Code.SEAL_BROKEN, index=shown.index, sentence=str(error))
