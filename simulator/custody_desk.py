"""Speaks to the service for everybody on the roads: registers shipments, makes their statements."""

import logging
import threading
from collections.abc import Callable
from pathlib import Path

from simulator.acts import Act
from simulator.clock import MICROSECONDS, Anchor, WorldClock
from simulator.desks import Desk
from simulator.handoffs import Speaker
from simulator.journal import append_labels
from simulator.office import OfficeUnavailableError
from simulator.registrar import register_shipment
from simulator.roster import Entry, Roster
from simulator.shipments import labels

log = logging.getLogger(__name__)

_LIVE_WITHIN_US = 120 * MICROSECONDS
_LOOK_EVERY_S = 0.5
_RETRY_EVERY_S = 2.0


class CustodyDesk:
    """Does over HTTP what is due on a roster. One thread at a time."""

    def __init__(
        self,
        speaker: Speaker,
        roster: Roster,
        labels_path: Path | None,
        now_us: Callable[[], int],
    ) -> None:
        self._speaker, self._roster = speaker, roster
        self._labels_path, self._now_us = labels_path, now_us
        self._is_reachable = True

    def register(self) -> bool:
        """Register what the service does not know yet; return whether it is done."""
        return self._attempt(self._register_new)

    def catch_up(self) -> bool:
        """Register and say all that is due by now, in order of time; return whether it is done."""
        return self.register() and self._attempt(self._say_due)

    def keep_up(self, stop: threading.Event) -> None:
        """Replace what has arrived and do what is due, until told to stop."""
        while not stop.is_set():
            self._roster.renew(self._now_us())
            done = self.catch_up()
            stop.wait(_LOOK_EVERY_S if done else _RETRY_EVERY_S)

    def wrap_up(self, stopped_us: int, at_us: int) -> bool:
        """Say everything that is left, as if all had arrived while the simulator was off.

        Args:
            stopped_us: When the simulator stopped.
            at_us: Now.

        Returns:
            Whether all was said; if not, try again.
        """
        clock = self._roster.clock
        world_s = clock.world_s(stopped_us)
        last_s = max(entry.traveller.plan.ends_s for entry in self._roster.entries)
        pace = max(last_s - world_s, 1.0) / max((at_us - stopped_us) / MICROSECONDS, 1.0)
        self._roster.clock = WorldClock(
            (*clock.anchors, Anchor(at_us=stopped_us, world_s=world_s, rate=pace))
        )
        done = self.catch_up()
        self._roster.clock = clock
        return done

    def _attempt(self, work: Callable[[], None]) -> bool:
        try:
            work()
        except OfficeUnavailableError as error:
            if self._is_reachable:
                log.warning("the service is out of reach", extra={"cause": str(error)})
            self._is_reachable = False
            return False
        if not self._is_reachable:
            log.info("the service is back")
        self._is_reachable = True
        return True

    def _register_new(self) -> None:
        roster = self._roster
        for entry in [one for one in roster.entries if not one.is_registered]:
            plan = entry.traveller.plan
            if register_shipment(self._speaker.office, plan, roster.clock):
                append_labels(self._labels_path, labels(plan, roster.clock))
                entry.is_registered = True
            else:
                log.warning("the service does not take a shipment", extra={"shipment": plan.code})
                roster.entries = [one for one in roster.entries if one is not entry]

    def _say_due(self) -> None:
        world_s = self._roster.clock.world_s(self._now_us())
        due = [
            (entry.traveller.plan.starts_s + act.sent_s, number, entry, act)
            for number, entry in enumerate(self._roster.entries)
            if entry.is_registered
            for act in entry.due(world_s)
        ]
        may_sign = not due or self._speaker.enrolment.admit(self._desks(), self._now_us())
        for sent_s, _, entry, act in sorted(due, key=lambda one: one[:2]):
            if may_sign:
                self._say(entry, act, sent_s)
            entry.said += 1

    def _desks(self) -> set[Desk]:
        """Return every desk that will sign for the fleet: keys are let in by the dozen."""
        entries = [entry for entry in self._roster.entries if entry.is_registered]
        return {desk for entry in entries for act in entry.acts for desk in act.desks}

    def _say(self, entry: Entry, act: Act, sent_s: float) -> None:
        clock = self._roster.clock
        is_live = self._now_us() - clock.at_us(sent_s) < _LIVE_WITHIN_US
        self._speaker.say(entry.traveller.plan, act, clock, live=is_live)
