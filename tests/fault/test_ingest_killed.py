"""Kill -9 of ingest under load: every acknowledged reading is stored once, and judged right."""

import signal
from collections.abc import Iterator
from pathlib import Path
from random import Random

import pytest
from sqlalchemy import text

from ingest.kill_points import KILL_POINTS
from store.database import Engine, transaction
from tests.support.ingest_process import IngestProcess, ingest_process
from tests.support.journal_check import check_stored_once, journal_keys
from tests.support.load_process import load, make_load_fleet
from tests.support.oracle import check_judgement
from tests.support.processes import wait_until
from unbroken.mosquitto import Mosquitto

pytestmark = pytest.mark.fault

LOGGERS, READINGS, MESSAGES = 16, 6, 640
UNRULY = {
    "loggers": LOGGERS,
    "readings": READINGS,
    "messages": MESSAGES,
    "duplicates": 0.2,
    "shuffle": 60,
    "late": 0.1,
    "warm-share": 0.25,
}
AFTER_COMMIT = {"ingest.after_commit_before_ack", "ingest.mid_acks"}


@pytest.fixture
def ingest(
    engine: Engine, broker: Mosquitto, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[IngestProcess]:
    monkeypatch.setenv("UNBROKEN_BATCH_MESSAGES", "50")
    url = engine.url.render_as_string(hide_password=False)
    with ingest_process(database_url=url, mqtt_url=broker.url, log=tmp_path / "log") as process:
        process.start()
        assert wait_until(lambda: process.subscriptions() == 1)
        yield process


def messages_taken(engine: Engine) -> int:
    """Return how many messages were in batches that are committed."""
    with transaction(engine) as session:
        found = session.connection().execute(text("SELECT sum(messages) FROM ingest_count"))
        return int(found.scalar_one() or 0)


def test_a_kill_at_each_named_point_loses_and_repeats_nothing(
    engine: Engine, broker: Mosquitto, ingest: IngestProcess, tmp_path: Path
) -> None:
    start_at = make_load_fleet(engine, LOGGERS, MESSAGES // LOGGERS * READINGS)
    ingest.kill()
    with load(
        broker.url, tmp_path / "journal", start_at=start_at, arguments=UNRULY | {"rate": 40}
    ) as running:
        for point in KILL_POINTS:
            assert running.reached(running.acknowledged + 20), "the load ended too early"
            taken = messages_taken(engine)
            ingest.start(kill_at=point)
            assert ingest.process is not None
            assert ingest.process.wait(30) == -signal.SIGKILL, point
            assert (messages_taken(engine) > taken) == (point in AFTER_COMMIT), point
        assert running.running
        ingest.start()
        assert running.finish()["readings"] == MESSAGES * READINGS
    check_stored_once(engine, journal_keys(tmp_path / "journal"))
    assert len(check_judgement(engine)) == LOGGERS // 4


def test_kills_at_random_moments_lose_and_repeat_nothing(
    engine: Engine, broker: Mosquitto, ingest: IngestProcess, tmp_path: Path
) -> None:
    start_at = make_load_fleet(engine, LOGGERS, 2 * MESSAGES // LOGGERS * READINGS)
    arguments = UNRULY | {"messages": 2 * MESSAGES, "rate": 120}
    moments = Random(4).sample(range(40, 2 * MESSAGES, 20), 8)  # noqa: S311 - the same each time
    with load(broker.url, tmp_path / "journal", start_at=start_at, arguments=arguments) as running:
        for moment in sorted(moments):
            assert running.reached(moment), "the load ended too early"
            ingest.kill()
            ingest.start()
        assert running.running
        assert running.finish()["readings"] == 2 * MESSAGES * READINGS
    check_stored_once(engine, journal_keys(tmp_path / "journal"))
    assert len(check_judgement(engine)) == LOGGERS // 4
