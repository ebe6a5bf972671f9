"""What an ingest measurement runs on: embedded PostgreSQL, a real Mosquitto, the real service."""

import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from sqlalchemy import text

from schemas.errors import ConfigurationError
from schemas.profile import load_profiles, profile_sha256
from store.database import Engine, open_engine, transaction
from unbroken.child_process import end, spawn
from unbroken.embedded_postgres import embedded_postgres
from unbroken.mosquitto import Mosquitto, mosquitto, mosquitto_program
from unbroken.reach_database import SERVER_OPTIONS, bring_up_to_date

THERAPY = "yescarta"
SERIALS = "BN-{:05d}"
_BEFORE = timedelta(hours=2)
_SUBSCRIBED = "subscribed to readings"


@dataclass(frozen=True, slots=True, kw_only=True)
class Stack:
    """Running servers.

    Attributes:
        engine: On the database. `broker`: the Mosquitto.
        start: From when the loggers watch.
    """

    engine: Engine
    broker: Mosquitto
    start: datetime


@contextmanager
def stack(shipments: int) -> Iterator[Stack]:
    """Run database, broker and ingest with `shipments` shipments under way, one logger each.

    Raises:
        ConfigurationError: Mosquitto is not installed, or ingest does not start.
    """
    program = mosquitto_program()
    if program is None:
        raise ConfigurationError(
            "Mosquitto is not installed; `apt-get install mosquitto`, then measure again."
        )
    with tempfile.TemporaryDirectory(prefix="unbroken-bench-") as name:
        place = Path(name)
        place.chmod(0o755)
        with (
            embedded_postgres(place / "postgres", options=SERVER_OPTIONS) as server,
            mosquitto(program, place) as broker,
        ):
            bring_up_to_date(server.url)
            engine = open_engine(server.url)
            start = datetime.now(UTC).replace(microsecond=0) - _BEFORE
            try:
                make_fleet(engine, shipments, start)
                with _ingest(server.url, broker.url, place / "ingest.log"):
                    yield Stack(engine=engine, broker=broker, start=start)
            finally:
                engine.dispose()


@contextmanager
def _ingest(database_url: str, mqtt_url: str, log: Path) -> Iterator[None]:
    environment = os.environ | {
        "UNBROKEN_DATABASE_URL": database_url,
        "UNBROKEN_MQTT_URL": mqtt_url,
    }
    with log.open("wb") as out:
        process = spawn(
            [sys.executable, "-m", "unbroken", "ingest"],
            env=environment,
            stdout=out,
            stderr=subprocess.STDOUT,
        )
    try:
        if not until(lambda: _SUBSCRIBED in log.read_text(), wait_s=20.0):
            raise ConfigurationError(f"Ingest did not start: {log.read_text()[-500:]}")
        yield
    finally:
        end(process)


def make_fleet(engine: Engine, shipments: int, start: datetime) -> None:
    """Store `shipments` shipments in transit, each with a logger that watches from `start` on.

    Each counts as heard just now: a fleet that was silent before the start would raise an alert
    for every shipment while the rate is measured.
    """
    profile = next(profile for profile in load_profiles() if profile.id == THERAPY)
    values = {
        "n": shipments,
        "therapy": THERAPY,
        "sha": profile_sha256(profile),
        "start": start,
    }
    with transaction(engine) as session:
        for statement in filter(None, map(str.strip, _FLEET.split(";"))):
            session.connection().execute(text(statement), values)


_FLEET = """
INSERT INTO party VALUES ('maker', 'Maker', 'manufacturer');
INSERT INTO site VALUES ('0614141000012', 'Plant', 'manufacturer', 'maker', 40, -80, 'UTC');
INSERT INTO logger (serial, make, accuracy_c, calibration_expires_at, logging_interval_s,
upload_interval_s) SELECT 'BN-' || lpad(k::text, 5, '0'), 'bench', 0.5,
now() + interval '1 year', 60, 60 FROM generate_series(0, :n - 1) k;
INSERT INTO shipper SELECT 'G' || k, 'ln2_dewar', 240, now(), now() + interval '1 year'
FROM generate_series(0, :n - 1) k;
INSERT INTO treatment_order SELECT 'A-' || k, :therapy, :sha, '', NULL, '', 'P',
'0614141000012', now() FROM generate_series(0, :n - 1) k;
INSERT INTO shipment (code, order_code, profile_sha256, shipper_grai, origin_gln,
destination_gln, state, planned_pickup_at, planned_delivery_at, departed_at)
SELECT 'U-' || k, 'A-' || k, :sha, 'G' || k, '0614141000012', '0614141000012', 'in_transit',
now(), now() + interval '2 days', now() FROM generate_series(0, :n - 1) k;
INSERT INTO assignment (logger_id, shipment_id, starts_at) SELECT l.id, s.id,
:start FROM shipment s JOIN logger l
ON l.serial = 'BN-' || lpad(substr(s.code, 3), 5, '0');
INSERT INTO shipment_status (shipment_id, due, received_at, updated_at)
SELECT id, false, now(), now() FROM shipment;
ANALYZE;
"""


def until(condition: Callable[[], bool], *, wait_s: float, every_s: float = 0.02) -> bool:
    """Wait for a condition of another process; False when it did not come true in time."""
    deadline = time.monotonic() + wait_s
    while not condition():
        if time.monotonic() > deadline:
            return False
        time.sleep(every_s)
    return True
