"""The board on the wire: one row a shipment, and what calls for a human."""

from typing import Literal
from uuid import UUID

from api.models.wire import Instant, View

Severity = Literal["none", "warning", "critical", "unknown"]


class PartyRef(View):
    """A party, by id and name."""

    id: str
    name: str


class Place(View):
    """A site, by GLN, name and position in degrees."""

    gln: str
    name: str
    lat: float
    lon: float


class NextStep(View):
    """What is planned next, where, and when."""

    what: Literal["release", "depart", "arrive", "accept"]
    at: Instant
    place: str


class ShipmentRow(View):
    """Where one shipment stands.

    `spark` is the last 12 hours as [Unix s, °C], at most 48 points and a null in each gap: a line
    must not cross it. `severity` is `unknown` where nothing is wrong that we know of, but we do
    not know enough. `eta_slack_s` is negative when late, null when nobody can tell.
    """

    code: str
    therapy_id: str
    therapy_name: str
    state: str
    order_code: str
    outcome: Literal["within", "possible", "excursion", "indeterminate"] | None
    silent: bool
    severity: Severity
    temp_c: float | None
    temp_at: Instant | None
    received_at: Instant | None
    ambient_c: float | None
    limit_high_c: float | None
    limit_low_c: float | None
    lat: float | None
    lon: float | None
    position_at: Instant | None
    holder: PartyRef | None
    owner: PartyRef | None
    origin: Place
    destination: Place
    next: NextStep | None
    planned_delivery_at: Instant
    eta_slack_s: int | None
    coverage_pct: float | None
    spark: list[tuple[int, float | None]]
    tilt_deg: float | None


class AlertView(View):
    """A call for a human: what happened, how bad, what to do first, who has taken it.

    `shipment` is empty where it is about the custody ledger itself.
    """

    id: UUID
    shipment: str
    therapy_name: str
    holder_name: str | None
    destination_name: str
    kind: str
    rule_id: str
    severity: Literal["warning", "critical"]
    state: Literal["open", "acknowledged", "resolved"]
    headline: str
    detail: str
    first_step: str
    opened_at: Instant
    updated_at: Instant
    due_at: Instant | None
    acknowledged_by: str | None
    acknowledged_at: Instant | None
    resolved_by: str | None
    resolved_at: Instant | None
    reason: str | None
    comment: str | None
    excursion_id: UUID | None


class Counts(View):
    """How many shipments are in which condition; `silent` may overlap the others."""

    shipments: int
    quiet: int
    warning: int
    critical: int
    silent: int


class Board(View):
    """The whole board at one instant; `more` tells that some shipments did not fit."""

    as_of: Instant
    counts: Counts
    alerts: list[AlertView]
    shipments: list[ShipmentRow]
    more: bool


class ShipmentPage(View):
    """A page of shipments; `next` continues it."""

    items: list[ShipmentRow]
    next: str | None
