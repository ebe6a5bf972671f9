"""A resolved alert stays resolved only as long as nothing more comes of its cause."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from uuid import UUID

import pytest
from sqlmodel import col, select

from alerts.judge import Judge
from ingest.pipeline import Pipeline
from schemas.instants import to_us
from schemas.settings import Settings
from store.alerts import GOES_ON_AFTER, acknowledge, resolve
from store.database import Engine, transaction
from store.tables.alerts import Alert
from tests.support.nouns import START, make_shipments
from tests.support.senml import message

pytestmark = pytest.mark.store

POSSIBLE, WARM = -149.7, -140.0


def at(minute: int) -> datetime:
    return START + timedelta(hours=1, minutes=minute)


@pytest.fixture
def under_test(engine: Engine) -> Pipeline:
    make_shipments(engine, 1)
    return Pipeline(engine, Settings(oldest_days=4000), Judge())


def measure(under_test: Pipeline, temp_c: float, minutes: Sequence[int]) -> None:
    for minute in minutes:
        under_test.process([message("LG-1", [(to_us(at(minute)), temp_c, minute)])])


def alerts(engine: Engine) -> list[tuple[str, str]]:
    with transaction(engine) as session:
        found = session.exec(select(Alert).order_by(col(Alert.opened_at))).all()
        return [(one.severity, one.state) for one in found]


def only_open(engine: Engine) -> Alert:
    with transaction(engine) as session:
        alert = session.exec(select(Alert).where(Alert.state != "resolved")).one()
        session.expunge(alert)
        return alert


def settle(engine: Engine, alert_id: UUID, minute: int) -> None:
    with transaction(engine) as session:
        resolve(session, alert_id, by="amy", reason="upright", comment="", now=at(minute))


def test_a_resolved_warning_whose_excursion_becomes_certain_is_a_new_critical_alert(
    engine: Engine, under_test: Pipeline
) -> None:
    measure(under_test, POSSIBLE, range(10))
    settle(engine, only_open(engine).id, 10)
    measure(under_test, POSSIBLE, range(10, 12))
    assert alerts(engine) == [("warning", "resolved")]
    measure(under_test, WARM, range(12, 22))
    assert alerts(engine) == [("warning", "resolved"), ("critical", "open")]


def test_an_excursion_that_goes_on_after_its_alert_was_resolved_calls_again_once(
    engine: Engine, under_test: Pipeline
) -> None:
    measure(under_test, WARM, range(10))
    settle(engine, only_open(engine).id, 10)
    patience = int(GOES_ON_AFTER.total_seconds() / 60)
    measure(under_test, WARM, range(10, 11 + patience))
    assert alerts(engine) == [("critical", "resolved")]
    measure(under_test, WARM, range(11 + patience, 20 + patience))
    assert alerts(engine) == [("critical", "resolved"), ("critical", "open")]


def test_readings_from_before_a_resolution_call_nobody_again(
    engine: Engine, under_test: Pipeline
) -> None:
    measure(under_test, WARM, range(0, 10, 2))
    settle(engine, only_open(engine).id, 120)
    measure(under_test, WARM, range(1, 10, 2))
    assert alerts(engine) == [("critical", "resolved")]


def test_an_acknowledged_warning_that_becomes_critical_opens_again_and_says_who_had_it(
    engine: Engine, under_test: Pipeline
) -> None:
    measure(under_test, POSSIBLE, range(10))
    first = only_open(engine)
    with transaction(engine) as session:
        acknowledge(session, first.id, by="amy", reason="called", comment="", now=at(10))
    measure(under_test, POSSIBLE, range(10, 12))
    assert only_open(engine).state == "acknowledged"
    measure(under_test, WARM, range(12, 22))
    again = only_open(engine)
    assert (again.id, again.severity, again.state) == (first.id, "critical", "open")
    assert again.acknowledged_by == "amy"
    assert "acknowledged as a warning by amy" in again.detail
    with transaction(engine) as session:
        acknowledge(session, first.id, by="bob", reason="called", comment="", now=at(22))
    measure(under_test, WARM, range(22, 24))
    taken = only_open(engine)
    assert (taken.state, taken.acknowledged_by) == ("acknowledged", "bob")
