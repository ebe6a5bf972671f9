"""Excursions and alerts equal those recomputed from the readings, whatever came in between."""

from datetime import timedelta

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from sqlalchemy import text

from alerts.judge import Judge
from ingest.message import Message
from ingest.pipeline import Pipeline
from schemas.instants import to_us
from schemas.settings import Settings
from store.database import Engine, transaction
from tests.support.nouns import START, make_shipments
from tests.support.oracle import check_judgement
from tests.support.senml import message

pytestmark = [pytest.mark.fault, pytest.mark.pg]

DERIVED = ("reading", "excursion", "verdict", "alert", "outbox", "detector_state", "quarantine")
MINUTE_US = 60_000_000
COLD, EDGE, WARM = -180.0, -150.0, -140.0
Step = tuple[str, int, float]

steps = st.tuples(
    st.sampled_from(["LG-1", "LG-2"]),
    st.integers(0, 40),
    st.sampled_from([COLD, -152.2, -150.3, EDGE, -149.7, WARM]),
)


def pipeline(engine: Engine) -> Pipeline:
    return Pipeline(engine, Settings(oldest_days=4000), Judge())


def one_shipment_with_two_loggers(engine: Engine) -> None:
    """Make, once, a shipment that both LG-1 and LG-2 watch; forget what was stored before."""
    with transaction(engine) as session:
        run = session.connection().execute
        known = run(text("SELECT count(*) FROM shipment")).scalar_one()
    if not known:
        make_shipments(engine, 2)
    with transaction(engine) as session:
        run = session.connection().execute
        for table in DERIVED:
            run(text(f"DELETE FROM {table}"))
        run(text("UPDATE assignment SET shipment_id = (SELECT min(shipment_id) FROM assignment)"))
        run(text("DELETE FROM shipment_status"))
        run(
            text(
                "INSERT INTO shipment_status (shipment_id, due, updated_at) "
                "SELECT id, false, now() FROM shipment"
            )
        )


def messages(part: list[Step]) -> list[Message]:
    start = to_us(START + timedelta(hours=1))
    return [
        message(serial, [(start + minute * MINUTE_US, temp, minute)])
        for serial, minute, temp in part
    ]


@settings(max_examples=20)
@given(parts=st.lists(st.lists(steps, min_size=1, max_size=8), min_size=1, max_size=8))
@example(  # an excursion that a late reading refutes, and a later one restores
    parts=[
        [("LG-1", 0, COLD), ("LG-1", 10, WARM), ("LG-1", 20, WARM)],
        [("LG-1", 14, COLD)],
        [("LG-1", 13, WARM)],
    ]
)
@example(  # one logger's excursion is refuted, the other's stands
    parts=[
        [("LG-2", minute, WARM) for minute in range(0, 20, 5)],
        [("LG-1", 0, WARM), ("LG-1", 10, WARM)],
        [("LG-1", 5, COLD)],
    ]
)
@example(  # the same, the refuted one being the first
    parts=[
        [("LG-1", 0, WARM), ("LG-1", 10, WARM)],
        [("LG-1", 5, COLD)],
        [("LG-1", 2, WARM), ("LG-1", 8, WARM), ("LG-1", 3, COLD)],
        [("LG-1", 1, WARM)],
    ]
)
def test_alerts_are_those_that_the_stored_readings_call_for(
    engine: Engine, parts: list[list[Step]]
) -> None:
    one_shipment_with_two_loggers(engine)
    under_test = pipeline(engine)
    for part in parts:
        under_test.process(messages(part))
        check_judgement(engine)
