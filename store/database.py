"""Engine, transaction, migration: how everybody reaches the database."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg
from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Engine, create_engine, text
from sqlalchemy.exc import DBAPIError, PendingRollbackError
from sqlalchemy.exc import TimeoutError as NoConnectionFreeError
from sqlmodel import Session

from schemas.errors import StoreUnavailable

__all__ = [
    "Engine",
    "Session",
    "driver",
    "is_at_head",
    "is_connection_lost",
    "is_transient",
    "migrate",
    "open_engine",
    "timescale_version",
    "transaction",
]

_TRANSIENT_CLASSES = ("08", "40", "53", "57P")
_CONNECTION_CLASSES = ("08", "57P")


def open_engine(url: str, *, pool_size: int = 10) -> Engine:
    """Return an engine for a PostgreSQL URL, with UTC sessions and checked connections.

    Args:
        url: `postgresql://…`; the psycopg driver is chosen here.
        pool_size: Connections kept; twice as many are opened under load.
    """
    for prefix in ("postgresql://", "postgres://"):
        if url.startswith(prefix):
            url = "postgresql+psycopg://" + url.removeprefix(prefix)
    return create_engine(
        url,
        pool_size=pool_size,
        max_overflow=2 * pool_size,
        pool_pre_ping=True,
        connect_args={"application_name": "unbroken", "connect_timeout": 5},
    )


def is_transient(error: BaseException | None) -> bool:
    """Return whether the same call may succeed later, by SQLSTATE class.

    An error without a SQLSTATE is a lost connection when psycopg calls it operational.
    Unknown errors are not transient: they must be seen, not repeated.
    """
    if not isinstance(error, psycopg.Error):
        return False
    if error.sqlstate is None:
        return isinstance(error, psycopg.OperationalError | psycopg.InterfaceError)
    return error.sqlstate.startswith(_TRANSIENT_CLASSES)


def is_connection_lost(error: BaseException | None) -> bool:
    """Return whether the connection itself is gone: nothing more can be done on it."""
    if isinstance(error, PendingRollbackError):
        return True
    cause = error.orig if isinstance(error, DBAPIError) else error
    if not isinstance(cause, psycopg.OperationalError | psycopg.InterfaceError):
        return False
    return cause.sqlstate is None or cause.sqlstate.startswith(_CONNECTION_CLASSES)


@contextmanager
def transaction(engine: Engine) -> Iterator[Session]:
    """Yield a session whose work is committed at the end, or not at all.

    Raises:
        StoreUnavailable: The database failed; nothing of the transaction is stored.
    """
    try:
        with Session(engine, expire_on_commit=False) as session:
            yield session
            session.commit()
    except DBAPIError as error:
        first_line = str(error.orig).partition("\n")[0]
        raise StoreUnavailable(first_line, transient=is_transient(error.orig)) from error
    except psycopg.Error as error:
        first_line = str(error).partition("\n")[0]
        raise StoreUnavailable(first_line, transient=is_transient(error)) from error
    except PendingRollbackError as error:
        raise StoreUnavailable("the connection was lost", transient=True) from error
    except NoConnectionFreeError as error:
        raise StoreUnavailable("no connection became free", transient=True) from error


def driver(session: Session) -> psycopg.Connection[tuple[object, ...]]:
    """Return the psycopg connection under a session, for COPY; it is in the same transaction.

    The transaction has begun on the server: psycopg takes its own `transaction()` on an idle
    connection for the outermost one, and commits at its end.
    """
    connection = session.connection().connection.driver_connection
    assert isinstance(connection, psycopg.Connection)  # noqa: S101 - narrows for the type checker
    if connection.info.transaction_status is psycopg.pq.TransactionStatus.IDLE:
        connection.execute("SELECT 1")
    return connection


def _alembic_config() -> Config:
    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent / "migrations"))
    config.set_main_option("path_separator", "os")
    return config


def migrate(engine: Engine, revision: str = "head") -> None:
    """Bring the database's tables to this version's form; does nothing when they are.

    Raises:
        StoreUnavailable: The database failed; the failing migration left nothing behind.
    """
    config = _alembic_config()
    try:
        with engine.connect() as connection:
            config.attributes["connection"] = connection
            command.upgrade(config, revision)
    except DBAPIError as error:
        first_line = str(error.orig).partition("\n")[0]
        raise StoreUnavailable(first_line, transient=is_transient(error.orig)) from error


def is_at_head(engine: Engine) -> bool:
    """Return whether every migration of this version has been applied."""
    head = ScriptDirectory.from_config(_alembic_config()).get_current_head()
    with engine.connect() as connection:
        return MigrationContext.configure(connection).get_current_revision() == head


def timescale_version(session: Session) -> str | None:
    """Return the version of the TimescaleDB extension of this database, None without it."""
    found = session.connection().execute(
        text("SELECT extversion FROM pg_extension WHERE extname = 'timescaledb'")
    )
    version: str | None = found.scalar_one_or_none()
    return version
