"""A PostgreSQL cluster on disk: made whole or not at all, of the right version, free to start."""

import os
import shutil
import signal
import subprocess
import tempfile
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from schemas.errors import ConfigurationError
from unbroken.child_process import spawn
from unbroken.postgres_binaries import MAJOR_VERSION
from unbroken.postgres_user import ServerUser

USER = "unbroken"
DATABASE = "unbroken"
_ENVIRONMENT = {"LC_ALL": "C", "TZ": "UTC", "PATH": "/usr/bin:/bin"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Programs:
    """PostgreSQL's programs, and whom they run as (None: ourselves)."""

    directory: Path
    user: ServerUser | None

    def spawn(
        self,
        program: str,
        *arguments: str | Path,
        output: int | IO[bytes],
        stdin: int | IO[bytes] = subprocess.DEVNULL,
    ) -> "subprocess.Popen[bytes]":
        """Start a program; both its outputs go to `output`."""
        return spawn(
            [self.directory / program, *arguments],
            death_signal=signal.SIGINT,
            user=self.user.uid if self.user else None,
            group=self.user.gid if self.user else None,
            cwd="/",
            env=_ENVIRONMENT,
            stdin=stdin,
            stdout=output,
            stderr=subprocess.STDOUT,
        )

    def run(self, program: str, *arguments: str | Path, stdin: bytes = b"") -> None:
        """Run a program to its end.

        Raises:
            ConfigurationError: It cannot be executed, or fails; with what it said.
        """
        try:
            with tempfile.TemporaryFile() as source:
                source.write(stdin)
                source.seek(0)
                process = self.spawn(program, *arguments, stdin=source, output=subprocess.PIPE)
                output, _ = process.communicate()
        except OSError as error:
            raise ConfigurationError(
                f"{self.directory / program} cannot be executed: {error.strerror}."
            ) from error
        if process.returncode != 0:
            detail = output.decode(errors="replace").strip()
            raise ConfigurationError(f"The embedded database could not be made: {detail}")


def make_cluster(programs: Programs, data_dir: Path, *, durable: bool) -> None:
    """Make a cluster beside its final place and move it there when it is complete.

    Args:
        programs: Of the version that will run it.
        data_dir: Its place; must not exist, or be empty.
        durable: Whether what is written must be on the disk before it is moved.

    Raises:
        ConfigurationError: A program failed; with what it said.
    """
    unfinished = data_dir.with_name(f"{data_dir.name}.unfinished")
    shutil.rmtree(unfinished, ignore_errors=True)
    unfinished.mkdir(mode=0o700, parents=True)
    if programs.user is not None:
        os.chown(unfinished, programs.user.uid, programs.user.gid)
    programs.run(
        "initdb",
        *("-D", unfinished, "--username", USER, "--auth=trust", "--no-instructions"),
        *("--encoding=UTF8", "--locale=C"),
        *("--locale-provider=builtin", "--builtin-locale=C.UTF-8"),
        *(() if durable else ("--no-sync",)),
    )
    statement = f"CREATE DATABASE {DATABASE}\n".encode()
    how = () if durable else ("-F",)
    programs.run("postgres", "--single", *how, "-D", unfinished, "postgres", stdin=statement)
    with suppress(FileNotFoundError):
        data_dir.rmdir()  # an empty directory made for us
    unfinished.rename(data_dir)


def check_version(data_dir: Path) -> None:
    """Make sure that the cluster is of the version that will run it.

    Raises:
        ConfigurationError: It is of another one.
    """
    found = (data_dir / "PG_VERSION").read_text().strip()
    if found != MAJOR_VERSION:
        raise ConfigurationError(
            f"{data_dir} was made by PostgreSQL {found}, this is PostgreSQL {MAJOR_VERSION}. "
            "Dump it with the old version and load it into a new directory."
        )


def remove_a_strangers_lock(data_dir: Path) -> None:
    """Remove a lock file whose process id has passed on to some other program.

    A restarted container hands out the same few ids again, and PostgreSQL would refuse to start
    for ever. The data directory is claimed by us at this point (unbroken.data_dir).
    """
    lock = data_dir / "postmaster.pid"
    with suppress(OSError, ValueError, IndexError):
        holder = int(lock.read_text().splitlines()[0])
        if Path(f"/proc/{holder}/comm").read_text().strip() != "postgres":
            lock.unlink()
