"""The notary as its own process, to be killed."""

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from sqlalchemy import Engine

from unbroken.child_process import end


class NotaryProcess:
    """One notary process; `start` again after a kill, as a supervisor would."""

    def __init__(self, engine: Engine, directory: Path, **settings: str) -> None:
        self.directory = directory
        self._environment = {
            **os.environ,
            "UNBROKEN_DATABASE_URL": engine.url.render_as_string(hide_password=False),
            "UNBROKEN_LOG_DIR": str(directory),
            "UNBROKEN_CHECKPOINT_EVERY_S": "0.1",
            **settings,
        }
        self._log = directory.with_name("notary.log")
        self.process: subprocess.Popen[bytes] | None = None

    @property
    def output(self) -> str:
        """What all its runs have logged."""
        return self._log.read_text(encoding="utf-8") if self._log.exists() else ""

    def start(self, *, kill_at: str | None = None) -> None:
        """Start; with `kill_at` it kills itself where it first reaches that point."""
        environment = dict(self._environment)
        if kill_at is not None:
            environment["UNBROKEN_KILL_AT"] = kill_at
        with self._log.open("ab") as log:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "unbroken", "notary"],
                env=environment,
                stdout=log,
                stderr=log,
            )

    def wait(self, wait_s: float = 30.0) -> int:
        """Return its exit code, once it has ended by itself."""
        assert self.process is not None
        return self.process.wait(wait_s)

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
def notary_process(engine: Engine, directory: Path, **settings: str) -> Iterator[NotaryProcess]:
    """Yield a notary process that is not started yet; it is gone afterwards."""
    process = NotaryProcess(engine, directory, **settings)
    try:
        yield process
    finally:
        process.stop()
