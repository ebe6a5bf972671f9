"""The live stream's one poller: a thread that reads the outbox and tells every client its part.

All database work of all streams is done here, in one thread and in one order, so nothing can fall
between what a client missed and what comes next. A client's queue is bounded: who does not keep
up is let go, comes back by itself, and goes on from its Last-Event-ID.
"""

import json
import logging
import threading
from datetime import datetime, timedelta

from api.admission import House
from api.live_client import Client, in_loop
from api.live_events import Event, Moment, Position, compose, parse_position, visible_to
from schemas.errors import Overloaded, StoreUnavailable
from store.board import list_status_times
from store.database import Session, transaction
from store.outbox import latest_cursor, oldest_cursor, read_since

_log = logging.getLogger(__name__)

BACKLOG_ROWS = 1_000
CLIENTS_OF_ONE = 20
CLIENTS = 500
LOOK_EVERY_S = 0.25
BATCH_ROWS = 500
HEARTBEAT_EVERY = timedelta(seconds=3)
STILL_GOOD_EVERY = timedelta(seconds=30)
LATE_COMMIT = timedelta(seconds=60)
"""How long after its `updated_at` a judgement may become visible: no transaction lasts longer."""


class Live:
    """The poller and its clients. `start` and `close` belong to the app's life."""

    def __init__(self, house: House) -> None:
        self._engine, self._clock, self._sparks = house.engine, house.clock, house.sparks
        self._lock = threading.Lock()
        self._wake, self._closed = threading.Event(), threading.Event()
        self._waiting: list[Client] = []
        self._active: list[Client] = []
        self._position: Position | None = None
        self._judged: dict[str, datetime] = {}
        self._beat_at = self._checked_at = house.clock()
        self._is_down = False
        self._thread = threading.Thread(target=self._run, name="live", daemon=True)

    @property
    def clients(self) -> int:
        """How many streams are open."""
        with self._lock:
            return len(self._waiting) + len(self._active)

    def start(self) -> None:
        """Begin to look."""
        self._thread.start()

    def close(self) -> None:
        """End every stream and stop looking; harmless when closed already."""
        self._closed.set()
        self._wake.set()
        with self._lock:
            clients = [*self._waiting, *self._active]
            self._waiting, self._active = [], []
        for client in clients:
            in_loop(client, client.end)
        if self._thread.is_alive():
            self._thread.join(timeout=5)

    def join(self, client: Client) -> None:
        """Take a client in; its first events come with the next look.

        Raises:
            Overloaded: Too many streams are open, or the service is closing.
        """
        with self._lock:
            clients = [*self._waiting, *self._active]
            own = sum(one.username == client.username for one in clients)
            if own >= CLIENTS_OF_ONE or len(clients) >= CLIENTS or self._closed.is_set():
                message = "Too many live streams are open. Close one and try again."
                raise Overloaded(message)
            self._waiting.append(client)
        self._wake.set()

    def leave(self, client: Client) -> None:
        """Forget a client; harmless when it is gone already."""
        with self._lock:
            for clients in (self._waiting, self._active):
                if client in clients:
                    clients.remove(client)

    def _run(self) -> None:
        while not self._closed.is_set():
            self._wake.wait(timeout=LOOK_EVERY_S if self.clients else None)
            self._wake.clear()
            if self.clients and not self._closed.is_set():
                self._look()

    def _look(self) -> None:
        """Look once; a failure tells nobody anything, so that their screens grow old visibly."""
        try:
            with transaction(self._engine) as session:
                self._tell(session)
        except StoreUnavailable as error:
            if not self._is_down:
                _log.warning("live_stream_lost_database", extra={"detail": str(error)})
            self._is_down = True
            self._closed.wait(timeout=1)
        except Exception:  # noqa: BLE001 - the thread's outermost loop: a bug must not end it
            _log.exception("live_stream_failed")
            self._closed.wait(timeout=1)
        else:
            if self._is_down:
                _log.info("live_stream_has_database")
            self._is_down = False

    def _tell(self, session: Session) -> None:
        now = self._clock()
        with self._lock:
            waiting, active = list(self._waiting), list(self._active)
        judged = list_status_times(session)
        if self._position is None or not active:
            self._position = Position(cursor=latest_cursor(session), judged_ms=_newest_ms(judged))
            self._judged = judged
        before = self._position
        rows = read_since(session, before.cursor, BATCH_ROWS)
        moved = [code for code, at in judged.items() if self._judged.get(code) != at]
        events = compose(session, rows, moved, Moment(now=now, at=before, sparks=self._sparks))
        after = Position(
            cursor=rows[-1].cursor if rows else before.cursor, judged_ms=_newest_ms(judged)
        )
        events += self._heartbeat(after, now)
        plans = [(client, visible_to(session, client.scope, events)) for client in active]
        plans += [(client, self._welcome(session, client, after, judged)) for client in waiting]
        gone = self._expired(session, active, now)
        self._position, self._judged = after, judged
        self._deliver(plans, waiting, gone)
        if len(rows) == BATCH_ROWS:
            self._wake.set()

    def _deliver(
        self, plans: list[tuple[Client, list[Event]]], waiting: list[Client], gone: list[Client]
    ) -> None:
        with self._lock:
            welcomed = [client for client in waiting if client in self._waiting]
            self._waiting = [one for one in self._waiting if one not in welcomed]
            self._active += welcomed
        for client, events in plans:
            if events:
                in_loop(client, client.offer, events)
        for client in gone:
            self.leave(client)
            in_loop(client, client.end)

    def _heartbeat(self, at: Position, now: datetime) -> list[Event]:
        if now - self._beat_at < HEARTBEAT_EVERY:
            return []
        self._beat_at = now
        return [_heartbeat(at, now)]

    def _expired(self, session: Session, active: list[Client], now: datetime) -> list[Client]:
        if now - self._checked_at < STILL_GOOD_EVERY:
            return []
        self._checked_at = now
        return [client for client in active if not client.is_good(session)]

    def _welcome(
        self, session: Session, client: Client, at: Position, judged: dict[str, datetime]
    ) -> list[Event]:
        """Return what a newcomer missed, or that it must read everything anew."""
        now = self._clock()
        greeting = [_heartbeat(at, now)]
        since = parse_position(client.last_event_id)
        if since is None or not _is_known(session, since, at):
            return [_snapshot_needed(at), *greeting]
        missed = read_since(session, since.cursor, BACKLOG_ROWS + 1)
        rows = [row for row in missed if _key(row.cursor) <= at.key]
        if len(missed) > BACKLOG_ROWS:
            return [_snapshot_needed(at), *greeting]
        from_ms = since.judged_ms - LATE_COMMIT // timedelta(milliseconds=1)
        moved = [code for code, when in judged.items() if _ms(when) > from_ms]
        events = compose(session, rows, moved, Moment(now=now, at=since, sparks=self._sparks))
        return [*visible_to(session, client.scope, events), *greeting]


def _heartbeat(at: Position, now: datetime) -> Event:
    data = json.dumps({"at": now.isoformat(timespec="milliseconds").replace("+00:00", "Z")})
    return Event(kind="heartbeat", data=data, id=str(at))


def _snapshot_needed(at: Position) -> Event:
    return Event(kind="snapshot-needed", data="{}", id=str(at))


def _key(cursor: str) -> tuple[int, int]:
    return Position(cursor=cursor, judged_ms=0).key


def _ms(at: datetime) -> int:
    return int(at.timestamp() * 1000)


def _newest_ms(judged: dict[str, datetime]) -> int:
    return max(map(_ms, judged.values()), default=0)


def _is_known(session: Session, since: Position, at: Position) -> bool:
    """Whether everything after a client's position is still kept, and it is not from elsewhere."""
    oldest = oldest_cursor(session)
    kept = oldest is None or _key(oldest)[1] == 1 or since.key >= _key(oldest)
    return kept and since.key <= at.key
