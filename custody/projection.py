"""What repeats a statement in columns: its entry's row, and the rows of its order's shipments."""

from datetime import datetime
from uuid import UUID

from custody.entry import Entry, instant_of, whole_milliseconds
from custody.instants import effective_instant
from custody.merkle import leaf_hash
from custody.shipper_rules import REQUALIFIED
from custody.state import CustodyState
from schemas.key_statement import KeyStatement
from schemas.statement import Statement, StatementKind
from store import possession
from store.database import Session
from store.ledger import EntryRow


def row_of(
    entry: Entry,
    statement: Statement | KeyStatement,
    *,
    data: bytes,
    root: bytes,
    leaf: bytes | None = None,
) -> EntryRow:
    """Return the row of an entry: its bytes, and every column that repeats them.

    Args:
        entry: The entry.
        statement: What the entry's envelope holds.
        data: The entry's bytes.
        root: Root of the log up to and including the entry.
        leaf: The hash of `data`, where it is known.
    """
    custody = statement if isinstance(statement, Statement) else None
    return EntryRow(
        index=entry.index,
        order_code=entry.order,
        order_sequence=entry.order_sequence,
        shipment_code=custody.shipment if custody else None,
        kind=statement.kind.value,
        statement_id=UUID(statement.id),
        recorded_at=entry.recorded_at,
        claimed_at=instant_of(statement.claimed_at),
        from_party_id=custody.from_party if custody else None,
        to_party_id=custody.to_party if custody else None,
        place_gln=custody.place if custody else None,
        signer=statement.signers[0].user,
        entry_bytes=data,
        statement_bytes=entry.envelope.payload,
        leaf_hash=leaf_hash(data) if leaf is None else leaf,
        previous=entry.previous,
        root=root,
        conflict_with=entry.conflict_with,
        keys=entry.keys,
    )


def project(
    session: Session,
    statement: Statement,
    state: CustodyState,
    *,
    now: datetime,
    not_before: datetime,
) -> None:
    """Write what follows from the statement into the rows of order, shipper and shipments.

    `custody.course` says the same purely, for the audit. `now` is cut to the ledger's
    milliseconds: a time that is kept here must follow from the entry's bytes. No step takes
    effect before `not_before` (`custody.instants`). A shipper's times are those of the record: a
    claim must not bring one back into use.
    """
    possession.set_possession(
        session,
        order_code=statement.order,
        holder_party_id=state.holder,
        owner_party_id=state.owner,
    )
    at = effective_instant(statement, whole_milliseconds(now), not_before)
    match statement.kind:
        case StatementKind.RELEASE:
            possession.set_released(session, statement.shipment or "")
        case StatementKind.DEPART:
            possession.set_departed(session, statement.shipment or "", at)
        case StatementKind.ACCEPT:
            possession.set_delivered_to(
                session,
                order_code=statement.order,
                shipment_code=statement.shipment,
                party_id=statement.to_party or "",
                place_gln=statement.place,
                at=at,
            )
        case StatementKind.RETURN if statement.shipper is not None and not statement.items:
            possession.set_shipper_returned(session, statement.shipper, now)
        case StatementKind.REQUALIFY if statement.conditions.get(REQUALIFIED) == "yes":
            possession.set_shipper_requalified(session, statement.shipper or "", now)
        case StatementKind.ERASE_IDENTITY:
            possession.erase_identity(session, statement.order)
        case _:
            pass


def correct_times(
    session: Session,
    statement: Statement,
    *,
    now: datetime,
    recorded_at: datetime,
    not_before: datetime,
) -> None:
    """Move a time that was written before the entry had its own, once it has.

    Only where a claim from the future meets an entry held at the time of the one in front of it.
    Waits for nobody: this transaction changed the same rows already.
    """
    written = effective_instant(statement, whole_milliseconds(now), not_before)
    settled = effective_instant(statement, recorded_at, not_before)
    if written == settled:
        return
    match statement.kind:
        case StatementKind.DEPART | StatementKind.ACCEPT:
            possession.replace_time(
                session, order_code=statement.order, written=written, settled=settled
            )
        case _:
            pass
