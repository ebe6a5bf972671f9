"""From stored facts to rows of the board."""

from collections.abc import Iterable, Sequence
from datetime import UTC, datetime

from api.models.board import (
    AlertView,
    Board,
    Counts,
    NextStep,
    PartyRef,
    Place,
    Severity,
    ShipmentRow,
)
from api.profiles import ProfileFacts, profile_facts
from api.sparks import Spark, Sparks
from store.board import ShipmentFacts, list_profile_documents
from store.board_alerts import AlertFacts
from store.database import Session


def rows_of(
    session: Session, facts: Sequence[ShipmentFacts], now: datetime, sparks: Sparks
) -> list[ShipmentRow]:
    """Return the rows of these shipments, with their last hours, in the same order."""
    documents = list_profile_documents(session, {one.profile_sha256 for one in facts})
    profiles = {sha256: profile_facts(document) for sha256, document in documents.items()}
    own = {one.id: profiles[one.profile_sha256] for one in facts}
    drawn = sparks.of(session, own, now)
    return [_row(one, own[one.id], drawn[one.id], now) for one in facts]


def _row(facts: ShipmentFacts, profile: ProfileFacts, spark: Spark, now: datetime) -> ShipmentRow:
    return ShipmentRow(
        code=facts.code,
        therapy_id=facts.therapy_id,
        therapy_name=facts.therapy_name,
        state=facts.state,
        order_code=facts.order_code,
        outcome=facts.outcome,
        silent=facts.is_silent,
        severity=severity_of(facts),
        temp_c=facts.temp_c,
        temp_at=facts.measured_at,
        received_at=facts.received_at,
        ambient_c=facts.ambient_c,
        limit_high_c=profile.high_c,
        limit_low_c=profile.low_c,
        lat=facts.lat,
        lon=facts.lon,
        position_at=facts.position_at,
        holder=_party(facts.holder_id, facts.holder_name),
        owner=_party(facts.owner_id, facts.owner_name),
        origin=_origin(facts),
        destination=_destination(facts),
        next=next_step(facts),
        planned_delivery_at=facts.planned_delivery_at,
        eta_slack_s=slack_s(facts, now),
        coverage_pct=facts.coverage_pct,
        spark=spark,
        tilt_deg=facts.tilt_deg,
    )


def _party(party_id: str | None, name: str | None) -> PartyRef | None:
    return PartyRef(id=party_id, name=name) if party_id and name else None


def _origin(facts: ShipmentFacts) -> Place:
    return Place(
        gln=facts.origin_gln,
        name=facts.origin_name,
        lat=facts.origin_lat,
        lon=facts.origin_lon,
    )


def _destination(facts: ShipmentFacts) -> Place:
    return Place(
        gln=facts.destination_gln,
        name=facts.destination_name,
        lat=facts.destination_lat,
        lon=facts.destination_lon,
    )


def severity_of(facts: ShipmentFacts) -> Severity:
    """Return how urgently somebody must look; not knowing is not well.

    What is getting warm under way is not well either, whoever has resolved the alert about it.
    """
    running = facts.running if facts.state == "in_transit" else None
    if facts.has_critical or running == "critical":
        return "critical"
    if facts.has_warning or running == "warning":
        return "warning"
    shipped = facts.state in {"in_transit", "delivered"}
    unknown = shipped and facts.outcome in {None, "indeterminate"}
    return "unknown" if facts.is_silent or unknown else "none"


def next_step(facts: ShipmentFacts) -> NextStep | None:
    """Return what the plan says comes next; None when the shipment has arrived or is over."""
    match facts.state:
        case "planned":
            return NextStep(what="release", at=facts.planned_pickup_at, place=facts.origin_name)
        case "released":
            return NextStep(what="depart", at=facts.planned_pickup_at, place=facts.origin_name)
        case "in_transit" if facts.next_arrival_at and facts.next_arrival_name:
            last = facts.next_arrival_name == facts.destination_name
            at = facts.planned_delivery_at if last else facts.next_arrival_at
            what = "accept" if last else "arrive"
            return NextStep.model_validate(
                {"what": what, "at": at, "place": facts.next_arrival_name}
            )
        case "in_transit":
            return NextStep(
                what="accept", at=facts.planned_delivery_at, place=facts.destination_name
            )
        case _:
            return None


def slack_s(facts: ShipmentFacts, now: datetime) -> int | None:
    """Return how long before (negative: after) its planned time it was, or can still be, delivered.

    Under way it is known only once it is late: then it is late by at least this much.
    """
    if facts.delivered_at is not None:
        return int((facts.planned_delivery_at - facts.delivered_at).total_seconds())
    late = facts.state == "in_transit" and now > facts.planned_delivery_at
    return int((facts.planned_delivery_at - now).total_seconds()) if late else None


def alert_view(facts: AlertFacts) -> AlertView:
    """Return an alert as the pages show it: the reason and comment of its latest step."""
    resolved = facts.state == "resolved"
    return AlertView(
        id=facts.id,
        shipment=facts.shipment or "",
        therapy_name=facts.therapy_name or "Custody ledger",
        holder_name=facts.holder_name,
        destination_name=facts.destination_name or "",
        kind=facts.kind,
        rule_id=facts.rule_id,
        severity=facts.severity,
        state=facts.state,
        headline=facts.headline,
        detail=facts.detail,
        first_step=facts.first_step,
        opened_at=facts.opened_at,
        updated_at=facts.updated_at,
        due_at=facts.due_at,
        acknowledged_by=facts.acknowledged_by,
        acknowledged_at=facts.acknowledged_at,
        resolved_by=facts.resolved_by,
        resolved_at=facts.resolved_at,
        reason=facts.resolved_reason if resolved else facts.acknowledged_reason,
        comment=facts.resolved_comment if resolved else facts.acknowledged_comment,
        excursion_id=facts.subject_id,
    )


def count(rows: Iterable[ShipmentRow]) -> Counts:
    """Return how many rows are in which condition."""
    severities = [row.severity for row in rows]
    return Counts(
        shipments=len(severities),
        quiet=severities.count("none"),
        warning=severities.count("warning"),
        critical=severities.count("critical"),
        silent=sum(row.silent for row in rows),
    )


def board_of(
    rows: list[ShipmentRow], alerts: Iterable[AlertFacts], now: datetime, *, more: bool
) -> Board:
    """Return the whole board as of `now`."""
    return Board(
        as_of=now.astimezone(UTC),
        counts=count(rows),
        alerts=[alert_view(one) for one in alerts],
        shipments=rows,
        more=more,
    )
