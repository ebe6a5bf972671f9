"""What a run leaves for the next one, so that a resumed shipment does not jump."""

import json
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from simulator.clock import Anchor
from simulator.fleet import Slot
from simulator.mishaps import MishapKind
from simulator.senml import Reading


@dataclass(frozen=True, slots=True, kw_only=True)
class SavedMemory:
    """A logger's next sequence number and the readings it had not got rid of."""

    next_seq: int
    kept: tuple[Reading, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class SavedShipment:
    """One shipment under way.

    Attributes:
        said: How many acts of its script were made.
    """

    slot: Slot
    said: int
    refrigerant_kg: float
    payload_c: float
    stuck_c: float | None
    memories: tuple[SavedMemory, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class SavedFleet:
    """A whole fleet at the instant it was stopped.

    Attributes:
        secret: From it the keys of the desks are made; the file is for its owner only.
    """

    seed: int
    secret: str
    run: int
    stopped_us: int
    next_ordinal: int
    anchors: tuple[Anchor, ...]
    shipments: tuple[SavedShipment, ...]


def save(path: Path, fleet: SavedFleet) -> None:
    """Write a fleet; an interrupted write leaves the earlier one."""
    fresh = path.with_suffix(".new")
    fresh.touch(mode=0o600)
    fresh.write_text(json.dumps(asdict(fleet), separators=(",", ":")), encoding="utf-8")
    fresh.replace(path)


def load(path: Path, seed: int) -> SavedFleet | None:
    """Return the fleet of this seed that an earlier run left, if it left one."""
    try:
        raw = json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return None
    if raw["seed"] != seed or "secret" not in raw:
        return None
    return SavedFleet(
        seed=seed,
        secret=raw["secret"],
        run=raw["run"],
        stopped_us=raw["stopped_us"],
        next_ordinal=raw["next_ordinal"],
        anchors=tuple(Anchor(**anchor) for anchor in raw["anchors"]),
        shipments=tuple(_shipment(one) for one in raw["shipments"]),
    )


def _shipment(raw: dict[str, Any]) -> SavedShipment:
    mishap = raw["slot"]["mishap"]
    return SavedShipment(
        slot=Slot(**{**raw["slot"], "mishap": None if mishap is None else MishapKind(mishap)}),
        said=raw["said"],
        refrigerant_kg=raw["refrigerant_kg"],
        payload_c=raw["payload_c"],
        stuck_c=raw["stuck_c"],
        memories=tuple(
            SavedMemory(
                next_seq=memory["next_seq"],
                kept=tuple(Reading(**reading) for reading in memory["kept"]),
            )
            for memory in raw["memories"]
        ),
    )
