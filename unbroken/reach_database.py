"""Which database a command works on: the one given, the one that runs, or the embedded one."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

from schemas.profile import load_profiles
from schemas.settings import Settings
from store.database import migrate, open_engine, transaction
from store.profiles import save_profiles
from unbroken.data_dir import claimed, find_running
from unbroken.embedded_postgres import EmbeddedPostgres, embedded_postgres

CLUSTER = "postgres"
SERVER_OPTIONS: Mapping[str, str] = {"shared_buffers": "256MB", "max_wal_size": "2GB"}


@contextmanager
def embedded_database(place: Path) -> Iterator[EmbeddedPostgres]:
    """Run the data directory's own PostgreSQL for the length of the block."""
    with embedded_postgres(place / CLUSTER, options=SERVER_OPTIONS) as server:
        yield server


@contextmanager
def reachable_database(settings: Settings) -> Iterator[str]:
    """Yield the URL of the database these settings mean, starting the embedded one if need be.

    Raises:
        ConfigurationError: The embedded one cannot be started.
    """
    if settings.database_url is not None:
        yield settings.database_url
    elif (running := find_running(settings.data_dir)) is not None:
        yield running.database_url
    else:
        with claimed(settings.data_dir) as place, embedded_database(place) as server:
            yield server.url


def bring_up_to_date(url: str) -> None:
    """Apply migrations and store the program's therapy profiles.

    Raises:
        ConfigurationError: A profile was changed without a new version.
        StoreUnavailable: The database failed.
    """
    engine = open_engine(url)
    try:
        migrate(engine)
        with transaction(engine) as session:
            save_profiles(session, load_profiles(), now=datetime.now(UTC))
    finally:
        engine.dispose()
