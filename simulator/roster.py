"""Which shipments are on the road: starts them, resumes them, replaces those that arrived."""

from dataclasses import dataclass, field

from simulator.acts import Act
from simulator.clock import WorldClock
from simulator.fleet import Slot, first_slots, next_slot
from simulator.mishaps import MishapKind
from simulator.places import Atlas
from simulator.planning import plan_shipment
from simulator.saved import SavedFleet, SavedMemory, SavedShipment
from simulator.script import script
from simulator.underway import Traveller, set_off

_LINGER_S = 1_800.0
"""World seconds an arrived shipment stays, so that its last readings and statements get out."""


@dataclass(slots=True, kw_only=True)
class Entry:
    """One shipment on the roster.

    Attributes:
        said: Acts made so far, from the front of `acts`.
        is_registered: The service knows it; before that it neither moves nor speaks.
    """

    slot: Slot
    traveller: Traveller
    acts: list[Act]
    said: int = 0
    is_registered: bool = False

    def due(self, world_s: float) -> list[Act]:
        """Return the acts whose moment has come and that were not made."""
        starts_s = self.traveller.plan.starts_s
        return [act for act in self.acts[self.said :] if starts_s + act.sent_s <= world_s]


@dataclass(slots=True, kw_only=True)
class Roster:
    """The shipments of one fleet.

    Attributes:
        secret: From it the keys of the desks are made.
        run: How many runs there were before, for this fleet.
        size: How many shipments there are at a time.
    """

    seed: int
    size: int
    speed: float
    mishaps: bool
    atlas: Atlas
    clock: WorldClock
    next_ordinal: int
    secret: str
    run: int = 0
    entries: list[Entry] = field(default_factory=list)

    def start(self, at_us: int) -> None:
        """Fill an empty roster with a first fleet whose history ends at `at_us`."""
        slots = first_slots(
            self.seed,
            self.size,
            first_ordinal=self.next_ordinal,
            at_s=self.clock.world_s(at_us),
            speed=self.speed,
            mishaps=self.mishaps,
        )
        self.next_ordinal += len(slots)
        self.entries = [self._entry(slot) for slot in slots]

    def resume(self, saved: SavedFleet) -> None:
        """Take up the shipments of an earlier run."""
        self.entries = []
        for one in saved.shipments:
            entry = self._entry(one.slot)
            traveller = entry.traveller
            traveller.refrigerant_kg, traveller.payload_c = one.refrigerant_kg, one.payload_c
            traveller.stuck_c = one.stuck_c
            for memory, kept in zip(traveller.memories, one.memories, strict=True):
                memory.next_seq = kept.next_seq
                memory.restore(kept.kept)
            entry.said = one.said
            entry.is_registered = True
            self.entries.append(entry)

    def renew(self, now_us: int) -> None:
        """Drop shipments that are done and add successors."""
        world_s = self.clock.world_s(now_us)
        done = [entry for entry in self.entries if _is_done(entry, world_s)]
        self.entries = [entry for entry in self.entries if entry not in done]
        while len(self.entries) < self.size:
            slot = next_slot(
                self.seed, self.next_ordinal, at_s=world_s, speed=self.speed, mishaps=self.mishaps
            )
            self.next_ordinal += 1
            self.entries = [*self.entries, self._entry(slot)]

    def saved(self, stopped_us: int) -> SavedFleet:
        """Return what the next run needs."""
        return SavedFleet(
            seed=self.seed,
            secret=self.secret,
            run=self.run,
            stopped_us=stopped_us,
            next_ordinal=self.next_ordinal,
            anchors=self.clock.anchors,
            shipments=tuple(_saved(entry) for entry in self.entries if entry.is_registered),
        )

    def _entry(self, slot: Slot) -> Entry:
        plan = plan_shipment(self.seed, slot, self.atlas)
        return Entry(
            slot=slot,
            traveller=set_off(plan, self.seed, run=self.run),
            acts=script(plan, self.atlas),
        )


def _is_done(entry: Entry, world_s: float) -> bool:
    plan, memories = entry.traveller.plan, entry.traveller.memories
    over = world_s > plan.ends_s + _LINGER_S and entry.said == len(entry.acts)
    silent = plan.has(MishapKind.SILENT_LOGGER)
    return over and (silent or not any(memory.unsent or memory.awaiting for memory in memories))


def _saved(entry: Entry) -> SavedShipment:
    traveller = entry.traveller
    return SavedShipment(
        slot=entry.slot,
        said=entry.said,
        refrigerant_kg=traveller.refrigerant_kg,
        payload_c=traveller.payload_c,
        stuck_c=traveller.stuck_c,
        memories=tuple(
            SavedMemory(next_seq=memory.next_seq, kept=memory.kept) for memory in traveller.memories
        ),
    )
