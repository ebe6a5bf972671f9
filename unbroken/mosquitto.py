"""A real Mosquitto for measuring and testing: restartable, killable, set up as we advise."""

import os
import shutil
import signal
import subprocess
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from schemas.errors import ConfigurationError
from unbroken.child_process import end, spawn
from unbroken.ports import LOOPBACK, free_port, wait_until_it_accepts

# Without these Mosquitto drops acknowledged messages past the thousandth, and keeps none over a
# crash (docs/runbook.md gives the same advice). Not `autosave_on_changes`: each save writes the
# whole queue, and a backlog of 40,000 messages then drains at 30 a second.
ADVISED = {
    "allow_anonymous": "true",
    "persistence": "true",
    "autosave_interval": "30",
    "max_queued_messages": "0",
    "max_inflight_messages": "1000",
    "log_dest": "none",
}


def mosquitto_program() -> str | None:
    """Return where Mosquitto lies; Debian puts it outside an ordinary user's path."""
    return shutil.which("mosquitto") or shutil.which("/usr/sbin/mosquitto")


class Mosquitto:
    """A broker process on one port over one directory; both stay over restarts.

    Attributes:
        port: On 127.0.0.1.
        url: `mqtt://127.0.0.1:port`.
    """

    def __init__(self, program: str, directory: Path, options: Mapping[str, str]) -> None:
        self.host, self.port = LOOPBACK, free_port()
        self.url = f"mqtt://{self.host}:{self.port}"
        self._program = program
        self._configuration = directory / "mosquitto.conf"
        lines = [f"listener {self.port} {self.host}", f"persistence_location {directory}/"]
        if os.geteuid() == 0:
            lines.append("user root")
        lines += [f"{name} {value}" for name, value in (ADVISED | dict(options)).items()]
        self._configuration.write_text("\n".join(lines) + "\n")
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def pid(self) -> int:
        """Process id of the running broker."""
        if self._process is None:
            raise ConfigurationError("Mosquitto is not running.")
        return self._process.pid

    def start(self) -> None:
        """Start and wait until it answers."""
        self._process = spawn(
            [self._program, "-c", self._configuration],
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        if not wait_until_it_accepts(self.port):
            raise ConfigurationError(f"Mosquitto did not start on port {self.port}.")

    def stop(self) -> None:
        """End it properly: it saves queues and retained messages first."""
        if self._process is not None:
            end(self._process)
            self._process = None

    def kill(self) -> None:
        """Kill -9."""
        if self._process is not None:
            self._process.kill()
            self._process.wait()
            self._process = None

    def restart(self) -> None:
        """Stop properly and start again on the same port."""
        self.stop()
        self.start()

    def pause(self) -> None:
        """Let it hang: connections stay open, nothing is answered."""
        os.kill(self.pid, signal.SIGSTOP)

    def resume(self) -> None:
        """Let it go on after `pause`."""
        os.kill(self.pid, signal.SIGCONT)


@contextmanager
def mosquitto(
    program: str, directory: Path, options: Mapping[str, str] | None = None
) -> Iterator[Mosquitto]:
    """Run Mosquitto for the length of the block; `options` override the advised ones."""
    broker = Mosquitto(program, directory, options or {})
    broker.start()
    try:
        yield broker
    finally:
        broker.kill()
