"""Seeded generation of shipments: the same seed and slot give the same shipment, always."""

from dataclasses import dataclass

import numpy as np

from simulator.mishaps import MishapKind

DEMO_MISHAPS = (
    MishapKind.TIPPED_DEWAR,
    MishapKind.SILENT_LOGGER,
    MishapKind.DRY_ICE_EXHAUSTION,
    MishapKind.DOOR_OPEN,
    MishapKind.LATE_DUMP,
    MishapKind.UNANSWERED_OFFER,
    MishapKind.DUPLICATES,
    MishapKind.REFUSED_OFFER,
    MishapKind.TWO_ANSWERS,
    MishapKind.CLOCK_DRIFT,
    MishapKind.CUSTOMS_HOLD,
    MishapKind.OFFLINE_ACCEPT,
)
"""Mishaps of a first fleet, most telling first; a small fleet gets the front of the list."""

_LATER_SHARE = 0.12
_LATER_MISHAPS = tuple(kind for kind in MishapKind if kind is not MishapKind.UNANSWERED_OFFER)


@dataclass(frozen=True, slots=True, kw_only=True)
class Slot:
    """A place in the fleet: who, and how far along at which moment.

    Attributes:
        ordinal: Number of the shipment.
        mishap: What is to go wrong, if anything.
        phase: Share of the lane done at `at_s`; below 0 not yet begun, above 1 delivered.
        at_s: World second of `phase`.
        speed: World seconds in a real one after `at_s`; before the first fleet's it was 1.
    """

    ordinal: int
    mishap: MishapKind | None
    phase: float | None
    at_s: float
    speed: float


def first_slots(
    seed: int, count: int, *, first_ordinal: int, at_s: float, speed: float, mishaps: bool
) -> list[Slot]:
    """Return the slots of a first fleet: mostly under way, a few delivered, a few about to start.

    Args:
        seed: Chooses phases.
        count: How many shipments.
        first_ordinal: Number of the first.
        at_s: World second of the start.
        speed: World seconds in a real second from now on.
        mishaps: Whether anything goes wrong.
    """
    stride = max(count // len(DEMO_MISHAPS), 2)
    wrong = {1 + stride * n: kind for n, kind in enumerate(DEMO_MISHAPS)} if mishaps else {}
    rng = np.random.default_rng([seed, first_ordinal, 77])
    slots = []
    for number in range(count):
        kind = wrong.get(number)
        phase: float | None = None
        if kind is None and number >= count - count // 10:
            phase = (
                float(rng.uniform(-0.08, -0.02)) if number % 2 else float(rng.uniform(1.02, 1.1))
            )
        slots.append(
            Slot(ordinal=first_ordinal + number, mishap=kind, phase=phase, at_s=at_s, speed=speed)
        )
    return slots


def next_slot(seed: int, ordinal: int, *, at_s: float, speed: float, mishaps: bool) -> Slot:
    """Return the slot of a successor: it starts soon; about one in eight meets a mishap."""
    rng = np.random.default_rng([seed, ordinal, 78])
    kind = None
    if mishaps and rng.random() < _LATER_SHARE:
        kind = _LATER_MISHAPS[int(rng.integers(len(_LATER_MISHAPS)))]
    return Slot(ordinal=ordinal, mishap=kind, phase=-0.02, at_s=at_s, speed=speed)
