"""Statements: what people assert and sign, recorded once and for good."""

from typing import Annotated, Literal

from fastapi import Query, Response
from fastapi.exceptions import RequestValidationError

from api.admission import guarded_router
from api.dependencies import CallerDep, NowDep, ScopeDep, SessionDep
from api.models.custody import RecordedView
from api.models.signing import AwaitingView, MissingSigner, StatementView
from api.orders import check_order
from api.rights import OFFICE, may_state
from custody.entry import parse_entry
from custody.envelope import Envelope, EnvelopeView, envelope_of
from custody.gathering import Awaiting, awaiting_of, take, withdraw
from custody.ledger import read_payload
from custody.reading import Recorded
from schemas.errors import LedgerCorrupt, NotFound, Refused, SignatureRefused
from schemas.key_statement import KeyStatement, KeyStatementKind
from schemas.roles import Role
from schemas.signed_text import StatementId
from schemas.statement import Statement
from store.database import Session
from store.ledger import find_by_statement
from store.scope import visible_orders
from store.sign_in import Identity, find_role
from store.signing_keys import Waiting, get_waiting, list_waiting

router = guarded_router("statements")

_FOUND = KeyStatementKind.FOUND_KEYS


def check_may_send(caller: Identity, statement: Statement | KeyStatement) -> None:
    """Let pass what the caller may say: as one of its signers, a kind of the own role.

    A service (the simulator, an importer) may deliver what others signed. It can sign for nobody:
    the signatures are checked against the signers' own keys.

    Raises:
        Refused: It may not be said by this caller.
    """
    if caller.role is Role.SERVICE:
        return
    founding = isinstance(statement, KeyStatement) and statement.kind is _FOUND
    if founding and caller.role is not Role.ADMINISTRATOR:
        raise Refused("Only an administrator may found the keys: it is done once for all.")
    if caller.username not in {signer.user for signer in statement.signers}:
        message = f"You are signed in as {caller.username}, who is not among the signers."
        raise Refused(message)
    if isinstance(statement, KeyStatement):
        return
    if not may_state(caller.role, statement.kind):
        message = f"The role {caller.role} may not make a statement of kind {statement.kind}."
        raise Refused(message)
    if statement.actor is not None and statement.actor != caller.party_id:
        message = f"You can act for your own party only, not for {statement.actor}."
        raise Refused(message)


def check_accounts(session: Session, statement: Statement) -> None:
    """Let pass what every signer who has an account may say, whoever delivers it.

    Raises:
        Refused: A signer's role may not say it, or the account was disabled.
    """
    for signer in statement.signers:
        role = find_role(session, signer.user)
        if role is not None and not may_state(role, statement.kind):
            message = (
                f"{signer.user} has the role {role}, which may not make a statement of kind "
                f"{statement.kind}."
            )
            raise Refused(message)


def read_envelope(body: EnvelopeView, statement_id: str) -> Envelope:
    """Return the envelope of a request.

    Raises:
        SignatureRefused: It is not well formed.
        RequestValidationError: The id in the address is another one.
    """
    try:
        envelope = envelope_of(body)
    except LedgerCorrupt as error:
        raise SignatureRefused(str(error)) from error
    if read_payload(envelope).id != statement_id:
        detail = "the id of the statement is not the one in the address"
        raise RequestValidationError([{"loc": ("body", "id"), "msg": detail, "type": "value"}])
    return envelope


def answer(taken: Recorded | Awaiting, response: Response) -> RecordedView | AwaitingView:
    """Return what became of a statement, with its status: 201, 200 or 202."""
    if isinstance(taken, Awaiting):
        response.status_code = 202
        return AwaitingView(missing=_missing(taken))
    response.status_code = 201 if taken.new else 200
    return RecordedView(
        index=taken.index,
        order_sequence=taken.order_sequence,
        entry_hash=taken.entry_hash.hex(),
        previous=taken.previous.hex(),
        recorded_at=taken.recorded_at,
        conflict_with=None if taken.conflict_with is None else taken.conflict_with.hex(),
    )


@router.put("/statements/{statement_id}", status_code=201)
def put_statement(
    statement_id: StatementId,
    body: EnvelopeView,
    session: SessionDep,
    caller: CallerDep,
    scope: ScopeDep,
    now: NowDep,
    response: Response,
) -> RecordedView | AwaitingView:
    """Record a signed statement; the same again answers the same, other contents are refused."""
    envelope = read_envelope(body, statement_id)
    statement = read_payload(envelope)
    if not isinstance(statement, Statement):
        raise SignatureRefused("This is about keys. Send it to /key-statements.")
    check_may_send(caller, statement)
    check_order(session, scope, statement.order)
    check_accounts(session, statement)
    return answer(take(session, envelope, now), response)


@router.get("/statements/{statement_id}")
def get_statement(
    statement_id: StatementId, session: SessionDep, caller: CallerDep, scope: ScopeDep
) -> StatementView:
    """Return a statement with its signatures, recorded or waiting."""
    row = find_by_statement(session, statement_id)
    if row is None:
        view = _waiting_view(get_waiting(session, statement_id))
        envelope = envelope_of(view.envelope)
    else:
        envelope = parse_entry(row.entry_bytes).envelope
        view = StatementView(
            id=statement_id,
            state="recorded",
            envelope=EnvelopeView.model_validate(envelope.to_json()),
            missing=[],
            index=row.index,
        )
    _check_may_read(session, caller, scope, envelope)
    return view


@router.get("/statements")
def list_statements(
    session: SessionDep,
    caller: CallerDep,
    awaiting: Annotated[Literal["me"], Query()] = "me",  # noqa: ARG001 - says what is listed
) -> list[StatementView]:
    """Return the statements that wait for the caller's signature, oldest first."""
    return [_waiting_view(one) for one in list_waiting(session, caller.username)]


@router.delete("/statements/{statement_id}", status_code=204)
def withdraw_statement(statement_id: StatementId, session: SessionDep, caller: CallerDep) -> None:
    """Take back a statement that waits for a signature; what is recorded stays."""
    withdraw(session, statement_id, caller.username)


def _check_may_read(
    session: Session, caller: Identity, scope: ScopeDep, envelope: Envelope
) -> None:
    said = read_payload(envelope)
    if caller.role in OFFICE or caller.username in {signer.user for signer in said.signers}:
        return
    if isinstance(said, KeyStatement) or not visible_orders(session, scope, [said.order]):
        raise NotFound("statement", said.id)  # the same as for a statement that is not there


def _waiting_view(waiting: Waiting) -> StatementView:
    awaiting = awaiting_of(waiting)
    return StatementView(
        id=waiting.id,
        state="awaiting",
        envelope=EnvelopeView.model_validate(awaiting.envelope.to_json()),
        missing=_missing(awaiting),
    )


def _missing(awaiting: Awaiting) -> list[MissingSigner]:
    return [
        MissingSigner(user=one.user, name=one.name, role=one.role.value, key=one.key)
        for one in awaiting.missing
    ]
