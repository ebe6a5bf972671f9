"""The only door to PostgreSQL and TimescaleDB."""
