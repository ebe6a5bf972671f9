"""The whole way of a batch: any split, order and repetition ends in the same judgement."""

from datetime import timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import text

from alerts.judge import Judge
from ingest.message import Message
from ingest.pipeline import Pipeline
from schemas.instants import to_us
from schemas.settings import Settings
from store.database import Engine, transaction
from store.watches import list_due
from tests.support.nouns import START, make_shipments
from tests.support.senml import message

pytestmark = pytest.mark.store
MINUTE_US = 60_000_000
EXCURSIONS = (
    "SELECT id, rule_id, certainty, started_at, ended_at, last_at, peak_c, duration_us, "
    "unmonitored_us, excess_mc_ms, reading_count FROM excursion WHERE withdrawn_at IS NULL "
    "ORDER BY started_at, id"
)
STANDING = (
    "SELECT outcome, coverage_pct, longest_gap_s, received, expected, confirmed, possible, "
    "measured_at, temp_c FROM shipment_status ORDER BY shipment_id"
)
DERIVED = ("reading", "excursion", "verdict", "alert", "detector_state", "quarantine")


def judgement(engine: Engine) -> list[list[object]]:
    with transaction(engine) as session:
        run = session.connection().execute
        return [[tuple(row) for row in run(text(sql))] for sql in (EXCURSIONS, STANDING)]


def forget(engine: Engine) -> None:
    with transaction(engine) as session:
        for table in DERIVED:
            session.connection().execute(text(f"DELETE FROM {table}"))
        session.connection().execute(text("DELETE FROM shipment_status"))
        session.connection().execute(
            text(
                "INSERT INTO shipment_status (shipment_id, due, updated_at) "
                "SELECT id, false, now() FROM shipment"
            )
        )


def pipeline(engine: Engine) -> Pipeline:
    return Pipeline(engine, Settings(oldest_days=4000), Judge())


def ensure_shipments(engine: Engine) -> None:
    with transaction(engine) as session:
        known = session.connection().execute(text("SELECT count(*) FROM shipment")).scalar_one()
    if not known:
        make_shipments(engine, 2)
    forget(engine)


temperatures = st.lists(
    st.sampled_from([-180.0, -155.0, -150.3, -149.8, -140.0, -120.0]), min_size=2, max_size=24
)
steps = st.lists(st.sampled_from([1, 1, 1, 5, 60]), min_size=24, max_size=24)


@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(temps=st.tuples(temperatures, temperatures), gaps=steps, data=st.data())
def test_any_order_split_and_repetition_ends_in_the_same_judgement(
    engine: Engine, temps: tuple[list[float], list[float]], gaps: list[int], data: st.DataObject
) -> None:
    readings: list[tuple[str, tuple[int, float, int]]] = []
    for serial, series in zip(("LG-1", "LG-2"), temps, strict=True):
        at = to_us(START + timedelta(hours=1))
        for seq, (temp, step) in enumerate(zip(series, gaps, strict=False)):
            at += step * MINUTE_US
            readings.append((serial, (at, temp, seq)))

    def messages(parts: list[tuple[str, tuple[int, float, int]]]) -> list[Message]:
        return [message(serial, [reading]) for serial, reading in parts]

    ensure_shipments(engine)
    pipeline(engine).process(messages(readings))
    whole = judgement(engine)

    ensure_shipments(engine)
    shuffled = data.draw(st.permutations(readings))
    again = data.draw(st.lists(st.sampled_from(readings), max_size=5))
    rest = [*shuffled, *again]
    under_test = pipeline(engine)
    while rest:
        size = data.draw(st.integers(1, len(rest)))
        under_test.process(messages(rest[:size]))
        rest = rest[size:]
    assert judgement(engine) == whole


def test_an_excursion_opens_one_alert_that_grows(engine: Engine) -> None:
    ensure_shipments(engine)
    under_test = pipeline(engine)
    start = to_us(START)
    for minute in range(30):
        temp = -180.0 if minute < 5 else -140.0 + minute / 10
        under_test.process([message("LG-1", [(start + minute * MINUTE_US, temp, minute)])])
    with transaction(engine) as session:
        alerts = (
            session.connection().execute(text("SELECT state, severity, headline FROM alert")).all()
        )
        versions = session.connection().execute(
            text("SELECT outcome FROM verdict ORDER BY version")
        ).scalars().all()  # fmt: skip
    assert [(a.state, a.severity) for a in alerts] == [("open", "critical")]
    assert "limit −150 °C" in alerts[0].headline
    assert versions[-1] == "excursion"
    assert versions[0] == "within"


def test_a_message_of_an_unknown_logger_waits_in_quarantine(engine: Engine) -> None:
    ensure_shipments(engine)
    outcome = pipeline(engine).process([message("LG-404", [(to_us(START), -170.0, 1)])])
    assert outcome.faults[0].reason == "unknown_logger"
    with transaction(engine) as session:
        rows = session.connection().execute(text("SELECT reason, topic FROM quarantine")).all()
    assert [tuple(row) for row in rows] == [("unknown_logger", "unbroken/v1/LG-404/readings")]


def test_a_contradicting_reading_is_kept_as_evidence_and_the_first_stays(engine: Engine) -> None:
    ensure_shipments(engine)
    at = to_us(START)
    pipeline(engine).process([message("LG-1", [(at, -170.0, 1)])])
    outcome = pipeline(engine).process([message("LG-1", [(at, -20.0, 1), (at + 1, -171.0, 2)])])
    assert outcome.faults[0].reason == "conflict"
    with transaction(engine) as session:
        temps = session.connection().execute(
            text("SELECT temp_c FROM reading ORDER BY measured_at")
        ).scalars().all()  # fmt: skip
    assert temps == [-170.0, -171.0]


def test_an_excursion_ends_with_the_watch_when_the_shipment_is_delivered(engine: Engine) -> None:
    ensure_shipments(engine)
    start = to_us(START)
    warm = [(start + minute * MINUTE_US, -140.0, minute) for minute in range(20)]
    pipeline(engine).process([message("LG-1", warm)])
    delivered = START + timedelta(minutes=12)
    with transaction(engine) as session:
        run = session.connection().execute
        run(text("UPDATE shipment SET delivered_at = :at WHERE code = 'U-1'"), {"at": delivered})
        (due,) = list_due(session)
        Judge().judge_again(session, due)
    with transaction(engine) as session:
        run = session.connection().execute
        rows = run(text("SELECT ended_at, reading_count, withdrawn_at FROM excursion")).all()
        assert [tuple(row) for row in rows] == [(delivered, 12, None)]
        run(text("UPDATE shipment SET delivered_at = NULL"))
