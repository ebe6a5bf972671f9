"""The database dies at the worst places: the batch is kept, nothing is lost, nothing restarts."""

import os
import signal
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path

import psycopg
import pytest
from sqlalchemy import text

from alerts.judge import Judge
from ingest.pipeline import Pipeline
from schemas.errors import StoreUnavailable
from schemas.instants import to_us
from schemas.settings import Settings
from store.database import Engine, migrate, open_engine, transaction
from tests.support.ingest_process import IngestProcess, ingest_process
from tests.support.journal_check import check_stored_once, journal_keys, stored_count
from tests.support.load_process import load, make_load_fleet
from tests.support.nouns import START, make_shipments
from tests.support.oracle import check_judgement
from tests.support.postgres import crash, scratch_dir
from tests.support.processes import wait_until
from tests.support.senml import message
from unbroken.embedded_postgres import EmbeddedPostgres, embedded_postgres
from unbroken.mosquitto import Mosquitto

pytestmark = [pytest.mark.fault, pytest.mark.pg]

MINUTE_US = 60_000_000
TABLES = ("reading", "quarantine", "shipment_status", "detector_state", "excursion", "verdict",
          "alert", "outbox", "ingest_count")  # fmt: skip
AWAY, BACK = "database is away", "database is back"
LOGGERS, READINGS, MESSAGES = 16, 6, 1440


def die_once_while_writing(engine: Engine, table: str) -> None:
    """Have the server end the connection that next writes to a table, and only that one."""
    with transaction(engine) as session:
        run = session.connection().execute
        run(text("CREATE SEQUENCE deaths"))  # a sequence remembers what is rolled back
        run(
            text(
                "CREATE FUNCTION die_once() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN "
                "IF nextval('deaths') = 1 THEN PERFORM pg_terminate_backend(pg_backend_pid()); "
                "END IF; RETURN NEW; END $$"
            )
        )
        run(
            text(
                f"CREATE TRIGGER die_once BEFORE INSERT OR UPDATE ON {table} "
                "FOR EACH ROW EXECUTE FUNCTION die_once()"
            )
        )


@pytest.mark.parametrize("table", TABLES)
def test_a_connection_that_dies_while_writing_leaves_nothing_half_done(
    table: str, engine: Engine
) -> None:
    make_shipments(engine, 2)
    start = to_us(START)
    batch = [
        message(serial, [(start + minute * MINUTE_US, -140.0, minute)])
        for serial in ("LG-1", "LG-2", "LG-404")
        for minute in range(10)
    ]
    under_test = Pipeline(engine, Settings(oldest_days=4000), Judge())
    under_test.process([message("LG-1", [(start - MINUTE_US, -180.0, 99)])])
    die_once_while_writing(engine, table)
    with pytest.raises(StoreUnavailable) as refused:
        under_test.process_one_by_one(batch)
    assert refused.value.transient
    assert stored_count(engine) == 1
    outcome = under_test.process_one_by_one(batch)
    assert (outcome.counts.readings, len(outcome.faults)) == (20, 10)
    assert len(check_judgement(engine)) == 2


@pytest.fixture
def server() -> Iterator[EmbeddedPostgres]:
    """Return a durable database server of the test's own, to be killed."""
    with scratch_dir() as directory, embedded_postgres(directory / "pg") as server:
        yield server


def kill_a_backend(server: EmbeddedPostgres) -> None:
    """Kill -9 the backend that ingest last worked on; the server throws everybody out then."""
    with psycopg.connect(server.dsn) as connection:
        row = connection.execute(
            "SELECT pid FROM pg_stat_activity WHERE application_name = 'unbroken' "
            "AND pid <> pg_backend_pid() ORDER BY state_change DESC LIMIT 1"
        ).fetchone()
    assert row is not None
    os.kill(row[0], signal.SIGKILL)


def grown(engine: Engine, before: int) -> bool:
    return stored_count(engine) > before


def said(log: Path, words: str, times: int) -> bool:
    return log.read_text().count(words) == times


@contextmanager
def subscribed(ingest: IngestProcess) -> Iterator[None]:
    """Start ingest and wait until it listens."""
    ingest.start()
    assert wait_until(lambda: ingest.subscriptions() == 1, wait_s=20)
    yield


def stop_and_wait(server: EmbeddedPostgres, sign: signal.Signals) -> None:
    os.kill(server.pid, sign)
    assert wait_until(lambda: not server.running, wait_s=20)


def test_a_killed_or_stopped_database_loses_nothing_and_needs_no_restart(
    server: EmbeddedPostgres, broker: Mosquitto, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("UNBROKEN_BATCH_MESSAGES", "20")
    engine = open_engine(server.url)
    migrate(engine)
    start_at = make_load_fleet(engine, LOGGERS, MESSAGES // LOGGERS * READINGS)
    log, journal = tmp_path / "log", tmp_path / "journal"
    arguments = {
        "loggers": LOGGERS, "readings": READINGS, "messages": MESSAGES, "rate": 120,
        "duplicates": 0.2, "shuffle": 60, "late": 0.1, "warm-share": 0.25,
    }  # fmt: skip
    with (
        ingest_process(database_url=server.url, mqtt_url=broker.url, log=log) as ingest,
        subscribed(ingest),
        load(broker.url, journal, start_at=start_at, arguments=arguments) as running,
    ):
        first = ingest.process
        blows = [
            partial(crash, server),
            partial(stop_and_wait, server, signal.SIGINT),
            partial(stop_and_wait, server, signal.SIGQUIT),
        ]
        for number, blow in enumerate(blows, 1):
            before = stored_count(engine)
            assert wait_until(partial(grown, engine, before)), log.read_text()
            blow()
            assert wait_until(partial(said, log, AWAY, number), wait_s=20), log.read_text()
            assert running.reached(running.acknowledged + 60), "no load during the outage"
            server.start()
            assert wait_until(partial(said, log, BACK, number), wait_s=20)
        kill_a_backend(server)
        assert wait_until(lambda: said(log, AWAY, len(blows) + 1) or not running.running, wait_s=30)
        running.finish()
        check_stored_once(engine, journal_keys(journal))
        assert first is not None
        assert first.poll() is None, "ingest ended"
    assert len(check_judgement(engine)) == LOGGERS // 4
    engine.dispose()
