"""The declared tables are the migrated database's, column by column."""

import pytest
from sqlalchemy import inspect
from sqlalchemy.types import TypeEngine
from sqlmodel import AutoString, SQLModel

import store.tables
from store.database import Engine, is_at_head, migrate

pytestmark = pytest.mark.store
# Of the database's own making: partitions of `reading`, Alembic's note, the two singletons' keys.
IGNORED = {"alembic_version"}


def _python(kind: TypeEngine[object]) -> type:
    return str if isinstance(kind, AutoString) else kind.python_type


@pytest.mark.filterwarnings("ignore:Did not recognize type 'xid8'")
def test_declared_tables_are_those_of_the_migrated_database(engine: Engine) -> None:
    assert store.tables.__all__
    found = inspect(engine)
    names = {name for name in found.get_table_names() if not name.startswith("reading_")} - IGNORED
    assert names == set(SQLModel.metadata.tables)
    for name, table in SQLModel.metadata.tables.items():
        migrated = {
            column["name"]: (column["nullable"], column["type"].python_type)
            for column in found.get_columns(name)
            if name != "outbox" or column["name"] != "xid"
        }
        declared = {
            column.name: (bool(column.nullable), _python(column.type))
            for column in table.columns
            if name != "outbox" or column.name != "xid"
        }
        assert declared == migrated, name


def test_unique_promises_are_kept_by_the_database(engine: Engine) -> None:
    found = inspect(engine)
    for name, table in SQLModel.metadata.tables.items():
        keys = found.get_pk_constraint(name)["constrained_columns"]
        assert set(keys) == {column.name for column in table.primary_key}, name
        unique = {
            tuple(index["column_names"]) for index in found.get_indexes(name) if index["unique"]
        } | {tuple(one["column_names"]) for one in found.get_unique_constraints(name)}
        for column in table.columns:
            if column.unique:
                assert (column.name,) in unique, f"{name}.{column.name}"


def test_migrating_again_changes_nothing(engine: Engine) -> None:
    migrate(engine)
    assert is_at_head(engine)
