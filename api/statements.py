"""Statements: what people assert about custody, recorded once and for good."""

from fastapi import Response
from fastapi.exceptions import RequestValidationError

from api.admission import guarded_router
from api.dependencies import CallerDep, NowDep, ScopeDep, SessionDep
from api.models.custody import RecordedView
from api.orders import check_order
from api.rights import may_state
from custody.ledger import append
from schemas.errors import Refused
from schemas.roles import Role
from schemas.statement import Statement, StatementId
from store.sign_in import Identity

router = guarded_router("statements")


def check_may_make(caller: Identity, statement: Statement) -> None:
    """Let pass what the caller may say: a kind of the own role, for the own party, as oneself.

    A service (the simulator, an importer) speaks for whoever it names.

    Raises:
        Refused: It may not be said by this caller.
    """
    if not may_state(caller.role, statement.kind):
        message = f"The role {caller.role} may not make a statement of kind {statement.kind}."
        raise Refused(message)
    if caller.role is Role.SERVICE:
        return
    if statement.signer != caller.username:
        message = f"You are signed in as {caller.username} and cannot sign for somebody else."
        raise Refused(message)
    if statement.actor is not None and statement.actor != caller.party_id:
        message = f"You can act for your own party only, not for {statement.actor}."
        raise Refused(message)


@router.put("/statements/{statement_id}", status_code=201)
def put_statement(
    statement_id: StatementId,
    statement: Statement,
    session: SessionDep,
    caller: CallerDep,
    scope: ScopeDep,
    now: NowDep,
    response: Response,
) -> RecordedView:
    """Record a statement; the same again answers the same, other contents are refused."""
    _check_same_id(statement_id, statement)
    check_may_make(caller, statement)
    check_order(session, scope, statement.order)
    recorded = append(session, statement, now)
    response.status_code = 201 if recorded.new else 200
    return RecordedView(
        index=recorded.index,
        order_sequence=recorded.order_sequence,
        entry_hash=recorded.entry_hash.hex(),
        previous=recorded.previous.hex(),
        recorded_at=recorded.recorded_at,
    )


def _check_same_id(statement_id: str, statement: Statement) -> None:
    if statement.id != statement_id:
        detail = "the id of the statement is not the one in the address"
        raise RequestValidationError([{"loc": ("body", "id"), "msg": detail, "type": "value"}])
