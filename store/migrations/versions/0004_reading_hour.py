"""Hours of readings, for drawing long spans: a continuous aggregate, or a plain view without it.

The table decides, not the extension, which may have come later; the Apache edition of TimescaleDB
has no continuous aggregates. Never for judging: an aggregate does not hold what came later than
its last refresh.
"""

from alembic import op
from sqlalchemy import text

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

_COLUMNS = """
    min(temp_c) AS lowest_c, max(temp_c) AS highest_c, count(temp_c) AS readings
FROM reading WHERE temp_c IS NOT NULL
GROUP BY logger_id, hour
"""


def upgrade() -> None:
    can_aggregate = op.get_bind().execute(
        text(
            "SELECT relkind <> 'p' "
            "AND current_setting('timescaledb.license', true) IS DISTINCT FROM 'apache' "
            "FROM pg_class WHERE oid = 'reading'::regclass"
        )
    )
    if not can_aggregate.scalar_one():
        op.execute(
            "CREATE VIEW reading_hour AS SELECT logger_id, "
            "date_bin('1 hour', measured_at, '2000-01-01 00:00+00') AS hour," + _COLUMNS
        )
        return
    with op.get_context().autocommit_block():
        op.execute(
            "CREATE MATERIALIZED VIEW reading_hour "
            "WITH (timescaledb.continuous, timescaledb.materialized_only = false) AS "
            "SELECT logger_id, time_bucket('1 hour', measured_at) AS hour,"
            + _COLUMNS
            + "WITH NO DATA"
        )


def downgrade() -> None:
    op.execute("DROP VIEW IF EXISTS reading_hour CASCADE")
