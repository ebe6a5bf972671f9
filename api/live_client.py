"""One open live stream, as the poller sees it: a bounded queue in an event loop."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field

from api.live_events import Event
from store.database import Session
from store.scope import Scope

QUEUE_EVENTS = 5_000


@dataclass(eq=False, kw_only=True)
class Client:
    """One open stream. `is_good` says whether its sign-in still is."""

    username: str
    scope: Scope
    last_event_id: str | None
    is_good: Callable[[Session], bool]
    loop: asyncio.AbstractEventLoop
    queue: asyncio.Queue[Event | None] = field(
        default_factory=lambda: asyncio.Queue(maxsize=QUEUE_EVENTS + 1)
    )
    over: bool = False

    def offer(self, events: list[Event]) -> None:
        """Queue events, in the loop's thread; let the client go when it does not keep up."""
        if self.over:
            return
        if self.queue.qsize() + len(events) > QUEUE_EVENTS:
            self.end()
            return
        for event in events:
            self.queue.put_nowait(event)

    def end(self) -> None:
        """Let the stream end, in the loop's thread; what was not sent will be asked for again."""
        self.over = True
        while not self.queue.empty():
            self.queue.get_nowait()
        self.queue.put_nowait(None)


def in_loop(client: Client, call: Callable[..., None], *values: object) -> None:
    """Call something in the client's event loop, unless that loop is gone."""
    if not client.loop.is_closed():
        client.loop.call_soon_threadsafe(call, *values)
