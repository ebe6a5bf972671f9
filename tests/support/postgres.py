"""PostgreSQL for tests: one server a session, one fresh database a test."""

import itertools
import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import psycopg
from psycopg import sql
from sqlalchemy import Engine, make_url

from store.database import migrate, open_engine
from tests.support.processes import is_alive, kill_tree, wait_until
from unbroken.embedded_postgres import EmbeddedPostgres, embedded_postgres

TEMPLATE = "unbroken_template"


@dataclass(frozen=True, slots=True, kw_only=True)
class PgServer:
    """A server on which tests may create and drop databases.

    Attributes:
        url: SQLAlchemy URL of any database on it.
        embedded: Ours, or None when the server was given.
    """

    url: str
    embedded: EmbeddedPostgres | None = None
    _numbers: Iterator[int] = field(default_factory=itertools.count)

    def url_of(self, database: str) -> str:
        """Return the SQLAlchemy URL of `database` on this server."""
        return make_url(self.url).set(database=database).render_as_string(hide_password=False)

    def dsn_of(self, database: str) -> str:
        """Return the same for psycopg and psql."""
        return self.url_of(database).replace("postgresql+psycopg:", "postgresql:", 1)

    def execute(self, statement: sql.Composed) -> None:
        """Run a statement that may not run in a transaction."""
        dsn = self.url.replace("postgresql+psycopg:", "postgresql:", 1)
        with psycopg.connect(dsn, autocommit=True) as connection:
            connection.execute(statement)

    def socket_of(self) -> Path:
        """Return the Unix socket of the embedded server, for a proxy in front of it."""
        assert self.embedded is not None, "only the embedded server has a socket of ours"
        return self.embedded.socket_dir / ".s.PGSQL.5432"

    def create(self, database: str, *, template: str = "template1") -> None:
        """Create a database as a copy of `template`."""
        self.execute(
            sql.SQL("CREATE DATABASE {} TEMPLATE {}").format(
                sql.Identifier(database), sql.Identifier(template)
            )
        )

    def drop(self, database: str) -> None:
        """Drop a database, throwing out whoever is still connected."""
        self.execute(
            sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(database))
        )

    @contextmanager
    def fresh_engine(self, *, template: str) -> Iterator[Engine]:
        """Yield an engine on a new copy of `template`; the copy is dropped afterwards."""
        database = f"unbroken_test_{os.getpid()}_{next(self._numbers)}"
        self.create(database, template=template)
        engine = open_engine(self.url_of(database))
        try:
            yield engine
        finally:
            engine.dispose()
            self.drop(database)


@contextmanager
def scratch_dir() -> Iterator[Path]:
    """Yield a directory that the server's user can enter too (pytest's own ones are private)."""
    directory = Path(tempfile.mkdtemp(prefix="unbroken-test-"))
    directory.chmod(0o711)
    try:
        yield directory
    finally:
        shutil.rmtree(directory, ignore_errors=True)


@contextmanager
def embedded_server() -> Iterator[PgServer]:
    """Run a throw-away embedded server: quick, not durable."""
    with scratch_dir() as directory, embedded_postgres(directory / "pg", durable=False) as server:
        yield PgServer(url=server.url, embedded=server)


@contextmanager
def migrated_template(server: PgServer) -> Iterator[str]:
    """Yield the name of a database with all tables, to be copied for each test."""
    name = f"{TEMPLATE}_{os.getpid()}"
    server.drop(name)
    server.create(name)
    try:
        engine = open_engine(server.url_of(name))
        try:
            migrate(engine)
        finally:
            engine.dispose()  # a database in use cannot be copied
        yield name
    finally:
        server.drop(name)


def crash(server: EmbeddedPostgres) -> None:
    """Kill -9 the server and all its children at once, as a power cut would."""
    doomed = kill_tree(server.pid)
    assert wait_until(lambda: not any(map(is_alive, doomed)))


def remove_cluster(data_dir: Path) -> None:
    """Remove a stopped server's data and its logs."""
    shutil.rmtree(data_dir)
    for log in data_dir.parent.glob(f"{data_dir.name}.log*"):
        log.unlink()
