"""Every failure has one shape, and says nothing that only we should know."""

import logging
from collections.abc import Iterator
from http import HTTPStatus

import httpx
import pytest
from sqlalchemy import text

from api.headers import HEADERS
from api.problems import STATUS, problem_of, status_of
from schemas.errors import ColdChainError, NotFound, StoreUnavailable
from schemas.roles import Role
from store.database import transaction
from tests.support.running_api import RunningApi

SHAPE = {"type", "title", "status", "detail", "instance"}


def subclasses(of: type[ColdChainError]) -> Iterator[type[ColdChainError]]:
    for one in of.__subclasses__():
        yield one
        yield from subclasses(one)


def test_every_error_we_foresee_has_its_status() -> None:
    missing = [one.__name__ for one in subclasses(ColdChainError) if one not in STATUS]
    assert missing == []


def test_only_a_malformed_request_is_unprocessable() -> None:
    named = {one.__name__ for one, status in STATUS.items() if status == 422}
    assert named == {"DecodeError", "ScanError", "SignatureRefused"}
    assert status_of(NotFound("thing", 1)) is HTTPStatus.NOT_FOUND


def check_shape(answer: httpx.Response, status: int) -> dict[str, object]:
    assert answer.status_code == status, answer.text
    assert answer.headers["content-type"] == "application/problem+json"
    problem: dict[str, object] = answer.json()
    assert set(problem) - {"errors"} == SHAPE
    assert problem["status"] == status
    for name, value in HEADERS.items():
        assert answer.headers[name] == value
    return problem


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("GET", "/api/v1/nothing", 404),
        ("POST", "/api/v1/nothing", 404),
        ("GET", "/nothing", 404),
        ("DELETE", "/api/v1/board", 405),
        ("GET", "/api/v1/key-statements/00000000-0000-4000-8000-000000000000", 405),
        ("POST", "/", 405),
        ("GET", "/api/v1/shipments/%00", 422),
        ("GET", "/api/v1/shipments/a%20b", 422),
        ("GET", "/api/v1/shipments/U-1", 404),
        ("GET", "/api/v1/shipments?state=lost", 422),
        ("GET", "/assets/../../pyproject.toml", 404),
        ("GET", "/assets/%2e%2e/%2e%2e/app.py", 404),
    ],
)
def test_every_refusal_has_the_one_shape(
    service: httpx.Client, method: str, path: str, status: int
) -> None:
    check_shape(service.request(method, path), status)


@pytest.mark.parametrize(
    "body", [b"", b"{", b"[]", b"null", b'{"a":' * 500, b"\xff\xfe", b'"x"', b'{"v": NaN}']
)
def test_a_body_that_cannot_be_read_is_malformed(service: httpx.Client, body: bytes) -> None:
    answer = service.put(
        "/api/v1/parties/helix", content=body, headers={"Content-Type": "application/json"}
    )
    assert answer.status_code in {400, 422}
    check_shape(answer, answer.status_code)


def test_a_body_over_a_mebibyte_is_refused(service: httpx.Client) -> None:
    body = b'{"name": "' + b"x" * (1 << 20) + b'", "kind": "courier"}'
    headers = {"Content-Type": "application/json"}
    check_shape(service.put("/api/v1/parties/helix", content=body, headers=headers), 413)

    def in_pieces() -> Iterator[bytes]:
        for start in range(0, len(body), 65_536):
            yield body[start : start + 65_536]

    check_shape(service.put("/api/v1/parties/helix", content=in_pieces(), headers=headers), 413)


def test_a_bug_tells_its_number_and_nothing_else(
    api: RunningApi, service: httpx.Client, caplog: pytest.LogCaptureFixture
) -> None:
    with transaction(api.engine) as session:
        session.connection().execute(text("ALTER TABLE party RENAME COLUMN name TO nom"))
    with caplog.at_level(logging.ERROR):
        problem = check_shape(service.get("/api/v1/parties"), 500)
    assert "nom" not in str(problem)
    assert "party" not in str(problem)
    logged = [one for one in caplog.records if one.getMessage() == "request_failed"]
    assert [getattr(one, "instance", None) for one in logged] == [problem["instance"]]


def test_a_database_that_is_away_is_said_so_and_asked_again() -> None:
    answer = problem_of(StoreUnavailable("connection refused at 10.0.0.1", transient=True))
    assert answer.status_code == 503
    assert answer.headers["retry-after"]
    assert b"10.0.0.1" not in bytes(answer.body)


def test_health_is_open_and_asks_the_database(api: RunningApi) -> None:
    with api.client() as client:
        assert client.get("/health").json() == {"status": "ok"}
        assert client.get("/health").headers["x-content-type-options"] == "nosniff"


def test_the_api_describes_itself_to_who_is_signed_in(service: httpx.Client) -> None:
    description = service.get("/api/v1/openapi.json").json()
    assert "/api/v1/board" in description["paths"]
    assert "Problem" in description["components"]["schemas"]


def test_status_counts_and_names_the_parts(service: httpx.Client) -> None:
    status = service.get("/api/v1/status").json()
    assert status["ingest"]["readings"] == 0
    assert status["ingest"]["last_batch_at"] is None
    assert status["ledger"]["size"] == 0
    assert abs(status["database"]["ahead_s"]) < 60
    assert status["database"]["timescale"] is None


def test_what_the_api_answers_stays_in_no_cache(service: httpx.Client) -> None:
    assert service.get("/api/v1/board").headers["cache-control"] == "no-store"


def test_a_logger_may_only_say_who_it_is(api: RunningApi) -> None:
    with api.client(api.token(Role.LOGGER)) as client:
        assert client.get("/api/v1/session").status_code == 200
        check_shape(client.get("/api/v1/board"), 403)
