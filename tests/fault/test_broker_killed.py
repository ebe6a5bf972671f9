"""Kill -9 of the broker: what it forgets, the loggers still have."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from sqlalchemy import text

from store.database import Engine, transaction
from tests.support.ingest_process import IngestProcess, ingest_process
from tests.support.journal_check import check_stored_once, journal_keys
from tests.support.load_process import make_load_fleet
from tests.support.oracle import check_judgement
from tests.support.processes import wait_until
from tests.support.services import missing
from tests.support.store_and_forward import PatientLoggers, minutes_before_now
from unbroken.mosquitto import Mosquitto, mosquitto, mosquitto_program

pytestmark = [pytest.mark.fault, pytest.mark.broker]

LOGGERS, MINUTES, KILLS = 8, 240, 3


@pytest.fixture(params=["as advised", "persistence off"])
def killable(
    request: pytest.FixtureRequest, pytestconfig: pytest.Config, tmp_path: Path
) -> Iterator[Mosquitto]:
    program = mosquitto_program()
    if program is None:
        missing(pytestconfig, "broker", "Install Mosquitto: apt-get install mosquitto")
    options = {"persistence": "false"} if request.param == "persistence off" else {}
    with mosquitto(program, tmp_path, options) as broker:
        yield broker


@contextmanager
def loggers(broker: Mosquitto, serials: list[str], journal: Path) -> Iterator[PatientLoggers]:
    patient = PatientLoggers(broker.url, serials, journal)
    try:
        yield patient
    finally:
        patient.close()


def sessions_lost(engine: Engine) -> int:
    with transaction(engine) as session:
        found = session.connection().execute(text("SELECT sum(sessions_lost) FROM ingest_count"))
        return int(found.scalar_one() or 0)


def temperature(serial: str) -> float:
    return -120.0 if serial.endswith(("0", "1")) else -185.0


def test_a_killed_broker_loses_nothing_that_loggers_keep(
    engine: Engine, killable: Mosquitto, tmp_path: Path
) -> None:
    make_load_fleet(engine, LOGGERS, MINUTES)
    serials = [f"LD-{number:05d}" for number in range(LOGGERS)]
    url = engine.url.render_as_string(hide_password=False)
    journal = tmp_path / "journal"
    with (
        ingest_process(database_url=url, mqtt_url=killable.url, log=tmp_path / "log") as ingest,
        loggers(killable, serials, journal) as patient,
    ):
        ingest.start()
        assert wait_until(lambda: ingest.subscriptions() == 1, wait_s=20)
        for number, minute in enumerate(minutes_before_now(MINUTES)):
            patient.record(minute, temperature)
            patient.tick()
            if number % (MINUTES // KILLS) == MINUTES // KILLS // 2:
                kill_in_the_middle(killable, patient, ingest)
        assert patient.wait_until_stored()
        assert journal_keys(journal) <= patient.recorded
        check_stored_once(engine, patient.recorded)
        if "persistence false" in killable._configuration.read_text():
            assert wait_until(lambda: sessions_lost(engine) == KILLS)
    assert len(check_judgement(engine)) == 2


def kill_in_the_middle(broker: Mosquitto, patient: PatientLoggers, ingest: IngestProcess) -> None:
    """Kill the broker while loggers wait for an answer; start it when ingest has noticed."""
    connections = ingest.subscriptions()
    assert patient.kept > 0, "nothing is under way"
    broker.kill()
    patient.tick()
    broker.start()

    def is_back() -> bool:
        patient.tick()
        return ingest.subscriptions() > connections

    assert wait_until(is_back, wait_s=20)
