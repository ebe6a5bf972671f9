from collections.abc import Callable

import httpx
import pytest
from sqlalchemy import text

from store.database import transaction
from tests.support import world
from tests.support.running_api import RunningApi

PUTS = {
    "parties/helix": {"name": "Helix", "kind": "manufacturer"},
    f"sites/{world.PLANT}": world.site("Plant", "manufacturer", "helix"),
    f"sites/{world.PLANT}/qualifications/{world.THERAPY}": {"expires_at": "2027-01-01T00:00:00Z"},
    "shippers/SHP-9": world.shipper(),
    "loggers/LG-9": world.logger(),
}
CHANGES = {
    "parties/helix": {"name": "Helix Bio"},
    f"sites/{world.PLANT}": {"name": "Plant 2"},
    f"sites/{world.PLANT}/qualifications/{world.THERAPY}": {"expires_at": "2028-01-01T00:00:00Z"},
    "shippers/SHP-9": {"conditioned_at": "2026-11-02T00:00:00Z"},
    "loggers/LG-9": {"calibration_expires_at": "2028-01-01T00:00:00Z"},
}


def test_a_noun_put_twice_is_new_then_the_same_then_renewed(service: httpx.Client) -> None:
    for path, body in PUTS.items():
        url = f"/api/v1/{path}"
        assert service.put(url, json=body).status_code == 201, path
        assert service.put(url, json=body).status_code == 200, path
        changed = body | CHANGES[path]
        assert service.put(url, json=changed).status_code == 200, path
        shown = service.get(url).json()
        for name in CHANGES[path]:
            assert shown[name] == changed[name], path
        listing = service.get(url.rpartition("/")[0])
        assert listing.json() == [shown], path


@pytest.mark.parametrize(
    ("path", "body", "change"),
    [
        ("orders/A-1", world.order(1), {"patient_alias": "PT-99"}),
        ("orders/A-1", world.order(1), {"coi": "COI-000002-4F7A2"}),
        (
            "shipments/U-1",
            world.shipment("A-1", loggers=("LG-1",)),
            {"planned_pickup_at": "2026-10-01T00:00:00Z"},
        ),
        ("shipments/U-1", world.shipment("A-1", loggers=("LG-1",)), {"loggers": []}),
    ],
)
def test_an_order_or_shipment_put_again_is_the_same_or_a_conflict(
    service: httpx.Client, path: str, body: dict[str, object], change: dict[str, object]
) -> None:
    world.two_shipments(service)
    assert service.put(f"/api/v1/{path}", json=body).status_code == 200
    answer = service.put(f"/api/v1/{path}", json=body | change)
    assert answer.status_code == 409
    assert "already recorded with other contents" in answer.json()["detail"]


def test_the_coi_is_nowhere_in_the_database(api: RunningApi, service: httpx.Client) -> None:
    world.set_up(service)
    world.put(service, "orders/A-1", world.order(1))
    with transaction(api.engine) as session:
        row = session.connection().execute(text("SELECT o::text FROM treatment_order o")).one()[0]
    assert "COI-000001" not in row
    assert service.get("/api/v1/orders/A-1").json()["coi_short"] == "·4F7A2"


def test_an_order_whose_salt_was_deleted_stays_but_knows_nobody(
    api: RunningApi, service: httpx.Client
) -> None:
    world.set_up(service)
    world.put(service, "orders/A-1", world.order(1))
    with transaction(api.engine) as session:
        session.connection().execute(text("UPDATE treatment_order SET coi_salt = NULL"))
    assert service.get("/api/v1/orders/A-1").status_code == 200
    assert service.put("/api/v1/orders/A-1", json=world.order(1)).status_code == 409


def test_an_item_belongs_to_one_order(service: httpx.Client) -> None:
    world.set_up(service)
    world.put(service, "orders/A-1", world.order(1))
    answer = service.put("/api/v1/orders/A-2", json=world.order(1))
    assert answer.status_code == 409
    assert service.get("/api/v1/orders/A-2").status_code == 404


def test_a_logger_watches_one_shipment_at_a_time(service: httpx.Client) -> None:
    world.two_shipments(service)
    world.put(service, "orders/A-3", world.order(3))
    answer = service.put(
        "/api/v1/shipments/U-3", json=world.shipment("A-3", loggers=("LG-3", "LG-1"))
    )
    assert answer.status_code == 409
    assert "LG-1 already watches shipment U-1" in answer.json()["detail"]
    assert service.get("/api/v1/shipments/U-3").status_code == 404


@pytest.mark.parametrize(
    "change",
    [
        {"order_code": "A-404"},
        {"shipper_grai": "SHP-404"},
        {"loggers": [{"serial": "LG-404", "starts_at": "2026-11-01T08:00:00Z"}]},
    ],
)
def test_a_shipment_of_unknown_things_is_not_planned(
    service: httpx.Client, change: dict[str, object]
) -> None:
    world.two_shipments(service)
    answer = service.put("/api/v1/shipments/U-3", json=world.shipment("A-1") | change)
    assert answer.status_code == 404
    assert "404" in answer.json()["detail"]


@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("shipments/U-3", world.shipment("A-1") | {"legs": []}),
        ("shipments/U-3", world.shipment("A-1") | {"legs": world.shipment("A-1")["legs"][:1]}),
        ("shipments/U-3", world.shipment("A-1") | {"planned_delivery_at": "2020-01-01T00:00:00Z"}),
        ("shipments/U-3", world.shipment("A-1") | {"planned_delivery_at": "2020-01-01T00:00:00"}),
        ("orders/A-3", world.order(3) | {"items": []}),
        ("orders/A-3", world.order(3) | {"patient_name": "Jane"}),
        ("sites/123", world.site("Plant", "manufacturer", "helix")),
        (f"sites/{world.PLANT}", world.site("Plant", "manufacturer", "helix") | {"lat": 91}),
        (f"sites/{world.PLANT}", world.site("a\u0000b", "manufacturer", "helix")),
        (f"sites/{world.PLANT}", world.site("P", "manufacturer", "helix") | {"time_zone": "X/Y"}),
    ],
)
def test_what_hangs_together_badly_is_malformed(
    service: httpx.Client, path: str, body: dict[str, object]
) -> None:
    answer = service.put(f"/api/v1/{path}", json=body)
    assert answer.status_code == 422
    assert answer.json()["errors"]


def test_therapies_come_from_their_files_with_the_profile_that_their_hash_names(
    service: httpx.Client,
) -> None:
    therapies = service.get("/api/v1/therapies").json()
    assert world.THERAPY in {one["id"] for one in therapies}
    profile = service.get(f"/api/v1/therapies/{world.THERAPY}/profile").json()
    assert len(profile["sha256"]) == 64
    assert profile["document"]["id"] == world.THERAPY
    assert service.get("/api/v1/therapies/none/profile").status_code == 404


def test_a_new_noun_is_there_once_it_is_answered(
    api: RunningApi, service: httpx.Client, as_role: Callable[..., httpx.Client]
) -> None:
    for number in range(20):
        answer = service.put(f"/api/v1/parties/p{number}", json={"name": "P", "kind": "courier"})
        assert answer.status_code == 201
        with transaction(api.engine) as session:
            found = session.connection().execute(text("SELECT count(*) FROM party")).scalar_one()
        assert found == number + 1
