"""The board: everything under way, and what calls for a human, at one instant."""

from api.admission import guarded_router
from api.dependencies import NowDep, ScopeDep, SessionDep, SparksDep
from api.models.board import Board
from api.shipment_rows import board_of, rows_of
from store.board import list_shipments
from store.board_alerts import list_alerts

router = guarded_router("board")


@router.get("/board")
def get_board(session: SessionDep, scope: ScopeDep, now: NowDep, sparks: SparksDep) -> Board:
    """Return shipments under way and alerts not resolved, all in scope."""
    rows = rows_of(session, list_shipments(session, scope, now=now), now, sparks)
    return board_of(rows, list_alerts(session, scope), now)
