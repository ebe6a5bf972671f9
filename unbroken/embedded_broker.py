"""A private MQTT 3.1.1 broker (rumqttd, from the package iotcore) on the loopback interface.

It has no access rules and keeps everything in memory: what it acknowledged and had not delivered
is gone when it ends. Loggers that keep their readings until told "stored" lose nothing.
"""

import importlib.util
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from string import Template

from schemas.errors import ConfigurationError
from unbroken.child_process import end, spawn
from unbroken.ports import LOOPBACK, accepts, free_port

_START_S = 10.0

# Exactly one listener: a v5 publisher with properties beside a v3.1.1 subscriber panics the
# broker's v4 writer and stops that listener for good. The log is a ring: what falls off its end
# was acknowledged and is lost, so it is large.
_CONFIGURATION = Template("""\
id = 0

[router]
id = 0
max_connections = 10010
max_outgoing_packet_count = 200
max_segment_size = 67108864
max_segment_count = 8

[v4.1]
name = "mqtt-3.1.1"
listen = "$host:$port"
next_connection_delay_ms = 1

[v4.1.connections]
connection_timeout_ms = 60000
max_payload_size = 8388608
max_inflight_count = 100
dynamic_filters = true
""")


class EmbeddedBroker:
    """A broker of our own. Use `embedded_broker`, which also stops it.

    Attributes:
        port: Where it listens, on 127.0.0.1; the same after every start.
    """

    def __init__(self, port: int = 0) -> None:
        self.port = free_port(port)
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def url(self) -> str:
        """MQTT URL of the broker."""
        return f"mqtt://{LOOPBACK}:{self.port}"

    @property
    def pid(self) -> int | None:
        """Process id while it runs."""
        return self._process.pid if self.running and self._process else None

    @property
    def running(self) -> bool:
        """Whether the broker process is alive."""
        return self._process is not None and self._process.poll() is None

    def start(self) -> None:
        """Start the broker and wait until it answers.

        Raises:
            ConfigurationError: The package is missing, or the broker does not come up.
        """
        if importlib.util.find_spec("iotcore") is None:
            message = (
                "The embedded broker is not installed (package iotcore). Install it, or set "
                "UNBROKEN_MQTT_URL to a broker that runs."
            )
            raise ConfigurationError(message)
        with tempfile.TemporaryDirectory(prefix="unbroken-") as directory:
            configuration = Path(directory) / "broker.toml"
            configuration.write_text(_CONFIGURATION.substitute(host=LOOPBACK, port=self.port))
            # -P keeps a folder named iotcore in the current directory from being run instead.
            command: list[str | Path] = [sys.executable, "-P", "-m", "iotcore"]
            command += ["--config", configuration, "--log-level", "CRITICAL"]
            self._process = spawn(command, stdout=subprocess.DEVNULL)
            self._wait_until_ready(self._process)

    def stop(self) -> None:
        """End the broker; what it held is gone. Safe to repeat."""
        if self._process is not None:
            end(self._process, politely=signal.SIGTERM, wait_s=5.0)
            self._process = None

    def _wait_until_ready(self, process: "subprocess.Popen[bytes]") -> None:
        deadline = time.monotonic() + _START_S
        while process.poll() is None and time.monotonic() < deadline:
            if accepts(self.port):
                return
            time.sleep(0.01)
        self.stop()
        message = f"The embedded broker did not start on {LOOPBACK}:{self.port}."
        raise ConfigurationError(message)


@contextmanager
def embedded_broker(port: int = 0) -> Iterator[EmbeddedBroker]:
    """Run a broker for the length of the block, on `port` if it is free, else on another one.

    Raises:
        ConfigurationError: It cannot be started; the sentence says why.
    """
    broker = EmbeddedBroker(port)
    try:
        broker.start()
        yield broker
    finally:
        broker.stop()
