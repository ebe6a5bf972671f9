"""The least that must exist before a reading can be judged: parties, sites, an order, a shipment."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from sqlalchemy import text

from store.database import Engine, transaction

START = datetime(2026, 11, 1, tzinfo=UTC)
PROFILE = "0" * 64


@dataclass(frozen=True, slots=True, kw_only=True)
class Fleet:
    """Numbers of what was made."""

    serials: list[str]
    logger_ids: list[int]


def make_loggers(engine: Engine, count: int) -> Fleet:
    """Make `count` loggers LG-1 … that watch nothing."""
    serials = [f"LG-{number}" for number in range(1, count + 1)]
    with transaction(engine) as session:
        ids = [
            session.connection()
            .execute(
                text(
                    "INSERT INTO logger (serial, make, accuracy_c, calibration_expires_at, "
                    "logging_interval_s, upload_interval_s) "
                    "VALUES (:serial, 'test', 0.5, :until, 60, 60) RETURNING id"
                ),
                {"serial": serial, "until": START + timedelta(days=365)},
            )
            .scalar_one()
            for serial in serials
        ]
    return Fleet(serials=serials, logger_ids=ids)
