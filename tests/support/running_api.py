"""The API behind a real HTTP server on a free port, with a clock that tests may put forward."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from uuid import uuid4

import httpx
from fastapi import FastAPI
from sqlalchemy import Engine

from api.app import create_app
from api.passwords import hash_password
from api.server import Server, open_server
from schemas.roles import Role
from schemas.settings import Settings
from store.database import transaction
from store.sign_in import create_account, create_token

DEADLINE_S = 10.0
PASSWORD = "correct horse battery staple"


@dataclass(kw_only=True)
class Clock:
    """The present, plus what a test has put it forward."""

    ahead: timedelta = field(default_factory=timedelta)

    def __call__(self) -> datetime:
        return datetime.now(UTC) + self.ahead


@dataclass(frozen=True, slots=True, kw_only=True)
class RunningApi:
    """A served API: where it is, its database and its clock."""

    url: str
    app: FastAPI
    engine: Engine
    clock: Clock
    server: Server

    def client(self, token: str | None = None, **headers: str) -> httpx.Client:
        """Return a client, with a bearer token or without."""
        if token is not None:
            headers["Authorization"] = f"Bearer {token}"
        return httpx.Client(base_url=self.url, headers=headers, timeout=DEADLINE_S)

    def token(self, role: Role, *, party_id: str | None = None, site_gln: str | None = None) -> str:
        """Return a new access token of a role."""
        with transaction(self.engine) as session:
            return create_token(
                session,
                label=f"test-{uuid4()}",
                role=role,
                now=self.clock(),
                party_id=party_id,
                site_gln=site_gln,
            )

    def account(
        self,
        username: str,
        role: Role,
        *,
        party_id: str | None = None,
        site_gln: str | None = None,
    ) -> None:
        """Add a person whose password is `PASSWORD`."""
        with transaction(self.engine) as session:
            create_account(
                session,
                username=username,
                display_name=username.title(),
                role=role,
                password_hash=hash_password(PASSWORD),
                now=self.clock(),
                party_id=party_id,
                site_gln=site_gln,
            )

    @contextmanager
    def signed_in(self, username: str) -> Iterator[httpx.Client]:
        """Yield a client that carries the cookie and the header of our own page."""
        with self.client(**{"X-Unbroken-Csrf": "1"}) as client:
            credentials = {"username": username, "password": PASSWORD}
            client.post("/api/v1/session", json=credentials).raise_for_status()
            yield client


@contextmanager
def running_api(engine: Engine, settings: Settings | None = None) -> Iterator[RunningApi]:
    """Serve the API on a free port until the block ends; fails when it cannot start or stop."""
    clock = Clock()
    app = create_app(settings or Settings(), engine, clock)
    server = open_server(app, host="127.0.0.1", port=0)
    started = threading.Event()
    _tell_when_started(server, started)
    thread = threading.Thread(target=server.run, name="api", daemon=True)
    thread.start()
    if not started.wait(DEADLINE_S) or not server.servers:
        message = "the API did not start"
        raise TimeoutError(message)
    port = server.servers[0].sockets[0].getsockname()[1]
    try:
        yield RunningApi(
            url=f"http://127.0.0.1:{port}", app=app, engine=engine, clock=clock, server=server
        )
    finally:
        server.should_exit = True
        thread.join(DEADLINE_S)
    if thread.is_alive():
        message = "the API did not stop"
        raise TimeoutError(message)


def _tell_when_started(server: Server, started: threading.Event) -> None:
    startup = server.startup

    async def startup_and_tell(sockets: list[object] | None = None) -> None:
        try:
            await startup(sockets)  # type: ignore[arg-type]
        finally:
            started.set()

    server.startup = startup_and_tell  # type: ignore[method-assign,assignment]
