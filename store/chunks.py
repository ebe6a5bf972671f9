"""Where readings lie by time: hypertable chunks with TimescaleDB, partitions without it."""

from datetime import UTC, datetime, timedelta
from enum import Enum, auto

from sqlalchemy import Connection, Engine, text

from schemas.settings import Settings
from store.database import Session, transaction

_EPOCH = datetime(1970, 1, 5, tzinfo=UTC)  # a Monday
# Fixed, not a setting: partitions of another width would overlap those that are there.
_WEEK = timedelta(days=7)
_NEVER_DROPPED = timedelta(days=30)  # the shortest retention that can be set


class Layout(Enum):
    """How the table of readings is divided. The Apache edition neither compresses nor refreshes."""

    PARTITIONS = auto()
    HYPERTABLE = auto()
    HYPERTABLE_APACHE = auto()


def layout_of_readings(session: Session) -> Layout:
    """Return how the table is divided: told by the table, for the extension may have come later."""
    kind, edition = (
        session.connection()
        .execute(
            text(
                "SELECT relkind::text, current_setting('timescaledb.license', true) "
                "FROM pg_class WHERE oid = 'reading'::regclass"
            )
        )
        .one()
    )
    if kind == "p":
        return Layout.PARTITIONS
    return Layout.HYPERTABLE_APACHE if edition == "apache" else Layout.HYPERTABLE


class Chunks:
    """Makes sure that readings of a span of time have a place to go to.

    With TimescaleDB that is the extension's work and this does nothing. Without it, a missing
    partition is created in a transaction of its own: a batch must not hold that lock.
    """

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._known: set[int] = set()
        with transaction(engine) as session:
            self._divided_by_us = layout_of_readings(session) is Layout.PARTITIONS

    def prepare(self, earliest: datetime, latest: datetime) -> None:
        """Create what is missing for readings between two instants, both included.

        A week that retention may have dropped meanwhile is looked up every time.
        """
        if not self._divided_by_us:
            return
        kept_since = (datetime.now(UTC) - _NEVER_DROPPED - _EPOCH) // _WEEK
        for number in range((earliest - _EPOCH) // _WEEK, (latest - _EPOCH) // _WEEK + 1):
            if number not in self._known:
                self._create(number)
                if number >= kept_since:
                    self._known.add(number)

    def _create(self, number: int) -> None:
        start = _EPOCH + number * _WEEK
        end = start + _WEEK
        with transaction(self._engine) as session:
            connection = session.connection()
            connection.execute(text("SELECT pg_advisory_xact_lock(hashtext('reading partitions'))"))
            taken = connection.execute(
                text(
                    "SELECT EXISTS (SELECT 1 FROM pg_inherits i "
                    "JOIN pg_class c ON c.oid = i.inhrelid"
                    " WHERE i.inhparent = 'reading'::regclass AND c.relname = :name)"
                ),
                {"name": _name(start)},
            ).scalar_one()
            if not taken:
                connection.execute(
                    text(
                        f"CREATE TABLE {_name(start)} PARTITION OF reading "
                        f"FOR VALUES FROM ('{start.isoformat()}') TO ('{end.isoformat()}')"
                    )
                )


def _name(start: datetime) -> str:
    return f"reading_{start:%Y_%m_%d}"


def apply_policies(engine: Engine, settings: Settings) -> None:
    """Set chunk width, compression after the allowed lateness, refreshing, and retention.

    Compression, refreshing and retention run inside TimescaleDB. Its Apache edition has none of
    them, nor has plain PostgreSQL: there retention drops whole chunks or partitions here, and
    nothing is compressed. Whoever applies them at the same time waits, four seconds at the most.

    Raises:
        StoreUnavailable: A lock was not to be had in time; nothing was changed.
    """
    with transaction(engine) as session:
        connection = session.connection()
        connection.execute(text("SET LOCAL lock_timeout = '4s'"))
        connection.execute(text("SELECT pg_advisory_xact_lock(hashtext('reading policies'))"))
        layout = layout_of_readings(session)
        if layout is Layout.PARTITIONS:
            _drop_old_partitions(connection, settings)
            return
        connection.execute(
            text("SELECT set_chunk_time_interval('reading', make_interval(days => :days))"),
            {"days": settings.chunk_days},
        )
        if layout is Layout.HYPERTABLE_APACHE:
            _drop_old_chunks(connection, settings)
            return
        _set_compression(connection, settings)
        _set_refreshing(connection)
        _set_retention(connection, settings)


def _set_compression(connection: Connection, settings: Settings) -> None:
    connection.execute(
        text(
            "ALTER TABLE reading SET (timescaledb.compress, "
            "timescaledb.compress_segmentby = 'logger_id', "
            "timescaledb.compress_orderby = 'measured_at')"
        )
    )
    connection.execute(text("SELECT remove_compression_policy('reading', if_exists => true)"))
    connection.execute(
        text("SELECT add_compression_policy('reading', make_interval(days => :days))"),
        {"days": settings.compress_after_days},
    )


def _set_refreshing(connection: Connection) -> None:
    """Refresh hours of any age: a logger may hand in readings of long ago."""
    is_aggregate = connection.execute(
        text(
            "SELECT 1 FROM timescaledb_information.continuous_aggregates "
            "WHERE view_name = 'reading_hour'"
        )
    )
    if is_aggregate.scalar_one_or_none() is None:
        return
    connection.execute(
        text("SELECT remove_continuous_aggregate_policy('reading_hour', if_exists => true)")
    )
    connection.execute(
        text(
            "SELECT add_continuous_aggregate_policy('reading_hour', start_offset => NULL, "
            "end_offset => INTERVAL '1 hour', schedule_interval => INTERVAL '30 minutes')"
        )
    )


def _set_retention(connection: Connection, settings: Settings) -> None:
    connection.execute(text("SELECT remove_retention_policy('reading', if_exists => true)"))
    if settings.retention_days is not None:
        connection.execute(
            text("SELECT add_retention_policy('reading', make_interval(days => :days))"),
            {"days": settings.retention_days},
        )


def _drop_old_chunks(connection: Connection, settings: Settings) -> None:
    if settings.retention_days is not None:
        connection.execute(
            text("SELECT drop_chunks('reading', older_than => make_interval(days => :days))"),
            {"days": settings.retention_days},
        )


def _drop_old_partitions(connection: Connection, settings: Settings) -> None:
    if settings.retention_days is None:
        return
    names = connection.execute(
        text(
            "SELECT c.relname FROM pg_inherits i JOIN pg_class c ON c.oid = i.inhrelid "
            "WHERE i.inhparent = 'reading'::regclass AND "
            "(regexp_match(pg_get_expr(c.relpartbound, c.oid), 'TO \\(''([^'']+)''\\)'))[1]"
            "::timestamptz < now() - make_interval(days => :days)"
        ),
        {"days": settings.retention_days},
    ).scalars()
    for name in names.all():
        connection.execute(text(f'DROP TABLE "{name}"'))
