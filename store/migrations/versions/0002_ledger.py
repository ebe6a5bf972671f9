"""The custody ledger must be append-only from its first entry on, so it is made whole at once.

Triggers and grants are guard rails: they stop a mistake and a stolen service account. A superuser
passes them, and then the audit says so.
"""

from alembic import op
from sqlalchemy import text

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

TABLES = (
    """
    CREATE TABLE ledger_entry (
        index BIGINT NOT NULL,
        order_code TEXT NOT NULL,
        order_sequence INTEGER NOT NULL,
        shipment_code TEXT,
        kind TEXT NOT NULL,
        statement_id UUID NOT NULL,
        recorded_at TIMESTAMPTZ NOT NULL,
        claimed_at TIMESTAMPTZ NOT NULL,
        from_party_id TEXT,
        to_party_id TEXT,
        place_gln TEXT,
        signer TEXT NOT NULL,
        entry_bytes BYTEA NOT NULL,
        statement_bytes BYTEA NOT NULL,
        leaf_hash BYTEA NOT NULL,
        previous BYTEA NOT NULL,
        root BYTEA NOT NULL,
        PRIMARY KEY (index),
        UNIQUE (order_code, order_sequence),
        UNIQUE (statement_id),
        CHECK (index >= 0),
        CHECK (order_sequence >= 1)
    )
    """,
    "CREATE INDEX ix_ledger_entry_shipment_code ON ledger_entry (shipment_code)",
    """
    CREATE TABLE ledger_head (
        singleton BOOLEAN NOT NULL,
        size BIGINT NOT NULL,
        frontier BYTEA NOT NULL,
        root BYTEA NOT NULL,
        recorded_at TIMESTAMPTZ,
        PRIMARY KEY (singleton),
        CHECK (singleton)
    )
    """,
    """
    CREATE TABLE ledger_log (
        singleton BOOLEAN NOT NULL,
        origin TEXT NOT NULL,
        created_at TIMESTAMPTZ NOT NULL,
        PRIMARY KEY (singleton),
        CHECK (singleton)
    )
    """,
)

FIRST_ROWS = (
    "INSERT INTO ledger_head VALUES (true, 0, ''::bytea, sha256(''::bytea), NULL)",
    "INSERT INTO ledger_log VALUES (true, 'unbroken/' || gen_random_uuid(), now())",
)

GUARDS = (
    """
    CREATE FUNCTION ledger_refuses() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        RAISE EXCEPTION 'The ledger only grows: % of % is refused. Append a statement of kind '
            '"correct" instead.', TG_OP, TG_TABLE_NAME
            USING ERRCODE = 'restrict_violation';
    END
    $$
    """,
    """
    CREATE TRIGGER ledger_entry_only_grows
        BEFORE UPDATE OR DELETE OR TRUNCATE ON ledger_entry
        FOR EACH STATEMENT EXECUTE FUNCTION ledger_refuses()
    """,
    """
    CREATE TRIGGER ledger_log_never_changes
        BEFORE UPDATE OR DELETE OR TRUNCATE ON ledger_log
        FOR EACH STATEMENT EXECUTE FUNCTION ledger_refuses()
    """,
    """
    CREATE TRIGGER ledger_head_stays
        BEFORE DELETE OR TRUNCATE ON ledger_head
        FOR EACH STATEMENT EXECUTE FUNCTION ledger_refuses()
    """,
    """
    CREATE TRIGGER ledger_head_goes_forward
        BEFORE UPDATE ON ledger_head
        FOR EACH ROW WHEN (NEW.size IS DISTINCT FROM OLD.size + 1)
        EXECUTE FUNCTION ledger_refuses()
    """,
)

# Roles belong to the whole server: another database's migration may make this one at the same
# moment, and a hosted database may not let us make any.
ROLE = """
DO $$
BEGIN
    IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'unbroken_service') THEN
        CREATE ROLE unbroken_service NOLOGIN;
    END IF;
EXCEPTION
    WHEN insufficient_privilege OR duplicate_object OR unique_violation THEN
        RAISE NOTICE 'role unbroken_service was not created: %', SQLERRM;
END
$$
"""

RIGHTS = """
DO $$
BEGIN
    REVOKE ALL ON ledger_entry, ledger_head, ledger_log FROM PUBLIC;
    IF EXISTS (SELECT FROM pg_roles WHERE rolname = 'unbroken_service') THEN
        GRANT SELECT, INSERT ON ledger_entry TO unbroken_service;
        GRANT SELECT, UPDATE ON ledger_head TO unbroken_service;
        GRANT SELECT ON ledger_log TO unbroken_service;
    END IF;
END
$$
"""


def upgrade() -> None:
    """Make the tables, their first rows, and what guards them."""
    connection = op.get_bind()
    connection.execute(text("SET LOCAL lock_timeout = '4s'"))
    for statement in (*TABLES, *FIRST_ROWS, *GUARDS, ROLE, RIGHTS):
        connection.execute(text(statement))


def downgrade() -> None:
    """Refuse: a ledger is not deleted by going back a version."""
    message = "the ledger's migration is not undone: it would delete the chain of custody"
    raise RuntimeError(message)
