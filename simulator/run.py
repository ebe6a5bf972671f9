"""The simulation as a program: a fleet that moves, measures, publishes and is handed over."""

import logging
import secrets
import threading
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path

from simulator.broker import Broker
from simulator.clock import MICROSECONDS, WorldClock
from simulator.custody_desk import CustodyDesk
from simulator.enrolment import Enrolment, read_approvers
from simulator.handoffs import Speaker
from simulator.journal import Journal
from simulator.office import Office, OfficeUnavailableError
from simulator.places import load_atlas
from simulator.publisher import Publisher
from simulator.registrar import first_free_ordinal, is_used, register_places
from simulator.roster import Roster
from simulator.saved import SavedFleet, load, save
from simulator.telemetry import Telemetry

log = logging.getLogger(__name__)

_RETRY_S = 2.0
_SETTLE_S = 15.0
_SAVE_EVERY_US = 10 * MICROSECONDS
_SECRET_BYTES = 32
_RESUME_WITHIN_US = 6 * 3_600 * MICROSECONDS


@dataclass(frozen=True, slots=True, kw_only=True)
class SimulationSettings:
    """What a simulation needs to know.

    Attributes:
        api_url: Where the service's REST interface is, without `/api/v1`.
        token: Bearer token of a service account.
        mqtt_url: `mqtt[s]://[user:password@]host:port`.
        seed: The same seed makes the same fleet.
        shipments: How many shipments there are at a time.
        speed: World seconds in a real second; readings keep real instants.
        mishaps: Whether anything goes wrong.
        live_interval_s: Real seconds between readings while live.
        connections: MQTT connections; 0 for one a logger.
        protocol: 4 for MQTT 3.1.1, 5 for MQTT 5.
        journal_path: File for what the broker acknowledged.
        labels_path: File for what really happened.
        approvers_path: Folder with the private keys of two approvers, who let the desks' keys
            in; without it nothing is said about custody.
        state_path: File from which a later run resumes; None starts anew each time.
    """

    api_url: str
    token: str
    mqtt_url: str = "mqtt://127.0.0.1:1883"
    seed: int = 7
    shipments: int = 40
    speed: float = 30.0
    mishaps: bool = True
    live_interval_s: float = 5.0
    connections: int = 2
    protocol: int = 4
    journal_path: Path | None = None
    labels_path: Path | None = None
    approvers_path: Path | None = None
    state_path: Path | None = None


def simulate(
    settings: SimulationSettings,
    stop: threading.Event,
    *,
    clock: Callable[[], datetime] = lambda: datetime.now(UTC),
) -> None:
    """Run a fleet until `stop` is set: set it up, fill in its history, then live on.

    Args:
        settings: What to simulate, and where the service is.
        stop: Ends the simulation within about a second.
        clock: Tells the time.

    Raises:
        ConfigurationError: The approvers' keys cannot be used.
    """

    def now_us() -> int:
        return round(clock().timestamp() * 1_000) * (MICROSECONDS // 1_000)

    saved = None if settings.state_path is None else load(settings.state_path, settings.seed)
    secret = secrets.token_hex(_SECRET_BYTES) if saved is None else saved.secret
    approvers = read_approvers(settings.approvers_path)
    with (
        Office(settings.api_url, settings.token) as office,
        Journal(settings.journal_path) as journal,
    ):
        start_us = now_us() // MICROSECONDS * MICROSECONDS
        speaker = Speaker(office, Enrolment(office, secret, approvers), settings.seed)
        setting = _Setting(settings=settings, speaker=speaker, secret=secret, now_us=now_us)
        found = _find_fleet(setting, saved, stop, start_us)
        if found is None:
            return
        roster, resumed_from_us = found
        desk = CustodyDesk(speaker, roster, settings.labels_path, now_us)
        while not desk.register():
            if stop.wait(_RETRY_S):
                return
        publisher = Publisher(
            Broker.of_url(settings.mqtt_url, protocol=settings.protocol),
            journal,
            clock_us=now_us,
            connections=settings.connections,
            client_prefix=f"simulator-{settings.seed}",
        )
        try:
            telemetry = Telemetry(roster, publisher, live_interval_s=settings.live_interval_s)
            telemetry.begin(start_us, resumed_from_us)
            _live(settings, roster, desk, telemetry, stop, now_us)
        finally:
            publisher.close()


@dataclass(frozen=True, slots=True, kw_only=True)
class _Setting:
    """What stays the same while a fleet is looked for."""

    settings: SimulationSettings
    speaker: Speaker
    secret: str
    now_us: Callable[[], int]


def _find_fleet(
    setting: _Setting, saved: SavedFleet | None, stop: threading.Event, start_us: int
) -> tuple[Roster, int | None] | None:
    """Return the fleet to drive and the instant it comes from; None if told to stop before.

    A fleet that an earlier run left is resumed where it was, so that nothing jumps. After a long
    pause it counts as arrived meanwhile, and a new one starts.
    """
    office = setting.speaker.office
    while not stop.is_set():
        try:
            register_places(office, load_atlas())
            first_ordinal = first_free_ordinal(office)
            fleet = _choose_fleet(setting, saved, first_ordinal, start_us)
        except OfficeUnavailableError as error:
            log.info("waiting for the service", extra={"cause": str(error)})
            fleet = None
        if fleet is not None:
            return fleet
        stop.wait(_RETRY_S)
    return None


def _choose_fleet(
    setting: _Setting, saved: SavedFleet | None, first_ordinal: int, start_us: int
) -> tuple[Roster, int | None] | None:
    office = setting.speaker.office
    roster = _empty_roster(setting, first_ordinal, start_us)
    is_left = saved is not None and any(is_used(office, o.slot.ordinal) for o in saved.shipments)
    if saved is None or not is_left:
        roster.start(start_us)
        return roster, None
    roster.next_ordinal = max(first_ordinal, saved.next_ordinal)
    left = replace(roster, run=saved.run + 1, clock=WorldClock(saved.anchors))
    left.resume(saved)
    if start_us - saved.stopped_us <= _RESUME_WITHIN_US:
        left.clock = left.clock.resumed(saved.stopped_us, start_us, setting.settings.speed)
        return left, saved.stopped_us
    desk = CustodyDesk(setting.speaker, left, None, setting.now_us)
    if not desk.wrap_up(saved.stopped_us, start_us):
        return None
    roster.start(start_us)
    return roster, None


def _empty_roster(setting: _Setting, first_ordinal: int, start_us: int) -> Roster:
    settings = setting.settings
    return Roster(
        seed=settings.seed,
        size=settings.shipments,
        speed=settings.speed,
        mishaps=settings.mishaps,
        atlas=load_atlas(),
        clock=WorldClock.starting(start_us, settings.speed),
        next_ordinal=first_ordinal,
        secret=setting.secret,
    )


def _live(
    settings: SimulationSettings,
    roster: Roster,
    desk: CustodyDesk,
    telemetry: Telemetry,
    stop: threading.Event,
    now_us: Callable[[], int],
) -> None:
    # Readings before statements: a shipment that departs unheard would count as silent at once.
    telemetry.advance(now_us())
    telemetry.settle(timeout_s=_SETTLE_S)
    talking = threading.Thread(target=desk.keep_up, args=(stop,), name="custody-desk")
    talking.start()
    save_at_us = 0
    try:
        while not stop.is_set():
            if not talking.is_alive():
                message = "the custody desk has stopped; see the error before"
                raise RuntimeError(message)
            at_us = now_us()
            telemetry.advance(at_us)
            if settings.state_path is not None and at_us >= save_at_us:
                save(settings.state_path, roster.saved(telemetry.cursor_us))
                save_at_us = at_us + _SAVE_EVERY_US
            stop.wait(settings.live_interval_s / 2)
    finally:
        stop.set()
        talking.join(timeout=15.0)
        if settings.state_path is not None:
            save(settings.state_path, roster.saved(telemetry.cursor_us))
