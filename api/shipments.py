"""Shipments: planned once, watched all the way."""

from datetime import datetime
from typing import Annotated

from fastapi import Query, Response

from api.admission import guarded_router
from api.dependencies import NowDep, ScopeDep, SessionDep, SparksDep
from api.models.board import ShipmentPage
from api.models.plans import Placed, ShipmentBody
from api.models.shipment import ShipmentDetail
from api.models.wire import Code, answer_put
from api.shipment_page import detail_of
from api.shipment_rows import rows_of
from schemas.errors import NotFound
from store.board import ALL_STATES, IN_SIGHT, UNDER_WAY, ShipmentFacts, list_shipments
from store.database import Session
from store.plans import put_shipment
from store.scope import Scope, visible_shipments
from store.tables.shipments import ShipmentState

router = guarded_router("shipments")

PAGE = 100


def check_shipment(session: Session, scope: Scope, code: str) -> None:
    """Let pass a shipment that is in scope.

    Raises:
        NotFound: It is not, or it is not there at all; which of the two is not told.
    """
    if not visible_shipments(session, scope, [code]):
        raise NotFound("shipment", code)


def get_facts(session: Session, scope: Scope, code: str, now: datetime) -> ShipmentFacts:
    """Return one shipment in scope.

    Raises:
        NotFound: It is not in scope, or not there; which of the two is not told.
    """
    found = list_shipments(session, scope, now=now, states=ALL_STATES, codes=[code])
    if not found:
        raise NotFound("shipment", code)
    return found[0]


@router.get("/shipments")
def list_some(
    session: SessionDep,
    scope: ScopeDep,
    now: NowDep,
    sparks: SparksDep,
    state: Annotated[ShipmentState | None, Query()] = None,
    cursor: Annotated[str, Query(max_length=60)] = "",
) -> ShipmentPage:
    """Return shipments in scope, by code, a page at a time: those of the board, or of one state."""
    found = list_shipments(
        session,
        scope,
        now=now,
        states=(state.value,) if state else UNDER_WAY,
        after=cursor,
        limit=PAGE + 1,
        delivered_since=None if state else now - IN_SIGHT,
    )
    rows = rows_of(session, found[:PAGE], now, sparks)
    return ShipmentPage(items=rows, next=rows[-1].code if len(found) > PAGE else None)


@router.get("/shipments/{code}")
def get_shipment(
    code: Code, session: SessionDep, scope: ScopeDep, now: NowDep, sparks: SparksDep
) -> ShipmentDetail:
    """Return everything about one shipment, readings and entries apart."""
    return detail_of(session, scope, get_facts(session, scope, code, now), now, sparks)


@router.put("/shipments/{code}", status_code=201)
def plan_shipment(
    code: Code, body: ShipmentBody, session: SessionDep, now: NowDep, response: Response
) -> Placed:
    """Plan a shipment, once: its legs, and the loggers that watch it."""
    answer_put(put_shipment(session, body.planned(code), now), response)
    return Placed(code=code)
