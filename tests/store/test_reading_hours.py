"""Hours of readings show every extreme, on both databases."""

from datetime import timedelta

import numpy as np
import pytest
from sqlalchemy import text

from schemas.instants import to_us
from schemas.reading import CHANNELS
from schemas.settings import Settings
from store.chunks import Chunks, _drop_old_chunks, apply_policies
from store.database import Engine, transaction
from store.reading_hours import read_hours
from store.readings import insert_new
from tests.strategies_readings import BASE_US, batch_of
from tests.support.nouns import START, make_loggers

pytestmark = pytest.mark.store
MINUTE_US = 60_000_000


def test_each_hour_is_drawn_by_its_lowest_and_its_highest(engine: Engine) -> None:
    (logger_id,) = make_loggers(engine, 1).logger_ids
    Chunks(engine).prepare(START, START)
    temps = [-170.0, -190.0, -180.0, None, -150.0, -171.0]
    rows = [
        (0, BASE_US + 25 * place * MINUTE_US, place, (temp,) + (None,) * (len(CHANNELS) - 1))
        for place, temp in enumerate(temps)
    ]
    with transaction(engine) as session:
        insert_new(session, batch_of(rows), np.full(len(rows), logger_id))
    with transaction(engine) as session:
        time_us, temp_c = read_hours(session, logger_id, since_us=to_us(START), until_us=None)
    assert temp_c.tolist() == [-190.0, -170.0, -150.0, -150.0, -171.0, -171.0]
    assert ((time_us - BASE_US) // (60 * MINUTE_US)).tolist() == [0, 0, 1, 1, 2, 2]


@pytest.mark.timescale
def test_a_late_reading_of_years_ago_is_drawn_after_the_next_refresh(
    timescale_engine: Engine,
) -> None:
    engine = timescale_engine
    (logger_id,) = make_loggers(engine, 1).logger_ids
    long_ago_us = to_us(START - timedelta(days=2000))  # so long that other tests lie after it
    apply_policies(engine, Settings())

    def store(at_us: int, temp_c: float) -> None:
        row = (0, at_us, 0, (temp_c,) + (None,) * (len(CHANNELS) - 1))
        with transaction(engine) as session:
            insert_new(session, batch_of([row]), np.array([logger_id]))

    def drawn() -> list[float]:
        with transaction(engine) as session:
            _, temp_c = read_hours(session, logger_id, since_us=long_ago_us, until_us=to_us(START))
        return list(temp_c.tolist())

    store(long_ago_us, -170.0)
    refresh(engine)
    store(long_ago_us + MINUTE_US, -20.0)
    assert drawn() == [-170.0, -170.0]
    refresh(engine)
    assert drawn() == [-170.0, -20.0]
    with transaction(engine) as session:
        offsets = session.connection().execute(
            text(
                "SELECT config->'start_offset' FROM timescaledb_information.jobs "
                "WHERE proc_name = 'policy_refresh_continuous_aggregate'"
            )
        )
        assert offsets.scalars().all() == [None]


def refresh(engine: Engine) -> None:
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.execute(text("CALL refresh_continuous_aggregate('reading_hour', NULL, NULL)"))


@pytest.mark.timescale
def test_the_apache_edition_drops_old_chunks_by_itself(timescale_engine: Engine) -> None:
    (logger_id,) = make_loggers(timescale_engine, 1).logger_ids
    for days in (2000, 0):
        row = (0, to_us(START) - days * 24 * 60 * MINUTE_US, 0, (1.0,) + (None,) * 10)
        with transaction(timescale_engine) as session:
            insert_new(session, batch_of([row]), np.array([logger_id]))
    with transaction(timescale_engine) as session:
        _drop_old_chunks(session.connection(), Settings(retention_days=400))
    with transaction(timescale_engine) as session:
        left = session.connection().execute(text("SELECT count(*) FROM reading")).scalar_one()
    assert left == 1
