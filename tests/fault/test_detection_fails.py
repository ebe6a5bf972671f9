"""A fault in judging one shipment holds up neither storing nor the judging of others."""

import pytest
from sqlalchemy import text

from alerts.judge import Judge
from ingest.pipeline import Pipeline
from ingest.sweep import Sweep
from schemas.errors import StoreUnavailable
from schemas.instants import to_us
from schemas.settings import Settings
from store.database import Engine, transaction
from tests.support.journal_check import stored_count
from tests.support.nouns import START, make_shipments
from tests.support.oracle import check_judgement, is_nothing_due
from tests.support.senml import message

pytestmark = [pytest.mark.fault, pytest.mark.pg]

MINUTE_US = 60_000_000


def due(engine: Engine) -> list[str]:
    with transaction(engine) as session:
        rows = session.connection().execute(
            text(
                "SELECT code FROM shipment_status t JOIN shipment s ON s.id = t.shipment_id "
                "WHERE t.due ORDER BY code"
            )
        )
        return list(rows.scalars())


def run(engine: Engine, *statements: str) -> None:
    with transaction(engine) as session:
        for statement in statements:
            session.connection().execute(text(statement))


def test_one_shipment_that_cannot_be_judged_holds_up_nothing_else(engine: Engine) -> None:
    make_shipments(engine, 3)
    run(
        engine,
        "CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN "
        "IF NEW.shipment_id = (SELECT id FROM shipment WHERE code = 'U-1') "
        "THEN RAISE EXCEPTION 'no judgement today'; END IF; RETURN NEW; END $$",
        "CREATE TRIGGER refuse BEFORE INSERT OR UPDATE ON detector_state "
        "FOR EACH ROW EXECUTE FUNCTION refuse()",
    )
    start = to_us(START)
    settings, judge = Settings(oldest_days=4000), Judge()
    pipeline = Pipeline(engine, settings, judge)
    outcome = pipeline.process_one_by_one(
        [
            message(serial, [(start + minute * MINUTE_US, -140.0, minute)])
            for serial in ("LG-1", "LG-2", "LG-3")
            for minute in range(10)
        ]
    )
    assert (outcome.counts.readings, stored_count(engine)) == (30, 30)
    assert due(engine) == ["U-1", "U-2", "U-3"]

    sweep = Sweep(engine, settings, pipeline=pipeline, judge=judge, report=lambda: None)
    with pytest.raises(StoreUnavailable, match="no judgement today"):
        sweep._judge_due()
    assert due(engine) == ["U-1"]

    run(engine, "DROP TRIGGER refuse ON detector_state")
    sweep._judge_due()
    assert due(engine) == ["U-1"]  # it waits its minute, so that it takes no other's turn
    run(engine, "UPDATE shipment_status SET try_after = now() WHERE try_after IS NOT NULL")
    sweep._judge_due()
    assert is_nothing_due(engine)
    assert len(check_judgement(engine)) == 3
