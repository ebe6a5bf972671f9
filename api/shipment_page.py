"""Everything one shipment's page shows, put together."""

from collections.abc import Sequence
from datetime import datetime

from alerts.findings import Certainty, Excursion
from alerts.sentences import excursion_sentence, verdict_sentence
from alerts.verdict import Outcome, Verdict
from api.models.board import ShipmentRow
from api.models.nouns import ShipperView
from api.models.plans import ItemView
from api.models.shipment import (
    ExcursionView,
    GapView,
    LegView,
    ProfileRef,
    RuleView,
    ShipmentDetail,
    VerdictRef,
    VerdictView,
    WatchView,
)
from api.profiles import ProfileFacts, profile_facts
from api.shipment_rows import alert_view, rows_of
from api.sparks import Sparks
from schemas.instants import to_us
from schemas.profile_parts import Severity, Side
from store.board import ShipmentFacts, list_profile_documents
from store.board_alerts import ANY_ALERT_STATE, list_alerts
from store.database import Session
from store.plans import list_items
from store.scope import Scope
from store.shipment_page import (
    ExcursionFacts,
    LegFacts,
    StandingFacts,
    VerdictFacts,
    find_standing,
    get_shipper,
    list_excursions,
    list_gaps,
    list_legs,
    list_verdicts,
    list_watches,
)

_SECOND_US = 1_000_000
_WHOLE = 100 * 100
"""Hundredths of a per cent in the whole."""
_DEGREE_MIN = 1000 * 60_000
"""Milli-degrees times milliseconds in one degree-minute."""


def detail_of(
    session: Session, scope: Scope, facts: ShipmentFacts, now: datetime, sparks: Sparks
) -> ShipmentDetail:
    """Return the page of a shipment that is in scope."""
    row: ShipmentRow = rows_of(session, [facts], now, sparks)[0]
    documents = list_profile_documents(session, {facts.profile_sha256})
    profile = profile_facts(documents[facts.profile_sha256])
    verdicts = list_verdicts(session, facts.id)
    alerts = list_alerts(session, scope, states=ANY_ALERT_STATE, code=facts.code)
    return ShipmentDetail(
        **{name: getattr(row, name) for name in ShipmentRow.model_fields},
        coi_short=facts.coi_short,
        patient_alias=facts.patient_alias,
        planned_pickup_at=facts.planned_pickup_at,
        departed_at=facts.departed_at,
        delivered_at=facts.delivered_at,
        shipper=ShipperView.model_validate(get_shipper(session, facts.id)),
        items=[ItemView.model_validate(one) for one in list_items(session, facts.order_code)],
        loggers=[WatchView.model_validate(one) for one in list_watches(session, facts.id)],
        legs=[LegView.model_validate(one) for one in list_legs(session, facts.id)],
        rules=[RuleView.model_validate(one) for one in profile.rules],
        profile=_profile(facts.profile_sha256, profile),
        excursions=[excursion_view(one) for one in list_excursions(session, facts.id)],
        verdict=_verdict(verdicts, find_standing(session, facts.id)),
        verdicts=[VerdictRef.model_validate(one) for one in verdicts],
        gaps=_gaps(session, facts, profile, now),
        alerts=[alert_view(one) for one in alerts],
    )


def _profile(sha256: str, profile: ProfileFacts) -> ProfileRef:
    return ProfileRef(
        sha256=sha256,
        version=profile.version,
        name=profile.name,
        source=profile.source,
        source_clause=profile.source_clause,
        source_read=profile.source_read,
        minimum_coverage_pct=profile.minimum_coverage_pct,
        max_gap_s=profile.max_gap_s,
        note=profile.note,
    )


def _gaps(
    session: Session, facts: ShipmentFacts, profile: ProfileFacts, now: datetime
) -> list[GapView]:
    if facts.departed_at is None:
        return []
    found = list_gaps(session, facts.id, longer_than_s=profile.max_gap_s, until=now)
    flights = [leg for leg in list_legs(session, facts.id) if leg.mode == "air"]
    return [
        GapView(
            from_at=start,
            to_at=end,
            planned=_unplanned_s(start, end, flights) <= profile.max_gap_s,
        )
        for start, end in found
    ]


def _unplanned_s(start: datetime, end: datetime, flights: Sequence[LegFacts]) -> float:
    """Return how long of a silence lies outside of planned flights, s."""
    aloft = (
        min(end, leg.planned_arrival_at) - max(start, leg.planned_departure_at) for leg in flights
    )
    within = sum(max(one.total_seconds(), 0) for one in aloft)
    return (end - start).total_seconds() - within


def excursion_view(facts: ExcursionFacts) -> ExcursionView:
    """Return an excursion in numbers and in a sentence."""
    return ExcursionView(
        id=facts.id,
        logger=facts.serial,
        rule_id=facts.rule_id,
        severity=facts.severity,
        certainty=facts.certainty,
        running=facts.ended_at is None,
        started_at=facts.started_at,
        ended_at=facts.ended_at,
        duration_s=facts.duration_us / _SECOND_US,
        peak_c=facts.peak_c,
        limit_c=facts.limit_c,
        side=facts.side,
        excess_degree_min=round(facts.excess_mc_ms / _DEGREE_MIN, 3),
        sentence=excursion_sentence(_excursion(facts)),
    )


def _excursion(facts: ExcursionFacts) -> Excursion:
    return Excursion(
        id=facts.id,
        shipment="",
        logger=facts.serial,
        rule_id=facts.rule_id,
        severity=Severity(facts.severity),
        certainty=Certainty(facts.certainty),
        side=Side(facts.side),
        limit_c=facts.limit_c,
        threshold_c=facts.threshold_c,
        accuracy_c=facts.accuracy_c,
        started_us=to_us(facts.started_at),
        ended_us=to_us(facts.ended_at) if facts.ended_at else None,
        last_us=to_us(facts.last_at),
        peak_c=facts.peak_c,
        duration_us=facts.duration_us,
        unmonitored_us=facts.unmonitored_us,
        excess_mc_ms=facts.excess_mc_ms,
        reading_count=facts.reading_count,
    )


def _verdict(
    versions: Sequence[VerdictFacts], standing: StandingFacts | None
) -> VerdictView | None:
    """Return the judgement with the counts of now; None before the first."""
    if not versions or standing is None:
        return None
    newest = versions[0]
    engine = str(newest.document["engine"])
    # The numbers are those of now, not those of the day when the outcome last changed.
    verdict = Verdict(
        outcome=Outcome(newest.outcome),
        covered_us=round((standing.coverage_pct or 0) * 100),
        required_us=_WHOLE,
        longest_gap_us=round((standing.longest_gap_s or 0) * _SECOND_US),
        received=standing.received,
        expected=standing.expected,
        as_of_us=to_us(standing.updated_at),
        engine=engine,
    )
    return VerdictView(
        version=newest.version,
        outcome=newest.outcome,
        coverage_pct=standing.coverage_pct,
        longest_gap_s=standing.longest_gap_s,
        received=standing.received,
        expected=standing.expected,
        late=standing.late,
        as_of=standing.updated_at,
        engine=engine,
        sentence=verdict_sentence(verdict),
    )
