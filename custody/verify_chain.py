"""Steps 4 and 5: each entry in its order's chain, and in the log that the checkpoint is of."""

from collections.abc import Iterator
from itertools import pairwise

from custody.bundle_members import Form
from custody.entry import NO_ENTRY, instant_text
from custody.merkle import check_inclusion
from custody.verify_opened import Opened
from custody.verify_result import Code, Finding
from schemas.errors import LedgerCorrupt


def check_chain(opened: Opened) -> Iterator[Finding]:
    """Yield where the order's chain, the log's name, the order's code or the times do not fit."""
    yield from _links(opened)
    yield from _logs(opened)
    for shown in opened.statements:
        if shown.said.order != shown.entry.order:
            yield Finding(
                code=Code.OTHER_ORDER,
                index=shown.index,
                sentence=f"Entry {shown.index} stands under {shown.entry.order}, but what was "
                f"signed is about {shown.said.order}.",
            )
    for earlier, later in pairwise(opened.shown):
        if later.entry.recorded_at < earlier.entry.recorded_at:
            yield Finding(
                code=Code.ORDER_OF_TIME,
                index=later.index,
                sentence=f"Entry {later.index} says it was recorded at "
                f"{instant_text(later.entry.recorded_at)}, before entry {earlier.index}.",
            )


def check_included(opened: Opened) -> Iterator[Finding]:
    """Yield each entry that is not proven to be in the log."""
    checkpoint = opened.checkpoint.checkpoint
    for shown in opened.shown:
        proof = opened.proofs.get(shown.index)
        if proof is None:
            continue  # a key entry that the last one's `previous` leads to
        try:
            check_inclusion(
                leaf=shown.leaf,
                index=shown.index,
                size=checkpoint.size,
                proof=proof.hashes,
                root=checkpoint.root,
            )
        except LedgerCorrupt as error:
            yield Finding(code=Code.NOT_INCLUDED, index=shown.index, sentence=str(error))


def _links(opened: Opened) -> Iterator[Finding]:
    previous = NO_ENTRY
    for number, shown in enumerate(opened.statements, start=1):
        entry = shown.entry
        fits = (entry.order_sequence, entry.previous) == (number, previous)
        if opened.about.form is Form.RECEIPT:
            fits = (entry.order_sequence == 1) == (entry.previous == NO_ENTRY)
        if not fits:
            yield Finding(
                code=Code.ORDER_CHAIN_BROKEN,
                index=shown.index,
                sentence=f"Entry {shown.index} does not follow the order's entry in front of it: "
                "one was left out, put in or changed.",
            )
        previous = shown.leaf


def _logs(opened: Opened) -> Iterator[Finding]:
    log = opened.about.log
    origins = {each.checkpoint.origin for each in opened.checkpoints} | {opened.log_key.name}
    for origin in sorted(origins - {log}):
        yield Finding(
            code=Code.OTHER_LOG, sentence=f"The file is of the log {log}; this is of {origin}."
        )
    for shown in opened.shown:
        if shown.said.log != log:
            yield Finding(
                code=Code.OTHER_LOG,
                index=shown.index,
                sentence=f"What entry {shown.index} says was signed for the log {shown.said.log}.",
            )
