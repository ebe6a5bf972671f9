"""The live stream over HTTP: Server-Sent Events, the only asynchronous code here."""

import asyncio
from collections.abc import AsyncIterator
from typing import Annotated

from fastapi import Header, Request
from sse_starlette import EventSourceResponse, ServerSentEvent

from api.admission import COOKIE, bearer_of, guarded_router, house_of
from api.dependencies import CallerDep, ScopeDep
from api.live import Live
from api.live_client import Client
from store.database import Session
from store.sign_in import find_session, find_token

router = guarded_router("events")

SEND_TIMEOUT_S = 10.0
PROXY_PING_S = 15


def _is_good(request: Request, session: Session) -> bool:
    """Whether the sign-in that opened the stream still holds."""
    house, token = house_of(request), bearer_of(request)
    now = house.clock()
    if token is not None:
        return find_token(session, token, now) is not None
    cookie = request.cookies.get(COOKIE, "")
    return find_session(session, cookie, now, house.terms, is_use=False) is not None


async def _events_of(live: Live, client: Client) -> AsyncIterator[ServerSentEvent]:
    try:
        while (event := await client.queue.get()) is not None:
            yield ServerSentEvent(event=event.kind, data=event.data, id=event.id)
    finally:
        live.leave(client)


@router.get("/events", response_class=EventSourceResponse)
async def stream_events(
    request: Request,
    caller: CallerDep,
    scope: ScopeDep,
    last_event_id: Annotated[str | None, Header()] = None,
) -> EventSourceResponse:
    """Stream what happens, from Last-Event-ID on; `snapshot-needed` says: read the board anew."""
    live: Live = request.app.state.live
    client = Client(
        username=caller.username,
        scope=scope,
        last_event_id=last_event_id,
        is_good=lambda session: _is_good(request, session),
        loop=asyncio.get_running_loop(),
    )
    live.join(client)
    return EventSourceResponse(
        _events_of(live, client), ping=PROXY_PING_S, send_timeout=SEND_TIMEOUT_S, sep="\n"
    )
