"""Settings: built once in an entry point and passed down. Importing this module reads nothing."""

from pathlib import Path
from typing import Literal, Self

from pydantic import Field, model_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

from schemas.errors import ConfigurationError


class Settings(BaseSettings):
    """All that can be set, from the environment with the prefix `UNBROKEN_`."""

    model_config = SettingsConfigDict(env_prefix="UNBROKEN_", frozen=True, extra="ignore")

    database_url: str | None = Field(
        default=None,
        description="PostgreSQL or TimescaleDB to use, postgresql://…; unset: the embedded one.",
    )
    mqtt_url: str | None = Field(
        default=None,
        description="MQTT broker to use, mqtt[s]://user:password@host:port; unset: embedded.",
    )
    data_dir: Path = Field(
        default=Path(".unbroken"),
        description="Directory for the embedded database, keys and generated passwords.",
    )
    http_host: str = Field(default="127.0.0.1", description="Address the API listens on.")
    http_port: int = Field(
        default=8080, ge=0, le=65535, description="Port of the API; a free one if taken."
    )
    mqtt_port: int = Field(
        default=1883, ge=0, le=65535, description="Port of the embedded broker; free one if taken."
    )
    mqtt_client_id: str = Field(
        default="unbroken-ingest",
        min_length=1,
        description="Fixed MQTT client id of the ingest service; its session persists under it.",
    )
    mqtt_protocol: Literal["3.1.1", "5"] = Field(
        default="3.1.1",
        description="MQTT version of the ingest connection; 5 carries content types and costs "
        "about a third of the rate. Loggers may publish with either.",
    )
    mqtt_keeps_sessions: bool = Field(
        default=True,
        description="Whether the broker remembers sessions over its restart; the embedded one "
        "does not, and a lost session is then no incident at start.",
    )
    mailbox_messages: int = Field(
        default=20_000, ge=100, description="Messages held in memory before TCP pushes back."
    )
    mailbox_bytes: int = Field(
        default=256 * 1024 * 1024,
        ge=1024 * 1024,
        description="Bytes of payload held in memory before TCP pushes back.",
    )
    batch_messages: int = Field(
        default=2_000, ge=1, description="Messages of one transaction at the most."
    )
    batch_bytes: int = Field(
        default=16 * 1024 * 1024, ge=1024, description="Bytes of one transaction at the most."
    )
    message_bytes: int = Field(
        default=4 * 1024 * 1024, ge=1024, description="A larger message goes to quarantine."
    )
    future_s: int = Field(
        default=300, ge=0, description="How far ahead of our clock a reading may lie, in seconds."
    )
    oldest_days: int = Field(
        default=400,
        ge=1,
        description="Readings older than this many days are implausible; no more than retention.",
    )
    chunk_days: int = Field(
        default=7,
        ge=1,
        description="Days of readings in one chunk of TimescaleDB; partitions are always weeks.",
    )
    compress_after_days: int = Field(
        default=45,
        ge=1,
        description="Days after which chunks are compressed (TimescaleDB): the allowed lateness.",
    )
    retention_days: int | None = Field(
        default=None, ge=30, description="Days after which readings are dropped; unset: never."
    )
    outbox_days: int = Field(
        default=14,
        ge=1,
        description="Days after which happenings that live streams resume from are dropped.",
    )
    sweep_every_s: float = Field(
        default=2.0, gt=0, description="Seconds between looks for silence and due work."
    )
    offer_answer_min: int = Field(
        default=60, ge=1, description="Minutes after which an unanswered offer calls for a human."
    )
    session_idle_min: int = Field(
        default=720, ge=5, description="Minutes without use after which a sign-in ends."
    )
    session_absolute_min: int = Field(
        default=1440, ge=5, description="Minutes after which a sign-in ends in any case."
    )
    log_dir: Path | None = Field(
        default=None,
        description="Directory of the log's key and last checkpoint, best on another disk or "
        "machine than the database; unset: `notary` in the data directory.",
    )
    checkpoint_every_s: float = Field(
        default=10.0, gt=0, description="Seconds between signed checkpoints of a growing log."
    )
    checkpoint_entries: int = Field(
        default=100, ge=1, description="New entries after which a checkpoint is signed at once."
    )
    witness_policy: Path | None = Field(
        default=None,
        description="C2SP policy file: which witnesses are asked, and how many must agree; "
        "unset: none.",
    )
    timestamp_url: str | None = Field(
        default=None,
        description="RFC 3161 authority that timestamps a checkpoint a day; unset: none.",
    )
    log_level: str = Field(default="INFO", description="Level of the log on standard error.")

    @model_validator(mode="after")
    def _consistent(self) -> Self:
        if self.retention_days is not None and self.retention_days <= self.compress_after_days:
            message = (
                f"UNBROKEN_RETENTION_DAYS ({self.retention_days}) must be larger than "
                f"UNBROKEN_COMPRESS_AFTER_DAYS ({self.compress_after_days})."
            )
            raise ConfigurationError(message)
        if self.retention_days is not None and self.oldest_days > self.retention_days:
            message = (
                f"UNBROKEN_OLDEST_DAYS ({self.oldest_days}) must not exceed UNBROKEN_RETENTION_DAYS"
                f" ({self.retention_days}): readings would be taken only to be dropped."
            )
            raise ConfigurationError(message)
        if self.batch_messages > self.mailbox_messages:
            message = "UNBROKEN_BATCH_MESSAGES must not exceed UNBROKEN_MAILBOX_MESSAGES."
            raise ConfigurationError(message)
        return self
