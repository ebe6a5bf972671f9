"""Two records that contradict each other: both stand, one counts, and people are called."""

from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import Engine, text

from custody.audit import audit
from custody.canonical import statement_hash
from custody.reading import Recorded, custody_of
from schemas.errors import CustodyConflict
from schemas.statement import Statement
from store.database import transaction
from store.ledger import read_head
from tests.strategies_custody import GLNS, statement_of
from tests.support.custody_case import record, seed, shipment_of, story

pytestmark = pytest.mark.store


def saw(places: list[Recorded], sequence: int) -> dict[str, Any]:
    """Return the head that a phone saw after so many entries of the order."""
    place = places[sequence - 1]
    return {"sequence": place.order_sequence, "hash": place.entry_hash.hex()}


def late(kind: str, number: int, **fields: Any) -> Statement:
    return statement_of(kind, id=str(UUID(int=number)), **fields)


def alerts(engine: Engine) -> list[tuple[str, str, str]]:
    with transaction(engine) as session:
        query = text("SELECT rule_id, severity, detail FROM alert WHERE kind = 'custody'")
        return [tuple(row) for row in session.connection().execute(query)]


def shipment(engine: Engine) -> dict[str, Any]:
    with transaction(engine) as session:
        query = text("SELECT * FROM shipment WHERE code = :code")
        row = session.connection().execute(query, {"code": shipment_of("A-1")})
        return dict(row.mappings().one())


def check_green(engine: Engine) -> None:
    with transaction(engine) as session:
        report = audit(session)
    assert report.ok, report.findings


def test_what_an_offline_phone_recorded_of_a_past_holder_is_in_conflict_and_changes_nothing(
    engine: Engine,
) -> None:
    seed(engine)
    places = record(engine, *story()[:5])  # the courier has it
    before = shipment(engine)
    said = late("offer", 1, **{"from": "maker", "to": "hub"}, seen=saw(places, 3))
    (conflict,) = record(engine, said)
    assert (conflict.index, conflict.order_sequence) == (6, 6)
    # After the acceptance it no longer applied; at the offer another one was open already.
    assert conflict.conflict_with == places[3].entry_hash
    assert shipment(engine) == before
    with transaction(engine) as session:
        state = custody_of(session, "A-1")
    assert (state.holder, state.offer) == ("courier", None)
    assert state.recorded is not None
    assert state.recorded.entry_hash == conflict.entry_hash.hex()
    check_green(engine)


def test_people_are_called_about_a_conflict(engine: Engine) -> None:
    seed(engine)
    places = record(engine, *story()[:5])
    assert alerts(engine) == []
    record(engine, late("store", 1, **{"from": "maker"}, seen=saw(places, 3)))
    ((rule, severity, detail),) = alerts(engine)
    assert (rule, severity) == ("conflict-A-1", "critical")
    assert "Person maker.desk signed “store”" in detail
    assert "A-1 is held by courier; maker cannot store it." in detail


def test_the_same_conflict_sent_again_keeps_its_place_and_calls_nobody_again(
    engine: Engine,
) -> None:
    seed(engine)
    places = record(engine, *story()[:5])
    said = late("store", 1, **{"from": "maker"}, seen=saw(places, 3))
    (first,) = record(engine, said)
    (again,) = record(engine, said)
    assert (again.index, again.conflict_with, again.new) == (
        first.index,
        first.conflict_with,
        False,
    )
    assert len(alerts(engine)) == 1


def test_of_two_who_accept_one_offer_offline_the_second_is_in_conflict(engine: Engine) -> None:
    seed(engine)
    places = record(engine, *story()[:4])
    answer = {"to": "courier", "answers": statement_hash(story()[3]), "seen": saw(places, 4)}
    (first,) = record(engine, late("accept", 1, **answer))
    (second,) = record(engine, late("accept", 2, **answer))
    assert (first.conflict_with, second.conflict_with) == (None, first.entry_hash)
    check_green(engine)


def test_accepting_and_refusing_at_once_leaves_the_first_to_count(engine: Engine) -> None:
    seed(engine)
    places = record(engine, *story()[:4])
    answer = {"to": "courier", "answers": statement_hash(story()[3]), "seen": saw(places, 4)}
    (refused,) = record(engine, late("refuse", 1, **answer, reason="too warm"))
    (accepted,) = record(engine, late("accept", 2, **answer))
    assert (refused.conflict_with, accepted.conflict_with) == (None, refused.entry_hash)
    with transaction(engine) as session:
        assert custody_of(session, "A-1").holder == "maker"
    check_green(engine)


def test_what_was_never_possible_is_refused_however_old_the_head(engine: Engine) -> None:
    seed(engine)
    places = record(engine, *story()[:5])
    for number, seen in enumerate([None, saw(places, 1), saw(places, 5)]):
        thief = late("offer", number + 1, **{"from": "hub", "to": "clinic"}, seen=seen)
        with pytest.raises(CustodyConflict, match="held by courier; hub cannot offer it"):
            record(engine, thief)
    with transaction(engine) as session:
        assert read_head(session).size == 1 + 5
    assert alerts(engine) == []


def test_a_head_that_the_ledger_does_not_have_is_refused_and_says_what_to_do(
    engine: Engine,
) -> None:
    seed(engine)
    places = record(engine, *story()[:2])
    for seen in (
        {"sequence": 3, "hash": places[1].entry_hash.hex()},
        {"sequence": 2, "hash": places[0].entry_hash.hex()},
        {"sequence": 1, "hash": "00" * 32},
    ):
        with pytest.raises(CustodyConflict, match="restored, cut or forked since: tell an admin"):
            record(engine, late("store", 1, **{"from": "maker"}, seen=seen))


def test_a_conflict_can_be_corrected_and_the_story_goes_on(engine: Engine) -> None:
    seed(engine)
    places = record(engine, *story()[:5])
    (conflict,) = record(engine, late("store", 1, **{"from": "maker"}, seen=saw(places, 3)))
    correction = late(
        "correct",
        2,
        **{"from": "maker"},
        corrects=conflict.entry_hash.hex(),
        reason="the courier had it by then",
        seen=saw([*places, conflict], 6),
    )
    (corrected,) = record(engine, correction)
    assert corrected.conflict_with is None
    rest = record(engine, *story()[5:])
    assert [each.conflict_with for each in rest] == [None] * 7
    assert shipment(engine)["state"] == "delivered"
    check_green(engine)


def test_a_departure_in_conflict_moves_no_shipment(engine: Engine) -> None:
    seed(engine)
    places = record(engine, *story()[:5])
    said = late(
        "depart", 1, **{"from": "maker"}, shipment=shipment_of("A-1"), place=GLNS[0],
        seen=saw(places, 3),
    )  # fmt: skip
    (conflict,) = record(engine, said)
    assert conflict.conflict_with is not None
    assert (shipment(engine)["state"], shipment(engine)["departed_at"]) == ("released", None)
    check_green(engine)
