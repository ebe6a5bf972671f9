"""The board: everything under way, and what calls for a human, at one instant."""

from api.admission import guarded_router
from api.dependencies import NowDep, ScopeDep, SessionDep, SparksDep
from api.models.board import Board
from api.shipment_rows import board_of, rows_of
from store.board import IN_SIGHT, list_shipments
from store.board_alerts import list_alerts

router = guarded_router("board")

SHIPMENTS = 2000
"""The most shipments that one board shows; it says so when there are more."""


@router.get("/board")
def get_board(session: SessionDep, scope: ScopeDep, now: NowDep, sparks: SparksDep) -> Board:
    """Return shipments under way or just delivered and alerts not resolved, all in scope.

    Beyond `SHIPMENTS` of them the rest is left to `GET /shipments`, deliveries first.
    """
    found = list_shipments(
        session,
        scope,
        now=now,
        delivered_since=now - IN_SIGHT,
        by_state=True,
        limit=SHIPMENTS + 1,
    )
    shown = sorted(found[:SHIPMENTS], key=lambda one: one.code)
    rows = rows_of(session, shown, now, sparks)
    return board_of(rows, list_alerts(session, scope), now, more=len(found) > SHIPMENTS)
