"""What calls for a human, as the board shows it."""

from dataclasses import dataclass
from datetime import datetime
from typing import Literal
from uuid import UUID

from sqlalchemy import text

from store.database import Session
from store.scope import VISIBLE, Scope


@dataclass(frozen=True, slots=True, kw_only=True)
class AlertFacts:
    """One call for a human, with the shipment and the therapy it is about.

    Without a shipment it is about the custody ledger itself, for who may see everything.
    """

    id: UUID
    shipment: str | None
    therapy_name: str | None
    holder_name: str | None
    destination_name: str | None
    kind: str
    rule_id: str
    severity: Literal["warning", "critical"]
    state: Literal["open", "acknowledged", "resolved"]
    headline: str
    detail: str
    first_step: str
    opened_at: datetime
    updated_at: datetime
    due_at: datetime | None
    subject_id: UUID | None
    acknowledged_by: str | None
    acknowledged_at: datetime | None
    acknowledged_reason: str | None
    acknowledged_comment: str | None
    resolved_by: str | None
    resolved_at: datetime | None
    resolved_reason: str | None
    resolved_comment: str | None


_ALERTS = (
    """
SELECT a.id, s.code AS shipment, t.name AS therapy_name,
    h.name AS holder_name, d.name AS destination_name, a.kind, a.rule_id, a.severity, a.state,
    a.headline, a.detail, a.first_step, a.opened_at, a.updated_at, a.due_at, a.subject_id,
    a.acknowledged_by, a.acknowledged_at, a.acknowledged_reason, a.acknowledged_comment,
    a.resolved_by, a.resolved_at, a.resolved_reason, a.resolved_comment
FROM alert a
LEFT JOIN shipment s ON s.id = a.shipment_id
LEFT JOIN treatment_order o ON o.code = s.order_code
LEFT JOIN therapy t ON t.id = o.therapy_id
LEFT JOIN site d ON d.gln = s.destination_gln
LEFT JOIN party h ON h.id = s.holder_party_id
WHERE a.state = ANY(CAST(:states AS text[]))
AND (CAST(:ids AS uuid[]) IS NULL OR a.id = ANY(CAST(:ids AS uuid[])))
AND (CAST(:code AS text) IS NULL OR s.code = :code)
AND """
    + VISIBLE
    + """
ORDER BY (a.severity = 'critical') DESC, (a.state = 'open') DESC, a.opened_at DESC, a.id
LIMIT :limit
"""
)

UNRESOLVED = ("open", "acknowledged")
ANY_ALERT_STATE = (*UNRESOLVED, "resolved")


def list_alerts(
    session: Session,
    scope: Scope,
    *,
    states: tuple[str, ...] = UNRESOLVED,
    ids: list[UUID] | None = None,
    code: str | None = None,
    limit: int = 500,
) -> list[AlertFacts]:
    """Return alerts in scope: critical first, open before acknowledged, newest first.

    `ids` leaves only these, `code` only those of one shipment.
    """
    rows = session.connection().execute(
        text(_ALERTS),
        {
            "states": list(states),
            "ids": ids,
            "code": code,
            "limit": limit,
            **scope.parameters(),
        },
    )
    return [AlertFacts(**row._mapping) for row in rows]
