"""A private PostgreSQL server over a data directory, from the programs of a Python package.

It answers on a Unix socket in a private directory only, under the user `unbroken`, with fsync on.
It dies with the process that started it, and comes back from any death with what was committed.
"""

import os
import shutil
import signal
import subprocess
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from urllib.parse import quote

from schemas.errors import ConfigurationError
from unbroken.child_process import end
from unbroken.postgres_binaries import bin_dir
from unbroken.postgres_cluster import (
    DATABASE,
    USER,
    Programs,
    check_version,
    make_cluster,
    remove_a_strangers_lock,
)
from unbroken.postgres_places import private_socket_dir, reachable_data_dir
from unbroken.postgres_user import server_user

_PORT = "5432"
_START_S = 60.0
# After a kill the old server may hold its shared memory or lock file for a moment.
_HELD_S = 10.0
_HELD = ("pre-existing shared memory block", 'lock file "postmaster.pid" already exists')
_NOT_DURABLE = {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off"}


class EmbeddedPostgres:
    """A PostgreSQL server of our own. Use `embedded_postgres`, which also stops it.

    Attributes:
        data_dir: Where its data lies.
        pid: Process id of the server while it runs.
    """

    def __init__(
        self, data_dir: Path, *, durable: bool = True, options: Mapping[str, str] | None = None
    ) -> None:
        self._user = server_user()
        self._programs = Programs(directory=bin_dir(self._user), user=self._user)
        self.data_dir = reachable_data_dir(data_dir.absolute(), self._user)
        self._durable = durable
        self._options = dict(options or {}) | ({} if durable else _NOT_DURABLE)
        self._log = self.data_dir.with_name(f"{self.data_dir.name}.log")
        self._socket_dir: Path | None = None
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def pid(self) -> int:
        """Process id of the running server."""
        if self._process is None:
            message = "The embedded PostgreSQL is not running."
            raise ConfigurationError(message)
        return self._process.pid

    @property
    def running(self) -> bool:
        """Whether the server process is alive."""
        return self._process is not None and self._process.poll() is None

    @property
    def socket_dir(self) -> Path:
        """The private directory of the Unix socket."""
        if self._socket_dir is None:
            self._socket_dir = private_socket_dir(self._user)
        return self._socket_dir

    @property
    def url(self) -> str:
        """SQLAlchemy URL of the database `unbroken`."""
        return self.url_of(DATABASE)

    @property
    def dsn(self) -> str:
        """The same for libpq: psql, pg_dump, psycopg."""
        return self.url.replace("postgresql+psycopg:", "postgresql:", 1)

    def url_of(self, database: str) -> str:
        """Return the SQLAlchemy URL of another database on this server."""
        host = quote(os.fspath(self.socket_dir), safe="")
        return f"postgresql+psycopg://{USER}@/{quote(database, safe='')}?host={host}&port={_PORT}"

    def start(self) -> None:
        """Start the server, making its data directory first if there is none.

        Raises:
            ConfigurationError: The directory is of another major version or in use, or the
                server does not start; the sentence carries the end of its log.
        """
        if self.running:
            return
        if not (self.data_dir / "PG_VERSION").exists():
            make_cluster(self._programs, self.data_dir, durable=self._durable)
        check_version(self.data_dir)
        remove_a_strangers_lock(self.data_dir)
        give_up_at = time.monotonic() + _HELD_S
        while not self._try_start():
            reason = _tail(self._log)
            if not any(sign in reason for sign in _HELD) or time.monotonic() > give_up_at:
                message = f"The embedded PostgreSQL in {self.data_dir} does not start: {reason}"
                raise ConfigurationError(message)
            time.sleep(0.2)

    def stop(self) -> None:
        """Stop the server: roll back what is open, write a checkpoint, close. Safe to repeat."""
        if self._process is not None:
            end(self._process, politely=signal.SIGINT, wait_s=30.0)
            self._process = None
        if self._socket_dir is not None:
            shutil.rmtree(self._socket_dir, ignore_errors=True)
            self._socket_dir = None

    def _try_start(self) -> bool:
        """Start once; False if the server ended before it was ready."""
        settings = {
            "listen_addresses": "",
            "unix_socket_directories": os.fspath(self.socket_dir),
            "unix_socket_permissions": "0700",
            "port": _PORT,
            "timezone": "UTC",
            "log_timezone": "UTC",
        } | self._options
        arguments: list[str | Path] = ["-D", self.data_dir]
        for name, value in settings.items():
            arguments += ["-c", f"{name}={value}"]
        with suppress(FileNotFoundError):
            self._log.replace(self._log.with_suffix(".log.1"))
        with self._log.open("ab") as log:
            self._process = self._programs.spawn("postgres", *arguments, output=log)
        return self._ready()

    def _ready(self) -> bool:
        """Wait until the server's pid file says `ready` in its eighth line, as pg_ctl does."""
        process = self._process
        assert process is not None  # noqa: S101 - set by the only caller
        pid_file = self.data_dir / "postmaster.pid"
        deadline = time.monotonic() + _START_S
        while process.poll() is None and time.monotonic() < deadline:
            with suppress(OSError):
                lines = pid_file.read_text().splitlines()
                if len(lines) > 7 and int(lines[0]) == process.pid and lines[7].strip() == "ready":  # noqa: PLR2004
                    return True
            time.sleep(0.005)
        end(process, politely=signal.SIGINT)
        return False


@contextmanager
def embedded_postgres(
    data_dir: Path, *, durable: bool = True, options: Mapping[str, str] | None = None
) -> Iterator[EmbeddedPostgres]:
    """Run a PostgreSQL server over `data_dir` for the length of the block.

    Args:
        data_dir: Made if missing; kept afterwards.
        durable: False turns fsync off, for tests that throw the data away.
        options: More server settings, as in postgresql.conf.

    Yields:
        The running server with `url`, `dsn`, `pid`, `stop()`.

    Raises:
        ConfigurationError: It cannot be made or started; the sentence says why.
    """
    server = EmbeddedPostgres(data_dir, durable=durable, options=options)
    try:
        server.start()
        yield server
    finally:
        server.stop()


def _tail(log: Path) -> str:
    """Return the last lines of the server's log, as one line."""
    with suppress(OSError):
        return " / ".join(log.read_text(errors="replace").splitlines()[-4:])
    return "it left no log."
