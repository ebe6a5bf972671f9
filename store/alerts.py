"""Alerts: rows first, messages second. One cause makes one alert that grows."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID, uuid4

from sqlalchemy import text
from sqlmodel import select

from schemas.errors import NotFound, Refused
from store.database import Session
from store.outbox import publish
from store.tables.alerts import Alert

_NOBODY = "system"

GOES_ON_AFTER = timedelta(minutes=15)
"""How long, by the loggers' clocks, a cause may go on after a person resolved its alert.

Somebody who resolves it has just acted: a dewar set upright takes some minutes to cool. Three
readings at the usual five minutes tell that it does not.
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Call:
    """What calls for a human.

    Attributes:
        shipment_id: The shipment; None when it is about the log itself.
        subject_id: What it is about, such as an excursion; None for a silence.
        last_at: Until when the cause is known to last, by the logger's clock; None if unknown.
    """

    shipment_id: int | None
    kind: str
    rule_id: str
    severity: str
    headline: str
    detail: str
    first_step: str
    subject_id: UUID | None = None
    last_at: datetime | None = None


def raise_alert(session: Session, call: Call, *, now: datetime) -> Alert | None:
    """Open an alert, or let the open one of the same cause grow.

    One that somebody has acknowledged as a warning opens again once it is critical; who had
    acknowledged it stays written.

    Returns:
        The alert, or None when somebody has resolved this very subject and it has neither become
        worse nor gone on since. Where nobody did, as when later readings had made it untrue for a
        while, it opens again.
    """
    statement = select(Alert).where(
        Alert.shipment_id == call.shipment_id,
        Alert.kind == call.kind,
        Alert.rule_id == call.rule_id,
    )
    newest_first = statement.order_by(Alert.opened_at.desc())  # type: ignore[attr-defined]
    known = session.exec(newest_first.with_for_update()).all()
    open_one = next((alert for alert in known if alert.state != "resolved"), None)
    if open_one is None and _is_settled(call, known):
        return None
    alert = open_one or _new(call, now)
    _grow(alert, call, now)
    session.add(alert)
    session.flush()
    publish(
        session,
        kind="alert",
        subject=str(alert.id),
        payload={"state": alert.state, "new": open_one is None},
    )
    return alert


def _is_settled(call: Call, known: Sequence[Alert]) -> bool:
    """Return whether what somebody resolved is still all there is to it."""
    resolved = [
        (alert.resolved_at, alert.severity)
        for alert in known
        if alert.subject_id == call.subject_id
        and alert.resolved_at is not None
        and alert.resolved_by != _NOBODY
    ]
    if call.subject_id is None or not resolved:
        return False
    at, severity = max(resolved)
    worse = call.severity == "critical" and severity != "critical"
    goes_on = call.last_at is not None and call.last_at > at + GOES_ON_AFTER
    return not (worse or goes_on)


def _new(call: Call, now: datetime) -> Alert:
    return Alert(
        id=uuid4(),
        shipment_id=call.shipment_id,
        kind=call.kind,
        rule_id=call.rule_id,
        severity=call.severity,
        state="open",
        headline="",
        detail="",
        first_step=call.first_step,
        opened_at=now,
        updated_at=now,
    )


def _grow(alert: Alert, call: Call, now: datetime) -> None:
    if call.severity == "critical" and alert.severity != "critical":
        alert.severity, alert.state = "critical", "open"
    alert.headline, alert.detail = call.headline, call.detail
    if alert.state == "open" and alert.acknowledged_by is not None:
        alert.detail += f" It was acknowledged as a warning by {alert.acknowledged_by}."
    alert.subject_id = call.subject_id
    alert.updated_at = now


def acknowledge(
    session: Session, alert_id: UUID, *, by: str, reason: str, comment: str, now: datetime
) -> Alert:
    """Record that somebody has taken an alert on; the first acknowledgement stays.

    Raises:
        NotFound: There is no such alert.
        Refused: It is resolved already.
    """
    alert = _locked(session, alert_id)
    if alert.state == "resolved":
        raise Refused("The alert is already resolved; nothing is left to acknowledge.")
    if alert.state == "open":
        alert.state = "acknowledged"
        alert.acknowledged_at, alert.acknowledged_by = now, by
        alert.acknowledged_reason, alert.acknowledged_comment = reason, comment
        alert.updated_at = now
        _changed(session, alert)
    return alert


def resolve(
    session: Session, alert_id: UUID, *, by: str, reason: str, comment: str, now: datetime
) -> Alert:
    """End an alert with a reason; a resolved one stays as it was resolved.

    Raises:
        NotFound: There is no such alert.
    """
    alert = _locked(session, alert_id)
    if alert.state != "resolved":
        alert.state = "resolved"
        alert.resolved_at, alert.resolved_by = now, by
        alert.resolved_reason, alert.resolved_comment = reason, comment
        alert.updated_at = now
        _changed(session, alert)
    return alert


def resolve_cause(
    session: Session,
    *,
    shipment_id: int | None,
    kind: str,
    rule_id: str,
    reason: str,
    now: datetime,
) -> None:
    """End the open alert of a cause that has gone by itself, such as a silence that was broken."""
    statement = select(Alert).where(
        Alert.shipment_id == shipment_id,
        Alert.kind == kind,
        Alert.rule_id == rule_id,
        Alert.state != "resolved",
    )
    for alert in session.exec(statement.with_for_update()).all():
        alert.state = "resolved"
        alert.resolved_at, alert.resolved_by = now, _NOBODY
        alert.resolved_reason, alert.resolved_comment = reason, ""
        alert.updated_at = now
        _changed(session, alert)


def resolve_withdrawn(session: Session, *, shipment_id: int, now: datetime) -> None:
    """End alerts whose excursion later readings have made untrue."""
    rows = session.connection().execute(
        text(
            "SELECT a.kind, a.rule_id FROM alert a JOIN excursion e ON e.id = a.subject_id "
            "WHERE a.shipment_id = :shipment AND a.state <> 'resolved' "
            "AND e.withdrawn_at IS NOT NULL"
        ),
        {"shipment": shipment_id},
    )
    for kind, rule_id in rows.all():
        resolve_cause(
            session,
            shipment_id=shipment_id,
            kind=kind,
            rule_id=rule_id,
            reason="Later readings show that there was none.",
            now=now,
        )


def _locked(session: Session, alert_id: UUID) -> Alert:
    alert = session.exec(select(Alert).where(Alert.id == alert_id).with_for_update()).one_or_none()
    if alert is None:
        raise NotFound("alert", alert_id)
    return alert


def _changed(session: Session, alert: Alert) -> None:
    session.add(alert)
    session.flush()
    publish(session, kind="alert", subject=str(alert.id), payload={"state": alert.state})
