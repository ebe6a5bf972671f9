"""Receipts and bundles out of the ledger: what is stored, shown under a signed checkpoint.

Nothing is checked here. Whatever the database holds is handed over as it is, so that the reader's
verification finds what was changed.
"""

from collections.abc import Collection, Iterable, Sequence
from itertools import pairwise

from custody.bundle import Earlier, Material, make_file
from custody.bundle_members import Form
from custody.entry import KEYS_CHAIN
from custody.export_readings import readings_of_seals
from custody.log_policy import log_policy
from custody.policy import Policy
from custody.tree import stored_consistency_proof, stored_inclusion_proof
from custody.witnessing import witnessed
from schemas.errors import NotFound
from store.checkpoints import (
    CheckpointRow,
    cosigned_note,
    find_checkpoint,
    find_first_over,
    find_last_checkpoint,
    list_cosignatures,
    list_timestamps,
)
from store.database import Session
from store.ledger import EntryRow
from store.shown_entries import get_entry, list_entries_below

NO_POLICY = Policy()


def receipt(session: Session, index: int, policy: Policy = NO_POLICY) -> bytes:
    """Return the file that proves one entry, under the largest checkpoint that a quorum witnessed.

    Args:
        session: The transaction.
        index: Of the entry, of an order or about keys.
        policy: The log's witnesses and quorum (`custody.log_policy.read_policy`).

    Raises:
        NotFound: There is no such entry, or no signed checkpoint covers it yet.
    """
    entry = get_entry(session, index)
    checkpoint = checkpoint_over(session, index, policy)
    return make_file(_material(session, Form.RECEIPT, [entry], checkpoint, policy, earlier=[]))


def bundle(
    session: Session,
    order_code: str,
    legs: Collection[int] | None = None,
    policy: Policy = NO_POLICY,
) -> bytes:
    """Return the file that proves all entries of an order that a signed checkpoint covers.

    Args:
        session: The transaction.
        order_code: The order.
        legs: Numbers of the legs whose readings are shown; None shows all that are held.
        policy: As for `receipt`.

    Raises:
        NotFound: The order has no entry that a signed checkpoint covers.
    """
    last = find_last_checkpoint(session)
    entries = [] if last is None else list_entries_below(session, order_code, last.size)
    if last is None or not entries or order_code == KEYS_CHAIN:
        raise NotFound("signed checkpoint over entries of order", order_code)
    checkpoint = checkpoint_over(session, entries[-1].index, policy)
    earlier = _earlier(session, entries, checkpoint, policy)
    return make_file(
        _material(
            session,
            Form.BUNDLE,
            entries,
            checkpoint,
            policy,
            earlier=earlier,
            readings=readings_of_seals(session, entries, legs),
        )
    )


def _material(
    session: Session,
    form: Form,
    entries: Sequence[EntryRow],
    checkpoint: CheckpointRow,
    policy: Policy,
    *,
    earlier: Sequence[CheckpointRow],
    readings: dict[int, bytes] | None = None,
) -> Material:
    keys = list_entries_below(session, KEYS_CHAIN, checkpoint.size)
    claimed = log_policy(policy, checkpoint.vkey)
    return Material(
        form=form,
        order=entries[0].order_code,
        checkpoint=_note(session, checkpoint, claimed),
        policy=claimed.to_bytes(),
        entries={row.index: row.entry_bytes for row in entries},
        keys={row.index: row.entry_bytes for row in keys},
        paths={
            row.index: stored_inclusion_proof(session, row.index, checkpoint.size)
            for row in (*entries, *keys[-1:])
        },
        earlier={
            old.size: Earlier(
                note=_note(session, old, claimed),
                consistency=stored_consistency_proof(session, old.size, new.size),
            )
            for old, new in pairwise((*earlier, checkpoint))
        },
        readings=readings or {},
        timestamps=_timestamps(session, (*earlier, checkpoint)),
    )


def checkpoint_over(session: Session, index: int, policy: Policy) -> CheckpointRow:
    """Return the largest checkpoint that a quorum witnessed, if it covers the entry; else the last.

    Raises:
        NotFound: None covers the entry.
    """
    by_quorum = witnessed(session, policy).size if policy.witnesses else 0
    found = find_checkpoint(session, by_quorum) if by_quorum > index else None
    found = found or find_last_checkpoint(session)
    if found is None or found.size <= index:
        raise NotFound("signed checkpoint over entry", index)
    return found


def _earlier(
    session: Session, entries: Iterable[EntryRow], checkpoint: CheckpointRow, policy: Policy
) -> list[CheckpointRow]:
    """Return smaller checkpoints by the same key that say more: by size.

    The first over each entry bounds when it was recorded; the last that a quorum witnessed has
    cosignatures.
    """
    found: dict[int, CheckpointRow] = {}
    size = 0
    for row in entries:
        if row.index >= size and (first := find_first_over(session, row.index)) is not None:
            found[first.size] = first
            size = first.size
    if policy.witnesses:
        by_quorum = find_checkpoint(session, witnessed(session, policy).size)
        found |= {} if by_quorum is None else {by_quorum.size: by_quorum}
    return [
        found[size]
        for size in sorted(found)
        if 0 < size < checkpoint.size and found[size].vkey == checkpoint.vkey
    ]


def _note(session: Session, checkpoint: CheckpointRow, policy: Policy) -> bytes:
    """Return a checkpoint with the cosignatures of the policy's witnesses."""
    known = {(key.name, key.key_id.hex()) for key in policy.witness_keys}
    lines = list_cosignatures(session, checkpoint.size)
    return cosigned_note(checkpoint, [one for one in lines if (one.name, one.key_id) in known])


def _timestamps(session: Session, checkpoints: Iterable[CheckpointRow]) -> dict[int, bytes]:
    """Return one timestamp of each checkpoint that has any."""
    found = {each.size: list_timestamps(session, each.size) for each in checkpoints}
    return {size: rows[0].response for size, rows in found.items() if rows}
