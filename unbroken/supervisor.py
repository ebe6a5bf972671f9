"""The whole product on one machine: `up` with your readings, `demo` with simulated ones."""

import os
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from custody.keys import current_keys
from schemas.errors import ConfigurationError
from schemas.settings import Settings
from store.database import open_engine, transaction
from unbroken.data_dir import Running, announce, claimed
from unbroken.demo import Demo, DemoAccount, demo_accounts, simulator_token
from unbroken.demo_ledger import DemoLedger, demo_ledger
from unbroken.doctor_house import dashboard_is_built
from unbroken.embedded_broker import EmbeddedBroker
from unbroken.embedded_postgres import EmbeddedPostgres
from unbroken.keeper import Keeper, OwnProcess, Say
from unbroken.ports import LOOPBACK, free_port, wait_until_it_accepts
from unbroken.reach_database import CLUSTER, SERVER_OPTIONS, bring_up_to_date
from unbroken.signals import told_to_stop

_API_START_S = 60.0


def run(settings: Settings, *, demo: Demo | None = None, say: Say = print) -> None:
    """Start everything, say where it is, keep it alive until Ctrl-C or SIGTERM, end it cleanly.

    Call it from the main thread: signals arrive there, and children die with it.

    Args:
        settings: A database or broker given here is used instead of the embedded one.
        demo: Also simulate this, and make one account a role.
        say: Takes each sentence for people.

    Raises:
        ConfigurationError: A part cannot be started, or the data directory is in use.
    """
    with told_to_stop() as stop, claimed(settings.data_dir) as place, ExitStack() as stack:
        keeper = Keeper(say)
        stack.callback(keeper.stop)
        database_url = _database(settings, place, keeper)
        made = _prepare(database_url, settings, place, demo)
        mqtt_url = _broker(settings, keeper, say)
        inner = _environment(place, database_url, made)
        broker = {"UNBROKEN_MQTT_URL": mqtt_url}
        if settings.mqtt_url is None:
            broker["UNBROKEN_MQTT_KEEPS_SESSIONS"] = "false"
        keeper.start("ingest", _process("ingest", place, inner | broker))
        api_url = _api(settings, place, keeper, inner, say)
        keeper.start("notary", _process("notary", place, inner))
        running = Running(
            pid=os.getpid(), database_url=database_url, mqtt_url=mqtt_url, api_url=api_url
        )
        announce(place, running)
        if demo is not None and made.demo is not None:
            _start_demo(keeper, running, place, demo, made.demo)
        for sentence in _greeting(running, place, made):
            say(sentence)
        keeper.watch(stop)
        say("Ending. The data stays.")


@dataclass(frozen=True, slots=True, kw_only=True)
class _DemoParts:
    """What was made for a demo."""

    accounts: list[DemoAccount]
    token: str
    ledger: DemoLedger


@dataclass(frozen=True, slots=True, kw_only=True)
class _Made:
    """What is there once the database is up to date.

    Attributes:
        founded: Whether anybody can sign statements.
        demo: None without a demo.
    """

    founded: bool
    demo: _DemoParts | None = None


def _start_demo(
    keeper: Keeper, running: Running, place: Path, demo: Demo, parts: _DemoParts
) -> None:
    """Start what a demo has beside the product: witnesses, and a fleet to watch."""
    for witness in parts.ledger.witnesses:
        log = f"witness-{witness.name}"
        process = _process("witness", place, {}, witness.arguments(), log=log)
        keeper.start(f"witness {witness.name}", process)
    environment = {
        "UNBROKEN_MQTT_URL": running.mqtt_url or "",
        "UNBROKEN_API_URL": running.api_url or "",
        "UNBROKEN_TOKEN": parts.token,
    }
    files = ["--state", str(place / "simulator.json"), "--approvers", str(parts.ledger.approvers)]
    simulator = _process("simulate", place, environment, [*demo.arguments(), *files])
    keeper.start("simulator", simulator, may_end=True)


def _database(settings: Settings, place: Path, keeper: Keeper) -> str:
    if settings.database_url is not None:
        return settings.database_url
    server = EmbeddedPostgres(place / CLUSTER, options=SERVER_OPTIONS)
    keeper.start("PostgreSQL", server, carries=True)
    return server.url


def _prepare(database_url: str, settings: Settings, place: Path, demo: Demo | None) -> _Made:
    """Bring tables and profiles up to date; for the demo make accounts, a token and keys."""
    bring_up_to_date(database_url)
    now = datetime.now(UTC)
    engine = open_engine(database_url)
    try:
        if demo is None:
            with transaction(engine) as session:
                return _Made(founded=current_keys(session).sequence > 0)
        parts = _DemoParts(
            accounts=demo_accounts(engine, place, demo, now),
            token=simulator_token(engine, now),
            ledger=demo_ledger(engine, settings, place, now),
        )
        return _Made(founded=True, demo=parts)
    finally:
        engine.dispose()


def _broker(settings: Settings, keeper: Keeper, say: Say) -> str:
    if settings.mqtt_url is not None:
        return settings.mqtt_url
    broker = EmbeddedBroker(settings.mqtt_port)
    if broker.port != settings.mqtt_port and settings.mqtt_port:
        say(f"Port {settings.mqtt_port} is taken; the MQTT broker listens on {broker.port}.")
    keeper.start("MQTT broker", broker)
    return broker.url


def _api(
    settings: Settings, place: Path, keeper: Keeper, environment: dict[str, str], say: Say
) -> str:
    port = free_port(settings.http_port, settings.http_host)
    if port != settings.http_port and settings.http_port:
        say(f"Port {settings.http_port} is taken; the dashboard is on {port}.")
    process = _process("api", place, environment | {"UNBROKEN_HTTP_PORT": str(port)})
    keeper.start("API", process)
    host = LOOPBACK if settings.http_host in {"0.0.0.0", "::"} else settings.http_host  # noqa: S104
    if not wait_until_it_accepts(
        port, host=host, wait_s=_API_START_S, while_true=lambda: process.running
    ):
        message = f"The API did not start; see {process.log}."
        raise ConfigurationError(message)
    return f"http://{host}:{port}"


def _environment(place: Path, database_url: str, made: _Made) -> dict[str, str]:
    environment = {"UNBROKEN_DATABASE_URL": database_url, "UNBROKEN_DATA_DIR": str(place)}
    if made.demo is not None:
        environment["UNBROKEN_WITNESS_POLICY"] = str(made.demo.ledger.policy)
    return environment


def _process(
    command: str,
    place: Path,
    environment: dict[str, str],
    options: list[str] | None = None,
    *,
    log: str | None = None,
) -> OwnProcess:
    file = place / "log" / f"{log or command}.log"
    return OwnProcess([command, *(options or [])], log=file, env=environment)


def _greeting(running: Running, place: Path, made: _Made) -> Iterator[str]:
    yield f"Unbroken is at {running.api_url}  (Ctrl-C ends it; the data stays in {place})"
    if not dashboard_is_built():
        yield "The dashboard is not built, so there is no page to look at. Run: make web"
    yield f"Loggers publish to {running.mqtt_url}"
    if made.demo is not None:
        policy = made.demo.ledger.policy
        yield f"Check what it hands out at {running.api_url}/verify with the policy {policy}"
        yield "Shipments, parties and mishaps are simulated; none of it is real. Sign in as:"
        for account in made.demo.accounts:
            yield f"  {account.username:<14} {account.password:<16} {account.display_name}"
        return
    if not made.founded:
        yield "Nobody can sign yet. Two people found the keys: unbroken keys found --help"
    yield "Add people with: unbroken account add NAME --role coordinator"
