"""The least that must exist before a reading can be judged."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from sqlalchemy import text

from schemas.profile import load_profiles, profile_document, profile_sha256
from store.database import Engine, Session, transaction
from store.tables.equipment import Shipper
from store.tables.judgement import ShipmentStatus
from store.tables.orders import TreatmentOrder
from store.tables.parties import Party, Site
from store.tables.shipments import Assignment, Shipment
from store.tables.therapies import Therapy, TherapyProfile

START = datetime(2026, 11, 1, tzinfo=UTC)
PROFILE = "0" * 64


@dataclass(frozen=True, slots=True, kw_only=True)
class Fleet:
    """Numbers of what was made."""

    serials: list[str]
    logger_ids: list[int]


def make_loggers(engine: Engine, count: int) -> Fleet:
    """Make `count` loggers LG-1 … that watch nothing."""
    serials = [f"LG-{number}" for number in range(1, count + 1)]
    with transaction(engine) as session:
        ids = [
            session.connection()
            .execute(
                text(
                    "INSERT INTO logger (serial, make, accuracy_c, calibration_expires_at, "
                    "logging_interval_s, upload_interval_s) "
                    "VALUES (:serial, 'test', 0.5, :until, 60, 60) RETURNING id"
                ),
                {"serial": serial, "until": START + timedelta(days=365)},
            )
            .scalar_one()
            for serial in serials
        ]
    return Fleet(serials=serials, logger_ids=ids)


def make_shipments(engine: Engine, count: int, *, therapy: str = "yescarta") -> Fleet:
    """Make `count` shipments U-1 … of one therapy, each watched by a logger LG-1 … since START."""
    fleet = make_loggers(engine, count)
    profile = next(p for p in load_profiles() if p.id == therapy)
    far = START + timedelta(days=365)
    with transaction(engine) as session:
        session.add(Party(id="maker", name="Maker A", kind="manufacturer"))
        session.add(Party(id="center", name="Lakeside", kind="treatment_center"))
        session.add(Therapy(id=therapy, name=profile.name, modality=profile.modality))
        session.flush()
        for gln, name, role, party in (
            ("0614141000012", "Maker A plant", "manufacturer", "maker"),
            ("0614141000029", "Lakeside QTC pharmacy", "qtc_pharmacy", "center"),
        ):
            session.add(
                Site(
                    gln=gln,
                    name=name,
                    role=role,
                    party_id=party,
                    lat=40,
                    lon=-80,
                    time_zone="America/New_York",
                )
            )
        session.add(
            TherapyProfile(
                sha256=profile_sha256(profile),
                therapy_id=therapy,
                version=profile.version,
                document=profile_document(profile),
                created_at=START,
            )
        )
        session.flush()
        for number, logger_id in enumerate(fleet.logger_ids, 1):
            _make_shipment(session, number, logger_id, therapy, profile_sha256(profile), far)
    return fleet


def _make_shipment(
    session: Session, number: int, logger_id: int, therapy: str, sha256: str, far: datetime
) -> None:
    session.add(
        Shipper(
            grai=f"G{number}",
            kind="ln2_dewar",
            qualified_hold_h=240,
            conditioned_at=START,
            requalify_by=far,
        )
    )
    session.add(
        TreatmentOrder(
            code=f"A-{number}",
            therapy_id=therapy,
            profile_sha256=sha256,
            coi_commitment="0" * 64,
            coi_salt=b"",
            coi_short="·00000",
            patient_alias=f"P-{number}",
            qtc_gln="0614141000029",
            created_at=START,
        )
    )
    session.flush()
    shipment = Shipment(
        code=f"U-{number}",
        order_code=f"A-{number}",
        profile_sha256=sha256,
        shipper_grai=f"G{number}",
        origin_gln="0614141000012",
        destination_gln="0614141000029",
        state="in_transit",
        planned_pickup_at=START,
        planned_delivery_at=START + timedelta(days=2),
        departed_at=START,
        holder_party_id="maker",
        owner_party_id="maker",
    )
    session.add(shipment)
    session.flush()
    assert shipment.id is not None
    session.add(Assignment(logger_id=logger_id, shipment_id=shipment.id, starts_at=START))
    session.add(ShipmentStatus(shipment_id=shipment.id, due=False, updated_at=START))
    session.flush()
