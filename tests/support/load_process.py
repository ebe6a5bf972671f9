"""`python -m simulator.load` as its own process: what it had acknowledged is in its journal."""

import json
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from sqlalchemy import text

from store.database import Engine, transaction
from tests.support.nouns import make_shipments
from tests.support.processes import ROOT, Command, wait_until

INTERVAL_S = 60


class Load:
    """A running load."""

    def __init__(self, command: Command, journal: Path) -> None:
        self._command = command
        self.journal = journal

    @property
    def acknowledged(self) -> int:
        """How many sendings the broker had acknowledged when it last said so."""
        counts = [int(event["sendings"]) for event in self._events() if "sendings" in event]
        return max(counts, default=0)

    @property
    def running(self) -> bool:
        """Whether it still has something to send."""
        return self._command.process.poll() is None

    def reached(self, sendings: int) -> bool:
        """Wait until so many sendings are acknowledged; False when it ended before."""
        return wait_until(
            lambda: self.acknowledged >= sendings or not self.running, wait_s=60
        ) and (self.acknowledged >= sendings)

    def finish(self) -> dict[str, Any]:
        """Wait until everything is acknowledged and return the result."""
        self._command.wait_for('"done"', wait_s=90)
        assert self._command.process.wait(10) == 0
        return next(event for event in self._events() if event["event"] == "done")

    def _events(self) -> list[dict[str, Any]]:
        return [json.loads(line) for line in self._command.lines if line.startswith("{")]


@contextmanager
def load(
    mqtt_url: str, journal: Path, *, start_at: datetime, arguments: Mapping[str, object]
) -> Iterator[Load]:
    """Run a load for the length of the block; `arguments` are those of its command line."""
    options = {
        "mqtt-url": mqtt_url,
        "journal": journal,
        "start": start_at.isoformat(),
        "interval": INTERVAL_S,
        "progress-every": 20,
        **arguments,
    }
    words = [word for name, value in options.items() for word in (f"--{name}", str(value))]
    process = subprocess.Popen(
        [sys.executable, "-m", "simulator.load", *words],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    command = Command(process)
    try:
        yield Load(command, journal)
    finally:
        command.close()


def make_load_fleet(engine: Engine, loggers: int, readings_per_logger: int) -> datetime:
    """Make a shipment for each logger of a load; return the instant before the first readings."""
    span = timedelta(seconds=INTERVAL_S * (readings_per_logger + 10))
    start_at = datetime.now(UTC).replace(microsecond=0) - span
    make_shipments(engine, loggers)
    with transaction(engine) as session:
        run = session.connection().execute
        run(
            text(
                "UPDATE logger SET serial = "
                "'LD-' || lpad((substr(serial, 4)::int - 1)::text, 5, '0')"
            )
        )
        run(text("UPDATE assignment SET starts_at = :start"), {"start": start_at})
    return start_at
