"""Two ingest processes with one client id, started by mistake: they take turns, nothing is lost."""

from functools import partial
from pathlib import Path

import pytest

from store.database import Engine
from tests.support.ingest_process import IngestProcess, ingest_process
from tests.support.journal_check import check_stored_once, journal_keys
from tests.support.load_process import load, make_load_fleet
from tests.support.oracle import check_judgement
from tests.support.processes import wait_until
from unbroken.mosquitto import Mosquitto

pytestmark = [pytest.mark.fault, pytest.mark.broker]

LOGGERS, READINGS, MESSAGES = 8, 5, 800
LOST = "broker connection lost"


def has_subscribed(process: IngestProcess) -> bool:
    return process.subscriptions() > 0


def test_two_processes_of_one_client_id_lose_and_repeat_nothing(
    engine: Engine, broker: Mosquitto, tmp_path: Path
) -> None:
    start_at = make_load_fleet(engine, LOGGERS, MESSAGES // LOGGERS * READINGS)
    url = engine.url.render_as_string(hide_password=False)
    journal, logs = tmp_path / "journal", [tmp_path / "log-1", tmp_path / "log-2"]
    arguments = {"loggers": LOGGERS, "readings": READINGS, "messages": MESSAGES, "rate": 120,
                 "duplicates": 0.1, "shuffle": 40, "warm-share": 0.25}  # fmt: skip
    with (
        ingest_process(database_url=url, mqtt_url=broker.url, log=logs[0]) as first,
        ingest_process(database_url=url, mqtt_url=broker.url, log=logs[1]) as second,
    ):
        for process in (first, second):
            process.start()
            assert wait_until(partial(has_subscribed, process), wait_s=20)
        with load(broker.url, journal, start_at=start_at, arguments=arguments) as running:
            running.finish()
        check_stored_once(engine, journal_keys(journal), wait_s=60)
        assert LOST in logs[0].read_text(), "the takeover went unnoticed"
        for process in (first, second):
            assert process.process is not None
            assert process.process.poll() is None
    assert len(check_judgement(engine)) == LOGGERS // 4
