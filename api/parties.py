"""Parties: organisations that hold, own, or carry."""

from fastapi import Response

from api.admission import guarded_router
from api.dependencies import SessionDep
from api.models.nouns import PartyBody, PartyView
from api.models.wire import Slug, answer_put
from store.nouns import Party, get, list_rows, put

router = guarded_router("parties")


@router.get("/parties")
def list_parties(session: SessionDep) -> list[PartyView]:
    """Return all parties, by id."""
    return [PartyView.model_validate(row) for row in list_rows(session, Party)]


@router.get("/parties/{party_id}")
def get_party(party_id: Slug, session: SessionDep) -> PartyView:
    """Return one party."""
    return PartyView.model_validate(get(session, Party, party_id))


@router.put("/parties/{party_id}", status_code=201)
def put_party(
    party_id: Slug, body: PartyBody, session: SessionDep, response: Response
) -> PartyView:
    """Store or renew a party."""
    row = Party(id=party_id, **body.model_dump())
    answer_put(put(session, row), response)
    return PartyView.model_validate(row)
