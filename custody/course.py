"""What an order's entries say about its shipments: the rows that people see, replayed purely.

Mirrors `custody.projection.project_shipments`, which writes the same into the database; the state
machine in tests/store/test_ledger_machine.py holds the two to each other.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from custody.state import CustodyState
from schemas.statement import Statement, StatementKind
from store.possession import ShipmentFacts
from store.tables.shipments import ShipmentState

COLUMNS = ("state", "holder_party_id", "owner_party_id", "departed_at", "delivered_at")
_BEFORE_DEPARTURE = frozenset({ShipmentState.PLANNED, ShipmentState.RELEASED})


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """An entry of an order, when it took effect, and where the order stands after it."""

    index: int
    statement: Statement
    at: datetime
    state: CustodyState


@dataclass(frozen=True, slots=True, kw_only=True)
class Difference:
    """A column of a shipment that is not what the ledger says.

    Attributes:
        index: The entry that decides the column; None when no entry is about the order.
    """

    column: str
    stored: object
    said: object
    index: int | None


@dataclass(slots=True)
class _Course:
    """One shipment's columns as the entries pass by, and which entry decided each last."""

    values: dict[str, object] = field(
        default_factory=lambda: dict.fromkeys(COLUMNS) | {"state": ShipmentState.PLANNED.value}
    )
    decided: dict[str, int] = field(default_factory=dict)

    def put(self, index: int, **values: object) -> None:
        for column, value in values.items():
            if self.values[column] != value:
                self.values[column] = value
                self.decided[column] = index


def differences(shipment: ShipmentFacts, steps: Sequence[Step]) -> list[Difference]:
    """Return the columns of a shipment's row that its order's entries do not lead to.

    The ledger does not say when a shipment was planned. What is recorded for an order before one
    of its shipments is planned leaves no trace in it, so every moment of planning that the
    entries allow is tried; the one that fits best is believed.
    """
    tried = [_differences(shipment, steps, start) for start in _starts(shipment, steps)]
    return min(tried, key=len)


def _starts(shipment: ShipmentFacts, steps: Sequence[Step]) -> Iterator[int]:
    """Yield how many entries may have come before the shipment was planned."""
    yield 0
    for number, step in enumerate(steps):
        if step.statement.shipment == shipment.code:
            yield number
            return
        if step.statement.kind is StatementKind.ACCEPT:
            yield number + 1
    yield len(steps)


def _differences(shipment: ShipmentFacts, steps: Sequence[Step], start: int) -> list[Difference]:
    course = _Course()
    for step in steps[start:]:
        course.put(step.index, holder_party_id=step.state.holder, owner_party_id=step.state.owner)
        _move(course, shipment, step)
    last = steps[-1].index if steps else None
    stored: Mapping[str, object] = {column: getattr(shipment, column) for column in COLUMNS}
    return [
        Difference(
            column=column,
            stored=stored[column],
            said=course.values[column],
            index=course.decided.get(column, last),
        )
        for column in COLUMNS
        if stored[column] != course.values[column]
    ]


def _move(course: _Course, shipment: ShipmentFacts, step: Step) -> None:
    """Move a shipment on as one entry says."""
    named = step.statement.shipment == shipment.code
    state = course.values["state"]
    at = step.at
    match step.statement.kind:
        case StatementKind.RELEASE if named and state == ShipmentState.PLANNED:
            course.put(step.index, state=ShipmentState.RELEASED.value)
        case StatementKind.DEPART if named and state in _BEFORE_DEPARTURE:
            course.put(step.index, state=ShipmentState.IN_TRANSIT.value, departed_at=at)
        case StatementKind.ACCEPT if _delivers(shipment, step.statement, state):
            course.put(step.index, state=ShipmentState.DELIVERED.value, delivered_at=at)
        case _:
            pass


def _delivers(shipment: ShipmentFacts, accept: Statement, state: object) -> bool:
    """Whether the party of the destination took the shipment over."""
    if accept.shipment not in {None, shipment.code}:
        return False
    if accept.to_party != shipment.destination_party_id:
        return False
    at_destination = accept.place == shipment.destination_gln
    return state == ShipmentState.IN_TRANSIT or (state in _BEFORE_DEPARTURE and at_destination)
