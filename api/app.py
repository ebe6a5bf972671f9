"""The app: a table of contents of what is served."""

import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from fastapi import APIRouter, FastAPI
from starlette.concurrency import run_in_threadpool

from api import (
    loggers,
    orders,
    parties,
    shippers,
    sign_in,
    sites,
    therapies,
)
from api.admission import Clock, House, utc_now
from api.problems import install_problems
from schemas.settings import Settings
from store.database import Engine

BODY_LIMIT = 1024 * 1024

ROUTERS: tuple[APIRouter, ...] = (
    sign_in.router,
    parties.router,
    sites.router,
    therapies.router,
    shippers.router,
    loggers.router,
    orders.router,
)


def create_app(settings: Settings, engine: Engine, clock: Clock = utc_now) -> FastAPI:
    app = FastAPI(
        title="Unbroken",
        version="1",
        docs_url=None,
        redoc_url=None,
        openapi_url=None,
        max_body_size=BODY_LIMIT,
    )
    app.state.house = House(engine=engine, settings=settings, clock=clock)
    for router in ROUTERS:
        app.include_router(router)
    install_problems(app)
    return app
