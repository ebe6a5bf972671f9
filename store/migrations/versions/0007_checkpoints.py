"""The log is signed and witnessed from now on, and proofs must not read every leaf.

There are no entries yet whose nodes would be missing (0006). An alert may be about the log itself
from now on, and then it is about no shipment.
"""

from alembic import op
from sqlalchemy import text

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None

TABLES = (
    """
    CREATE TABLE ledger_node (
        level INTEGER NOT NULL,
        position BIGINT NOT NULL,
        hash BYTEA NOT NULL,
        PRIMARY KEY (level, position),
        CHECK (level >= 1),
        CHECK (position >= 0),
        CHECK (octet_length(hash) = 32)
    )
    """,
    """
    CREATE TABLE ledger_checkpoint (
        size BIGINT NOT NULL,
        root BYTEA NOT NULL,
        note BYTEA NOT NULL,
        vkey TEXT NOT NULL,
        signed_at TIMESTAMPTZ NOT NULL,
        PRIMARY KEY (size),
        CHECK (size >= 1),
        CHECK (octet_length(root) = 32)
    )
    """,
    """
    CREATE TABLE ledger_cosignature (
        size BIGINT NOT NULL,
        name TEXT NOT NULL,
        key_id TEXT NOT NULL,
        line TEXT NOT NULL,
        at TIMESTAMPTZ NOT NULL,
        PRIMARY KEY (size, name, key_id)
    )
    """,
    """
    CREATE TABLE ledger_timestamp (
        size BIGINT NOT NULL,
        authority TEXT NOT NULL,
        response BYTEA NOT NULL,
        at TIMESTAMPTZ NOT NULL,
        PRIMARY KEY (size, authority)
    )
    """,
)
INDEX = "CREATE INDEX ledger_cosignature_of_witness ON ledger_cosignature (name, key_id, size)"
GROWING = ("ledger_node", "ledger_checkpoint", "ledger_cosignature", "ledger_timestamp")

RIGHTS = """
DO $$
BEGIN
    REVOKE ALL ON ledger_node, ledger_checkpoint, ledger_cosignature, ledger_timestamp
        FROM PUBLIC;
    IF EXISTS (SELECT FROM pg_roles WHERE rolname = 'unbroken_service') THEN
        GRANT SELECT, INSERT ON ledger_node, ledger_checkpoint, ledger_cosignature,
            ledger_timestamp TO unbroken_service;
    END IF;
END
$$
"""

ALERTS = (
    "ALTER TABLE alert ALTER COLUMN shipment_id DROP NOT NULL",
    """
    CREATE UNIQUE INDEX alert_one_per_cause_of_the_log ON alert (kind, rule_id)
        WHERE state <> 'resolved' AND shipment_id IS NULL
    """,
)


def _guard(table: str) -> str:
    return f"""
    CREATE TRIGGER {table}_only_grows
        BEFORE UPDATE OR DELETE OR TRUNCATE ON {table}
        FOR EACH STATEMENT EXECUTE FUNCTION ledger_refuses()
    """


def upgrade() -> None:
    """Make the tables and what guards them."""
    connection = op.get_bind()
    connection.execute(text("SET LOCAL lock_timeout = '4s'"))
    guards = (_guard(table) for table in GROWING)
    for statement in (*TABLES, INDEX, *guards, RIGHTS, *ALERTS):
        connection.execute(text(statement))


def downgrade() -> None:
    """Refuse: signed checkpoints are not deleted by going back a version."""
    message = "this migration is not undone: it would delete signed checkpoints"
    raise RuntimeError(message)
