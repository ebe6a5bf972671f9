"""When to judge a shipment again whose judgement failed: the others have their turn first."""

from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("ALTER TABLE shipment_status ADD COLUMN try_after TIMESTAMPTZ")


def downgrade() -> None:
    op.execute("ALTER TABLE shipment_status DROP COLUMN try_after")
