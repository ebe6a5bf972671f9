"""One shipment's page on the wire, and its readings as columns."""

from typing import Annotated
from uuid import UUID

from pydantic import Field

from api.models.board import AlertView, ShipmentRow
from api.models.nouns import ShipperView
from api.models.plans import ItemView
from api.models.wire import Instant, View


class WatchView(View):
    """A logger that watches the shipment, and when its last reading was measured."""

    serial: str
    make: str
    accuracy_c: float
    calibration_expires_at: Instant
    logging_interval_s: int
    upload_interval_s: int
    starts_at: Instant
    ends_at: Instant | None
    last_seen_at: Instant | None


class LegView(View):
    """One carrier's part of the way, with names."""

    number: int
    carrier_party_id: str
    carrier_name: str
    from_gln: str
    from_name: str
    to_gln: str
    to_name: str
    mode: str
    planned_departure_at: Instant
    planned_arrival_at: Instant


class RuleView(View):
    """One rule of the profile in °C and seconds; what its kind does not have is null."""

    id: str
    kind: str
    stage: str
    severity: str
    source: str
    channel: str | None
    above_c: Annotated[float | None, Field(serialization_alias="above")]
    below_c: Annotated[float | None, Field(serialization_alias="below")]
    dwell_s: int | None
    hysteresis_c: float | None
    expected_s: int | None
    grace_s: int | None


class ProfileRef(View):
    """Which profile judges the shipment, and which document it comes from."""

    sha256: str
    version: int
    name: str
    source: str
    source_clause: str
    source_read: str
    minimum_coverage_pct: int
    max_gap_s: int
    note: str


class ExcursionView(View):
    """A time in which a rule was broken, in numbers and in a sentence."""

    id: UUID
    logger: str
    rule_id: str
    severity: str
    certainty: str
    running: bool
    started_at: Instant
    ended_at: Instant | None
    duration_s: float
    peak_c: float
    limit_c: float
    side: str
    excess_degree_min: float
    sentence: str


class VerdictView(View):
    """The judgement as it stands, never without its coverage."""

    version: int
    outcome: str
    coverage_pct: float | None
    longest_gap_s: float | None
    received: int
    expected: int
    late: int
    as_of: Instant
    engine: str
    sentence: str


class VerdictRef(View):
    """An earlier version of the judgement: what was known then."""

    version: int
    outcome: str
    as_of: Instant
    created_at: Instant


class GapView(View):
    """A time in which no logger said anything for longer than the profile allows."""

    from_at: Annotated[Instant, Field(serialization_alias="from")]
    to_at: Annotated[Instant, Field(serialization_alias="to")]
    planned: bool = False


class ShipmentDetail(ShipmentRow):
    """Everything one shipment's page shows, readings and entries apart."""

    coi_short: str
    patient_alias: str
    planned_pickup_at: Instant
    departed_at: Instant | None
    delivered_at: Instant | None
    shipper: ShipperView
    items: list[ItemView]
    loggers: list[WatchView]
    legs: list[LegView]
    rules: list[RuleView]
    profile: ProfileRef
    excursions: list[ExcursionView]
    verdict: VerdictView | None
    verdicts: list[VerdictRef]
    gaps: list[GapView]
    alerts: list[AlertView]


Column = list[float | None]


class Series(View):
    """One logger's readings as columns of equal length: Unix s, °C, °, lx, g; null where absent."""

    logger: str
    t: list[float]
    received: list[float]
    temp_c: Column
    ambient_c: Column
    tilt_deg: Column
    light_lx: Column
    shock_g: Column
    lat: Column
    lon: Column
    gaps: list[tuple[float, float]]
    readings: int


class Readings(View):
    """A shipment's readings, one series a logger, thinned out to the points asked for.

    `gaps` (Unix s) are the times in which no logger spoke for too long; computed from all readings.
    """

    columns: list[str]
    series: list[Series]
    gaps: list[tuple[float, float]]
