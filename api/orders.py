"""Orders: one treatment for one patient, by alias."""

from fastapi import Response

from api.admission import guarded_router
from api.dependencies import NowDep, ScopeDep, SessionDep
from api.models.plans import ItemView, OrderBody, OrderView, Placed
from api.models.wire import Code, answer_put
from schemas.errors import NotFound
from store.database import Session
from store.nouns import TreatmentOrder, get, list_rows
from store.plans import list_items, put_order
from store.scope import Scope, visible_orders

router = guarded_router("orders")


def _view(session: Session, row: TreatmentOrder) -> OrderView:
    items = [ItemView.model_validate(item) for item in list_items(session, row.code)]
    return OrderView.model_validate(row.model_dump() | {"items": items})


def check_order(session: Session, scope: Scope, code: str) -> None:
    """Let pass an order that is in scope.

    Raises:
        NotFound: It is not, or it is not there at all; which of the two is not told.
    """
    if not visible_orders(session, scope, [code]):
        raise NotFound("order", code)


@router.get("/orders")
def list_orders(session: SessionDep, scope: ScopeDep) -> list[OrderView]:
    """Return the orders in scope, by code."""
    rows = list_rows(session, TreatmentOrder)
    seen = visible_orders(session, scope, [row.code for row in rows])
    return [_view(session, row) for row in rows if row.code in seen]


@router.get("/orders/{code}")
def get_order(code: Code, session: SessionDep, scope: ScopeDep) -> OrderView:
    """Return one order in scope."""
    check_order(session, scope, code)
    return _view(session, get(session, TreatmentOrder, code))


@router.put("/orders/{code}", status_code=201)
def place_order(
    code: Code, body: OrderBody, session: SessionDep, now: NowDep, response: Response
) -> Placed:
    """Place an order, once; its COI is hashed with a salt and forgotten."""
    answer_put(put_order(session, body.placed(code), now), response)
    return Placed(code=code)
