"""Alembic's entry: runs the migrations on the connection that `store.database` hands over."""

from alembic import context
from sqlalchemy import text

connection = context.config.attributes["connection"]
context.configure(connection=connection, transaction_per_migration=True)
connection.execute(text("SET lock_timeout = '4s'"))
connection.commit()
with context.begin_transaction():
    context.run_migrations()
