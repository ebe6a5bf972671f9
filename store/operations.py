"""How the service is doing: counts, versions, what waits in quarantine."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import text

from schemas.errors import NotFound
from store.database import Engine, Session, transaction
from store.outbox import publish


@dataclass(frozen=True, slots=True, kw_only=True)
class IngestTotals:
    """What all ingest clients have done together; `last_batch_at` is None before the first."""

    messages: int
    readings: int
    duplicates: int
    quarantined: int
    ignored_records: int
    sessions_lost: int
    last_batch_at: datetime | None


def read_ingest_totals(session: Session) -> IngestTotals:
    """Return what all ingest clients have done together."""
    row = session.connection().execute(
        text(
            "SELECT coalesce(sum(messages), 0)::bigint AS messages, "
            "coalesce(sum(readings), 0)::bigint AS readings, "
            "coalesce(sum(duplicates), 0)::bigint AS duplicates, "
            "coalesce(sum(quarantined), 0)::bigint AS quarantined, "
            "coalesce(sum(ignored_records), 0)::bigint AS ignored_records, "
            "coalesce(sum(sessions_lost), 0)::bigint AS sessions_lost, "
            "max(last_batch_at) AS last_batch_at FROM ingest_count"
        )
    )
    return IngestTotals(**row.one()._mapping)


def read_clock(session: Session) -> tuple[str, datetime]:
    """Return the server's version and its clock."""
    row = session.connection().execute(
        text("SELECT current_setting('server_version'), clock_timestamp()")
    )
    version, at = row.one()
    return str(version), at


def ping(engine: Engine) -> None:
    """Ask the database for nothing at all.

    Raises:
        StoreUnavailable: It does not answer.
    """
    with transaction(engine) as session:
        session.connection().execute(text("SELECT 1"))


@dataclass(frozen=True, slots=True, kw_only=True)
class SetAside:
    """A message in quarantine; `head` is the beginning of its payload, `size` all of it."""

    id: UUID
    received_at: datetime
    topic: str
    reason: str
    detail: str
    head: bytes
    size: int
    sha256: str
    replay_requested_at: datetime | None
    replay_requested_by: str | None
    replayed_at: datetime | None
    outcome: str | None


def list_set_aside(session: Session, *, head_bytes: int, limit: int = 200) -> list[SetAside]:
    """Return what is in quarantine, what waits first; `head_bytes` of each payload."""
    rows = session.connection().execute(
        text(
            "SELECT id, received_at, topic, reason, detail, "
            "substring(payload FROM 1 FOR :head_bytes) AS head, length(payload) AS size, sha256, "
            "replay_requested_at, replay_requested_by, replayed_at, outcome FROM quarantine "
            "ORDER BY (replayed_at IS NULL) DESC, received_at DESC, id LIMIT :limit"
        ),
        {"head_bytes": head_bytes, "limit": limit},
    )
    return [SetAside(**row._mapping) for row in rows]


def count_waiting(session: Session) -> int:
    """Return how many messages are in quarantine and not replayed."""
    row = session.connection().execute(
        text("SELECT count(*) FROM quarantine WHERE replayed_at IS NULL")
    )
    return int(row.scalar_one())


def request_replay(session: Session, row_id: UUID, *, by: str, now: datetime) -> None:
    """Ask ingest to try a message again; asking twice, or after it was stored, changes nothing.

    Raises:
        NotFound: There is no such message.
    """
    changed = session.connection().execute(
        text(
            "UPDATE quarantine SET replay_requested_at = coalesce(replay_requested_at, :now), "
            "replay_requested_by = coalesce(replay_requested_by, :by) "
            "WHERE id = :id RETURNING replayed_at IS NULL"
        ),
        {"id": row_id, "by": by, "now": now},
    )
    if changed.scalar_one_or_none() is None:
        raise NotFound("message in quarantine", row_id)
    publish(session, kind="quarantine", subject=str(row_id), payload={"replay_requested_by": by})
