"""Which statement may follow which: possession, title and the fate of the items of one order.

Pure: a state and a statement give the next state, or a `CustodyConflict` whose sentence names the
facts. An order's items move together, so there is one holder, and at most one open offer.
"""

from collections.abc import Callable, Mapping
from dataclasses import replace

from custody.canonical import statement_hash
from custody.requirements import (
    became,
    chosen,
    conflict,
    must_hold,
    must_know,
    must_match,
    must_not_be_returned,
    open_offer,
)
from custody.shipper_rules import open_shipper, pack, requalify, return_
from custody.state import CustodyState, ItemState, LegSeal, Offer
from schemas.statement import Disposition, Statement, StatementKind


def apply(state: CustodyState, statement: Statement) -> CustodyState:
    """Return the state after the statement.

    Raises:
        CustodyConflict: The statement contradicts what is on record.
    """
    commissioned = state.holder is not None
    if statement.kind is StatementKind.COMMISSION and commissioned:
        conflict(f"{statement.order} is already commissioned; it is held by {state.holder}.")
    if statement.kind not in _BEFORE_COMMISSIONING and not commissioned:
        conflict(
            f"{statement.order} is not commissioned yet; "
            f"a statement of kind {statement.kind} cannot be its first."
        )
    if statement.kind is not StatementKind.COMMISSION and statement.coi not in {None, state.coi}:
        conflict(f"The identity on the label is not the one of {statement.order}. Stop.")
    return _RULES[statement.kind](state, statement)


def _commission(state: CustodyState, statement: Statement) -> CustodyState:
    return CustodyState(
        holder=statement.from_party,
        owner=statement.from_party,
        items=dict.fromkeys(statement.items, ItemState.COMMISSIONED),
        site=statement.place,
        coi=statement.coi,
        seals=state.seals,
        erased=state.erased,
        recorded=state.recorded,
    )


def _release(state: CustodyState, statement: Statement) -> CustodyState:
    shipment = statement.shipment or ""
    if shipment in state.released:
        conflict(f"{shipment} is already released.")
    return replace(state, released=state.released | {shipment})


def _offer(state: CustodyState, statement: Statement) -> CustodyState:
    must_hold(state, statement, "offer it")
    must_match(state, statement)
    giver, receiver = statement.from_party or "", statement.to_party or ""
    if state.offer is not None:
        conflict(
            f"{statement.order} is already offered to {state.offer.receiver}, "
            "who has neither accepted nor refused it."
        )
    if giver == receiver:
        conflict(f"{giver} holds {statement.order} and cannot offer it to itself.")
    items = chosen(state, statement)
    if items != state.active:
        left_out = ", ".join(sorted(state.active - items))
        conflict(f"The items of {statement.order} move together; the offer leaves out {left_out}.")
    offer = Offer(giver=giver, receiver=receiver, items=items, statement=statement_hash(statement))
    return replace(state, offer=offer)


def _accept(state: CustodyState, statement: Statement) -> CustodyState:
    offer = open_offer(state, statement, "accept")
    if offer.items != state.active:
        conflict(f"The items of {statement.order} are not those that were offered any more.")
    if state.in_transit is not None and statement.shipment not in {None, state.in_transit}:
        conflict(f"{statement.order} is under way on {state.in_transit}, not {statement.shipment}.")
    must_match(state, statement)
    return replace(
        state,
        holder=offer.receiver,
        offer=None,
        in_transit=None,
        site=statement.place or state.site,
    )


def _refuse_offer(state: CustodyState, statement: Statement) -> CustodyState:
    open_offer(state, statement, "refuse")
    return replace(state, offer=None)


def _depart(state: CustodyState, statement: Statement) -> CustodyState:
    must_hold(state, statement, "depart with it")
    if state.in_transit is not None:
        conflict(f"{statement.order} is already under way on {state.in_transit}.")
    if statement.shipment not in state.released:
        conflict(f"{statement.shipment} has not been released and cannot depart.")
    return replace(state, in_transit=statement.shipment, site=None)


def _arrive(state: CustodyState, statement: Statement) -> CustodyState:
    must_hold(state, statement, "arrive with it")
    if state.in_transit is None:
        conflict(f"{statement.order} is not under way, so it cannot arrive.")
    if statement.shipment not in {None, state.in_transit}:
        conflict(f"{statement.order} is under way on {state.in_transit}, not {statement.shipment}.")
    return replace(state, in_transit=None, site=statement.place)


def _store(state: CustodyState, statement: Statement) -> CustodyState:
    must_hold(state, statement, "store it")
    return replace(state, site=statement.place or state.site)


def _thaw(state: CustodyState, statement: Statement) -> CustodyState:
    must_hold(state, statement, "thaw it")
    items = chosen(state, statement)
    must_not_be_returned(state, items, "thawed")
    return became(state, items, ItemState.THAWED)


def _infuse(state: CustodyState, statement: Statement) -> CustodyState:
    must_hold(state, statement, "infuse it")
    items = chosen(state, statement)
    if on_hold := sorted(items & state.held):
        conflict(f"On hold until a disposition lifts it: {', '.join(on_hold)}.")
    must_not_be_returned(state, items, "infused")
    if state.in_transit is not None:
        conflict(f"{statement.order} is under way on {state.in_transit}; it cannot be infused.")
    _must_not_be_on_offer(state, statement)
    return became(state, items, ItemState.INFUSED)


def _waste(state: CustodyState, statement: Statement) -> CustodyState:
    must_hold(state, statement, "waste it")
    _must_not_be_on_offer(state, statement)
    return became(state, chosen(state, statement), ItemState.WASTED)


def _must_not_be_on_offer(state: CustodyState, statement: Statement) -> None:
    if state.offer is not None:
        conflict(
            f"{statement.order} is offered to {state.offer.receiver}: take the offer back by a "
            "correction, or have it answered first."
        )


def _transfer_title(state: CustodyState, statement: Statement) -> CustodyState:
    if statement.from_party != state.owner:
        conflict(
            f"{statement.order} is owned by {state.owner}; "
            f"{statement.from_party} cannot transfer its title."
        )
    if statement.to_party == state.owner:
        conflict(f"{state.owner} already owns {statement.order}.")
    return replace(state, owner=statement.to_party)


def _hold(state: CustodyState, statement: Statement) -> CustodyState:
    must_know(state, statement)
    return replace(state, held=state.held | (frozenset(statement.items) or state.active))


def _disposition(state: CustodyState, statement: Statement) -> CustodyState:
    must_know(state, statement)
    items = frozenset(statement.items) or state.held
    if not items:
        conflict(f"No item of {statement.order} is on hold, so there is nothing to decide.")
    if free := sorted(items - state.held):
        conflict(f"Not on hold, so not to be decided: {', '.join(free)}.")
    if statement.conditions["disposition"] == Disposition.REJECT:
        return state
    return replace(state, held=state.held - items)


def _correct(state: CustodyState, statement: Statement) -> CustodyState:
    if state.recorded is None or statement.corrects not in state.recorded:
        conflict(f"{statement.corrects} is not an entry of {statement.order}.")
    offer = state.offer
    if offer and offer.entry == statement.corrects and offer.giver == statement.from_party:
        return replace(state, offer=None)
    return state


def _changes_nothing(state: CustodyState, statement: Statement) -> CustodyState:
    must_know(state, statement)
    return state


def _inspect(state: CustodyState, statement: Statement) -> CustodyState:
    must_know(state, statement)
    must_match(state, statement)
    return state


def _seal(state: CustodyState, statement: Statement) -> CustodyState:
    sealed = statement.sealed
    if sealed is None:
        return state
    leg = (statement.shipment or "", sealed.leg)
    last = state.seals.get(leg)
    if sealed.earlier != (None if last is None else last.entry):
        conflict(f"Leg {sealed.leg} of {statement.shipment} was sealed by another entry last.")
    if last is not None and (last.from_, last.until) != (sealed.from_, sealed.until):
        conflict(f"Leg {sealed.leg} of {statement.shipment} was sealed with other bounds before.")
    seal = LegSeal(from_=sealed.from_, until=sealed.until)
    return replace(state, seals={**state.seals, leg: seal})


def _erase_identity(state: CustodyState, statement: Statement) -> CustodyState:
    if state.erased:
        conflict(f"The identity behind {statement.order} is erased already.")
    return replace(state, erased=True)


_BEFORE_COMMISSIONING = frozenset(
    {StatementKind.COMMISSION, StatementKind.SEAL_READINGS, StatementKind.ERASE_IDENTITY}
)

_RULES: Mapping[StatementKind, Callable[[CustodyState, Statement], CustodyState]] = {
    StatementKind.COMMISSION: _commission,
    StatementKind.PACK: pack,
    StatementKind.CONDITION: _changes_nothing,
    StatementKind.RELEASE: _release,
    StatementKind.OFFER: _offer,
    StatementKind.ACCEPT: _accept,
    StatementKind.REFUSE: _refuse_offer,
    StatementKind.DEPART: _depart,
    StatementKind.ARRIVE: _arrive,
    StatementKind.STORE: _store,
    StatementKind.INSPECT: _inspect,
    StatementKind.OPEN: open_shipper,
    StatementKind.THAW: _thaw,
    StatementKind.INFUSE: _infuse,
    StatementKind.WASTE: _waste,
    StatementKind.RETURN: return_,
    StatementKind.REQUALIFY: requalify,
    StatementKind.TRANSFER_TITLE: _transfer_title,
    StatementKind.SEAL_READINGS: _seal,
    StatementKind.HOLD: _hold,
    StatementKind.DISPOSITION: _disposition,
    StatementKind.CORRECT: _correct,
    StatementKind.ERASE_IDENTITY: _erase_identity,
}
