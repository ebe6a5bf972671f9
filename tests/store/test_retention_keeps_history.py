"""What retention drops are readings, not what they showed."""

from datetime import timedelta

import pytest
from sqlalchemy import text

from alerts.judge import Judge
from ingest.pipeline import Pipeline
from schemas.instants import to_us
from schemas.settings import Settings
from store.database import Engine, transaction
from tests.support.nouns import START, make_shipments
from tests.support.senml import message

pytestmark = pytest.mark.store
MINUTE_US = 60_000_000


@pytest.mark.parametrize("kept_after_minutes", [30, 24 * 60])
def test_judging_again_keeps_excursions_whose_readings_were_dropped(
    engine: Engine, kept_after_minutes: int
) -> None:
    make_shipments(engine, 1)
    start = to_us(START)
    readings = [
        (start + minute * MINUTE_US, -140.0 if minute < 20 else -180.0, minute)
        for minute in range(60)
    ]
    judge = Judge()
    Pipeline(engine, Settings(oldest_days=4000), judge).process([message("LG-1", readings)])
    with transaction(engine) as session:
        run = session.connection().execute
        run(
            text("DELETE FROM reading WHERE measured_at < :at"),
            {"at": START + timedelta(minutes=kept_after_minutes)},
        )
        (shipment_id,) = run(text("SELECT id FROM shipment")).scalars()
        judge.judge_again(session, shipment_id)
    with transaction(engine) as session:
        run = session.connection().execute
        assert run(text("SELECT withdrawn_at FROM excursion")).scalars().all() == [None]
        assert run(text("SELECT outcome FROM shipment_status")).scalar_one() == "excursion"
