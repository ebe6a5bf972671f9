"""How the service is doing, and whether it is there at all."""

from concurrent.futures import ThreadPoolExecutor
from concurrent.futures import TimeoutError as NoAnswer

from fastapi import APIRouter, Request

from api.admission import GuardedRoute, guarded_router
from api.dependencies import HouseDep, NowDep, SessionDep
from api.models.operations import (
    BrokerStatus,
    DatabaseStatus,
    Health,
    IngestStatus,
    LedgerStatus,
    Status,
)
from custody.reading import head
from schemas.errors import StoreUnavailable
from store.database import timescale_version
from store.operations import count_waiting, ping, read_clock, read_ingest_totals

router = guarded_router("status")
health_router = APIRouter(route_class=GuardedRoute, tags=["status"])

HEALTH_TIMEOUT_S = 1.0
_asking = ThreadPoolExecutor(max_workers=1, thread_name_prefix="health")


@router.get("/status")
def get_status(session: SessionDep, house: HouseDep, now: NowDep, request: Request) -> Status:
    """Return counts, versions and what waits."""
    version, database_at = read_clock(session)
    log = head(session)
    return Status(
        at=now,
        ingest=IngestStatus.model_validate(read_ingest_totals(session)),
        ledger=LedgerStatus(size=log.size, root=log.root.hex()),
        database=DatabaseStatus(
            version=version,
            timescale=timescale_version(session),
            ahead_s=round((database_at - now).total_seconds(), 3),
        ),
        broker=BrokerStatus(embedded=house.settings.mqtt_url is None),
        quarantine_waiting=count_waiting(session),
        live_clients=request.app.state.live.clients,
    )


@health_router.get("/health")
def get_health(house: HouseDep) -> Health:
    """Return ok when the database answers within a second."""
    try:
        _asking.submit(ping, house.engine).result(timeout=HEALTH_TIMEOUT_S)
    except NoAnswer as error:
        message = "no answer within a second"
        raise StoreUnavailable(message, transient=True) from error
    return Health()
