"""The ingest service as its own process, to be killed."""

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from sqlalchemy import text

from store.database import Engine, transaction
from tests.support.processes import wait_until
from unbroken.child_process import end


class IngestProcess:
    """One ingest process; `start` again after a kill, as a supervisor would."""

    def __init__(self, *, database_url: str, mqtt_url: str, log: Path) -> None:
        self._environment = {
            **os.environ,
            "UNBROKEN_DATABASE_URL": database_url,
            "UNBROKEN_MQTT_URL": mqtt_url,
            "UNBROKEN_OLDEST_DAYS": "4000",
            "UNBROKEN_SWEEP_EVERY_S": "0.2",
        }
        self._log = log
        self.process: subprocess.Popen[bytes] | None = None

    def start(self, *, kill_at: str | None = None) -> None:
        """Start; with `kill_at` it kills itself where it first reaches that point."""
        environment = dict(self._environment)
        if kill_at is not None:
            environment["UNBROKEN_KILL_AT"] = kill_at
        with self._log.open("ab") as log:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "unbroken", "ingest"],
                env=environment,
                stdout=log,
                stderr=log,
            )

    def wait_until_subscribed(self) -> None:
        """Wait until the broker has accepted the subscription since the last start."""
        seen = self.subscriptions()
        assert wait_until(lambda: self.subscriptions() > seen - 1 and self.subscriptions() > 0)

    def subscriptions(self) -> int:
        """Return how often it has subscribed since the first start."""
        return self._log.read_text().count("subscribed to readings") if self._log.exists() else 0

    def kill(self) -> None:
        """Kill -9."""
        assert self.process is not None
        self.process.kill()
        self.process.wait()

    def stop(self) -> None:
        """End it properly."""
        if self.process is not None and self.process.poll() is None:
            end(self.process)


@contextmanager
def ingest_process(*, database_url: str, mqtt_url: str, log: Path) -> Iterator[IngestProcess]:
    """Yield an ingest process that is not started yet; it is gone afterwards."""
    process = IngestProcess(database_url=database_url, mqtt_url=mqtt_url, log=log)
    try:
        yield process
    finally:
        process.stop()


def count(engine: Engine, table: str) -> int:
    """Return how many rows a table has."""
    with transaction(engine) as session:
        found = session.connection().execute(text(f"SELECT count(*) FROM {table}"))
        return int(found.scalar_one())
