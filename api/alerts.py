"""Alerts: who must know, who has taken it, how it ended."""

from typing import Annotated, Literal
from uuid import UUID

from fastapi import Query

from api.admission import guarded_router
from api.dependencies import CallerDep, NowDep, ScopeDep, SessionDep
from api.models.alerts import Handling
from api.models.board import AlertView
from api.shipment_rows import alert_view
from schemas.errors import NotFound
from store.alerts import acknowledge, resolve
from store.board_alerts import ANY_ALERT_STATE, UNRESOLVED, AlertFacts, list_alerts
from store.database import Session
from store.scope import Scope

router = guarded_router("alerts")


def _get(session: Session, scope: Scope, alert_id: UUID) -> AlertFacts:
    found = list_alerts(session, scope, states=ANY_ALERT_STATE, ids=[alert_id])
    if not found:
        raise NotFound("alert", alert_id)
    return found[0]


@router.get("/alerts")
def list_some(
    session: SessionDep,
    scope: ScopeDep,
    state: Annotated[Literal["open", "acknowledged", "resolved"] | None, Query()] = None,
) -> list[AlertView]:
    """Return alerts in scope, most urgent first: those not resolved, or those of one state."""
    states = (state,) if state else UNRESOLVED
    return [alert_view(one) for one in list_alerts(session, scope, states=states)]


@router.post("/alerts/{alert_id}/acknowledgement")
def acknowledge_alert(
    alert_id: UUID,
    said: Handling,
    session: SessionDep,
    caller: CallerDep,
    scope: ScopeDep,
    now: NowDep,
) -> AlertView:
    """Take an alert on, with a reason; the first to do so stays named."""
    _get(session, scope, alert_id)
    acknowledge(
        session, alert_id, by=caller.username, reason=said.reason, comment=said.comment, now=now
    )
    return alert_view(_get(session, scope, alert_id))


@router.post("/alerts/{alert_id}/resolution")
def resolve_alert(
    alert_id: UUID,
    said: Handling,
    session: SessionDep,
    caller: CallerDep,
    scope: ScopeDep,
    now: NowDep,
) -> AlertView:
    """End an alert, with a reason; an alert that has ended stays as it ended."""
    _get(session, scope, alert_id)
    resolve(
        session, alert_id, by=caller.username, reason=said.reason, comment=said.comment, now=now
    )
    return alert_view(_get(session, scope, alert_id))
