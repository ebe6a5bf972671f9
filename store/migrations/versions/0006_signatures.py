"""Entries carry signatures from now on.

That needs keys, a place to wait for a second signature, and shippers that were sent back.
The first form of the ledger was unsigned and never released. Its entries cannot be signed
afterwards, and are not deleted either: a database that has some stays as it is.
"""

from alembic import op
from sqlalchemy import text

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

STATEMENTS = (
    "ALTER TABLE ledger_entry ADD COLUMN conflict_with BYTEA",
    "ALTER TABLE ledger_entry ADD COLUMN keys BYTEA NOT NULL",
    """
    ALTER TABLE ledger_head ADD COLUMN keys BYTEA NOT NULL DEFAULT decode(repeat('00', 32), 'hex')
    """,
    """
    CREATE TABLE signing_key (
        key TEXT NOT NULL,
        public BYTEA NOT NULL,
        username TEXT NOT NULL,
        name TEXT NOT NULL,
        party_id TEXT,
        approver BOOLEAN NOT NULL,
        enrolled_index BIGINT NOT NULL,
        revoked_index BIGINT,
        suspect_since TIMESTAMPTZ,
        PRIMARY KEY (key)
    )
    """,
    """
    CREATE TABLE pending_statement (
        id UUID NOT NULL,
        payload_type TEXT NOT NULL,
        order_code TEXT NOT NULL,
        payload BYTEA NOT NULL,
        signatures JSONB NOT NULL,
        waiting_for TEXT[] NOT NULL,
        created_at TIMESTAMPTZ NOT NULL,
        PRIMARY KEY (id)
    )
    """,
    "ALTER TABLE shipper ADD COLUMN returned_at TIMESTAMPTZ",
    "ALTER TABLE shipper ADD COLUMN requalified_at TIMESTAMPTZ",
)


def upgrade() -> None:
    """Add what signatures need, if nothing unsigned is recorded."""
    connection = op.get_bind()
    connection.execute(text("SET LOCAL lock_timeout = '4s'"))
    if connection.execute(text("SELECT count(*) FROM ledger_entry")).scalar_one():
        message = (
            "This database's ledger is of the unsigned first form, which was never released. "
            "It stays as it is and readable with the version that wrote it; start this version "
            "with a new database or data directory."
        )
        raise RuntimeError(message)
    for statement in STATEMENTS:
        connection.execute(text(statement))


def downgrade() -> None:
    """Refuse: entries that were recorded since have signatures that would be lost."""
    message = "the ledger's migration is not undone: it would delete signatures"
    raise RuntimeError(message)
