"""Readings are sealed leg by leg, and what is due must be found without reading all of them."""

from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None

TABLES = (
    """
    CREATE TABLE leg_seal (
        shipment_id INTEGER NOT NULL,
        leg INTEGER NOT NULL,
        begins_at TIMESTAMPTZ,
        until_at TIMESTAMPTZ NOT NULL,
        entry_index BIGINT,
        entry_hash BYTEA,
        readings BIGINT NOT NULL,
        root BYTEA,
        sealed_at TIMESTAMPTZ,
        first_at TIMESTAMPTZ,
        received_until TIMESTAMPTZ,
        standing_at TIMESTAMPTZ,
        looked_at TIMESTAMPTZ,
        PRIMARY KEY (shipment_id, leg),
        FOREIGN KEY (shipment_id) REFERENCES shipment (id),
        CHECK (leg >= 1)
    )
    """,
    "CREATE INDEX leg_seal_due ON leg_seal (looked_at) WHERE entry_index IS NULL",
    """
    CREATE TABLE seal_progress (
        singleton BOOLEAN NOT NULL,
        next_index BIGINT NOT NULL,
        late_looked_at TIMESTAMPTZ,
        PRIMARY KEY (singleton),
        CHECK (singleton)
    )
    """,
)


def upgrade() -> None:
    for statement in TABLES:
        op.execute(statement)


def downgrade() -> None:
    op.execute("DROP TABLE seal_progress")
    op.execute("DROP TABLE leg_seal")
