"""Readings and alerts put straight into the store, for tests of what reads them."""

from datetime import datetime, timedelta

import numpy as np
from sqlalchemy import text

from schemas.reading import CHANNELS, NO_SEQ, ReadingBatch
from store.alerts import Call, raise_alert
from store.chunks import Chunks
from store.database import Engine, transaction
from store.readings import find_logger_ids, insert_new


def store_readings(
    engine: Engine, serial: str, at: list[datetime], temp_c: list[float], *, delay_s: float = 1
) -> None:
    """Store readings of one logger, received `delay_s` after they were measured."""
    time_us = np.array([round(one.timestamp() * 1_000_000) for one in at], dtype=np.int64)
    values = np.full((len(at), len(CHANNELS)), np.nan)
    values[:, CHANNELS.index("temp_c")] = temp_c
    batch = ReadingBatch(
        logger=np.zeros(len(at), dtype=np.int64),
        time_us=time_us,
        seq=np.full(len(at), NO_SEQ, dtype=np.int64),
        received_us=time_us + int(delay_s * 1_000_000),
        values=values,
    )
    Chunks(engine).prepare(min(at), max(at))
    with transaction(engine) as session:
        number = find_logger_ids(session, [serial])[serial]
        insert_new(session, batch, np.full(len(at), number, dtype=np.int64))


def every(step: timedelta, start: datetime, count: int) -> list[datetime]:
    """Return `count` instants from `start`, one a step."""
    return [start + number * step for number in range(count)]


def shipment_id(engine: Engine, code: str) -> int:
    """Return a shipment's number."""
    with transaction(engine) as session:
        found = session.connection().execute(
            text("SELECT id FROM shipment WHERE code = :code"), {"code": code}
        )
        return int(found.scalar_one())


def open_alert(
    engine: Engine, code: str, now: datetime, *, kind: str = "limit", severity: str = "critical"
) -> str:
    """Open an alert on a shipment and return its id."""
    number = shipment_id(engine, code)
    with transaction(engine) as session:
        alert = raise_alert(
            session,
            Call(
                shipment_id=number,
                kind=kind,
                rule_id=f"transit-{kind}",
                severity=severity,
                headline="−100 °C, limit −120 °C",
                detail="Above −120 °C.",
                first_step="Call the holder.",
            ),
            now=now,
        )
        assert alert is not None
        return str(alert.id)


def set_standing(engine: Engine, code: str, **columns: object) -> None:
    """Write columns of a shipment's standing, as a judgement does."""
    names = ", ".join(f"{name} = :{name}" for name in columns)
    with transaction(engine) as session:
        session.connection().execute(
            text(
                f"UPDATE shipment_status SET {names}, updated_at = clock_timestamp() "
                "WHERE shipment_id = (SELECT id FROM shipment WHERE code = :code)"
            ),
            {"code": code, **columns},
        )
