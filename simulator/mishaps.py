"""What goes wrong, and the label that says so, so that detection can be measured afterwards."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

import numpy as np

from simulator.logger import Upload


class MishapKind(StrEnum):
    """The mishaps the simulator knows."""

    TIPPED_DEWAR = "tipped_dewar"
    DRY_ICE_EXHAUSTION = "dry_ice_exhaustion"
    DOOR_OPEN = "door_open"
    CUSTOMS_HOLD = "customs_hold"
    DEAD_SENSOR = "dead_sensor"
    SILENT_LOGGER = "silent_logger"
    LATE_DUMP = "late_dump"
    DUPLICATES = "duplicates"
    SHUFFLE = "shuffle"
    CLOCK_DRIFT = "clock_drift"
    REFUSED_OFFER = "refused_offer"
    UNANSWERED_OFFER = "unanswered_offer"
    TWO_ANSWERS = "two_answers"
    OFFLINE_ACCEPT = "offline_accept"


EXPECTED = {
    MishapKind.TIPPED_DEWAR: "tilt beyond upright; then temperature above the limit, critical",
    MishapKind.DRY_ICE_EXHAUSTION: "temperature above the limit, critical",
    MishapKind.DOOR_OPEN: "lid open and light; temperature above the limit while it lasts",
    MishapKind.CUSTOMS_HOLD: "late against the plan; no temperature excursion",
    MishapKind.DEAD_SENSOR: "readings count as unmonitored; neither an excursion nor its end",
    MishapKind.SILENT_LOGGER: "silence; no temperature excursion from silence alone",
    MishapKind.LATE_DUMP: "silence, ended by the dump; the verdict equals that of prompt delivery",
    MishapKind.DUPLICATES: "nothing: the same rows and the same verdict",
    MishapKind.SHUFFLE: "nothing: the same rows and the same verdict",
    MishapKind.CLOCK_DRIFT: "nothing: readings up to four minutes behind, in order",
    MishapKind.REFUSED_OFFER: "a refusal on record; possession stays with the giver",
    MishapKind.UNANSWERED_OFFER: "an overdue handoff; possession stays with the giver",
    MishapKind.TWO_ANSWERS: "a refusal, and an acceptance in conflict with it that moves nothing",
    MishapKind.OFFLINE_ACCEPT: "an acceptance that is recorded long after it was claimed",
}
"""What a service should notice, in words, for the label."""

CHANGES_HANDS = frozenset(
    {
        MishapKind.REFUSED_OFFER,
        MishapKind.UNANSWERED_OFFER,
        MishapKind.TWO_ANSWERS,
        MishapKind.OFFLINE_ACCEPT,
    }
)
"""Mishaps of a change of courier at a hub."""

LYING_DEG = 86.0
ROOM_LIGHT_LX = 240.0
_SENT_TWICE = 0.6
_DRIFT_RATE = 0.004
_DRIFT_MOST_S = 240.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Mishap:
    """One mishap of one shipment, from one world second to another."""

    kind: MishapKind
    from_s: float
    to_s: float

    def lasts_at(self, world_s: float) -> bool:
        """Return whether it is going on at this world second."""
        return self.from_s <= world_s < self.to_s


@dataclass(frozen=True, slots=True, kw_only=True)
class Label:
    """The truth about one mishap, for measuring detection: one line of the labels file.

    Instants are microseconds since 1970 UTC; `to_us` is None where it lasts to the end.
    """

    kind: MishapKind
    shipment: str
    serials: tuple[str, ...]
    from_us: int
    to_us: int | None
    expected: str


def going_on(mishaps: Sequence[Mishap], kind: MishapKind, world_s: float) -> bool:
    """Return whether a mishap of this kind lasts at `world_s`."""
    return any(mishap.kind is kind and mishap.lasts_at(world_s) for mishap in mishaps)


def cut_off(mishaps: Sequence[Mishap], world_s: float) -> bool:
    """Return whether the logger cannot reach the broker because of a mishap."""
    return going_on(mishaps, MishapKind.SILENT_LOGGER, world_s) or going_on(
        mishaps, MishapKind.LATE_DUMP, world_s
    )


def clock_behind_s(mishaps: Sequence[Mishap], world_s: float) -> float:
    """Return how far the logger's clock is behind, s; grows slower than time passes, ≤ 240 s."""
    return max(
        (
            min(max(world_s - mishap.from_s, 0.0) * _DRIFT_RATE, _DRIFT_MOST_S)
            for mishap in mishaps
            if mishap.kind is MishapKind.CLOCK_DRIFT
        ),
        default=0.0,
    )


def disordered(
    mishaps: Sequence[Mishap], uploads: list[Upload], rng: np.random.Generator
) -> list[Upload]:
    """Return what leaves the logger: some messages twice, or everything shuffled.

    No reading is added, changed or lost; only how often and in which order it is sent.
    """
    kinds = {mishap.kind for mishap in mishaps}
    sent = list(uploads)
    if MishapKind.DUPLICATES in kinds:
        sent += [upload for upload in uploads if rng.random() < _SENT_TWICE]
    if MishapKind.SHUFFLE in kinds:
        sent = [_shuffled(sent[i], rng) for i in rng.permutation(len(sent))]
    return sent


def _shuffled(upload: Upload, rng: np.random.Generator) -> Upload:
    order = rng.permutation(len(upload.readings))
    return Upload(
        serial=upload.serial,
        encoding=upload.encoding,
        readings=tuple(upload.readings[i] for i in order),
    )
