"""When custody calls for a human."""

from dataclasses import replace
from uuid import UUID

from custody.requirements import mismatches
from custody.state import CustodyState
from custody.story import Placed
from schemas.statement import Statement, StatementKind
from store.alerts import Call
from store.custody_facts import find_shipment_id
from store.database import Session

_CHECKED = frozenset({StatementKind.OFFER, StatementKind.ACCEPT, StatementKind.INSPECT})


def calls_for(
    session: Session, before: CustodyState, statement: Statement, placed: Placed
) -> list[Call]:
    """Return the calls that a statement makes: in conflict, or under other numbers than packed."""
    calls = []
    if placed.conflict is not None:
        calls.append(_conflict(statement, placed.conflict))
    elif statement.kind in _CHECKED and (differing := mismatches(before, statement)):
        calls.append(_mismatch(statement, " ".join(differing)))
    if not calls:
        return []
    shipment = statement.shipment or before.in_transit
    shipment_id = find_shipment_id(session, statement.order, shipment)
    return [replace(call, shipment_id=shipment_id) for call in calls]


def _conflict(statement: Statement, why: str) -> Call:
    who = statement.signers[0]
    return Call(
        shipment_id=None,
        kind="custody",
        rule_id=f"conflict-{statement.order}",
        severity="critical",
        headline=f"Two records of {statement.order} contradict each other",
        detail=(
            f"{who.name} signed “{statement.kind}” at {statement.claimed_at}, "
            f"before seeing what others had recorded. {why} Both stand in the ledger; "
            "the later one changed nothing."
        ),
        first_step="Call both people, find out who has the product, and record a correction.",
        subject_id=UUID(statement.id),
    )


def _mismatch(statement: Statement, differing: str) -> Call:
    return Call(
        shipment_id=None,
        kind="custody",
        rule_id=f"numbers-{statement.order}",
        severity="critical",
        headline=f"Other numbers than packed under at {statement.kind} of {statement.order}",
        detail=f"{differing} {statement.signers[0].name} says: {statement.explanation}",
        first_step="Keep the product cold, do not open it, and call the manufacturer's quality.",
        subject_id=UUID(statement.id),
    )
