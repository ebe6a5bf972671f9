"""Messages set aside: kept whole, replayed once their cause is mended."""

import hashlib
from datetime import datetime
from uuid import UUID

from sqlalchemy import text

from store.database import Session
from store.outbox import publish


def quarantine_id(topic: str, payload: bytes, reason: str) -> UUID:
    """Return the identifier of a message set aside: the same message comes to the same row."""
    digest = hashlib.sha256(topic.encode() + b"\0" + reason.encode() + b"\0" + payload).digest()
    return UUID(bytes=digest[:16], version=5)


def set_aside(
    session: Session,
    *,
    topic: str,
    payload: bytes,
    content_type: str | None,
    received_at: datetime,
    reason: str,
    detail: str,
) -> UUID:
    """Keep a message with its reason; the same message again changes nothing."""
    found = quarantine_id(topic, payload, reason)
    inserted = session.connection().execute(
        text(
            "INSERT INTO quarantine "
            "(id, received_at, topic, content_type, payload, sha256, reason, detail) "
            "VALUES (:id, :received_at, :topic, :content_type, :payload, :sha256, :reason, :detail)"
            " ON CONFLICT (id) DO NOTHING RETURNING id"
        ),
        {
            "id": found,
            "received_at": received_at,
            "topic": topic.replace("\0", "\N{REPLACEMENT CHARACTER}"),
            "content_type": content_type,
            "payload": payload,
            "sha256": hashlib.sha256(payload).hexdigest(),
            "reason": reason,
            "detail": detail.replace("\0", "\N{REPLACEMENT CHARACTER}"),
        },
    )
    if inserted.scalar_one_or_none() is not None:
        publish(session, kind="quarantine", subject=str(found), payload={"reason": reason})
    return found


def list_replays_requested(session: Session) -> list[UUID]:
    """Return what somebody asked to replay and that is not replayed yet, oldest request first."""
    rows = session.connection().execute(
        text(
            "SELECT id FROM quarantine WHERE replay_requested_at IS NOT NULL "
            "AND replayed_at IS NULL ORDER BY replay_requested_at"
        )
    )
    return list(rows.scalars())


def lock_for_replay(session: Session, row_id: UUID) -> tuple[str, bytes, str | None] | None:
    """Return topic, payload and content type of a row to replay, None when it is taken or done."""
    row = (
        session.connection()
        .execute(
            text(
                "SELECT topic, payload, content_type FROM quarantine WHERE id = :id "
                "AND replay_requested_at IS NOT NULL AND replayed_at IS NULL "
                "FOR UPDATE SKIP LOCKED"
            ),
            {"id": row_id},
        )
        .one_or_none()
    )
    return None if row is None else (row[0], bytes(row[1]), row[2])


def record_replay(session: Session, row_id: UUID, *, stored: bool, outcome: str) -> None:
    """Write down what a replay came to; one that failed may be asked for again."""
    session.connection().execute(
        text(
            "UPDATE quarantine SET outcome = :outcome, "
            "replayed_at = CASE WHEN :stored THEN now() END, "
            "replay_requested_at = CASE WHEN :stored THEN replay_requested_at END, "
            "replay_requested_by = CASE WHEN :stored THEN replay_requested_by END "
            "WHERE id = :id"
        ),
        {"id": row_id, "outcome": outcome, "stored": stored},
    )
    publish(session, kind="quarantine", subject=str(row_id), payload={"outcome": outcome})
