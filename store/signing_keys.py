"""The register of signing keys, and statements that wait for another signature."""

import json
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import text
from sqlmodel import select

from schemas.errors import NotFound
from store.database import Session
from store.tables.signing_keys import PendingStatement, SigningKey


@dataclass(frozen=True, slots=True, kw_only=True)
class Waiting:
    """A statement that waits: its bytes, the signatures so far, and who has not signed."""

    id: str
    payload_type: str
    order_code: str
    payload: bytes
    signatures: tuple[tuple[str, str], ...]
    waiting_for: tuple[str, ...]


def put_key(session: Session, key: SigningKey) -> None:
    """Write a key as the ledger has it now."""
    session.merge(key)
    session.flush()


def list_keys(session: Session) -> list[SigningKey]:
    """Return all keys that were ever enrolled, oldest first."""
    ordered = select(SigningKey).order_by(
        SigningKey.enrolled_index,  # type: ignore[arg-type]
        SigningKey.key,
    )
    return list(session.exec(ordered).all())


def find_waiting(session: Session, statement_id: str) -> Waiting | None:
    """Return a statement that waits; None when there is none of that id."""
    query = select(PendingStatement).where(PendingStatement.id == UUID(statement_id))
    row = session.exec(query).one_or_none()
    return None if row is None else _waiting(row)


def get_waiting(session: Session, statement_id: str) -> Waiting:
    """Return a statement that waits.

    Raises:
        NotFound: There is none of that id.
    """
    waiting = find_waiting(session, statement_id)
    if waiting is None:
        raise NotFound("statement", statement_id)
    return waiting


def list_waiting(session: Session, username: str) -> list[Waiting]:
    """Return the statements that wait for somebody, oldest first."""
    rows = session.exec(
        select(PendingStatement)
        .where(text(":username = ANY (waiting_for)").bindparams(username=username))
        .order_by(PendingStatement.created_at)  # type: ignore[arg-type]
    )
    return [_waiting(row) for row in rows]


def count_waiting(session: Session, username: str) -> int:
    """Return how many statements wait for somebody."""
    rows = session.connection().execute(
        text("SELECT count(*) FROM pending_statement WHERE :username = ANY (waiting_for)"),
        {"username": username},
    )
    return int(rows.scalar_one())


def put_waiting(session: Session, waiting: Waiting, *, now: datetime) -> None:
    """Store a statement that waits, or the signatures that came to it."""
    session.connection().execute(
        text(
            """
            INSERT INTO pending_statement
                (id, payload_type, order_code, payload, signatures, waiting_for, created_at)
            VALUES (CAST(:id AS uuid), :payload_type, :order_code, :payload,
                CAST(:signatures AS jsonb), CAST(:waiting_for AS text[]), :now)
            ON CONFLICT (id) DO UPDATE
            SET signatures = excluded.signatures, waiting_for = excluded.waiting_for
            """
        ),
        {
            "id": waiting.id,
            "payload_type": waiting.payload_type,
            "order_code": waiting.order_code,
            "payload": waiting.payload,
            "signatures": json.dumps(
                [{"keyid": key, "sig": signature} for key, signature in waiting.signatures]
            ),
            "waiting_for": list(waiting.waiting_for),
            "now": now,
        },
    )


def remove_waiting(session: Session, statement_id: str) -> None:
    """Forget a statement that waited: it is recorded."""
    session.connection().execute(
        text("DELETE FROM pending_statement WHERE id = CAST(:id AS uuid)"), {"id": statement_id}
    )


def _waiting(row: PendingStatement) -> Waiting:
    signatures: list[dict[str, Any]] = row.signatures
    return Waiting(
        id=str(row.id),
        payload_type=row.payload_type,
        order_code=row.order_code,
        payload=bytes(row.payload),
        signatures=tuple((str(one["keyid"]), str(one["sig"])) for one in signatures),
        waiting_for=tuple(row.waiting_for),
    )
