"""Who may say something about an order at all, and what is only for some of them to say."""

import pytest

from custody.facts import check_standing
from custody.instants import BEGINNING, Handoff, claimed_instant, effective_instant, latest_of
from custody.state import CustodyState
from schemas.errors import CustodyConflict
from schemas.statement import Statement
from store.custody_facts import OrderParties
from tests.strategies_custody import statement_of
from tests.support.signing import NOTARY, desk, second

PARTIES = OrderParties(
    ends=frozenset({"maker", "clinic"}),
    carriers=frozenset({"courier"}),
    destinations=frozenset({"clinic"}),
    places=frozenset(),
)
STATE = CustodyState(holder="maker", owner="buyer")


def hold(by: str | None) -> Statement:
    return statement_of("hold", reason="warm", signers=[desk(by).signer()])


@pytest.mark.parametrize("party", ["maker", "clinic", "courier", "buyer", None])
def test_who_has_to_do_with_an_order_may_speak_about_it(party: str | None) -> None:
    check_standing(hold(party), PARTIES, STATE)


def test_a_bystander_may_not() -> None:
    with pytest.raises(CustodyConflict, match="stranger has nothing to do with A-1"):
        check_standing(hold("stranger"), PARTIES, STATE)


@pytest.mark.parametrize("kind", ["release", "disposition", "erase_identity"])
def test_a_carrier_decides_nothing(kind: str) -> None:
    fields = {"reason": "r", "shipment": "U-1", "conditions": {"disposition": "release"}}
    with pytest.raises(CustodyConflict, match="courier carries A-1"):
        check_standing(
            statement_of(kind, **fields, signers=[desk("courier").signer()]), PARTIES, STATE
        )
    check_standing(statement_of(kind, **fields, signers=[desk("maker").signer()]), PARTIES, STATE)


def test_the_notary_seals_readings_and_nothing_else_and_nobody_else_does() -> None:
    check_standing(statement_of("seal_readings"), PARTIES, STATE)
    two = [desk(None).signer("confirmer"), NOTARY.signer("verifier")]
    for statement in (
        statement_of("seal_readings", signers=[desk("courier").signer()]),
        statement_of("thaw", **{"from": "clinic"}, signers=[NOTARY.signer()]),
        statement_of("hold", reason="warm", signers=two),
        statement_of("seal_readings", signers=two),
    ):
        with pytest.raises(CustodyConflict, match="Readings are sealed by notary"):
            check_standing(statement, PARTIES, STATE)
    assert second(None).party is None


def at(hour: int) -> str:
    return f"2026-11-21T{hour:02}:00:00.000Z"


def said(kind: str, hour: int, **fields: object) -> Statement:
    both = {"from": "maker", "to": "courier", "answers": "00" * 32, "reason": "r"}
    return statement_of(kind, **(both | fields), claimed_at=at(hour))


def timed(kind: str, hour: int, recorded: int, *, conflict: bool = False) -> Handoff:
    return Handoff(
        statement=said(kind, hour),
        recorded_at=claimed_instant(said(kind, recorded)),
        conflict=conflict,
    )


def test_an_acceptance_is_not_dated_to_before_the_offer_that_it_answers() -> None:
    before = latest_of([timed("offer", 10, 11), timed("inspect", 12, 12)])
    back_dated, recorded = said("accept", 1), claimed_instant(said("accept", 13))
    assert effective_instant(back_dated, recorded, before) == claimed_instant(said("offer", 10))
    offline = said("accept", 12)
    assert effective_instant(offline, recorded, before) == claimed_instant(offline)
    from_the_future = said("accept", 20)
    assert effective_instant(from_the_future, recorded, before) == recorded


def test_what_is_in_conflict_moves_no_time() -> None:
    assert latest_of([timed("offer", 10, 11, conflict=True)]) == BEGINNING


def test_a_device_s_known_clock_corrects_its_claim() -> None:
    clock = {"offset_ms": 3_600_000, "error_ms": 500, "synced_at": at(1)}
    assert claimed_instant(said("accept", 10, clock=clock)) == claimed_instant(said("accept", 11))
