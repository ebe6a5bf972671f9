"""Signed checkpoints of the log, and who vouched for them, in written SQL. These only grow."""

from collections.abc import Collection, Generator, Iterable
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Row, text

from store.database import Session


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckpointRow:
    """A signed checkpoint.

    Attributes:
        size: Number of entries.
        root: Of the tree over them.
        note: The signed note with the log's signature alone.
        vkey: The verifier key that signed it; only whoever pinned it elsewhere may trust it.
        signed_at: By the notary's clock.
    """

    size: int
    root: bytes
    note: bytes
    vkey: str
    signed_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class CosignatureRow:
    """A witness's signature over the checkpoint of a size.

    Attributes:
        size: Of the checkpoint.
        name: Of the witness's key.
        key_id: As in the signature line, 8 hexadecimal digits.
        line: The signature line as it stands in a note, with its line feed.
        at: When the witness signed, by its own clock.
    """

    size: int
    name: str
    key_id: str
    line: str
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class TimestampRow:
    """An RFC 3161 response, in DER, over the bytes of `CheckpointRow.note`."""

    size: int
    authority: str
    response: bytes
    at: datetime


def cosigned_note(checkpoint: CheckpointRow, cosignatures: Iterable[CosignatureRow]) -> bytes:
    """Return the note with the log's signature and these cosignatures, in their order."""
    return checkpoint.note + "".join(each.line for each in cosignatures).encode("utf-8")


_CHECKPOINT = "size, root, note, vkey, signed_at"
_COSIGNATURE = "size, name, key_id, line, at"


def insert_checkpoint(session: Session, row: CheckpointRow) -> None:
    """Store a checkpoint; fails when there is one of that size, as it must not be replaced."""
    _run(
        session,
        f"""
        INSERT INTO ledger_checkpoint ({_CHECKPOINT})
        VALUES (:size, :root, :note, :vkey, :signed_at)
        """,  # noqa: S608 - our column names
        **asdict(row),
    )


def find_checkpoint(session: Session, size: int) -> CheckpointRow | None:
    """Return the checkpoint of exactly this size."""
    return _one(session, "size = :number", "size", number=size)


def find_last_checkpoint(session: Session) -> CheckpointRow | None:
    """Return the largest checkpoint."""
    return _one(session, "size >= :number", "size DESC", number=0)


def find_first_over(session: Session, index: int) -> CheckpointRow | None:
    """Return the smallest checkpoint that covers the entry of this index."""
    return _one(session, "size > :number", "size", number=index)


def list_checkpoints(
    session: Session, *, after: int = 0, until: int | None = None, limit: int = 1_000
) -> list[CheckpointRow]:
    """Return checkpoints of `after` < size ≤ `until`, the smallest first, at most `limit`."""
    rows = _run(
        session,
        f"""
        SELECT {_CHECKPOINT}
        FROM ledger_checkpoint
        WHERE size > :after
        AND size <= coalesce(CAST(:until AS bigint), size)
        ORDER BY size
        LIMIT :limit
        """,  # noqa: S608 - our column names
        after=after,
        until=until,
        limit=limit,
    )
    return [_checkpoint(row) for row in rows]


def insert_cosignature(session: Session, row: CosignatureRow) -> None:
    """Store a witness's signature; the first of a witness for a size stays."""
    _run(
        session,
        f"""
        INSERT INTO ledger_cosignature ({_COSIGNATURE})
        VALUES (:size, :name, :key_id, :line, :at)
        ON CONFLICT DO NOTHING
        """,  # noqa: S608 - our column names
        **asdict(row),
    )


def list_cosignatures(session: Session, size: int) -> list[CosignatureRow]:
    """Return the cosignatures of the checkpoint of a size, the oldest first."""
    rows = _run(
        session,
        f"""
        SELECT {_COSIGNATURE}
        FROM ledger_cosignature
        WHERE size = :size
        ORDER BY at, name, key_id
        """,  # noqa: S608 - our column names
        size=size,
    )
    return [CosignatureRow(**row._mapping) for row in rows]


def list_last_cosignatures(
    session: Session, witnesses: Collection[tuple[str, str]]
) -> list[CosignatureRow]:
    """Return the cosignature of largest size of each witness (name, key id) that has one."""
    rows = _run(
        session,
        """
        SELECT last.size, last.name, last.key_id, last.line, last.at
        FROM unnest(CAST(:names AS text[]), CAST(:key_ids AS text[])) AS witness (name, key_id)
        CROSS JOIN LATERAL (
            SELECT *
            FROM ledger_cosignature AS cosignature
            WHERE cosignature.name = witness.name
            AND cosignature.key_id = witness.key_id
            ORDER BY cosignature.size DESC
            LIMIT 1
        ) AS last
        ORDER BY last.name, last.key_id
        """,
        names=[name for name, _ in witnesses],
        key_ids=[key_id for _, key_id in witnesses],
    )
    return [CosignatureRow(**row._mapping) for row in rows]


def cosigned_sizes(session: Session, until: int) -> Generator[int]:
    """Yield the sizes ≤ `until` that anybody cosigned, the largest first."""
    result = session.connection().execute(
        text(
            """
            SELECT DISTINCT size
            FROM ledger_cosignature
            WHERE size <= :until
            ORDER BY size DESC
            """
        ),
        {"until": until},
        execution_options={"yield_per": 100},
    )
    with result:
        for row in result:
            yield row.size


def insert_timestamp(session: Session, row: TimestampRow) -> None:
    """Store a timestamp; the first of an authority for a size stays."""
    _run(
        session,
        """
        INSERT INTO ledger_timestamp (size, authority, response, at)
        VALUES (:size, :authority, :response, :at)
        ON CONFLICT DO NOTHING
        """,
        **asdict(row),
    )


def list_timestamps(session: Session, size: int) -> list[TimestampRow]:
    """Return the timestamps of the checkpoint of a size, by authority."""
    rows = _run(
        session,
        """
        SELECT size, authority, response, at
        FROM ledger_timestamp
        WHERE size = :size
        ORDER BY authority
        """,
        size=size,
    )
    return [TimestampRow(**row._mapping) for row in rows]


def find_last_timestamp_at(session: Session) -> datetime | None:
    """Return when a checkpoint was timestamped last."""
    rows = _run(session, "SELECT max(at) AS at FROM ledger_timestamp")
    found: datetime | None = rows[0].at
    return found


def _one(session: Session, condition: str, order: str, *, number: int) -> CheckpointRow | None:
    rows = _run(
        session,
        f"SELECT {_CHECKPOINT} FROM ledger_checkpoint WHERE {condition} ORDER BY {order} LIMIT 1",  # noqa: S608 - our conditions
        number=number,
    )
    return _checkpoint(rows[0]) if rows else None


def _checkpoint(row: Row[Any]) -> CheckpointRow:
    return CheckpointRow(**row._mapping)


def _run(session: Session, query: str, **values: object) -> list[Row[Any]]:
    result = session.connection().execute(text(query), values)
    return list(result) if result.returns_rows else []
