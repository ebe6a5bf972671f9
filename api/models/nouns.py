"""Parties, sites, qualifications, therapies, shippers, loggers on the wire."""

from typing import Annotated, Literal
from zoneinfo import available_timezones

from pydantic import AfterValidator, Field

from api.models.wire import Body, Gln, Instant, Line, Serial, Slug, View
from store.tables.parties import PartyKind, SiteRole


def _is_zone(name: str) -> str:
    if name not in available_timezones():
        message = "not a time zone of the IANA database"
        raise ValueError(message)
    return name


class PartyBody(Body):
    """An organisation."""

    name: Line
    kind: PartyKind


class PartyView(View):
    """An organisation, with its id."""

    id: Slug
    name: str
    kind: str


class SiteBody(Body):
    """A place: degrees north and east, IANA time zone."""

    name: Line
    role: SiteRole
    party_id: Slug
    lat: Annotated[float, Field(ge=-90, le=90)]
    lon: Annotated[float, Field(ge=-180, le=180)]
    time_zone: Annotated[str, AfterValidator(_is_zone)]


class SiteView(View):
    """A place, with its GLN."""

    gln: Gln
    name: str
    role: str
    party_id: str
    lat: float
    lon: float
    time_zone: str


class QualificationBody(Body):
    """Until when a treatment centre is qualified for a therapy."""

    expires_at: Instant


class QualificationView(View):
    """A treatment centre's qualification for one therapy."""

    site_gln: Gln
    therapy_id: str
    expires_at: Instant


class TherapyView(View):
    """A product programme."""

    id: str
    name: str
    modality: str


class ProfileView(View):
    """A therapy's profile: `document` is what `sha256` names, milli-degrees and seconds."""

    sha256: str
    therapy_id: str
    version: int
    document: dict[str, object]


class ShipperBody(Body):
    """A qualified container: hold in hours, counted from its last conditioning."""

    kind: Literal["ln2_dewar", "dry_ice", "refrigerated"]
    qualified_hold_h: Annotated[float, Field(gt=0, le=2000)]
    conditioned_at: Instant
    requalify_by: Instant


class ShipperView(View):
    """A qualified container, with its GRAI."""

    grai: str
    kind: str
    qualified_hold_h: float
    conditioned_at: Instant
    requalify_by: Instant


class LoggerBody(Body):
    """A data logger: accuracy in ± °C, intervals in seconds."""

    make: Line
    accuracy_c: Annotated[float, Field(ge=0, le=20)]
    calibration_expires_at: Instant
    logging_interval_s: Annotated[int, Field(gt=0, le=86_400)]
    upload_interval_s: Annotated[int, Field(gt=0, le=604_800)]


class LoggerView(View):
    """A data logger, with its serial."""

    serial: Serial
    make: str
    accuracy_c: float
    calibration_expires_at: Instant
    logging_interval_s: int
    upload_interval_s: int
