"""The rules of possession, as properties over any history and as named refusals."""

import contextlib
from collections.abc import Sequence
from dataclasses import replace
from hashlib import sha256
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from custody.canonical import statement_hash
from custody.rules import apply
from custody.state import FINAL, CustodyState, ItemState
from schemas.errors import CustodyConflict
from schemas.statement import Statement, StatementKind
from tests.strategies_custody import COI, GLNS, ITEMS, SEALED, histories, statement_of

COMMISSION = statement_of("commission", **{"from": "maker"}, items=list(ITEMS))
OFFER = statement_of("offer", **{"from": "maker", "to": "courier"})
ANSWERS = statement_hash(OFFER)
ACCEPT = statement_of("accept", to="courier", answers=ANSWERS)
RELEASE = statement_of("release", shipment="U-1")
DEPART = statement_of("depart", **{"from": "maker"}, shipment="U-1")


def hash_of(number: int) -> str:
    return sha256(bytes([number])).hexdigest()


def after(*statements: Statement) -> CustodyState:
    state = CustodyState()
    for number, each in enumerate(statements):
        state = apply(state, each).with_entry(hash_of(number))
    return state


def accepted(history: Sequence[Statement]) -> list[tuple[Statement, CustodyState, CustodyState]]:
    """Return the statements that the rules let through, with the states around them."""
    state, kept = CustodyState(), []
    for number, statement in enumerate(history):
        with contextlib.suppress(CustodyConflict):
            following = apply(state, statement).with_entry(hash_of(number % 256))
            kept.append((statement, state, following))
            state = following
    return kept


@given(histories())
def test_nobody_holds_twice_and_nothing_is_held_by_two(history: list[Statement]) -> None:
    holders: list[str | None] = []
    for statement, before, state in accepted(history):
        if statement.kind is StatementKind.COMMISSION:
            assert not holders
            holders.append(statement.from_party)
        elif statement.kind is StatementKind.ACCEPT:
            holders.remove(before.offer.giver if before.offer else None)
            holders.append(statement.to_party)
        assert holders == ([state.holder] if state.holder else [])


@given(histories())
def test_possession_passes_only_by_an_accepted_offer(history: list[Statement]) -> None:
    for statement, before, state in accepted(history):
        if before.holder is not None and state.holder != before.holder:
            assert statement.kind is StatementKind.ACCEPT
            assert before.offer is not None
            assert (before.offer.giver, before.offer.receiver) == (before.holder, state.holder)
        if state.offer is not None:
            assert state.offer.giver == state.holder != state.offer.receiver


@given(histories())
def test_what_is_final_stays_final(history: list[Statement]) -> None:
    for _, before, state in accepted(history):
        for item, was in before.items.items():
            assert was not in FINAL or state.items[item] == was


@given(histories())
def test_no_item_on_hold_is_infused(history: list[Statement]) -> None:
    for _, before, state in accepted(history):
        infused = {
            item
            for item, now in state.items.items()
            if now is ItemState.INFUSED and before.items.get(item) is not now
        }
        assert not infused & before.held


@given(histories())
def test_title_and_possession_pass_independently(history: list[Statement]) -> None:
    for statement, before, state in accepted(history):
        if statement.kind is StatementKind.TRANSFER_TITLE:
            assert state.holder == before.holder
            assert statement.from_party == before.owner != state.owner
        elif before.owner is not None:
            assert state.owner == before.owner


@given(histories(), st.data())
def test_readings_may_always_be_sealed(history: list[Statement], data: st.DataObject) -> None:
    states = [CustodyState(), *(state for _, _, state in accepted(history))]
    state = data.draw(st.sampled_from(states))
    last = state.seals.get(("U-1", 1))
    seal = statement_of(
        "seal_readings", sealed=SEALED | {"earlier": None if last is None else last.entry}
    )
    sealed = apply(state, seal).with_entry(hash_of(255))
    assert replace(sealed, seals=state.seals, recorded=state.recorded) == state


def test_a_further_seal_names_the_one_before_and_keeps_its_bounds() -> None:
    state = after(COMMISSION, statement_of("seal_readings"))
    with pytest.raises(CustodyConflict, match="sealed by another entry last"):
        apply(state, statement_of("seal_readings"))
    further = SEALED | {"earlier": hash_of(1), "count": 3}
    apply(state, statement_of("seal_readings", sealed=further))
    moved = further | {"until": "2026-11-21T09:30:00.000Z"}
    with pytest.raises(CustodyConflict, match="other bounds"):
        apply(state, statement_of("seal_readings", sealed=moved))


@given(histories())
def test_an_order_is_commissioned_first_and_once(history: list[Statement]) -> None:
    kinds = [
        statement.kind
        for statement, _, _ in accepted(history)
        if statement.kind is not StatementKind.SEAL_READINGS
    ]
    assert kinds.count(StatementKind.COMMISSION) == bool(kinds)
    assert not kinds or kinds[0] is StatementKind.COMMISSION


Fields = dict[str, Any]


@pytest.mark.parametrize(
    ("before", "kind", "fields", "sentence"),
    [
        ([], "pack", {"from": "maker"}, "not commissioned yet"),
        ([COMMISSION], "commission", {"from": "hub", "items": ["x"]}, "already commissioned"),
        ([COMMISSION], "offer", {"from": "hub", "to": "maker"}, "held by maker; hub cannot offer"),
        ([COMMISSION], "offer", {"from": "maker", "to": "maker"}, "cannot offer it to itself"),
        (
            [COMMISSION],
            "offer",
            {"from": "maker", "to": "hub", "items": [ITEMS[0]]},
            "leaves out 04150000000013.A2",
        ),
        (
            [COMMISSION, OFFER],
            "offer",
            {"from": "maker", "to": "hub"},
            "already offered to courier",
        ),
        (
            [COMMISSION],
            "accept",
            {"to": "courier", "answers": ANSWERS},
            "not on offer; courier has nothing to accept",
        ),
        (
            [COMMISSION, OFFER],
            "accept",
            {"to": "hub", "answers": ANSWERS},
            "offered to courier; hub cannot accept",
        ),
        (
            [COMMISSION, OFFER],
            "accept",
            {"from": "clinic", "to": "courier", "answers": ANSWERS},
            "offered by maker, not by clinic",
        ),
        (
            [COMMISSION, OFFER],
            "accept",
            {"to": "courier", "items": [ITEMS[0]], "answers": ANSWERS},
            "accept or refuse all of it",
        ),
        ([COMMISSION, OFFER, ACCEPT], "accept", {"to": "courier", "answers": ANSWERS}, "nothing"),
        (
            [COMMISSION, OFFER],
            "accept",
            {"to": "courier", "answers": "00" * 32},
            "answers another offer than the one that is open",
        ),
        (
            [COMMISSION],
            "refuse",
            {"to": "hub", "answers": ANSWERS, "reason": "r"},
            "nothing to refuse",
        ),
        ([COMMISSION, RELEASE], "release", {"shipment": "U-1"}, "U-1 is already released"),
        ([COMMISSION], "depart", {"from": "maker", "shipment": "U-1"}, "has not been released"),
        (
            [COMMISSION, RELEASE],
            "depart",
            {"from": "hub", "shipment": "U-1"},
            "held by maker; hub cannot depart",
        ),
        (
            [COMMISSION, RELEASE, DEPART],
            "depart",
            {"from": "maker", "shipment": "U-1"},
            "already under way on U-1",
        ),
        ([COMMISSION], "arrive", {"from": "maker", "place": GLNS[0]}, "not under way"),
        (
            [COMMISSION, RELEASE, DEPART],
            "arrive",
            {"from": "maker", "place": GLNS[0], "shipment": "U-2"},
            "under way on U-1, not U-2",
        ),
        (
            [COMMISSION, statement_of("hold", reason="warm")],
            "infuse",
            {"from": "maker"},
            "On hold until a disposition lifts it: 04150000000013.A1",
        ),
        (
            [COMMISSION, statement_of("return", **{"from": "maker"}, reason="late")],
            "infuse",
            {"from": "maker"},
            "Returned, so not to be infused",
        ),
        (
            [COMMISSION, statement_of("infuse", **{"from": "maker"}, items=[ITEMS[0]])],
            "waste",
            {"from": "maker", "items": [ITEMS[0]], "reason": "r"},
            "is infused, which is final",
        ),
        (
            [COMMISSION, statement_of("infuse", **{"from": "maker"})],
            "offer",
            {"from": "maker", "to": "hub"},
            "Every item of A-1 is infused or wasted",
        ),
        ([COMMISSION], "thaw", {"from": "maker", "items": ["x"]}, "Not commissioned for A-1: x"),
        ([COMMISSION], "transfer_title", {"from": "hub", "to": "clinic"}, "owned by maker; hub"),
        ([COMMISSION], "transfer_title", {"from": "maker", "to": "maker"}, "already owns"),
        (
            [COMMISSION],
            "disposition",
            {"reason": "r", "conditions": {"disposition": "release"}},
            "No item of A-1 is on hold",
        ),
        (
            [COMMISSION],
            "disposition",
            {"reason": "r", "items": [ITEMS[0]], "conditions": {"disposition": "release"}},
            "Not on hold, so not to be decided: 04150000000013.A1",
        ),
        (
            [COMMISSION],
            "correct",
            {"corrects": "0" * 64, "reason": "r"},
            "is not an entry of A-1",
        ),
    ],
)
def test_a_refusal_names_the_facts(
    before: list[Statement], kind: str, fields: Fields, sentence: str
) -> None:
    with pytest.raises(CustodyConflict, match=sentence):
        apply(after(*before), statement_of(kind, **fields))


@pytest.mark.parametrize("step", ["thaw", "pack"])
def test_a_returned_item_is_never_infused_whatever_is_done_with_it(step: str) -> None:
    back = statement_of("return", **{"from": "maker"}, reason="late")
    state = after(COMMISSION, back)
    said = statement_of(step, **{"from": "maker"})
    with contextlib.suppress(CustodyConflict):
        state = apply(state, said)
    with pytest.raises(CustodyConflict, match="Returned, so not to be infused"):
        apply(state, statement_of("infuse", **{"from": "maker"}))


def test_nothing_final_happens_to_items_on_offer_or_under_way() -> None:
    waste = statement_of("waste", **{"from": "maker"}, reason="r")
    infuse = statement_of("infuse", **{"from": "maker"})
    for statement in (waste, infuse):
        with pytest.raises(CustodyConflict, match="take the offer back"):
            apply(after(COMMISSION, OFFER), statement)
    with pytest.raises(CustodyConflict, match="under way on U-1"):
        apply(after(COMMISSION, RELEASE, DEPART), infuse)
    other = statement_of("accept", to="courier", answers=ANSWERS, shipment="U-2")
    with pytest.raises(CustodyConflict, match="under way on U-1, not U-2"):
        apply(after(COMMISSION, RELEASE, DEPART, OFFER), other)


def test_packing_again_under_other_numbers_needs_a_reason() -> None:
    again = {"from": "maker", "shipper": "8003-1", "waybill": "AWB-7", "seals": ["99-9"]}
    with pytest.raises(CustodyConflict, match="closed with was 88-1, 88-2"):
        apply(after(COMMISSION, PACK), statement_of("pack", **again))
    state = apply(after(COMMISSION, PACK), statement_of("pack", **again, reason="seal tore"))
    assert state.packing is not None
    assert state.packing.seals == {"99-9"}


def test_only_a_shipper_that_was_packed_into_goes_back() -> None:
    with pytest.raises(CustodyConflict, match="was never packed into 8003-2"):
        apply(
            after(COMMISSION, PACK),
            statement_of("return", **{"from": "hub"}, shipper="8003-2", reason="empty"),
        )


def test_an_identity_is_erased_also_where_nothing_was_commissioned() -> None:
    state = after(statement_of("erase_identity", reason="cancelled"), COMMISSION)
    assert state.erased


def test_a_refused_offer_leaves_possession_with_the_giver() -> None:
    state = after(
        COMMISSION,
        OFFER,
        statement_of("refuse", to="courier", answers=ANSWERS, reason="seal broken"),
    )
    assert (state.holder, state.offer) == ("maker", None)
    assert apply(state, OFFER).offer is not None


def test_a_correction_of_the_offer_by_its_giver_takes_it_back() -> None:
    corrects = {"corrects": hash_of(1), "reason": "wrong courier"}
    taken_back = after(COMMISSION, OFFER, statement_of("correct", **corrects, **{"from": "maker"}))
    assert taken_back.offer is None
    by_another = after(COMMISSION, OFFER, statement_of("correct", **corrects, **{"from": "hub"}))
    assert by_another.offer is not None


def test_accepting_ends_the_way() -> None:
    state = after(COMMISSION, RELEASE, DEPART, OFFER, ACCEPT)
    assert (state.holder, state.in_transit) == ("courier", None)


@pytest.mark.parametrize(
    ("decision", "held"),
    [("release", set()), ("release_with_deviation", set()), ("reject", set(ITEMS))],
)
def test_only_a_releasing_disposition_lifts_a_hold(decision: str, held: set[str]) -> None:
    state = after(
        COMMISSION,
        statement_of("hold", reason="warm"),
        statement_of("disposition", reason="r", conditions={"disposition": decision}),
    )
    assert state.held == held


def test_every_kind_has_its_rule() -> None:
    state = after(COMMISSION, OFFER)
    for kind in StatementKind:
        fields: Fields = {
            "from": "maker",
            "to": "courier",
            "items": list(ITEMS),
            "shipment": "U-1",
            "place": GLNS[0],
            "shipper": "8003-1",
            "answers": ANSWERS,
            "corrects": hash_of(0),
            "reason": "r",
            "conditions": {"disposition": "reject"},
        }
        with contextlib.suppress(CustodyConflict):
            apply(state, statement_of(kind, **fields))


PACK = statement_of(
    "pack", **{"from": "maker"}, shipper="8003-1", waybill="AWB-7", seals=["88-1", "88-2"]
)


@pytest.mark.parametrize(
    ("numbers", "sentence"),
    [
        ({"shipper": "8003-2"}, "The shipper is 8003-2; packed was 8003-1"),
        ({"waybill": "AWB-8"}, "The waybill is AWB-8; packed under was AWB-7"),
        ({"seals": ["88-1", "88-3"]}, "closed with was 88-1, 88-2"),
    ],
)
def test_other_numbers_than_packed_under_pass_only_with_a_reason(
    numbers: Fields, sentence: str
) -> None:
    state = after(COMMISSION, PACK, OFFER)
    said = {"to": "courier", "answers": ANSWERS} | numbers
    with pytest.raises(CustodyConflict, match=sentence):
        apply(state, statement_of("accept", **said))
    taken = apply(state, statement_of("accept", **said, remarks="Kept cold, quality called."))
    assert taken.holder == "courier"


def test_the_order_of_seals_on_the_lid_does_not_matter() -> None:
    state = after(COMMISSION, PACK, OFFER)
    same = statement_of("accept", to="courier", answers=ANSWERS, seals=["88-2", "88-1"])
    assert apply(state, same).holder == "courier"


def test_another_identity_on_the_label_stops_every_step() -> None:
    other = statement_of("thaw", **{"from": "maker"}, coi="d1" * 32)
    with pytest.raises(CustodyConflict, match="not the one of A-1"):
        apply(after(COMMISSION), other)
    apply(after(COMMISSION), statement_of("thaw", **{"from": "maker"}, coi=COI))


def test_a_shipper_goes_back_empty_and_is_used_again_only_when_requalified() -> None:
    back = statement_of("return", **{"from": "maker"}, shipper="8003-1", reason="empty")
    with pytest.raises(CustodyConflict, match="still holds the items"):
        apply(after(COMMISSION, PACK), back)
    opened = statement_of("open", **{"from": "maker"}, shipper="8003-1")
    failed = statement_of(
        "requalify", shipper="8003-1", conditions={"requalified": "no"}, reason="leaks"
    )
    for story in ((opened, back), (opened, back, failed)):
        with pytest.raises(CustodyConflict, match="not requalified since"):
            apply(after(COMMISSION, PACK, *story), PACK)
    passed = statement_of("requalify", shipper="8003-1", conditions={"requalified": "yes"})
    assert apply(after(COMMISSION, PACK, opened, back, passed), PACK).packing is not None


def test_an_identity_is_erased_once() -> None:
    erase = statement_of("erase_identity", reason="asked for")
    state = apply(after(COMMISSION), erase)
    assert state.erased
    with pytest.raises(CustodyConflict, match="erased already"):
        apply(state, erase)
