"""The ingest process with a real broker, a foreign client and a real database."""

import json
import shutil
import subprocess
from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlalchemy import text

from store.database import Engine, transaction
from tests.support.ingest_process import count, ingest_process
from tests.support.nouns import make_shipments
from tests.support.processes import wait_until
from tests.support.senml import pack
from unbroken.mosquitto import Mosquitto

pytestmark = pytest.mark.fault


def url_of(engine: Engine) -> str:
    return engine.url.render_as_string(hide_password=False)


def publish(broker: Mosquitto, topic: str, payload: bytes) -> None:
    program = shutil.which("mosquitto_pub")
    if program is None:
        pytest.skip("mosquitto_pub is not installed: apt-get install mosquitto-clients")
    subprocess.run(
        [program, "-p", str(broker.port), "-V", "311", "-q", "1", "-t", topic, "-s"],
        input=payload,
        check=True,
    )


def test_a_foreign_client_is_stored_and_a_broken_message_can_be_replayed(
    engine: Engine, broker: Mosquitto, tmp_path: Path
) -> None:
    make_shipments(engine, 1)
    now_us = int(datetime.now(UTC).timestamp()) * 1_000_000
    with ingest_process(
        database_url=url_of(engine), mqtt_url=broker.url, log=tmp_path / "log"
    ) as ingest:
        ingest.start()
        ingest.wait_until_subscribed()
        publish(broker, "unbroken/v1/LG-1/readings", pack("LG-1", [(now_us, -140.0, 7)]))
        publish(broker, "unbroken/v1/LG-1/readings", b'[{"n":"temp","u":"Fahrenheit","v":3}]')
        publish(
            broker, "unbroken/v1/LG-9/readings", pack("LG-9", [(now_us - 1_000_000, -170.0, 1)])
        )
        assert wait_until(
            lambda: count(engine, "reading") == 1 and count(engine, "quarantine") == 2
        )
        with transaction(engine) as session:
            run = session.connection().execute
            reasons = set(run(text("SELECT reason FROM quarantine")).scalars())
            assert reasons == {"undecodable", "unknown_logger"}
            run(text("UPDATE logger SET serial = 'LG-9' WHERE serial = 'LG-1'"))
            run(text("UPDATE quarantine SET replay_requested_at = now()"))
        assert wait_until(lambda: replayed(engine) == {"unknown_logger"})

    with transaction(engine) as session:
        outcomes: dict[str, str] = dict(
            session.connection().execute(text("SELECT reason, outcome FROM quarantine")).all()
        )
    assert "must be Cel or K" in outcomes["undecodable"]


def replayed(engine: Engine) -> set[str]:
    with transaction(engine) as session:
        rows = session.connection().execute(
            text("SELECT reason FROM quarantine WHERE replayed_at IS NOT NULL")
        )
        return set(rows.scalars())


def test_what_is_stored_is_told_to_the_logger(
    engine: Engine, broker: Mosquitto, tmp_path: Path
) -> None:
    make_shipments(engine, 1)
    now_us = int(datetime.now(UTC).timestamp()) * 1_000_000
    heard = tmp_path / "heard"
    with (
        ingest_process(
            database_url=url_of(engine), mqtt_url=broker.url, log=tmp_path / "log"
        ) as ingest,
        heard.open("wb") as out,
    ):
        ingest.start()
        ingest.wait_until_subscribed()
        listener = subprocess.Popen(
            ["mosquitto_sub", "-p", str(broker.port), "-t", "unbroken/v1/+/stored", "-C", "1"],
            stdout=out,
        )
        while listener.poll() is None:
            readings = [(now_us - k * 1_000_000, -170.0, k) for k in (9, 3, 2, 1)]
            publish(broker, "unbroken/v1/LG-1/readings", pack("LG-1", readings))
    assert json.loads(heard.read_bytes())["stored"] == [[1, 3], [9, 9]]
