"""A shipment's readings as columns, thinned out for a chart."""

from datetime import datetime, timedelta
from typing import Annotated

import numpy as np
from fastapi import Query

from api.admission import guarded_router
from api.dependencies import NowDep, ScopeDep, SessionDep
from api.models.shipment import Column, Readings, Series
from api.models.wire import Code, Instant
from api.profiles import profile_facts
from api.shipments import get_facts
from api.thinning import choose, find_gaps
from schemas.instants import to_us
from schemas.reading import CHANNELS, FloatArray, IntArray
from store.board import list_profile_documents
from store.database import Session
from store.reading_hours import read_hours
from store.readings import read_columns
from store.shipment_page import WatchFacts, list_gaps, list_watches

router = guarded_router("shipments")

DRAWN = ("temp_c", "ambient_c", "tilt_deg", "light_lx", "shock_g", "lat", "lon")
_SECOND_US = 1_000_000
_HOUR_US = 3_600 * _SECOND_US
_SINGLE_READINGS_UP_TO = timedelta(days=45)
_TEMP = CHANNELS.index("temp_c")

Points = Annotated[int, Query(ge=8, le=20_000)]
From = Annotated[Instant | None, Query(alias="from")]
To = Annotated[Instant | None, Query(alias="to")]


@router.get("/shipments/{code}/readings")
def get_readings(
    code: Code,
    session: SessionDep,
    scope: ScopeDep,
    now: NowDep,
    since: From = None,
    until: To = None,
    points: Points = 2000,
) -> Readings:
    """Return the readings in [from, to), one series a logger."""
    facts = get_facts(session, scope, code, now)
    documents = list_profile_documents(session, {facts.profile_sha256})
    max_gap_s = profile_facts(documents[facts.profile_sha256]).max_gap_s
    watches = list_watches(session, facts.id)
    series = [_series(session, one, since, until, points, max_gap_s, now) for one in watches]
    gaps = list_gaps(session, facts.id, longer_than_s=max_gap_s, until=now)
    return Readings(
        columns=["t", "received", *DRAWN],
        series=series,
        gaps=[(start.timestamp(), end.timestamp()) for start, end in gaps],
    )


def _series(
    session: Session,
    watch: WatchFacts,
    since: datetime | None,
    until: datetime | None,
    points: int,
    max_gap_s: int,
    now: datetime,
) -> Series:
    start = max(watch.starts_at, since) if since else watch.starts_at
    end = min(filter(None, (watch.ends_at, until)), default=None)
    if (end or now) - start > _SINGLE_READINGS_UP_TO:
        return _hours(session, watch, start, end)
    time_us, values, received_us = read_columns(
        session,
        watch.logger_id,
        since_us=to_us(start),
        until_us=None if end is None else to_us(end),
    )
    max_gap_us = max_gap_s * _SECOND_US
    kept = choose(time_us, values[:, _TEMP], points, max_gap_us)
    gaps = find_gaps(time_us, max_gap_us)
    drawn = {name: _column(values[kept, CHANNELS.index(name)]) for name in DRAWN}
    return Series(
        logger=watch.serial,
        t=_seconds(time_us[kept]),
        received=_seconds(received_us[kept]),
        gaps=list(zip(_seconds(time_us[gaps]), _seconds(time_us[gaps + 1]), strict=True)),
        readings=len(time_us),
        **drawn,
    )


def _hours(session: Session, watch: WatchFacts, start: datetime, end: datetime | None) -> Series:
    """Return the lowest and highest of each hour; a gap is at least an hour without reading."""
    time_us, temp_c = read_hours(
        session,
        watch.logger_id,
        since_us=to_us(start),
        until_us=None if end is None else to_us(end),
    )
    gaps = find_gaps(time_us, _HOUR_US)
    nothing: Column = [None] * len(time_us)
    drawn = dict.fromkeys(DRAWN, nothing) | {"temp_c": _column(temp_c)}
    return Series(
        logger=watch.serial,
        t=_seconds(time_us),
        received=_seconds(time_us),
        gaps=list(zip(_seconds(time_us[gaps]), _seconds(time_us[gaps + 1]), strict=True)),
        readings=len(time_us),
        **drawn,
    )


def _seconds(instants_us: IntArray) -> list[float]:
    seconds: list[float] = np.round(instants_us / _SECOND_US, 3).tolist()
    return seconds


def _column(values: FloatArray) -> Column:
    column: Column = np.round(values, 4).astype(object).tolist()
    return [None if value != value else value for value in column]  # noqa: PLR0124 - NaN
