"""Shippers: qualified containers."""

from fastapi import Response

from api.admission import guarded_router
from api.dependencies import SessionDep
from api.models.nouns import ShipperBody, ShipperView
from api.models.plans import Grai
from api.models.wire import answer_put
from store.nouns import Shipper, get, list_rows, put

router = guarded_router("shippers")


@router.get("/shippers")
def list_shippers(session: SessionDep) -> list[ShipperView]:
    """Return all shippers, by GRAI."""
    return [ShipperView.model_validate(row) for row in list_rows(session, Shipper)]


@router.get("/shippers/{grai}")
def get_shipper(grai: Grai, session: SessionDep) -> ShipperView:
    """Return one shipper."""
    return ShipperView.model_validate(get(session, Shipper, grai))


@router.put("/shippers/{grai}", status_code=201)
def put_shipper(
    grai: Grai, body: ShipperBody, session: SessionDep, response: Response
) -> ShipperView:
    """Store or renew a shipper; it is renewed when it is conditioned again."""
    row = Shipper(grai=grai, **body.model_dump())
    answer_put(put(session, row), response)
    return ShipperView.model_validate(row)
