"""The shipper of an order: packed, opened, returned empty, requalified."""

from dataclasses import replace

from custody.requirements import became, chosen, conflict, must_hold, must_know, must_match
from custody.state import CustodyState, ItemState, Packing
from schemas.statement import Statement

REQUALIFIED = "requalified"
"""Condition of a `requalify` statement that says `yes` when the shipper passed."""


def pack(state: CustodyState, statement: Statement) -> CustodyState:
    """Return the state after items were packed."""
    must_hold(state, statement, "pack it")
    shipper = statement.shipper
    if shipper in state.away:
        conflict(f"{shipper} was returned and not requalified since; it cannot be packed into.")
    must_match(state, statement)
    packed = became(state, chosen(state, statement), ItemState.PACKED)
    if shipper is None:
        return packed
    packing = Packing(shipper=shipper, waybill=statement.waybill, seals=frozenset(statement.seals))
    return replace(packed, packing=packing, packed_into=state.packed_into | {shipper})


def open_shipper(state: CustodyState, statement: Statement) -> CustodyState:
    """Return the state after the shipper was opened."""
    must_hold(state, statement, "open its shipper")
    packing = state.packing
    if packing is not None and statement.shipper not in {None, packing.shipper}:
        conflict(f"{statement.order} is packed into {packing.shipper}, not {statement.shipper}.")
    return replace(state, packing=None)


def return_(state: CustodyState, statement: Statement) -> CustodyState:
    """Return the state after items, or an empty shipper, were sent back.

    A shipper without items is the empty shipper, into which the order was packed: whoever has it
    may return it.
    """
    shipper = statement.shipper
    if shipper is None or statement.items:
        must_hold(state, statement, "return it")
        items = chosen(state, statement)
        sent = replace(state, returned=state.returned | items)
        return became(sent, items, ItemState.RETURNED)
    if shipper not in state.packed_into:
        conflict(
            f"{statement.order} was never packed into {shipper}; others say when it goes back."
        )
    if state.packing is not None and state.packing.shipper == shipper:
        conflict(f"{shipper} still holds the items of {statement.order}; open it first.")
    return replace(state, away=state.away | {shipper})


def requalify(state: CustodyState, statement: Statement) -> CustodyState:
    """Return the state after a shipper was looked at; only one that passed may be used again."""
    must_know(state, statement)
    verdict = statement.conditions.get(REQUALIFIED)
    if verdict not in {"yes", "no"}:
        conflict(f"conditions.{REQUALIFIED} must say yes or no.")
    if verdict == "no":
        return replace(state, away=state.away | {statement.shipper or ""})
    return replace(state, away=state.away - {statement.shipper or ""})
