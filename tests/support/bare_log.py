"""A log of opaque entries, appended as the ledger appends, without statements and people."""

from dataclasses import fields, replace
from datetime import datetime
from types import NoneType
from typing import Any, get_args
from uuid import UUID, uuid4

from sqlalchemy import Engine, text

from custody.merkle import Frontier, leaf_hash
from custody.tree import new_nodes
from store.database import transaction
from store.ledger import EntryRow, insert_entry, lock_head, update_head
from store.ledger_nodes import insert_nodes
from tests.support.custody_case import NOW

_EMPTY: dict[type, Any] = {str: "x", int: 0, bytes: bytes(32), datetime: NOW}
AS_SUPERUSER = "SET LOCAL session_replication_role = replica"


def add_entries(engine: Engine, count: int = 1, *, salt: str = "") -> int:
    """Append entries, each in a transaction of its own, and return the log's size."""
    size = 0
    for _ in range(count):
        size = _add(engine, salt)
    return size


def _add(engine: Engine, salt: str) -> int:
    with transaction(engine) as session:
        head = lock_head(session)
        data = f"entry {head.size} {salt}".encode()
        before = Frontier.from_bytes(head.size, head.frontier)
        leaf = leaf_hash(data)
        frontier = before.append(leaf)
        fitting: dict[str, Any] = {
            "index": head.size,
            "order_sequence": head.size + 1,
            "entry_bytes": data,
            "leaf_hash": leaf,
            "root": frontier.root(),
        }
        insert_entry(session, EntryRow(**(_anything() | fitting)))
        insert_nodes(session, new_nodes(before, leaf))
        update_head(
            session,
            replace(head, size=frontier.size, frontier=frontier.to_bytes(), root=frontier.root()),
        )
    return frontier.size


def as_superuser(engine: Engine, *statements: str) -> None:
    """Run statements past the triggers that protect the ledger."""
    with transaction(engine) as session:
        for statement in (AS_SUPERUSER, *statements):
            session.connection().execute(text(statement))


def cut_off(engine: Engine, size: int) -> None:
    """Bring the log back to its first `size` entries, as an old backup would have it."""
    with transaction(engine) as session:
        leaves = session.connection().execute(
            text("SELECT leaf_hash FROM ledger_entry WHERE index < :size ORDER BY index"),
            {"size": size},
        )
        frontier = Frontier()
        for leaf in leaves.scalars():
            frontier = frontier.append(bytes(leaf))
        for statement in (
            AS_SUPERUSER,
            f"DELETE FROM ledger_entry WHERE index >= {size}",
            f"DELETE FROM ledger_node WHERE (position + 1) << level > {size}",
        ):
            session.connection().execute(text(statement))
        session.connection().execute(
            text("UPDATE ledger_head SET size = :size, frontier = :frontier, root = :root"),
            {"size": size, "frontier": frontier.to_bytes(), "root": frontier.root()},
        )


def _anything() -> dict[str, Any]:
    values: dict[str, Any] = {}
    for field in fields(EntryRow):
        kind = field.type
        if NoneType in get_args(kind):
            values[field.name] = None
        else:
            values[field.name] = uuid4() if kind is UUID else _EMPTY[kind]  # type: ignore[index]
    return values
