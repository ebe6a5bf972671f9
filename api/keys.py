"""Signing keys: who has which, and statements about them."""

from fastapi import Response

from api.admission import guarded_router
from api.dependencies import CallerDep, NowDep, SessionDep
from api.models.custody import RecordedView
from api.models.signing import AwaitingView, KeysHeadView, KeyView
from api.statements import answer, check_may_send, read_envelope
from custody.envelope import EnvelopeView
from custody.gathering import take
from custody.keys import current_keys
from custody.ledger import read_payload
from schemas.errors import SignatureRefused
from schemas.key_statement import KeyStatement
from schemas.signed_text import StatementId
from store.ledger import get_origin
from store.signing_keys import list_keys

router = guarded_router("keys")


@router.get("/keys")
def get_keys(session: SessionDep) -> list[KeyView]:
    """Return every key that was ever enrolled, oldest first."""
    return [
        KeyView(
            key=row.key,
            public=row.public.hex(),
            user=row.username,
            name=row.name,
            party=row.party_id,
            approver=row.approver,
            enrolled_index=row.enrolled_index,
            revoked_index=row.revoked_index,
            suspect_since=row.suspect_since,
        )
        for row in list_keys(session)
    ]


@router.get("/keys/head")
def get_keys_head(session: SessionDep) -> KeysHeadView:
    """Return the end of the chain of entries about keys."""
    keys = current_keys(session)
    return KeysHeadView(
        log=get_origin(session),
        founded=keys.sequence > 0,
        sequence=keys.sequence,
        hash=keys.head.hex() if keys.sequence else None,
    )


@router.put("/key-statements/{statement_id}", status_code=201)
def put_key_statement(
    statement_id: StatementId,
    body: EnvelopeView,
    session: SessionDep,
    caller: CallerDep,
    now: NowDep,
    response: Response,
) -> RecordedView | AwaitingView:
    """Record a statement about keys, or keep its signatures until all are there."""
    envelope = read_envelope(body, statement_id)
    statement = read_payload(envelope)
    if not isinstance(statement, KeyStatement):
        raise SignatureRefused("This is not about keys. Send it to /statements.")
    check_may_send(caller, statement)
    return answer(take(session, envelope, now), response)
