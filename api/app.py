"""The app: a table of contents of what is served."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from fastapi import APIRouter, FastAPI
from starlette.concurrency import run_in_threadpool

from api import (
    alerts,
    board,
    certificate,
    checkpoints,
    custody,
    events,
    keys,
    ledger,
    loggers,
    openapi,
    orders,
    parties,
    proofs,
    quarantine,
    readings,
    shipments,
    shippers,
    sign_in,
    sites,
    statements,
    status,
    therapies,
)
from api.admission import Clock, House, utc_now
from api.body_limit import BodyLimit
from api.headers import SecurityHeaders
from api.live import Live
from api.pages import pages
from api.problems import Problem, install_problems
from schemas.errors import ConfigurationError
from schemas.profile import load_profiles
from schemas.settings import Settings
from store.database import Engine, open_engine, transaction
from store.profiles import save_profiles

ROUTERS: tuple[APIRouter, ...] = (
    sign_in.router,
    parties.router,
    sites.router,
    therapies.router,
    shippers.router,
    loggers.router,
    orders.router,
    shipments.router,
    readings.router,
    statements.router,
    keys.router,
    custody.router,
    ledger.router,
    checkpoints.router,
    proofs.router,
    certificate.router,
    board.router,
    alerts.router,
    quarantine.router,
    status.router,
    events.router,
    openapi.router,
    status.health_router,
)


@asynccontextmanager
async def _running(app: FastAPI) -> AsyncIterator[None]:
    house: House = app.state.house
    live: Live = app.state.live
    await run_in_threadpool(_store_profiles, house)
    live.start()
    yield
    live.close()


def _store_profiles(house: House) -> None:
    with transaction(house.engine) as session:
        save_profiles(session, load_profiles(), now=house.clock())


def create_app(settings: Settings, engine: Engine | None = None, clock: Clock = utc_now) -> FastAPI:
    """Return the app, not started yet.

    Args:
        settings: As built by the entry point.
        engine: The database; None: opened from `settings.database_url`.
        clock: Where the present comes from.

    Raises:
        ConfigurationError: There is neither an engine nor a database URL.
    """
    if engine is None:
        if settings.database_url is None:
            message = "The API needs a database: set UNBROKEN_DATABASE_URL."
            raise ConfigurationError(message)
        engine = open_engine(settings.database_url)
    app = FastAPI(
        title="Unbroken",
        version="1",
        openapi_url=None,
        docs_url=None,
        redoc_url=None,
        lifespan=_running,
        redirect_slashes=False,
        responses={"default": {"model": Problem, "description": "What went wrong (RFC 9457)"}},
    )
    house = House(engine=engine, settings=settings, clock=clock)
    app.state.house, app.state.live = house, Live(house)
    for router in ROUTERS:
        app.include_router(router)
    app.router.default = pages()
    app.add_middleware(BodyLimit)
    app.add_middleware(SecurityHeaders)
    install_problems(app)
    return app
