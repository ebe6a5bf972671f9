"""Orders with shipments to try custody on, and the whole story of one of them."""

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any
from uuid import NAMESPACE_OID, uuid5

from sqlalchemy import Engine, text

from custody.canonical import statement_hash
from custody.ledger import append
from custody.reading import Recorded
from schemas.profile import load_profiles, profile_document, profile_sha256
from schemas.statement import Statement
from store.database import transaction
from tests.strategies_custody import COI, GLNS, PARTIES, statement_of
from tests.support.signing import LOG, NOTARY, desk, envelope_of, founding, second

NOW = datetime(2026, 11, 21, 12, 0, 0, 123_456, tzinfo=UTC)

_PROFILE = load_profiles()[0].model_copy(update={"id": "t", "steps": None})
_SHA256 = profile_sha256(_PROFILE)
_SEED = (
    "SET LOCAL session_replication_role = replica",
    f"UPDATE ledger_log SET origin = '{LOG}'",
    "SET LOCAL session_replication_role = origin",
    "INSERT INTO therapy (id, name, modality) VALUES ('t', 'Therapy', 'car_t')",
    "INSERT INTO shipper VALUES ('8003-1', 'ln2_dewar', 240, now(), now(), NULL, NULL)",
    f"INSERT INTO site VALUES ('{GLNS[0]}', 'Plant', 'manufacturer', 'maker', 1, 2, 'UTC')",
    f"INSERT INTO site VALUES ('{GLNS[1]}', 'Clinic', 'qtc', 'clinic', 3, 4, 'UTC')",
)


PEOPLE = (
    *(desk(party) for party in PARTIES),
    *(second(party) for party in PARTIES),
    desk(None),
    NOTARY,
)
"""Whose keys are enrolled with the founding, which is entry 0."""


def items_of(order: str) -> list[str]:
    """Return the two items of an order."""
    return [f"04150000000013.{order}.1", f"04150000000013.{order}.2"]


def shipment_of(order: str) -> str:
    """Return the code of an order's shipment."""
    return f"U-{order}"


def seed(engine: Engine, orders: Sequence[str] = ("A-1",), *, keys: bool = True) -> None:
    """Store parties, sites, each order with two items and one shipment; found the keys."""
    with transaction(engine) as session:
        connection = session.connection()
        for party in PARTIES:
            connection.execute(
                text("INSERT INTO party (id, name, kind) VALUES (:id, :id, 'courier')"),
                {"id": party},
            )
        for statement in _SEED:
            connection.execute(text(statement))
        connection.execute(
            text("INSERT INTO therapy_profile VALUES (:profile, 't', 1, :document, now())"),
            {"profile": _SHA256, "document": profile_document(_PROFILE)},
        )
        for order in orders:
            connection.execute(
                text(
                    "INSERT INTO treatment_order (code, therapy_id, profile_sha256, "
                    "coi_commitment, coi_salt, coi_short, patient_alias, qtc_gln, created_at) "
                    "VALUES (:order, 't', :profile, :coi, '\\x01', 's', 'alias', :qtc, now())"
                ),
                {"order": order, "profile": _SHA256, "coi": COI, "qtc": GLNS[1]},
            )
            for item in items_of(order):
                connection.execute(
                    text("INSERT INTO item VALUES (:id, :order, 'g', 's', 'lot', now())"),
                    {"id": item, "order": order},
                )
            connection.execute(
                text(
                    "INSERT INTO shipment (code, order_code, profile_sha256, shipper_grai, "
                    "origin_gln, destination_gln, state, planned_pickup_at, planned_delivery_at) "
                    "VALUES (:code, :order, :profile, '8003-1', :origin, :destination, "
                    "'planned', now(), now())"
                ),
                {
                    "code": shipment_of(order),
                    "order": order,
                    "profile": _SHA256,
                    "origin": GLNS[0],
                    "destination": GLNS[1],
                },
            )
            for number, carrier in enumerate(("courier", "hub"), start=1):
                connection.execute(
                    text(
                        "INSERT INTO leg (shipment_id, number, carrier_party_id, from_gln, to_gln, "
                        "mode, planned_departure_at, planned_arrival_at) "
                        "SELECT id, :number, :carrier, origin_gln, destination_gln, 'road', now(), "
                        "now() FROM shipment WHERE code = :code"
                    ),
                    {"number": number, "carrier": carrier, "code": shipment_of(order)},
                )
    if keys:
        with transaction(engine) as session:
            append(session, founding(*PEOPLE), NOW)


def story(order: str = "A-1") -> list[Statement]:
    """Return the twelve statements from commissioning to infusion."""
    shipment = shipment_of(order)
    chapters: list[tuple[str, dict[str, Any]]] = [
        ("commission", {"from": "maker", "items": items_of(order), "place": GLNS[0]}),
        ("pack", {"from": "maker", "shipper": "8003-1", "seals": ["88-1207"]}),
        ("release", {"from": "maker", "shipment": shipment}),
        ("offer", {"from": "maker", "to": "courier", "shipment": shipment, "place": GLNS[0]}),
        ("accept", {"from": "maker", "to": "courier", "shipment": shipment, "place": GLNS[0]}),
        ("depart", {"from": "courier", "shipment": shipment, "place": GLNS[0]}),
        ("arrive", {"from": "courier", "shipment": shipment, "place": GLNS[1]}),
        ("offer", {"from": "courier", "to": "clinic", "shipment": shipment, "place": GLNS[1]}),
        (
            "accept",
            {"from": "courier", "to": "clinic", "shipment": shipment, "place": GLNS[1]}
            | {"shipper": "8003-1", "seals": ["88-1207"]},
        ),
        ("transfer_title", {"from": "maker", "to": "clinic"}),
        ("thaw", {"from": "clinic", "place": GLNS[1]}),
        ("infuse", {"from": "clinic", "place": GLNS[1]}),
    ]
    told: list[Statement] = []
    for number, (kind, fields) in enumerate(chapters):
        answers = {"answers": statement_hash(told[-1])} if kind == "accept" else {}
        statement_id = str(uuid5(NAMESPACE_OID, f"{order}/{number}"))
        told.append(statement_of(kind, id=statement_id, order=order, **answers, **fields))
    return told


def record(engine: Engine, *statements: Statement, now: datetime = NOW) -> list[Recorded]:
    """Sign and append each statement in a transaction of its own."""
    recorded = []
    for statement in statements:
        with transaction(engine) as session:
            recorded.append(append(session, envelope_of(statement), now))
    return recorded
