"""Readings are stored exactly once, whatever comes again and in whatever order."""

from datetime import UTC, datetime

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import text

from schemas.instants import to_us
from schemas.reading import CHANNELS
from schemas.settings import Settings
from store.chunks import Chunks, apply_policies
from store.database import Engine, timescale_version, transaction
from store.readings import insert_new, read_columns
from tests.strategies_readings import BASE_US, Row, batch_of, rows
from tests.support.nouns import make_loggers

SINCE, UNTIL = datetime(2026, 10, 1, tzinfo=UTC), datetime(2027, 1, 1, tzinfo=UTC)
Key = tuple[int, int]


def stored(engine: Engine, logger_ids: list[int]) -> dict[Key, tuple[float | None, ...]]:
    found = {}
    with transaction(engine) as session:
        for index, logger_id in enumerate(logger_ids):
            times, values, _ = read_columns(
                session, logger_id, since_us=to_us(SINCE), until_us=to_us(UNTIL)
            )
            for at, row in zip(times.tolist(), values.tolist(), strict=True):
                found[index, at] = tuple(None if np.isnan(v) else v for v in row)
    return found


@pytest.mark.store
@settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(drawn=st.lists(rows(), min_size=1, max_size=4))
def test_the_first_reading_of_an_instant_stays_and_each_row_is_accounted_for(
    engine: Engine, drawn: list[list[Row]]
) -> None:
    fleet = make_loggers_once(engine)
    Chunks(engine).prepare(SINCE, UNTIL)
    with transaction(engine) as session:
        session.connection().execute(text("DELETE FROM reading"))
    expected: dict[Key, tuple[float | None, ...]] = {}
    for part in drawn:
        batch = batch_of(part)
        with transaction(engine) as session:
            result = insert_new(session, batch, np.array(fleet, dtype=np.int64)[batch.logger])
        for index, (logger, at, _, values) in enumerate(part):
            first = (logger, at) not in expected
            assert result.new[index] == first
            if first:
                expected[logger, at] = values
            assert result.conflict[index] == (expected[logger, at] != values)
        assert result.duplicates + result.new.sum() + result.conflict.sum() == len(part)
    assert stored(engine, fleet) == expected


def make_loggers_once(engine: Engine) -> list[int]:
    with transaction(engine) as session:
        ids = session.connection().execute(text("SELECT id FROM logger ORDER BY id")).scalars()
        found = list(ids)
    return found or make_loggers(engine, 3).logger_ids


@pytest.mark.store
def test_policies_can_be_applied_again_and_again(engine: Engine) -> None:
    for _ in range(2):
        apply_policies(engine, Settings(retention_days=90, compress_after_days=30, oldest_days=90))


@pytest.mark.timescale
def test_late_readings_reach_a_compressed_chunk_once(timescale_engine: Engine) -> None:
    fleet = make_loggers(timescale_engine, 1)
    apply_policies(timescale_engine, Settings())
    row = (0, BASE_US, 1, (-170.0,) + (None,) * (len(CHANNELS) - 1))
    late = (0, BASE_US + 1, 2, (-171.0,) + (None,) * (len(CHANNELS) - 1))
    ids = np.array(fleet.logger_ids)
    with transaction(timescale_engine) as session:
        assert timescale_version(session) is not None
        insert_new(session, batch_of([row]), ids)
    with transaction(timescale_engine) as session:
        compressed = session.connection().execute(
            text("SELECT compress_chunk(c) FROM show_chunks('reading') c")
        )
        assert len(compressed.all()) == 1
    with transaction(timescale_engine) as session:
        result = insert_new(session, batch_of([row, late]), ids[[0, 0]])
    assert result.new.tolist() == [False, True]
    assert stored(timescale_engine, fleet.logger_ids) == {
        (0, BASE_US): row[3], (0, BASE_US + 1): late[3]
    }  # fmt: skip


@pytest.mark.store
def test_what_is_not_committed_is_not_stored_even_as_the_first_thing_said(engine: Engine) -> None:
    fleet = make_loggers(engine, 1)
    Chunks(engine).prepare(SINCE, UNTIL)
    reading = (0, BASE_US, 0, (-170.0,) + (None,) * (len(CHANNELS) - 1))
    with transaction(engine) as session:
        insert_new(session, batch_of([reading]), np.array(fleet.logger_ids))
        session.rollback()
    assert stored(engine, fleet.logger_ids) == {}


@pytest.mark.pg
def test_a_partition_that_retention_dropped_is_made_anew(engine: Engine) -> None:
    (logger_id,) = make_loggers(engine, 1).logger_ids
    chunks = Chunks(engine)
    old = datetime(2020, 1, 1, tzinfo=UTC)
    keep = Settings(retention_days=90, compress_after_days=30, oldest_days=90)
    for _ in range(2):
        chunks.prepare(old, old)
        row = (0, to_us(old), 0, (-170.0,) + (None,) * (len(CHANNELS) - 1))
        with transaction(engine) as session:
            assert insert_new(session, batch_of([row]), np.array([logger_id])).new.all()
        apply_policies(engine, keep)
