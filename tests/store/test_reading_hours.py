"""Hours of readings show every extreme, on both databases."""

import numpy as np
import pytest

from schemas.instants import to_us
from schemas.reading import CHANNELS
from store.chunks import Chunks
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
