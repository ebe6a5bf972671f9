"""A batch concerns only what its loggers watched at its time."""

from datetime import datetime, timedelta

import pytest
from sqlalchemy import text

from store.database import Engine, transaction
from store.watches import Span, list_due, lock_by_loggers, mark_due
from tests.support.nouns import START, make_shipments

pytestmark = pytest.mark.store

HOUR = timedelta(hours=1)


@pytest.mark.parametrize(
    ("earliest", "latest", "concerned"),
    [
        (START - HOUR, START - HOUR / 2, []),
        (START - HOUR, START, ["U-1"]),
        (START + HOUR, START + 2 * HOUR, ["U-1"]),
        (START + 9 * HOUR, START + 10 * HOUR, ["U-1", "U-2"]),
        (START + 10 * HOUR, START + 11 * HOUR, ["U-2"]),
    ],
)
def test_readings_lock_and_mark_only_what_their_logger_watched_at_their_time(
    engine: Engine, earliest: datetime, latest: datetime, concerned: list[str]
) -> None:
    fleet = make_shipments(engine, 2)
    with transaction(engine) as session:
        run = session.connection().execute
        ids = {row[0]: row[1] for row in run(text("SELECT id, code FROM shipment"))}
        # One logger, first on U-1, then on U-2.
        run(
            text("UPDATE assignment SET ends_at = :end WHERE logger_id = :id"),
            {"end": START + 10 * HOUR, "id": fleet.logger_ids[0]},
        )
        run(
            text("UPDATE assignment SET starts_at = :at, logger_id = :one WHERE logger_id = :two"),
            {"at": START + 10 * HOUR, "one": fleet.logger_ids[0], "two": fleet.logger_ids[1]},
        )
    span = Span(earliest=earliest, latest=latest)
    with transaction(engine) as session:
        locked = lock_by_loggers(session, fleet.logger_ids[:1], span)
        mark_due(session, fleet.logger_ids[:1], span)
    assert [ids[standing.shipment_id] for standing in locked] == concerned
    with transaction(engine) as session:
        assert sorted(ids[number] for number in list_due(session)) == concerned
