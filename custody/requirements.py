"""What rules have in common: who must hold, which items are meant, which offer is answered."""

from dataclasses import replace
from typing import NoReturn

from custody.state import FINAL, CustodyState, ItemState, Offer
from schemas.errors import CustodyConflict
from schemas.statement import Statement


def open_offer(state: CustodyState, statement: Statement, verb: str) -> Offer:
    """Return the open offer that the statement answers."""
    offer = state.offer
    if offer is None:
        conflict(
            f"{statement.order} is held by {state.holder} and not on offer; "
            f"{statement.to_party} has nothing to {verb}."
        )
    if statement.to_party != offer.receiver:
        conflict(
            f"{statement.order} is offered to {offer.receiver}; "
            f"{statement.to_party} cannot {verb} it."
        )
    if statement.from_party not in {None, offer.giver}:
        conflict(f"{statement.order} is offered by {offer.giver}, not by {statement.from_party}.")
    if statement.answers != offer.statement:
        conflict(f"{statement.to_party} answers another offer than the one that is open.")
    must_know(state, statement)
    if statement.items and frozenset(statement.items) != offer.items:
        offered = ", ".join(sorted(offer.items))
        conflict(f"The offer is for {offered}; accept or refuse all of it.")
    return offer


def must_hold(state: CustodyState, statement: Statement, verb: str) -> None:
    """Refuse unless the giver holds the order's items."""
    if statement.from_party != state.holder:
        conflict(
            f"{statement.order} is held by {state.holder}; {statement.from_party} cannot {verb}."
        )


def must_know(state: CustodyState, statement: Statement) -> None:
    """Refuse items that were not commissioned for the order."""
    if unknown := sorted(frozenset(statement.items) - state.items.keys()):
        conflict(f"Not commissioned for {statement.order}: {', '.join(unknown)}.")


def chosen(state: CustodyState, statement: Statement) -> frozenset[str]:
    """Return the items that the statement is about, none of them final."""
    must_know(state, statement)
    for item in statement.items:
        if state.items[item] in FINAL:
            conflict(f"{item} is {state.items[item]}, which is final.")
    items = frozenset(statement.items) or state.active
    if not items:
        conflict(f"Every item of {statement.order} is infused or wasted, which is final.")
    return items


def must_not_be_returned(state: CustodyState, items: frozenset[str], done: str) -> None:
    """Refuse items that were sent back, whatever happened to them since."""
    if gone := sorted(items & state.returned):
        conflict(f"Returned, so not to be {done}: {', '.join(gone)}.")


def must_match(state: CustodyState, statement: Statement) -> None:
    """Refuse numbers that are not those of the packing, unless the statement says why.

    Product goes into the cold even when something is wrong: with a reason or remarks it passes.
    """
    if (differing := mismatches(state, statement)) and statement.explanation is None:
        conflict(" ".join((*differing, "Say why in remarks, or refuse.")))


def mismatches(state: CustodyState, statement: Statement) -> tuple[str, ...]:
    """Return a sentence for each number that is not the one that was packed under.

    What a statement does not mention differs from nothing.
    """
    packing = state.packing
    if packing is None:
        return ()
    found = []
    if statement.shipper is not None and statement.shipper != packing.shipper:
        found.append(f"The shipper is {statement.shipper}; packed was {packing.shipper}.")
    if statement.waybill is not None and packing.waybill not in {None, statement.waybill}:
        found.append(f"The waybill is {statement.waybill}; packed under was {packing.waybill}.")
    if statement.seals and packing.seals and frozenset(statement.seals) != packing.seals:
        found.append(
            f"The seals are {', '.join(sorted(statement.seals))}; "
            f"closed with was {', '.join(sorted(packing.seals))}."
        )
    return tuple(found)


def became(state: CustodyState, items: frozenset[str], now: ItemState) -> CustodyState:
    """Return the state with the items in their new state."""
    return replace(state, items=dict(state.items) | dict.fromkeys(items, now))


def conflict(sentence: str) -> NoReturn:
    """Refuse a statement, with the facts."""
    raise CustodyConflict(sentence)
