import threading
from datetime import UTC, datetime

import pytest
from sqlalchemy import Engine, text

from alerts.judge import Judge
from ingest.pipeline import Pipeline
from ingest.sweep import Sweep
from schemas.settings import Settings
from store.database import transaction
from store.quarantine import set_aside
from tests.support.processes import wait_until

pytestmark = pytest.mark.pg


def test_a_bug_in_one_task_does_not_end_the_others(
    engine: Engine, caplog: pytest.LogCaptureFixture
) -> None:
    settings = Settings(sweep_every_s=0.01)
    judge = Judge()
    told: list[int] = []

    def buggy_report() -> None:
        told.append(1)
        raise IndexError("none of these")

    sweep = Sweep(
        engine,
        settings,
        pipeline=Pipeline(engine, settings, judge),
        judge=judge,
        report=buggy_report,
    )
    ask_for_a_replay(engine)
    stop = threading.Event()
    thread = threading.Thread(target=sweep.run, args=(stop,))
    thread.start()
    try:
        assert wait_until(lambda: outcome(engine) is not None and len(told) > 2)
    finally:
        stop.set()
        thread.join()
    bugs = [record for record in caplog.records if record.exc_info]
    assert [record.getMessage() for record in bugs] == [
        "a bug in the sweep; the task is tried again"
    ]


def ask_for_a_replay(engine: Engine) -> None:
    with transaction(engine) as session:
        set_aside(
            session,
            topic="unbroken/v1/LG-1/readings",
            payload=b"[",
            content_type=None,
            received_at=datetime.now(UTC),
            reason="undecodable",
            detail="It ends too early.",
        )
        session.connection().execute(text("UPDATE quarantine SET replay_requested_at = now()"))


def outcome(engine: Engine) -> object:
    with transaction(engine) as session:
        return session.connection().execute(text("SELECT outcome FROM quarantine")).scalar_one()
