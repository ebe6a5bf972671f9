"""Where readings lie by time: hypertable chunks with TimescaleDB, partitions without it."""

from datetime import UTC, datetime, timedelta

from sqlalchemy import Engine, text

from schemas.settings import Settings
from store.database import timescale_version, transaction

_EPOCH = datetime(1970, 1, 5, tzinfo=UTC)  # a Monday
# Fixed, not a setting: partitions of another width would overlap those that are there.
_WEEK = timedelta(days=7)


class Chunks:
    """Makes sure that readings of a span of time have a place to go to.

    With TimescaleDB that is the extension's work and this does nothing. Without it, a missing
    partition is created in a transaction of its own: a batch must not hold that lock.
    """

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._known: set[int] | None = set()
        with transaction(engine) as session:
            if timescale_version(session) is not None:
                self._known = None

    def prepare(self, earliest: datetime, latest: datetime) -> None:
        """Create what is missing for readings between two instants, both included."""
        if self._known is None:
            return
        for number in range((earliest - _EPOCH) // _WEEK, (latest - _EPOCH) // _WEEK + 1):
            if number not in self._known:
                self._create(number)
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

    Compression and retention run inside TimescaleDB; on plain PostgreSQL retention drops whole
    partitions here, and nothing is compressed.
    """
    with transaction(engine) as session:
        version = timescale_version(session)
    if version is None:
        _drop_old_partitions(engine, settings)
        return
    with transaction(engine) as session:
        connection = session.connection()
        connection.execute(
            text("SELECT set_chunk_time_interval('reading', make_interval(days => :days))"),
            {"days": settings.chunk_days},
        )
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
        connection.execute(
            text("SELECT remove_continuous_aggregate_policy('reading_hour', if_exists => true)")
        )
        connection.execute(
            text(
                "SELECT add_continuous_aggregate_policy('reading_hour', "
                "start_offset => make_interval(days => :days), "
                "end_offset => INTERVAL '1 hour', schedule_interval => INTERVAL '30 minutes')"
            ),
            {"days": settings.compress_after_days},
        )
        connection.execute(text("SELECT remove_retention_policy('reading', if_exists => true)"))
        if settings.retention_days is not None:
            connection.execute(
                text("SELECT add_retention_policy('reading', make_interval(days => :days))"),
                {"days": settings.retention_days},
            )


def _drop_old_partitions(engine: Engine, settings: Settings) -> None:
    if settings.retention_days is None:
        return
    with transaction(engine) as session:
        connection = session.connection()
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
