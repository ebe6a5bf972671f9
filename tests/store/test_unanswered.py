"""An offer that nobody answers calls for a human, once, until somebody does."""

from datetime import timedelta

import pytest
from sqlalchemy import Engine
from sqlmodel import select

from custody.unanswered import call_about_offers
from store.database import transaction
from store.tables.alerts import Alert
from tests.strategies_custody import statement_of
from tests.support.custody_case import NOW, record, seed, story

pytestmark = pytest.mark.store

AFTER = timedelta(minutes=60)


def look(engine: Engine, minutes: int) -> list[tuple[str, str]]:
    """Look for unanswered offers some minutes after NOW; return all alerts as rule and state."""
    with transaction(engine) as session:
        call_about_offers(session, after=AFTER, now=NOW + timedelta(minutes=minutes))
        return [(alert.rule_id, alert.state) for alert in session.exec(select(Alert)).all()]


def test_an_offer_calls_once_it_has_waited_too_long_and_until_it_is_accepted(
    engine: Engine,
) -> None:
    seed(engine)
    record(engine, *story()[:4])
    assert look(engine, 59) == []
    assert look(engine, 61) == look(engine, 90) == [("offer-A-1", "open")]
    record(engine, story()[4])
    assert look(engine, 91) == [("offer-A-1", "resolved")]


def test_an_offer_that_was_taken_back_does_not_call(engine: Engine) -> None:
    seed(engine)
    offer = record(engine, *story()[:4])[-1]
    correction = statement_of(
        "correct",
        **{"from": "maker"},
        id="00000000-0000-4000-8000-000000000099",
        corrects=offer.entry_hash.hex(),
        reason="wrong courier",
    )
    record(engine, correction)
    assert look(engine, 120) == []
