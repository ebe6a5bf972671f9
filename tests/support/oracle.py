"""What detection should have found, worked out again from the table of readings.

Uses the second, naive implementation of the limit rule and nothing of `alerts`.
"""

import json
from typing import Any, NamedTuple

from sqlalchemy import text

from store.database import Engine, Session, transaction
from tests.support.naive_excursions import Limit, naive_excursions
from tests.support.processes import wait_until

_SECOND_US = 1_000_000
_TRANSIT = "transit"


class Found(NamedTuple):
    """An excursion, as the table has it and as the oracle finds it."""

    shipment: str
    serial: str
    rule_id: str
    certainty: str
    started_us: int
    ended_us: int | None
    last_us: int
    duration_us: int
    unmonitored_us: int
    excess_mc_ms: int
    reading_count: int
    peak_c: float


class Cause(NamedTuple):
    """What calls for one alert."""

    shipment: str
    rule_id: str


def _us(column: str) -> str:
    return f"(extract(epoch FROM {column}) * 1000000)::bigint"


def excursions_in_table(session: Session) -> list[Found]:
    """Return the excursions that stand."""
    rows = session.connection().execute(
        text(
            f"SELECT s.code, l.serial, e.rule_id, e.certainty, {_us('e.started_at')}, "
            f"{_us('e.ended_at')}, {_us('e.last_at')}, e.duration_us, e.unmonitored_us, "
            "e.excess_mc_ms, e.reading_count, e.peak_c FROM excursion e "
            "JOIN shipment s ON s.id = e.shipment_id JOIN logger l ON l.id = e.logger_id "
            "WHERE e.withdrawn_at IS NULL"
        )
    )
    return sorted(Found(*row) for row in rows)


def excursions_recomputed(session: Session) -> list[Found]:
    """Return the excursions that the stored readings show."""
    watches = session.connection().execute(
        text(
            f"SELECT s.code, l.serial, a.logger_id, {_us('a.starts_at')}, "
            f"{_us('least(a.ends_at, s.delivered_at)')}, l.accuracy_c, p.document "
            "FROM assignment a JOIN shipment s ON s.id = a.shipment_id "
            "JOIN logger l ON l.id = a.logger_id "
            "JOIN therapy_profile p ON p.sha256 = s.profile_sha256"
        )
    )
    found: list[Found] = []
    for code, serial, logger_id, begin_us, end_us, accuracy_c, document in watches.all():
        profile = json.loads(document)
        readings = _readings(session, logger_id, begin_us, end_us)
        for rule in profile["rules"]:
            if rule["kind"] == "limit" and (rule["channel"], rule["stage"]) == ("temp_c", _TRANSIT):
                limit = _limit(rule, profile, accuracy_c)
                found += [
                    _as_found(row, code, serial, rule["id"])
                    for row in naive_excursions(readings, limit)
                ]
    return sorted(found)


def _readings(
    session: Session, logger_id: int, begin_us: int, end_us: int | None
) -> list[tuple[int, float]]:
    rows = session.connection().execute(
        text(
            f"SELECT {_us('measured_at')} AS at_us, temp_c FROM reading "
            "WHERE logger_id = :logger_id AND temp_c IS NOT NULL ORDER BY measured_at"
        ),
        {"logger_id": logger_id},
    )
    return [
        (at_us, temp_c)
        for at_us, temp_c in rows
        if begin_us <= at_us and (end_us is None or at_us < end_us)
    ]


def _limit(rule: dict[str, Any], profile: dict[str, Any], accuracy_c: float) -> Limit:
    side = "above" if rule.get("above_mc") is not None else "below"
    return Limit(
        side=side,
        limit=rule[f"{side}_mc"] / 1000,
        hysteresis=rule["hysteresis_mc"] / 1000,
        dwell_us=rule["dwell_s"] * _SECOND_US,
        accuracy=accuracy_c,
        max_gap_us=profile["max_gap_s"] * _SECOND_US,
    )


def _as_found(row: dict[str, Any], code: str, serial: str, rule_id: str) -> Found:
    return Found(
        shipment=code,
        serial=serial,
        rule_id=rule_id,
        certainty="confirmed" if row["confirmed"] else "possible",
        started_us=row["started_us"],
        ended_us=None if row["running"] else row["ended_us"],
        last_us=row["last_us"],
        duration_us=row["duration_us"],
        unmonitored_us=row["unmonitored_us"],
        excess_mc_ms=row["excess_mc_ms"],
        reading_count=row["reading_count"],
        peak_c=row["peak"],
    )


def open_causes(session: Session) -> list[Cause]:
    """Return the cause of every open alert about a limit that the outside can hear of."""
    rows = session.connection().execute(
        text(
            "SELECT s.code, a.rule_id FROM alert a JOIN shipment s ON s.id = a.shipment_id "
            "WHERE a.kind = 'limit' AND a.state <> 'resolved' AND EXISTS "
            "(SELECT 1 FROM outbox o WHERE o.kind = 'alert' AND o.subject = a.id::text)"
        )
    )
    return sorted(Cause(*row) for row in rows)


def counts_shown(session: Session) -> dict[str, tuple[int, int]]:
    """Return confirmed and possible excursions that each shipment's standing shows."""
    rows = session.connection().execute(
        text(
            "SELECT code, confirmed, possible FROM shipment_status t "
            "JOIN shipment s ON s.id = t.shipment_id WHERE confirmed + possible > 0"
        )
    )
    return {code: (confirmed, possible) for code, confirmed, possible in rows}


def _counted(found: list[Found]) -> dict[str, tuple[int, int]]:
    counted: dict[str, tuple[int, int]] = {}
    for one in found:
        confirmed, possible = counted.get(one.shipment, (0, 0))
        sure = one.certainty == "confirmed"
        counted[one.shipment] = (confirmed + sure, possible + (not sure))
    return counted


def is_nothing_due(engine: Engine) -> bool:
    """Return whether every shipment is judged up to its last reading."""
    with transaction(engine) as session:
        due = session.connection().execute(text("SELECT count(*) FROM shipment_status WHERE due"))
        return int(due.scalar_one()) == 0


def check_judgement(engine: Engine) -> list[Found]:
    """Compare excursions, standings and alerts with the readings; return the excursions.

    Raises:
        AssertionError: An excursion or alert is missing, too many, or not as the readings say.
    """
    assert wait_until(lambda: is_nothing_due(engine)), "shipments wait to be judged again"
    with transaction(engine) as session:
        expected = excursions_recomputed(session)
        assert excursions_in_table(session) == expected
        assert counts_shown(session) == _counted(expected)
        causes = sorted({Cause(one.shipment, one.rule_id) for one in expected})
        assert open_causes(session) == causes
    return expected
