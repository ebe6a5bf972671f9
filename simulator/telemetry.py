"""Moves the fleet to the present, step by step, and sends what its loggers have to say."""

import logging
from dataclasses import dataclass

from simulator.broker import Stored
from simulator.charge import HISTORY_STEP_S
from simulator.clock import MICROSECONDS
from simulator.logger import StoreAndForward
from simulator.publisher import Publisher
from simulator.roster import Entry, Roster
from simulator.underway import move, outgoing

log = logging.getLogger(__name__)

_HISTORY_STEP_US = round(HISTORY_STEP_S) * MICROSECONDS
_CONNECT_S = 1.0
_PATIENCE_US = 60 * MICROSECONDS
_MOST_PATIENCE_US = 900 * MICROSECONDS


@dataclass(slots=True, kw_only=True)
class _Waiting:
    """Since when a logger waits to hear that something is stored, and for how long it will."""

    since_us: int
    patience_us: int = _PATIENCE_US


class Telemetry:
    """The loggers of a roster. One thread at a time.

    Attributes:
        cursor_us: Instant up to which everything was simulated.
    """

    def __init__(self, roster: Roster, publisher: Publisher, *, live_interval_s: float) -> None:
        self._roster, self._publisher = roster, publisher
        self._live_us = round(live_interval_s * MICROSECONDS)
        self._waiting: dict[str, _Waiting] = {}
        self._memories: dict[str, StoreAndForward] = {}
        self.cursor_us = 0

    def begin(self, history_ends_us: int, resumed_from_us: int | None = None) -> None:
        """Choose where to begin: at the oldest packing, or where an earlier run stopped.

        History steps end where `history_ends_us` does.
        """
        if resumed_from_us is not None:
            self.cursor_us = resumed_from_us
            return
        oldest_us = min(
            (
                self._roster.clock.at_us(entry.traveller.plan.starts_s)
                for entry in self._roster.entries
            ),
            default=history_ends_us,
        )
        steps = max(-((oldest_us - history_ends_us) // _HISTORY_STEP_US), 0)
        self.cursor_us = history_ends_us - steps * _HISTORY_STEP_US

    def advance(self, at_us: int) -> None:
        """Simulate up to `at_us`, in long steps while far behind, and exchange messages."""
        entries = [entry for entry in self._roster.entries if entry.is_registered]
        self._enrol(entries)
        self._publisher.wait_until_connected(_CONNECT_S)
        travellers = [entry.traveller for entry in entries]
        while (step_us := self._step_us(at_us)) is not None:
            self._flush_before_silence(entries, self.cursor_us + step_us)
            move(travellers, self._roster.clock, self.cursor_us, self.cursor_us + step_us)
            self.cursor_us += step_us
        self._listen(at_us)
        self._speak(entries, at_us)

    def settle(self, *, timeout_s: float) -> None:
        """Wait until the broker has acknowledged all that was sent, or for `timeout_s`."""
        self._publisher.wait_until_acknowledged(timeout_s)

    def _step_us(self, at_us: int) -> int | None:
        behind_us = at_us - self.cursor_us
        if behind_us >= _HISTORY_STEP_US:
            return _HISTORY_STEP_US
        return self._live_us if behind_us >= self._live_us else None

    def _flush_before_silence(self, entries: list[Entry], next_us: int) -> None:
        """Send what a logger has while it still can: the next step takes it offline."""
        now_s = self._roster.clock.world_s(self.cursor_us)
        next_s = self._roster.clock.world_s(next_us)
        for entry in entries:
            plan = entry.traveller.plan
            if any(
                plan.online(one, now_s) and not plan.online(one, next_s) for one in plan.loggers
            ):
                self._publisher.publish(outgoing(entry.traveller, now_s))

    def _enrol(self, entries: list[Entry]) -> None:
        memories = {
            memory.serial: memory for entry in entries for memory in entry.traveller.memories
        }
        self._publisher.retire(self._memories.keys() - memories.keys())
        self._publisher.enrol(serial for serial in memories if serial not in self._memories)
        self._memories = memories

    def _listen(self, at_us: int) -> None:
        for event in self._publisher.events():
            memory = self._memories.get(event.serial)
            if memory is None:
                continue
            if isinstance(event, Stored):
                memory.stored(event.ranges)
                self._waiting.pop(event.serial, None)
            else:
                memory.rewind()
        for serial, waiting in self._waiting.items():
            if at_us - waiting.since_us > waiting.patience_us:
                self._memories[serial].rewind()
                waiting.since_us = at_us
                waiting.patience_us = min(2 * waiting.patience_us, _MOST_PATIENCE_US)

    def _speak(self, entries: list[Entry], at_us: int) -> None:
        world_s = self._roster.clock.world_s(self.cursor_us)
        for entry in entries:
            if all(self._publisher.is_connected(m.serial) for m in entry.traveller.memories):
                self._publisher.publish(outgoing(entry.traveller, world_s))
        for serial, memory in self._memories.items():
            if memory.awaiting:
                self._waiting.setdefault(serial, _Waiting(since_us=at_us))
        self._waiting = {s: w for s, w in self._waiting.items() if s in self._memories}
