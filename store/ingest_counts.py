"""What ingest has done, counted in the transaction that did it."""

from dataclasses import astuple, dataclass
from datetime import datetime

from sqlalchemy import text

from store.database import Session


@dataclass(frozen=True, slots=True, kw_only=True)
class Counts:
    """What one batch came to."""

    messages: int = 0
    readings: int = 0
    duplicates: int = 0
    quarantined: int = 0
    ignored_records: int = 0
    sessions_lost: int = 0

    def __add__(self, other: "Counts") -> "Counts":
        pairs = zip(astuple(self), astuple(other), strict=True)
        return Counts(**dict(zip(self.__dataclass_fields__, map(sum, pairs), strict=True)))


def add_counts(session: Session, client_id: str, counts: Counts, *, at: datetime) -> None:
    """Add a batch's counts to those of an ingest client."""
    session.connection().execute(
        text(
            "INSERT INTO ingest_count AS c VALUES (:client_id, :messages, :readings, :duplicates, "
            ":quarantined, :ignored_records, :sessions_lost, :at) "
            "ON CONFLICT (client_id) DO UPDATE SET messages = c.messages + excluded.messages, "
            "readings = c.readings + excluded.readings, "
            "duplicates = c.duplicates + excluded.duplicates, "
            "quarantined = c.quarantined + excluded.quarantined, "
            "ignored_records = c.ignored_records + excluded.ignored_records, "
            "sessions_lost = c.sessions_lost + excluded.sessions_lost, "
            "last_batch_at = excluded.last_batch_at"
        ),
        {
            "client_id": client_id,
            "messages": counts.messages,
            "readings": counts.readings,
            "duplicates": counts.duplicates,
            "quarantined": counts.quarantined,
            "ignored_records": counts.ignored_records,
            "sessions_lost": counts.sessions_lost,
            "at": at,
        },
    )


def has_run_before(session: Session, client_id: str) -> bool:
    """Return whether this ingest client has ever committed a batch."""
    found = session.connection().execute(
        text("SELECT 1 FROM ingest_count WHERE client_id = :client_id"), {"client_id": client_id}
    )
    return found.scalar_one_or_none() is not None
