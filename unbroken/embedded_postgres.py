"""A private PostgreSQL server over a data directory, from the programs of a Python package.

It answers on a Unix socket in a private directory only, under the user `unbroken`, with fsync on.
It dies with the process that started it, and comes back from any death with what was committed.
"""

import os
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import IO
from urllib.parse import quote

from schemas.errors import ConfigurationError
from unbroken.child_process import end, spawn
from unbroken.postgres_binaries import MAJOR_VERSION, bin_dir
from unbroken.postgres_places import private_socket_dir, reachable_data_dir
from unbroken.postgres_user import server_user

USER = "unbroken"
DATABASE = "unbroken"
_PORT = "5432"
_START_S = 60.0
# After a kill the old server may hold its shared memory or lock file for a moment.
_HELD_S = 10.0
_HELD = ("pre-existing shared memory block", 'lock file "postmaster.pid" already exists')
_ENVIRONMENT = {"LC_ALL": "C", "TZ": "UTC", "PATH": "/usr/bin:/bin"}
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
        self._bin = bin_dir(self._user)
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
            self._initialise()
        self._check_version()
        self._remove_a_strangers_lock()
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
        command: list[str | Path] = [self._bin / "postgres", "-D", self.data_dir]
        for name, value in settings.items():
            command += ["-c", f"{name}={value}"]
        with suppress(FileNotFoundError):
            self._log.replace(self._log.with_suffix(".log.1"))
        with self._log.open("ab") as log:
            self._process = self._spawn(command, output=log)
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

    def _initialise(self) -> None:
        """Make the cluster beside its final place and move it there when it is complete."""
        unfinished = self.data_dir.with_name(f"{self.data_dir.name}.unfinished")
        shutil.rmtree(unfinished, ignore_errors=True)
        unfinished.mkdir(mode=0o700, parents=True)
        if self._user is not None:
            os.chown(unfinished, self._user.uid, self._user.gid)
        command: list[str | Path] = [self._bin / "initdb", "-D", unfinished, "--username", USER]
        command += ["--auth=trust", "--encoding=UTF8", "--locale=C", "--no-instructions"]
        command += ["--locale-provider=builtin", "--builtin-locale=C.UTF-8"]
        self._run(command if self._durable else [*command, "--no-sync"])
        single: list[str | Path] = [
            self._bin / "postgres",
            "--single",
            "-D",
            unfinished,
            "postgres",
        ]
        self._run(single, stdin=f"CREATE DATABASE {DATABASE}\n".encode())
        with suppress(FileNotFoundError):
            self.data_dir.rmdir()  # an empty directory made for us
        unfinished.rename(self.data_dir)

    def _run(self, command: list[str | Path], stdin: bytes = b"") -> None:
        """Run one of PostgreSQL's programs to its end."""
        try:
            with tempfile.TemporaryFile() as source:
                source.write(stdin)
                source.seek(0)
                process = self._spawn(command, stdin=source, output=subprocess.PIPE)
                output, _ = process.communicate()
        except OSError as error:
            message = f"{command[0]} cannot be executed: {error.strerror}."
            raise ConfigurationError(message) from error
        if process.returncode != 0:
            detail = output.decode(errors="replace").strip()
            message = f"The embedded database could not be made in {self.data_dir}: {detail}"
            raise ConfigurationError(message)

    def _spawn(
        self,
        command: list[str | Path],
        *,
        output: int | IO[bytes],
        stdin: int | IO[bytes] = subprocess.DEVNULL,
    ) -> "subprocess.Popen[bytes]":
        return spawn(
            command,
            death_signal=signal.SIGINT,
            user=self._user.uid if self._user else None,
            group=self._user.gid if self._user else None,
            cwd="/",
            env=_ENVIRONMENT,
            stdin=stdin,
            stdout=output,
            stderr=subprocess.STDOUT,
        )

    def _remove_a_strangers_lock(self) -> None:
        """Remove a lock file whose process id has passed on to some other program.

        A restarted container hands out the same few ids again, and PostgreSQL would refuse to
        start for ever. The data directory is claimed by us at this point (unbroken.data_dir).
        """
        lock = self.data_dir / "postmaster.pid"
        with suppress(OSError, ValueError, IndexError):
            holder = int(lock.read_text().splitlines()[0])
            if Path(f"/proc/{holder}/comm").read_text().strip() != "postgres":
                lock.unlink()

    def _check_version(self) -> None:
        found = (self.data_dir / "PG_VERSION").read_text().strip()
        if found != MAJOR_VERSION:
            message = (
                f"{self.data_dir} was made by PostgreSQL {found}, this is PostgreSQL "
                f"{MAJOR_VERSION}. Dump it with the old version and load it into a new directory."
            )
            raise ConfigurationError(message)


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
