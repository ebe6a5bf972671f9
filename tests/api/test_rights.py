"""Rights, generated from the routes: nothing is open that should not be, nobody sees too much."""

from collections.abc import Callable

import httpx
import pytest
from fastapi.routing import APIRoute, iter_route_contexts

from api import rights
from api.app import ROUTERS, create_app
from schemas.roles import Role
from schemas.settings import Settings
from schemas.statement import StatementKind
from store.database import open_engine
from tests.support import world
from tests.support.running_api import RunningApi

SAMPLE = {
    "party_id": "nobody",
    "gln": "9999999999999",
    "therapy_id": "none",
    "grai": "NONE",
    "serial": "NONE",
    "code": "NONE",
    "statement_id": "00000000-0000-4000-8000-000000000000",
    "index": "0",
    "alert_id": "00000000-0000-4000-8000-000000000000",
    "quarantine_id": "00000000-0000-4000-8000-000000000000",
}


def every_route() -> list[tuple[str, str]]:
    app = create_app(Settings(), open_engine("postgresql://nobody@127.0.0.1:1/none"))
    found = []
    for context in iter_route_contexts(app.routes):
        route = context.original_route
        assert isinstance(route, APIRoute), route
        found += [(method, route.path) for method in sorted(route.methods or ())]
    return found


def address(path: str) -> str:
    return path.format_map(SAMPLE)


CLOSED = [route for route in every_route() if route not in rights.OPEN]


def test_every_route_stands_in_the_table_and_nothing_else_does() -> None:
    assert sorted(every_route()) == sorted([*rights.ROUTES, *rights.OPEN])
    assert sum(len(router.routes) for router in ROUTERS) == len(every_route())


def test_only_health_and_signing_in_are_open() -> None:
    assert set(rights.OPEN) == {("GET", "/health"), ("POST", "/api/v1/session")}


def test_no_route_but_the_open_ones_answers_without_sign_in(api: RunningApi) -> None:
    with api.client() as client:
        for method, path in CLOSED:
            for content in (None, b"{broken"):
                answer = client.request(
                    method,
                    address(path),
                    content=content,
                    headers={"Content-Type": "application/json"},
                )
                assert answer.status_code == 401, (method, path)
                assert answer.headers["content-type"] == "application/problem+json"


def test_a_wrong_token_is_nobody(api: RunningApi) -> None:
    with api.client("ubk_wrong") as client:
        assert client.get("/api/v1/board").status_code == 401


@pytest.mark.parametrize("role", list(Role))
def test_each_role_may_call_its_routes_and_no_other(
    as_role: Callable[..., httpx.Client], role: Role
) -> None:
    client = as_role(role)
    for method, path in CLOSED:
        if path.endswith("/events"):
            continue  # never ends; tried in test_events
        answer = client.request(method, address(path), json={} if method == "PUT" else None)
        allowed = role in rights.ROUTES[(method, path)]
        assert (answer.status_code != 403) is allowed, (method, path, answer.text)
        assert answer.status_code < 500, (method, path)


def test_an_auditor_and_an_administrator_write_no_custody() -> None:
    for kind in StatementKind:
        assert not rights.may_state(Role.AUDITOR, kind)
        assert not rights.may_state(Role.ADMINISTRATOR, kind)
        assert not rights.may_state(Role.LOGGER, kind)


def test_an_auditor_changes_nothing() -> None:
    changing = {key for key, roles in rights.ROUTES.items() if Role.AUDITOR in roles}
    assert {method for method, _ in changing} == {"GET", "DELETE"}
    assert [path for method, path in changing if method == "DELETE"] == ["/api/v1/session"]


def test_only_quality_disposes() -> None:
    disposing = {role for role in Role if rights.may_state(role, StatementKind.DISPOSITION)}
    assert disposing == {Role.QA, Role.SERVICE}


SEEN = [
    (Role.COORDINATOR, {}, {"U-1", "U-2"}),
    (Role.QA, {}, {"U-1", "U-2"}),
    (Role.AUDITOR, {}, {"U-1", "U-2"}),
    (Role.PHARMACIST, {"site_gln": world.PHARMACY, "party_id": world.CENTRE}, {"U-1"}),
    (Role.PHARMACIST, {"site_gln": world.OTHER_PHARMACY, "party_id": world.OTHER_CENTRE}, {"U-2"}),
    (Role.PHARMACIST, {"party_id": world.CENTRE}, set()),
    (Role.COURIER, {"party_id": world.COURIER}, {"U-1", "U-2"}),
    (Role.COURIER, {"party_id": world.OTHER_CENTRE}, {"U-2"}),
    (Role.COURIER, {}, set()),
    (Role.MANUFACTURER, {"party_id": world.MAKER}, {"U-1", "U-2"}),
]


@pytest.mark.parametrize(("role", "place", "seen"), SEEN)
def test_everybody_sees_what_concerns_them_and_nothing_of_the_rest(
    service: httpx.Client,
    as_role: Callable[..., httpx.Client],
    role: Role,
    place: dict[str, str],
    seen: set[str],
) -> None:
    world.two_shipments(service)
    client = as_role(role, **place)
    board = client.get("/api/v1/board").json()
    assert {row["code"] for row in board["shipments"]} == seen
    listed = client.get("/api/v1/shipments").json()["items"]
    assert {row["code"] for row in listed} == seen
    orders = {code.replace("U", "A") for code in seen}
    assert {one["code"] for one in client.get("/api/v1/orders").json()} == orders
    for code in ("U-1", "U-2"):
        for tail in ("", "/readings", "/entries"):
            answer = client.get(f"/api/v1/shipments/{code}{tail}")
            assert answer.status_code == (200 if code in seen else 404), (code, tail)


def test_what_is_out_of_scope_looks_exactly_like_what_is_not_there(
    service: httpx.Client, as_role: Callable[..., httpx.Client]
) -> None:
    world.two_shipments(service)
    client = as_role(Role.PHARMACIST, site_gln=world.PHARMACY, party_id=world.CENTRE)
    for path in ("shipments/{}", "shipments/{}/readings", "shipments/{}/entries"):
        hidden = client.get("/api/v1/" + path.format("U-2")).json()
        absent = client.get("/api/v1/" + path.format("U-9")).json()
        assert hidden.pop("instance") != absent.pop("instance")
        assert str(hidden).replace("U-2", "U-9") == str(absent)
