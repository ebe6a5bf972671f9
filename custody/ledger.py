"""Recording signed statements: from an envelope to an entry that cannot be moved.

*Recorded* means: at a place in its chain and in the log, durable once the transaction commits. It
does not mean witnessed.
"""

from dataclasses import dataclass
from datetime import datetime

from custody.calls import calls_for
from custody.entry import KEYS_CHAIN, NO_ENTRY, Entry, whole_milliseconds
from custody.envelope import Envelope, parse_payload
from custody.facts import check_facts, check_log
from custody.key_log import KeyLog, apply_keys, public_keys
from custody.keys import current_keys, project_keys
from custody.merkle import Frontier, leaf_hash
from custody.people import check_signatures, false_names, invalid_keys
from custody.projection import correct_times, project, row_of
from custody.reading import Recorded, latest_before, recorded_of, story_of
from custody.tree import new_nodes
from schemas.errors import CustodyConflict, Duplicate, LedgerCorrupt, SignatureRefused
from schemas.key_statement import KeyStatement
from schemas.kill_at import reached
from schemas.statement import Statement
from store import ledger as store
from store.alerts import raise_alert
from store.database import Session
from store.ledger import EntryRow, HeadRow
from store.ledger_nodes import insert_nodes
from store.outbox import publish


@dataclass(frozen=True, slots=True, kw_only=True)
class _Chain:
    """Where the next entry of a chain goes, known before the log's lock is taken."""

    order: str
    last: EntryRow | None
    conflict_with: bytes | None = None


def append(session: Session, envelope: Envelope, now: datetime) -> Recorded:
    """Record a signed statement, and what follows from it for the order's shipments.

    The same statement again changes nothing and returns the same place. One chain a transaction:
    the log's lock is kept until it ends, and no second chain's lock may be waited for under it.

    Args:
        session: The transaction; committed by the caller.
        envelope: The signed bytes with every signature.
        now: Aware. An entry is never recorded before the entry in front of it: a clock that
            was put back is held at the last entry's time.

    Raises:
        SignatureRefused: The bytes are no statement, or a signature, key or name does not hold.
        Duplicate: The statement's id is taken by a statement of other contents.
        CustodyConflict: The statement contradicts what is on record, and did so when it was
            signed. If it only came to do so, it is recorded in conflict.
        NotFound: The order, the shipment, a party or an item is unknown.
    """
    said = read_payload(envelope)
    store.lock_statement(session, said.id)
    if isinstance(said, KeyStatement):
        return _append_keys(session, envelope, said, now)
    return _append_statement(session, envelope, said, now)


def read_payload(envelope: Envelope) -> Statement | KeyStatement:
    """Return what somebody wants recorded.

    Raises:
        SignatureRefused: The bytes are no statement in canonical form.
    """
    try:
        return parse_payload(envelope)
    except LedgerCorrupt as error:
        raise SignatureRefused(str(error)) from error


def check_people(envelope: Envelope, statement: Statement, keys: KeyLog, index: int) -> None:
    """Check that the signatures hold, and that the keys count at the entry's index.

    Raises:
        SignatureRefused: One does not.
    """
    for sentence in (*invalid_keys(keys, statement, index), *false_names(keys, statement)):
        raise SignatureRefused(sentence)
    public = {key: record.public for key, record in keys.keys.items()}
    _check_signatures(envelope, statement, public)


def _append_statement(
    session: Session, envelope: Envelope, statement: Statement, now: datetime
) -> Recorded:
    store.lock_order(session, statement.order)
    if (known := _find_known(session, envelope, statement.id)) is not None:
        return known
    check_log(session, statement.log)
    keys = current_keys(session)
    check_people(envelope, statement, keys, store.read_head(session).size)
    before = store.list_entries_of_order(session, statement.order)
    story = story_of(before)
    placed = story.place(statement)
    not_before = latest_before(before)
    check_facts(session, statement, story.state)
    for call in calls_for(session, story.state, statement, placed):
        raise_alert(session, call, now=now)
    if placed.conflict_with is None:
        project(session, statement, placed.state, now=now, not_before=not_before)
    chain = _Chain(
        order=statement.order,
        last=before[-1] if before else None,
        conflict_with=placed.conflict_with,
    )
    # Nothing below waits for anybody: the log's lock is everybody's.
    log = store.lock_head(session)
    if log.keys != keys.head:  # a key was revoked while this was on its way
        check_people(envelope, statement, current_keys(session), log.size)
    row = _append_row(session, log, envelope, statement, chain, now)
    if placed.conflict_with is None:
        correct_times(
            session, statement, now=now, recorded_at=row.recorded_at, not_before=not_before
        )
    _tell(session, row)
    return recorded_of(row, new=True)


def _append_keys(
    session: Session, envelope: Envelope, statement: KeyStatement, now: datetime
) -> Recorded:
    store.lock_keys(session)
    if (known := _find_known(session, envelope, statement.id)) is not None:
        return known
    check_log(session, statement.log)
    before = current_keys(session)
    rows = store.list_entries_of_order(session, KEYS_CHAIN)
    seen = statement.seen
    if seen is not None and seen.hash not in {
        row.leaf_hash.hex() for row in rows[seen.sequence - 1 : seen.sequence]
    }:
        message = "The signer's device saw an entry about keys that this ledger does not have."
        raise CustodyConflict(message)
    _check_signatures(envelope, statement, public_keys(before, statement))
    log = store.lock_head(session)
    after = apply_keys(before, statement, log.size)
    chain = _Chain(order=KEYS_CHAIN, last=rows[-1] if rows else None)
    row = _append_row(session, log, envelope, statement, chain, now)
    project_keys(session, before, after)
    _tell(session, row)
    return recorded_of(row, new=True)


def _find_known(session: Session, envelope: Envelope, statement_id: str) -> Recorded | None:
    known = store.find_by_statement(session, statement_id)
    if known is None:
        return None
    if known.statement_bytes != envelope.payload:
        raise Duplicate("statement", statement_id)
    return recorded_of(known, new=False)


def _check_signatures(
    envelope: Envelope, statement: Statement | KeyStatement, public: dict[str, bytes]
) -> None:
    try:
        check_signatures(envelope, statement, public)
    except LedgerCorrupt as error:
        raise SignatureRefused(str(error)) from error


def _append_row(
    session: Session,
    log: HeadRow,
    envelope: Envelope,
    statement: Statement | KeyStatement,
    chain: _Chain,
    now: datetime,
) -> EntryRow:
    """Give the statement its place under the log's lock, and move the head on."""
    recorded_at = whole_milliseconds(now)
    if log.recorded_at is not None:
        recorded_at = max(recorded_at, log.recorded_at)
    entry = Entry(
        index=log.size,
        order=chain.order,
        order_sequence=chain.last.order_sequence + 1 if chain.last else 1,
        previous=chain.last.leaf_hash if chain.last else NO_ENTRY,
        keys=log.keys,
        recorded_at=recorded_at,
        conflict_with=chain.conflict_with,
        envelope=envelope,
    )
    data = entry.to_bytes()
    leaf = leaf_hash(data)
    before = Frontier.from_bytes(log.size, log.frontier)
    frontier = before.append(leaf)
    row = row_of(entry, statement, data=data, root=frontier.root())
    reached("ledger.before_insert")
    store.insert_entry(session, row)
    reached("ledger.after_insert_before_head")
    insert_nodes(session, new_nodes(before, leaf))
    store.update_head(
        session,
        HeadRow(
            size=frontier.size,
            frontier=frontier.to_bytes(),
            root=row.root,
            recorded_at=recorded_at,
            keys=leaf if chain.order == KEYS_CHAIN else log.keys,
        ),
    )
    return row


def _tell(session: Session, row: EntryRow) -> None:
    publish(
        session,
        kind="entry",
        subject=row.shipment_code or row.order_code,
        payload={
            "index": row.index,
            "order": row.order_code,
            "order_sequence": row.order_sequence,
            "shipment": row.shipment_code,
            "kind": row.kind,
            "entry_hash": row.leaf_hash.hex(),
        },
    )
