import threading
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import Engine, text

from alerts.judge import Judge
from ingest.decode import Decoded
from ingest.message import Message
from ingest.pipeline import Outcome, Pipeline
from ingest.sweep import Sweep
from schemas.settings import Settings
from store.database import transaction
from store.operations import request_replay
from store.outbox import prune, publish
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


def ask_for_a_replay(engine: Engine, payload: bytes = b"[") -> None:
    with transaction(engine) as session:
        set_aside(
            session,
            topic="unbroken/v1/LG-1/readings",
            payload=payload,
            content_type=None,
            received_at=datetime.now(UTC),
            reason="undecodable",
            detail="It ends too early.",
        )
        session.connection().execute(
            text("UPDATE quarantine SET replay_requested_at = now(), replay_requested_by = 'first'")
        )


def outcome(engine: Engine) -> object:
    with transaction(engine) as session:
        return session.connection().execute(text("SELECT outcome FROM quarantine")).scalar_one()


class FailsOnOne(Pipeline):
    def process_one_by_one(
        self, messages: list[Message], decoded: Decoded | None = None
    ) -> Outcome:
        if messages[0].payload == b"[1":
            raise IndexError("none of these")
        return super().process_one_by_one(messages, decoded)


def test_a_replay_that_fails_holds_up_no_other_and_may_be_asked_for_again(engine: Engine) -> None:
    settings, judge = Settings(), Judge()
    pipeline = FailsOnOne(engine, settings, judge)
    for payload in (b"[1", b"[2"):
        ask_for_a_replay(engine, payload)
    sweep = Sweep(engine, settings, pipeline=pipeline, judge=judge, report=lambda: None)
    with pytest.raises(IndexError):
        sweep._replay()
    with transaction(engine) as session:
        rows = session.connection().execute(
            text("SELECT id, outcome, replay_requested_by FROM quarantine ORDER BY payload")
        ).all()  # fmt: skip
        assert rows[0].outcome.startswith("Failed, nothing was stored (IndexError: none of these)")
        assert rows[1].outcome is not None
        assert [row.replay_requested_by for row in rows] == [None, None]
        request_replay(session, rows[0].id, by="second", now=datetime.now(UTC))
        found = session.connection().execute(
            text("SELECT replay_requested_by FROM quarantine WHERE replay_requested_at IS NOT NULL")
        )
        assert found.scalars().all() == ["second"]


def test_happenings_are_dropped_after_their_days_but_for_the_last(engine: Engine) -> None:
    with transaction(engine) as session:
        for subject in ("old", "older", "new"):
            publish(session, kind="shipment", subject=subject, payload={})
        run = session.connection().execute
        run(
            text("UPDATE outbox SET created_at = now() - INTERVAL '15 days' WHERE subject <> 'new'")
        )
    for kept in (["new"], ["new"]):
        with transaction(engine) as session:
            prune(session, before=datetime.now(UTC) - timedelta(days=14))
            rows = session.connection().execute(text("SELECT subject FROM outbox"))
            assert rows.scalars().all() == kept
            session.connection().execute(text("UPDATE outbox SET created_at = '2020-01-01Z'"))
