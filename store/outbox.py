"""The outbox: what happened, written with the happening, read by whoever tells the outside.

A sequence is not commit order: a row with a smaller id may become visible later. Rows are
therefore read in the order (xid, id), and only those whose transaction is older than every
transaction still running, so that no row can appear behind a reader's back.
"""

import json
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import text

from store.database import Session


@dataclass(frozen=True, slots=True, kw_only=True)
class OutboxRow:
    """One happening: `cursor` says where to read on."""

    cursor: str
    kind: str
    subject: str
    payload: dict[str, object]
    created_at: datetime


def publish(session: Session, *, kind: str, subject: str, payload: dict[str, object]) -> None:
    """Record a happening in the transaction that makes it happen."""
    session.connection().execute(
        text(
            "INSERT INTO outbox (kind, subject, payload) "
            "VALUES (:kind, :subject, CAST(:payload AS jsonb))"
        ),
        {"kind": kind, "subject": subject, "payload": json.dumps(payload)},
    )


def read_since(session: Session, cursor: str, limit: int = 500) -> list[OutboxRow]:
    """Return what happened after `cursor`, oldest first, at most `limit` rows.

    Raises:
        ValueError: The cursor is not of the form `xid-id`.
    """
    xid, separator, row_id = cursor.partition("-")
    if not (separator and xid.isdigit() and row_id.isdigit()):
        message = f"not an outbox cursor: {cursor!r}"
        raise ValueError(message)
    rows = session.connection().execute(
        text(
            "SELECT xid::text, id, kind, subject, payload, created_at FROM outbox "
            "WHERE (xid, id) > (CAST(:xid AS xid8), :id) "
            "AND xid < pg_snapshot_xmin(pg_current_snapshot()) "
            "ORDER BY xid, id LIMIT :limit"
        ),
        {"xid": xid, "id": int(row_id), "limit": limit},
    )
    return [
        OutboxRow(
            cursor=f"{row[0]}-{row[1]}",
            kind=row[2],
            subject=row[3],
            payload=row[4],
            created_at=row[5],
        )
        for row in rows
    ]


def prune(session: Session, *, before: datetime) -> int:
    """Drop what happened before an instant.

    A reader whose cursor lies before `oldest_cursor` has to read everything anew.

    Returns:
        How many rows were dropped.
    """
    result = session.connection().execute(
        text(
            "DELETE FROM outbox WHERE created_at < :before "
            "AND id < (SELECT max(id) FROM outbox)"  # the last tells a reader that it missed some
        ),
        {"before": before},
    )
    return result.rowcount


def latest_cursor(session: Session) -> str:
    """Return the cursor behind which everything still has to come."""
    row = (
        session.connection()
        .execute(
            text(
                "SELECT xid::text, id FROM outbox "
                "WHERE xid < pg_snapshot_xmin(pg_current_snapshot()) "
                "ORDER BY xid DESC, id DESC LIMIT 1"
            )
        )
        .one_or_none()
    )
    return f"{row[0]}-{row[1]}" if row else "0-0"


def oldest_cursor(session: Session) -> str | None:
    """Return the cursor of the oldest row still kept, None when there is none."""
    row = (
        session.connection()
        .execute(text("SELECT xid::text, id FROM outbox ORDER BY xid, id LIMIT 1"))
        .one_or_none()
    )
    return f"{row[0]}-{row[1]}" if row else None
