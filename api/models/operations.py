"""Quarantine, status and health on the wire."""

from typing import Literal
from uuid import UUID

from api.models.wire import Instant, View


class QuarantineView(View):
    """A message set aside; `payload_preview` is its first 400 characters, bad ones replaced."""

    id: UUID
    received_at: Instant
    topic: str
    reason: str
    detail: str
    payload_preview: str
    size: int
    sha256: str
    replay_requested_at: Instant | None
    replay_requested_by: str | None
    replayed_at: Instant | None
    outcome: str | None


class QuarantinePage(View):
    """Messages set aside, newest first."""

    items: list[QuarantineView]


class ReplayRequested(View):
    """A replay is done by ingest; its outcome comes as a `quarantine` event within seconds."""

    state: Literal["requested"] = "requested"


class IngestStatus(View):
    """What ingest has done since the database began."""

    messages: int
    readings: int
    duplicates: int
    quarantined: int
    ignored_records: int
    sessions_lost: int
    last_batch_at: Instant | None


class LedgerStatus(View):
    """The log's size and root (hex)."""

    size: int
    root: str


class DatabaseStatus(View):
    """Which database this is; `timescale` is null on plain PostgreSQL."""

    version: str
    timescale: str | None
    ahead_s: float
    """How far the database's clock is ahead of this one's, seconds."""


class BrokerStatus(View):
    """Whether the broker is the embedded one: no ACL, forgets on restart."""

    embedded: bool


class Status(View):
    """How the service is doing."""

    at: Instant
    ingest: IngestStatus
    ledger: LedgerStatus
    database: DatabaseStatus
    broker: BrokerStatus
    quarantine_waiting: int
    live_clients: int


class Health(View):
    """The service answers and so does its database."""

    status: Literal["ok"] = "ok"
