"""Who is asking, and may they: decided before a route runs, even before its body is read.

A route made by a `GuardedRoute` router cannot be forgotten: without a line in `api.rights` it
does not come into being.
"""

from collections.abc import Callable, Coroutine
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from fastapi import APIRouter, Request, Response
from fastapi.routing import APIRoute
from starlette.concurrency import run_in_threadpool

from api import rights
from api.sparks import Sparks
from schemas.errors import ConfigurationError, NotSignedIn, Refused
from schemas.settings import Settings
from store.database import Engine, transaction
from store.sign_in import Identity, SignInTerms, find_session, find_token

COOKIE = "unbroken_session"
CSRF_HEADER = "x-unbroken-csrf"
PREFIX = "/api/v1"
_SAFE = frozenset({"GET", "HEAD", "OPTIONS"})
_JSON = "application/json"

Clock = Callable[[], datetime]


@dataclass(frozen=True, slots=True, kw_only=True)
class House:
    """What every request may use: the database, the settings, the clock, the kept sparks."""

    engine: Engine
    settings: Settings
    clock: Clock
    sparks: Sparks = field(default_factory=Sparks)

    @property
    def terms(self) -> SignInTerms:
        """How long a sign-in lasts."""
        return SignInTerms(
            idle_for=timedelta(minutes=self.settings.session_idle_min),
            at_most=timedelta(minutes=self.settings.session_absolute_min),
        )


def utc_now() -> datetime:
    """Return the present instant, aware, UTC."""
    return datetime.now(UTC)


def house_of(request: Request) -> House:
    """Return what the app was opened with."""
    house: House = request.app.state.house
    return house


def bearer_of(request: Request) -> str | None:
    """Return the bearer token of a request, None when it carries none."""
    scheme, _, token = request.headers.get("authorization", "").partition(" ")
    return token.strip() if scheme.lower() == "bearer" and token.strip() else None


def check_same_site(request: Request) -> None:
    """Refuse what another site's page made the browser send.

    Raises:
        Refused: The request comes from another origin, or its body is not JSON.
    """
    if request.headers.get("sec-fetch-site", "same-origin") != "same-origin":
        message = "This request comes from another site's page and was not carried out."
        raise Refused(message)
    has_body = request.headers.get("content-length", "0") != "0"
    if has_body or "transfer-encoding" in request.headers:
        content_type = request.headers.get("content-type", "").partition(";")[0].strip()
        if content_type.lower() != _JSON:
            message = "The body must be JSON and say so (Content-Type: application/json)."
            raise Refused(message)


def identify(request: Request) -> Identity:
    """Return who is asking, by bearer token or by cookie.

    Raises:
        NotSignedIn: Neither is there, or it is not good (any more).
        Refused: A cookie-borne change without proof that our own page sent it.
    """
    house, now = house_of(request), house_of(request).clock()
    token, cookie = bearer_of(request), request.cookies.get(COOKIE)
    if token is not None:
        with transaction(house.engine) as session:
            identity = find_token(session, token, now)
    elif cookie:
        if request.method not in _SAFE:
            _check_own_page(request)
        with transaction(house.engine) as session:
            identity = find_session(session, cookie, now, house.terms)
    else:
        identity = None
    if identity is None:
        message = "Sign in first, or again: this sign-in is unknown or has ended."
        raise NotSignedIn(message)
    return identity


def _check_own_page(request: Request) -> None:
    check_same_site(request)
    if request.headers.get(CSRF_HEADER) != "1":
        message = "A change made with the cookie needs the header X-Unbroken-Csrf: 1."
        raise Refused(message)


def admit(request: Request, path: str) -> None:
    """Let a request through to its route, or raise; leaves who it is in `request.state.identity`.

    Raises:
        NotSignedIn: Nobody known is asking.
        Refused: Somebody known who may not call this.
    """
    if (request.method, path) in rights.OPEN:
        return
    identity = identify(request)
    if not rights.may_call(identity.role, _method(request), path):
        message = f"The role {identity.role} may not do this."
        raise Refused(message)
    request.state.identity = identity


def _method(request: Request) -> str:
    return "GET" if request.method == "HEAD" else request.method


class GuardedRoute(APIRoute):
    """A route that has its rights, or does not come into being."""

    def __init__(self, path: str, endpoint: Callable[..., Any], **kwargs: Any) -> None:  # noqa: ANN401 - FastAPI's own signature
        super().__init__(path, endpoint, **kwargs)
        for method in self.methods or ():
            known = (method, path) in rights.ROUTES or (method, path) in rights.OPEN
            if not known:
                message = f"{method} {path} stands in no table of api.rights."
                raise ConfigurationError(message)

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        """Return FastAPI's handler with the door before it."""
        handle = super().get_route_handler()
        path = self.path

        async def guarded(request: Request) -> Response:
            await run_in_threadpool(admit, request, path)
            return await handle(request)

        return guarded


def guarded_router(noun: str) -> APIRouter:
    """Return an empty router for one noun under `/api/v1`, every route of it guarded."""
    return APIRouter(prefix=PREFIX, route_class=GuardedRoute, tags=[noun])
