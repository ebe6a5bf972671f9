"""The column type of every instant: timestamptz, aware, UTC."""

from sqlalchemy import DateTime

Instant = DateTime(timezone=True)
