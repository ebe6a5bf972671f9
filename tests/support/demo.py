"""The whole product, started as anybody would start it: `unbroken demo`."""

import os
import pwd
import signal
import site
import sys
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import httpx

from schemas.roles import Role
from tests.support.ports_taken import taken_port
from tests.support.processes import ROOT, Command, descendants, is_alive, unbroken, wait_until

START_S = 120.0
_SYSTEM_PYTHON = "/usr/bin/python3"


@dataclass(frozen=True, slots=True, kw_only=True)
class RunningDemo:
    """A demo that has greeted us.

    Attributes:
        command: Its process and what it said.
        address: URL of the dashboard.
        mqtt_port: Where loggers publish to, on 127.0.0.1.
        passwords: By user name, which is the role's.
    """

    command: Command
    address: str
    mqtt_port: int
    passwords: Mapping[str, str]

    @contextmanager
    def signed_in(self, role: Role) -> Iterator[httpx.Client]:
        """Yield a client of the API, signed in as the person of that role."""
        headers = {"X-Unbroken-Csrf": "1"}
        base_url = f"{self.address}/api/v1"
        with httpx.Client(base_url=base_url, headers=headers, timeout=30) as client:
            account = {"username": role.value, "password": self.passwords[role.value]}
            client.post("/session", json=account).raise_for_status()
            yield client

    def pid_of(self, part: str) -> int:
        """Return the process id of `unbroken <part>` below it."""
        wanted = ["-m", "unbroken", part]
        below = descendants(self.command.pid)
        found = [pid for pid in below if _arguments(pid)[-3:] == wanted]
        assert len(found) == 1, f"one process of {part} expected, not {found}"
        return found[0]

    def end(self) -> None:
        """Press Ctrl-C; it must end well and leave no process behind."""
        all_of_it = [self.command.pid, *descendants(self.command.pid)]
        os.kill(self.command.pid, signal.SIGINT)
        assert self.command.process.wait(60) == 0, "\n".join(self.command.lines)
        assert wait_until(lambda: not any(map(is_alive, all_of_it)))


def fetch(client: httpx.Client, path: str) -> Any:
    """Return the JSON at `path`; any status but a good one is an error."""
    return client.get(path).raise_for_status().json()


def _arguments(pid: int) -> list[str]:
    try:
        return Path(f"/proc/{pid}/cmdline").read_text().rstrip("\0").split("\0")
    except OSError:
        return []


@dataclass(frozen=True, slots=True, kw_only=True)
class Person:
    """Who runs it: an ordinary user where we are root and can become one, else ourselves."""

    user: int | None
    python: str

    def own(self, directory: Path) -> None:
        """Make a directory theirs."""
        if self.user is not None:
            os.chown(directory, self.user, self.user)


def ordinary_person() -> Person:
    """Return `nobody` when we are root and the system has a Python that they may run."""
    same_version = Path(f"{_SYSTEM_PYTHON}.{sys.version_info.minor}").exists()
    if os.geteuid() != 0 or not same_version:
        return Person(user=None, python=sys.executable)
    return Person(user=pwd.getpwnam("nobody").pw_uid, python=_SYSTEM_PYTHON)


@contextmanager
def running_demo(
    data_dir: Path, person: Person, *, http_port: int = 0, mqtt_port: int = 0
) -> Iterator[RunningDemo]:
    """Start a demo and yield it once it has greeted; what is left of it is killed afterwards."""
    env = {
        "UNBROKEN_HTTP_PORT": str(http_port),
        "UNBROKEN_MQTT_PORT": str(mqtt_port),
        "PYTHONPATH": os.pathsep.join([str(ROOT), *site.getsitepackages()]),
        "PYTHONDONTWRITEBYTECODE": "1",
        "HOME": str(data_dir.parent),
    }
    arguments = ["demo", "--data-dir", str(data_dir)]
    with unbroken(
        *arguments, env=env, cwd=data_dir.parent, user=person.user, python=person.python
    ) as command:
        address = command.wait_for("Unbroken is at", wait_s=START_S).split()[3]
        mqtt_url = command.wait_for("Loggers publish to").split()[-1]
        command.wait_for(f"  {Role.ADMINISTRATOR.value} ")  # the last one greeted
        roles = {role.value for role in Role}
        said = (line.split() for line in command.lines if line.startswith("  "))
        yield RunningDemo(
            command=command,
            address=address,
            mqtt_port=urlsplit(mqtt_url).port or 1883,
            passwords={words[0]: words[1] for words in said if words[0] in roles},
        )


class House:
    """A data directory with a demo running on it, that can be ended and started again."""

    def __init__(self, data_dir: Path, person: Person) -> None:
        self.data_dir = data_dir
        self._person = person
        self._stack = ExitStack()
        self.demo = self._start_where_ports_are_taken()

    def _start_where_ports_are_taken(self) -> RunningDemo:
        with taken_port() as http, taken_port() as mqtt:
            self.taken = (http, mqtt)
            running = running_demo(self.data_dir, self._person, http_port=http, mqtt_port=mqtt)
            return self._stack.enter_context(running)

    def start_again(self) -> RunningDemo:
        """Start on the same data, after `demo.end()`."""
        self._stack.close()
        self.demo = self._stack.enter_context(running_demo(self.data_dir, self._person))
        return self.demo

    def close(self) -> None:
        """End it as people do, and leave nothing of it."""
        with self._stack:
            self.demo.end()
