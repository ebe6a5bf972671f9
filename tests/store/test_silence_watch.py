"""Silence is told for each shipment by itself: one that cannot be told of hides no other."""

from datetime import datetime, timedelta

import pytest
from sqlalchemy import text

from alerts.judge import Judge
from alerts.silence_watch import SilenceWatch
from schemas.errors import StoreUnavailable
from store.database import Engine, Session, transaction
from tests.support.nouns import START, make_shipments

pytestmark = pytest.mark.pg


class CountingJudge(Judge):
    def __init__(self) -> None:
        super().__init__()
        self.judged: list[datetime] = []

    def judge_now(self, session: Session, shipment_id: int, *, now: datetime) -> None:
        self.judged.append(now)
        super().judge_now(session, shipment_id, now=now)


def run(engine: Engine, *statements: str) -> None:
    with transaction(engine) as session:
        for statement in statements:
            session.connection().execute(text(statement), {"at": START})


def alerts(engine: Engine) -> list[str]:
    with transaction(engine) as session:
        rows = session.connection().execute(
            text(
                "SELECT code FROM alert a JOIN shipment s ON s.id = a.shipment_id "
                "WHERE a.kind = 'silence' AND a.state = 'open' ORDER BY code"
            )
        )
        return list(rows.scalars())


def test_one_shipment_that_cannot_be_told_of_hides_no_other(engine: Engine) -> None:
    make_shipments(engine, 3)
    run(
        engine,
        "UPDATE shipment SET state = 'in_transit', departed_at = :at",
        "CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN "
        "IF NEW.shipment_id = (SELECT id FROM shipment WHERE code = 'U-1') "
        "THEN RAISE EXCEPTION 'not this one'; END IF; RETURN NEW; END $$",
        "CREATE TRIGGER refuse BEFORE INSERT ON alert FOR EACH ROW EXECUTE FUNCTION refuse()",
    )
    watch = SilenceWatch(Judge())
    with pytest.raises(StoreUnavailable, match="not this one"):
        watch.look(engine, now=START + timedelta(days=1))
    assert alerts(engine) == ["U-2", "U-3"]
    run(engine, "DROP TRIGGER refuse ON alert")
    assert watch.look(engine, now=START + timedelta(days=1, seconds=2)) == 3
    assert alerts(engine) == ["U-1", "U-2", "U-3"]


def test_a_silent_shipment_is_judged_once_a_minute(engine: Engine) -> None:
    make_shipments(engine, 1)
    run(engine, "UPDATE shipment SET state = 'in_transit', departed_at = :at")
    judge = CountingJudge()
    watch = SilenceWatch(judge)
    first = START + timedelta(days=1)
    for seconds in range(0, 121, 2):
        watch.look(engine, now=first + timedelta(seconds=seconds))
    assert judge.judged == [first + timedelta(minutes=minute) for minute in range(3)]
